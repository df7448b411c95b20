"""Columns of sections."""

from __future__ import annotations

import numpy as np
import pytest

from gnn.faults.cases import Fault, observe
from gnn.faults.columns import NAMES, columns, section_parents
from gnn.faults.matching import match
from tests.unit.gnn.faults.grids import METRES, small_grid

GRID = small_grid()


@pytest.fixture(scope="module")
def found():
    """A fault between two phases on the section to 5, matched."""
    return match(GRID, observe(GRID, Fault(5, 0.5, 1, 2.0), 0.9, np.random.default_rng(3)).seen)


def _column(found, name: str) -> np.ndarray:
    return columns(found)[:, NAMES.index(name)]


def test_columns__best_section_is_behind_by_nothing(found) -> None:
    best = int(np.argmax(found.odds()))
    assert _column(found, "behind")[best] == 0
    assert _column(found, "rank")[best] == 1
    assert _column(found, "is 2ph").tolist() == [1.0] * 7


def test_columns__are_finite_and_say_how_long_sections_are(found) -> None:
    assert np.isfinite(columns(found)).all()
    assert _column(found, "length") == pytest.approx(np.log(METRES[1:]))


def test_columns__current_is_seen_above_the_fault_and_not_below(found) -> None:
    upper = dict(zip(found.buses.tolist(), _column(found, "flow_upper").tolist(), strict=True))
    assert upper[5] > 3 > 0.5 > upper[7]


def test_section_parents__are_sections_above(found) -> None:
    assert section_parents(found).tolist() == [-1, 0, 1, 1, 3, -1, 5]
