"""Histories: what was known at an issue, and complaints where nothing was in time."""

import numpy as np
import pytest

from gnn.datasets.history import read_history
from gnn.errors import NothingToLearn
from gnn.features.hours import HOUR_US
from tests.unit.gnn.worlds import START_US, usual_watts

DAY_US = 24 * HOUR_US


def test_hours_before_an_issue__are_those_that_were_known(world, grid):
    world.fill(usual_watts(), delay_us=6 * HOUR_US)
    seen = read_history(world.timeline, grid).before(START_US + 20 * DAY_US)
    assert seen.start_us == START_US + 5 * DAY_US
    assert np.isfinite(seen.watts).all(axis=0).tolist() == [True] * 354 + [False] * 6


def test_assumed_delay__takes_the_place_of_what_the_timeline_says(world, grid):
    world.fill(usual_watts(), delay_us=9_000 * HOUR_US)
    seen = read_history(world.timeline, grid, 2.0).before(START_US + 20 * DAY_US)
    assert np.isfinite(seen.watts).all(axis=0).sum() == 358


def test_history_loaded_in_one_piece__is_told(world, grid):
    world.fill(usual_watts(), delay_us=9_000 * HOUR_US)
    with pytest.raises(NothingToLearn, match="later than they were of use") as caught:
        read_history(world.timeline, grid)
    assert "--assumed-delay-h" in caught.value.hint


def test_network_without_a_reading__is_told(world, grid):
    with pytest.raises(NothingToLearn, match="no customer of this network has a reading"):
        read_history(world.timeline, grid)


def test_correction_that_came_after_the_issue__is_not_seen(world, grid):
    world.fill(usual_watts())
    world.fill({"M3": usual_watts()["M3"][:480] * 7}, delay_us=900 * HOUR_US)
    past = read_history(world.timeline, grid)
    row = grid.customers.keys.index("drawn/M3.usage")
    seen = past.before(START_US + 20 * DAY_US).watts[row]
    assert (seen == usual_watts()["M3"][120:480]).all()
    assert (past.hours.watts[row][:480] == usual_watts()["M3"][:480] * 7).all()


def test_hour_of_several_readings__is_known_with_its_last_one(world, grid):
    quarter_us = HOUR_US // 4
    for part in range(4):
        watts = {"M1": usual_watts()["M1"] / 4}
        world.fill(watts, START_US + part * quarter_us, delay_us=part * HOUR_US)
    past = read_history(world.timeline, grid)
    row = grid.customers.keys.index("drawn/M1.usage")
    assert np.allclose(past.first.watts[row], usual_watts()["M1"])
    assert past.known_us[row][0] == START_US + 3 * quarter_us + HOUR_US + 3 * HOUR_US
