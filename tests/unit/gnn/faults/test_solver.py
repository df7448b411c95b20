"""The sweeps against the whole admittance matrix."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gnn.faults.electrical import TO_PHASES
from gnn.faults.solver import held, solve, transfer
from tests.unit.gnn.faults.grids import nodal, small_grid

ROOT = np.array([0], dtype=np.int32)


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


@pytest.mark.parametrize("unbalanced", [False, True])
def test_held__is_the_network_solved_with_a_stiff_source_of_that_voltage(unbalanced: bool) -> None:
    grid = small_grid(unbalanced)
    found = held(solve(grid, grid.loads_va), ROOT, 0.8 * TO_PHASES[:, 1:2].T * grid.volts[0])
    series = grid.series.copy()
    series[0] = np.eye(3) * 1e-4
    nominal = solve(replace(grid, series=series), grid.loads_va)
    assert np.abs(found.volts - 0.8 * nominal.volts).max() < 1e-6
    for name in ("own", "down", "above", "up"):
        assert np.allclose(getattr(found, name), getattr(nominal, name))


def test_held__bus_shows_the_voltage_it_is_held_at() -> None:
    grid = small_grid()
    volts = np.array([[11_000.0, -5_000 - 9_000j, -5_000 + 4_000j]])
    found = held(solve(grid, grid.loads_va), ROOT, volts)
    assert np.abs(found.volts[0] - volts[0]).max() < 0.1
