"""The sweeps against the whole admittance matrix."""

from __future__ import annotations

import numpy as np
import pytest

from gnn.faults.electrical import TO_PHASES
from gnn.faults.solver import solve, transfer
from tests.unit.gnn.faults.grids import nodal, small_grid


@pytest.mark.parametrize("unbalanced", [False, True])
def test_solve__voltages_are_those_of_the_admittance_matrix(unbalanced: bool) -> None:
    grid = small_grid(unbalanced)
    solved = solve(grid, grid.loads_va)
    volts, _ = nodal(grid)
    assert np.abs((solved.volts - volts[:-1])[grid.phases]).max() < 1e-6


def test_solve__current_into_a_bus_is_that_of_its_branch() -> None:
    grid = small_grid()
    solved, (_, flows) = solve(grid, grid.loads_va), nodal(grid)
    into = solved.amperes(np.array([2, 4, 6]))
    assert np.abs(into - [flows[2], flows[4], flows[6]]).max() < 1e-6


def test_transfer__is_reciprocal_and_holds_the_own_impedance() -> None:
    grid = small_grid(unbalanced=True)
    solved = solve(grid, grid.loads_va)
    found = transfer(solved, np.arange(len(grid), dtype=np.int32))
    assert np.abs(found - np.transpose(found, (2, 3, 0, 1))).max() < 1e-9
    assert np.abs(found[5, :, 5] - solved.own[5]).max() < 1e-12


def test_solve__fed_with_twice_the_voltage__shows_twice_everywhere() -> None:
    grid = small_grid(unbalanced=True)
    fed = TO_PHASES[:, 1] * grid.volts[:1, None]
    usual, twice = solve(grid, grid.loads_va), solve(grid, grid.loads_va, 2 * fed)
    assert np.abs(twice.volts - 2 * usual.volts).max() < 1e-6
    assert np.array_equal(twice.own, usual.own)
