"""What is known before matching: the sensors that tell most, and the loads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gnn.faults.cases import Fault, observe
from gnn.faults.solver import solve
from gnn.faults.telling import fed_as_seen, loads_before, telling
from tests.unit.gnn.faults.grids import small_grid

GRID = small_grid()
SOLVED = solve(GRID, GRID.loads_va)
SEEN = observe(GRID, Fault(5, 0.5, 0, 1.0), 0.9, np.random.default_rng(3)).seen


def test_telling__relays_come_first_and_all_are_there() -> None:
    order = telling(solve(GRID, GRID.loads_va), SEEN, 40)
    assert sorted(order.tolist()) == list(range(len(SEEN)))
    assert SEEN.angles[order[0]]


def test_telling__of_many_those_are_taken_that_stand_near_the_end_of_the_current() -> None:
    few = telling(solve(GRID, GRID.loads_va), SEEN, 3)
    assert len(few) == 3
    assert SEEN.spots[int(few[0])].bus == 0


def test_loads_before__are_scaled_to_what_flowed_at_the_head() -> None:
    loads = loads_before(GRID, SEEN)
    half = loads_before(GRID, replace(SEEN, before=SEEN.before / 2))
    assert half.sum() == pytest.approx(loads.sum() / 2)


def test_fed_as_seen__root_is_held_at_what_relays_showed() -> None:
    fed = fed_as_seen(SOLVED, SEEN)
    shown = np.abs(SEEN.volts[SEEN.angles]).mean(axis=0)
    assert fed is not None
    assert np.abs(fed.volts[0]) == pytest.approx(shown, rel=1e-3)


def test_fed_as_seen__what_lies_behind_the_root_does_not_count() -> None:
    series = GRID.series.copy()
    series[0] *= 3
    grids = GRID, replace(GRID, series=series)
    fed = [fed_as_seen(solve(grid, grid.loads_va), SEEN) for grid in grids]
    assert fed[0] is not None
    assert fed[1] is not None
    assert np.array_equal(fed[0].volts, fed[1].volts)
    assert np.array_equal(fed[0].own, fed[1].own)


def test_fed_as_seen__no_relay_tells_angles__is_not_known() -> None:
    blind = replace(SEEN, angles=np.zeros(len(SEEN), dtype=bool))
    assert fed_as_seen(SOLVED, blind) is None


def test_fed_as_seen__root_that_no_relay_saw__stays_as_the_model_has_it() -> None:
    parents = GRID.parents.copy()
    parents[6] = -1
    two = replace(GRID, parents=parents)
    usual = solve(two, two.loads_va)
    fed = fed_as_seen(usual, SEEN)
    assert fed is not None
    assert np.array_equal(fed.volts[6:], usual.volts[6:])
    assert not np.allclose(fed.volts[:6], usual.volts[:6])
