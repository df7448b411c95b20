"""Readings by hour: net of what is given, nothing that was not known, no hour that is not whole."""

import numpy as np

from gnn.features.hours import HOUR_US, read_hours, window_before
from tests.unit.gnn.worlds import METERS, START_US, usual_watts

DAY_US = 24 * HOUR_US
FOR_EVER = 2**62


def _hours(world, grid, issued_us, known_us=FOR_EVER):
    return read_hours(world.timeline, grid, window_before(issued_us), known_us)


def test_hours__are_mean_watts_of_each_customer(filled, grid):
    found = _hours(filled, grid, START_US + 15 * DAY_US)
    row = grid.customers.keys.index("drawn/M3.usage")
    assert (found.watts[row] == usual_watts()["M3"][:360]).all()


def test_hours__known_later_than_asked__are_missing(world, grid):
    world.fill(usual_watts(), delay_us=5 * HOUR_US)
    issued_us = START_US + 20 * DAY_US
    found = _hours(world, grid, issued_us, known_us=issued_us)
    assert np.isfinite(found.watts).all(axis=0).tolist() == [True] * 355 + [False] * 5


def test_hours__given_to_the_network__are_taken_off(filled, grid):
    filled.fill({"M1": np.full(960, 5_000.0)}, quantity="ENERGY_OUT")
    found = _hours(filled, grid, START_US + 15 * DAY_US)
    row = grid.customers.keys.index("drawn/M1.usage")
    assert (found.watts[row] < 0).all()


def test_hour__with_two_readings_after_a_clock_went_back__is_missing(filled, grid):
    filled.fill({"M1": np.array([1.0])}, start_us=START_US + 100 * HOUR_US + HOUR_US // 2)
    found = _hours(filled, grid, START_US + 15 * DAY_US)
    row = grid.customers.keys.index("drawn/M1.usage")
    assert np.flatnonzero(~np.isfinite(found.watts[row])).tolist() == [100]


def test_heads__are_read_at_the_feeder_or_at_its_switch(world, grid):
    world.fill({"f1": np.arange(960.0)}, quantity="P")
    found = _hours(world, grid, START_US + 15 * DAY_US)
    assert (found.heads[grid.keys.index("drawn/F1")] == np.arange(360)).all()
    assert np.isfinite(found.heads).any(axis=1).sum() == 1


def test_watts__of_whom_nothing_was_read__are_nan(world, grid):
    world.fill({meter: usual_watts()[meter] for meter in METERS[:3]})
    found = _hours(world, grid, START_US + 15 * DAY_US)
    assert np.isfinite(found.watts).any(axis=1).sum() == 3
