"""What protection and silent meters say."""

from __future__ import annotations

import numpy as np

from gnn.faults.evidence import of_meters, of_protection
from tests.unit.gnn.faults.grids import small_grid

GRID = small_grid()


def test_of_protection__sections_below_what_opened_are_likelier() -> None:
    found = of_protection(GRID, (1,))
    assert found[6] == found[7] == 0
    assert (found[1:6] < np.log(0.001)).all()


def test_of_protection__nothing_opened_says_nothing() -> None:
    assert not of_protection(GRID, ()).any()


def test_of_meters__zone_of_the_silent_is_likeliest() -> None:
    found = of_meters(GRID, np.array([5, 6], dtype=np.int32))
    assert found[6] == found[7] == 0
    assert (found[1:6] < found[6]).all()


def test_of_meters__nobody_silent_says_nothing() -> None:
    assert not of_meters(GRID, np.zeros(0, dtype=np.int32)).any()
