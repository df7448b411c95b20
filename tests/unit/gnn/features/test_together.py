"""How far loads are usually missed: alone, and together."""

import numpy as np
import pytest

from gnn.features.allocation import allocate
from gnn.features.hours import Hours
from gnn.features.together import moving
from gnn.features.usual import with_usual_power
from tests.unit.gnn.worlds import METERS

HOURS = 360


def _moving(grid, watts, heads=None):
    unmeasured = np.full((len(grid), HOURS), np.nan)
    hours = Hours(0, watts, unmeasured if heads is None else heads)
    usual, _ = with_usual_power(grid, watts)
    return moving(usual, watts, allocate(usual, hours))


def _watts(common, own, seed=1):
    """Everybody at 500 W, with a noise of the day that all share and one of his own."""
    chance = np.random.default_rng(seed)
    shared = np.repeat(chance.standard_normal(HOURS // 24), 24)
    single = chance.standard_normal((len(METERS), HOURS))
    return 500.0 * np.exp(common * shared + own * single)


def test_independent_customers__have_nothing_in_common(grid):
    assert _moving(grid, _watts(0.0, 0.3)).together.max() < 0.1


def test_customers_that_move_together__have_nearly_all_in_common(grid):
    assert _moving(grid, _watts(0.3, 0.02)).together.min() > 0.8


def test_sum_of_independent_customers__is_missed_by_less_than_that_of_others(grid):
    top = grid.keys.index("drawn/T0")
    apart, together = _moving(grid, _watts(0.0, 0.3)), _moving(grid, _watts(0.3, 0.02))
    assert apart.ahead[top] / apart.single_ahead[top] < 0.5
    assert together.ahead[top] / together.single_ahead[top] > 0.8


def test_wilder_customers__are_missed_by_more(grid):
    calm, wild = (_moving(grid, _watts(0.0, own)) for own in (0.1, 0.4))
    assert wild.single_now[0] > 2 * calm.single_now[0]
    assert wild.single_ahead[0] > 2 * calm.single_ahead[0]


def test_place_whose_feeder_is_measured__is_missed_by_less_now(grid):
    seen = _watts(0.0, 0.3)
    seen[::2] = np.nan
    heads = np.full((len(grid), HOURS), np.nan)
    heads[grid.keys.index("drawn/F1")] = 500.0 * len(METERS)
    top = grid.keys.index("drawn/T0")
    assert _moving(grid, seen, heads).now[top] < 0.9 * _moving(grid, seen).now[top]


def test_network_nobody_reads__has_a_spread_all_the_same(grid):
    found = _moving(grid, np.full((len(METERS), HOURS), np.nan))
    assert found.single_ahead == pytest.approx(0.5)
    assert np.isfinite(found.ahead).all()
    assert (found.ahead > 0).all()
