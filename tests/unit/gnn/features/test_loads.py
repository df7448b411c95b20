"""Features and estimates: finite, in the order of the list, and blind to the future."""

import numpy as np

from gnn.features.catalogue import FEATURES, NAMES
from gnn.features.hours import HOUR_US, read_hours, window_before
from gnn.features.loads import ESTIMATES, load_frame
from tests.unit.gnn.worlds import START_US, usual_watts

ISSUED_US = START_US + 30 * 24 * HOUR_US


def _frame(world, grid, horizons=(0, 1, 24, 25, 48)):
    hours = read_hours(world.timeline, grid, window_before(ISSUED_US), ISSUED_US)
    return load_frame(grid, hours, horizons)


def test_features__are_finite_and_as_many_as_listed(filled, grid):
    frame = _frame(filled, grid)
    assert frame.features.shape == (len(grid), 5, len(FEATURES))
    assert np.isfinite(frame.features).all()
    assert tuple(frame.estimates) == ESTIMATES


def test_features__say_unit_and_source_of_each(filled):
    assert len(set(NAMES)) == len(NAMES)
    assert all(feature.unit and feature.source for feature in FEATURES)


def test_last_week__is_what_flowed_168_hours_before(filled, grid):
    frame = _frame(filled, grid, (24,))
    target = 30 * 24 - 1 + 24
    flowed = sum(watts[target - 168] for watts in usual_watts().values())
    assert np.isclose(frame.estimates["last week"][grid.keys.index("drawn/T0"), 0], flowed)


def test_frame__is_the_same_whatever_comes_after_the_issue(world, grid):
    before, after = usual_watts(30), usual_watts(10, seed=9)
    world.fill(before)
    alone = _frame(world, grid)
    shuffled = {m: np.random.default_rng(5).permutation(w) for m, w in after.items()}
    world.fill(shuffled, start_us=ISSUED_US)
    later = _frame(world, grid)
    assert alone.features.tobytes() == later.features.tobytes()
    assert all((alone.estimates[n] == later.estimates[n]).all() for n in ESTIMATES)


def test_frame__is_the_same_whatever_becomes_known_after_the_issue(filled, grid):
    alone = _frame(filled, grid)
    corrected = {m: w[:24] * 3 for m, w in usual_watts().items()}
    filled.fill(corrected, ISSUED_US - 24 * HOUR_US, delay_us=48 * HOUR_US)
    assert _frame(filled, grid).features.tobytes() == alone.features.tobytes()


def test_frame__of_no_reading__is_none(world, grid):
    assert _frame(world, grid) is None


def test_hours_without_any_reading__are_filled_from_the_day_before(world, grid):
    watts = {m: w.copy() for m, w in usual_watts(30).items()}
    for values in watts.values():
        values[700:] = np.nan
    world.fill(watts)
    frame = _frame(world, grid, (0,))
    flowed = sum(values[719 - 24] for values in watts.values())
    assert np.isclose(frame.estimates["allocation"][grid.keys.index("drawn/T0"), 0], flowed)
