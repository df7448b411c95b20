"""Whole numbers in as few bits as a group needs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.adapters.timeline.bits import (
    SPARE,
    bit_lengths,
    is_new,
    pack,
    packed_size,
    spans,
    unpack,
)

groups = st.lists(
    st.integers(0, 62).flatmap(lambda width: st.lists(st.integers(0, 2**width), max_size=30)),
    max_size=6,
)


def ints(numbers) -> np.ndarray:
    return np.array(numbers, np.int64)


@given(groups)
def test_unpack__gives_back_what_was_packed(groups):
    counts = ints([len(group) for group in groups])
    widths = bit_lengths(ints([max(group, default=0) for group in groups]))
    flat = ints([number for group in groups for number in group])
    packed = pack(flat, counts, widths)
    assert [len(part) for part in packed] == list(map(packed_size, counts, widths))
    begins = np.cumsum([0, *map(len, packed)])[:-1]
    octets = b"".join([*packed, SPARE])
    assert unpack(octets, begins, counts, widths).tolist() == flat.tolist()


@given(st.lists(st.integers(0, 2**63 - 1)))
def test_bit_lengths__are_pythons(numbers):
    assert bit_lengths(ints(numbers)).tolist() == [number.bit_length() for number in numbers]


def test_pack__constant_zero_takes_no_bytes():
    assert pack(ints([0] * 96), ints([96]), ints([0])) == [b""]


@pytest.mark.parametrize(("count", "width", "size"), [(24, 10, 30), (96, 9, 108), (1, 7, 7)])
def test_packed_size__is_width_bytes_for_every_eight_numbers_begun(count, width, size):
    assert packed_size(count, width) == size


def test_spans__are_the_indices_one_span_after_another():
    assert spans(ints([5, 0, 7]), ints([2, 0, 3])).tolist() == [5, 6, 7, 8, 9]
    assert spans(ints([]), ints([])).tolist() == []


def test_is_new__a_row_that_differs_in_any_column_is_the_first_always():
    assert is_new(ints([1, 1, 1, 2]), ints([5, 5, 6, 6])).tolist() == [True, False, True, True]
    assert is_new(ints([])).tolist() == []
