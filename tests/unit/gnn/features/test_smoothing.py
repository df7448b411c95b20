"""Smoothing on the tree: what was read is kept, what was not leans on places next to it."""

import numpy as np
import pytest

from gnn.features.allocation import allocate
from gnn.features.hours import Hours
from gnn.features.smoothing import smoothed
from tests.unit.gnn.worlds import START_US


def _watts(grid, by_meter):
    names = [key.split("/")[1].split(".")[0] for key in grid.customers.keys]
    rows = [np.full(3, by_meter.get(name, np.nan)) for name in names]
    return Hours(START_US, np.array(rows), np.full((len(grid), 3), np.nan))


def test_smoothing__of_equal_ratios__changes_nothing(grid):
    found = smoothed(grid, allocate(grid, _watts(grid, {"M1": 600.0, "M9": 600.0})))
    assert found == pytest.approx(grid.below(np.full((len(grid.customers), 3), 600.0)))


def test_smoothing__leans_on_the_nearer_readings(grid):
    heavy_left = {"M1": 1_200.0, "M2": 1_200.0, "M9": 300.0, "M10": 300.0}
    found = smoothed(grid, allocate(grid, _watts(grid, heavy_left)))
    near, far = (found[grid.keys.index(f"drawn/{name}")][0] for name in ("LV2", "LV3"))
    assert near > far
