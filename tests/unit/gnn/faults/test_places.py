"""Faults on sections, against power-grid-model and OpenDSS: the same voltages at every bus."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gnn.faults.cases import Fault
from gnn.faults.electrical import of_sequences
from gnn.faults.grid import MvGrid, Spot
from gnn.faults.places import places
from gnn.faults.sensing import respond, sensors
from gnn.faults.short import KINDS
from gnn.faults.solver import solve
from tests.unit.gnn.faults.grids import small_grid
from tests.unit.gnn.faults.peers import by_opendss, by_power_grid_model

OURS_V = 0.05
"""How far voltages may be from those of the peers, V of 11,547."""


def _without_charging(grid: MvGrid) -> MvGrid:
    series = grid.series.copy()
    series[0] = of_sequences(complex(0.3, 4.5), complex(0.1, 1.5))
    return replace(grid, series=series, shunts=np.zeros_like(grid.shunts))


def _volts(grid: MvGrid, loads: np.ndarray, fault: Fault) -> np.ndarray:
    solved = solve(grid, loads)
    every = sensors(solved, [Spot(bus) for bus in range(len(grid))])
    at = places(solved, np.array([fault.bus], dtype=np.int32), np.array([fault.share]))
    return respond(solved, every, at, KINDS[fault.kind], np.array([[fault.ohm]])).volts[0, 0]


def test_places__faults_are_those_of_power_grid_model() -> None:
    grid = _without_charging(small_grid())
    ohms = [0.01, 5.0, 50.0]
    faults = [Fault(4, 0.3, kind, ohm) for kind in range(7) for ohm in ohms]
    faults += [Fault(4, 0.3, kind, 1e-6) for kind in range(7, 10)]
    theirs = by_power_grid_model(grid, faults)
    ours = [_volts(grid, np.zeros_like(grid.loads_va), fault) for fault in faults]
    assert np.abs(ours - theirs).max() < OURS_V


@pytest.mark.parametrize("kind", range(10), ids=[kind.name for kind in KINDS])
def test_places__faults_are_those_of_opendss_with_loads(kind: int) -> None:
    grid, fault = _without_charging(small_grid()), Fault(4, 0.3, kind, 2.0)
    assert np.abs(_volts(grid, grid.loads_va, fault) - by_opendss(grid, fault)).max() < OURS_V


def test_places__single_phase_branch_is_that_of_opendss() -> None:
    grid, fault = _without_charging(small_grid(unbalanced=True)), Fault(5, 0.6, 4, 3.0)
    far = np.abs(_volts(grid, grid.loads_va, fault) - by_opendss(grid, fault))
    assert far[grid.phases].max() < OURS_V
