"""What is known before matching: the sensors that tell most, and the loads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gnn.faults.cases import Fault, observe
from gnn.faults.solver import solve
from gnn.faults.telling import loads_before, telling
from tests.unit.gnn.faults.grids import small_grid

GRID = small_grid()
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
