"""Metres along the lines."""

from __future__ import annotations

import numpy as np
import pytest

from gnn.faults.walking import between, expected_walk
from tests.unit.gnn.faults.grids import small_grid

GRID = small_grid()


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        pytest.param((3, 1.0), (4, 1.0), 800, id="branches"),
        pytest.param((2, 0.5), (2, 1.0), 350, id="same line"),
        pytest.param((2, 0.5), (5, 0.0), 850, id="below"),
        pytest.param((1, 1.0), (7, 1.0), 2000, id="other feeder"),
    ],
)
def test_between__goes_along_the_lines(one, other, metres: float) -> None:
    far = between(GRID, *(np.array([x]) for x in (*one, *other)))
    back = between(GRID, *(np.array([x]) for x in (*other, *one)))
    assert far == pytest.approx(metres)
    assert back == pytest.approx(metres)


def test_expected_walk__sure_of_one_section_is_no_way_at_all() -> None:
    buses = np.array([1, 2, 3], dtype=np.int32)
    assert expected_walk(GRID, buses, np.array([0.0, 1.0, 0.0])) == 0


def test_expected_walk__goes_from_the_likeliest_to_the_next() -> None:
    buses = np.array([1, 2], dtype=np.int32)
    assert expected_walk(GRID, buses, np.array([0.75, 0.25])) == pytest.approx(0.25 * 550)
