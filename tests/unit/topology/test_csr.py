"""Rows in flat arrays."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graph_service.topology.csr import Csr, grouped

PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=40)


@given(PAIRS)
def test_of_pairs__any_pairs_come_back_distinct_and_in_order(pairs: list[tuple[int, int]]) -> None:
    sources, targets = _csr(pairs).pairs()
    assert list(zip(sources.tolist(), targets.tolist(), strict=True)) == sorted(set(pairs))


@given(PAIRS, st.lists(st.integers(0, 9), max_size=5))
def test_next_to__any_rows_gives_their_neighbours_in_order(
    pairs: list[tuple[int, int]], rows: list[int]
) -> None:
    owners, reached = _csr(pairs).next_to(np.array(rows, dtype=np.int32))
    expected = [(i, b) for i, row in enumerate(rows) for a, b in sorted(set(pairs)) if a == row]
    assert list(zip(owners.tolist(), reached.tolist(), strict=True)) == expected


@given(st.lists(st.integers(0, 9), max_size=40))
def test_grouped__any_keys_are_sorted_and_stable(keys: list[int]) -> None:
    indptr, entries = grouped(10, np.array(keys, dtype=np.int32))
    assert entries.tolist() == sorted(range(len(keys)), key=keys.__getitem__)
    assert np.diff(indptr).tolist() == [keys.count(key) for key in range(10)]


def _csr(pairs: list[tuple[int, int]]) -> Csr:
    columns = np.array(pairs, dtype=np.int32).reshape(-1, 2).T
    return Csr.of_pairs(10, columns[0], columns[1])
