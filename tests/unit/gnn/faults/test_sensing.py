"""What sensors show of a fault, against the whole admittance matrix with the fault in it."""

from __future__ import annotations

import numpy as np
import pytest

from gnn.faults.grid import Spot
from gnn.faults.places import places
from gnn.faults.sensing import respond, sensors
from gnn.faults.short import KINDS
from gnn.faults.solver import solve
from tests.unit.gnn.faults.grids import nodal, small_grid


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
@pytest.mark.parametrize(("share", "ohm"), [(0.2, 0.01), (0.7, 20.0)])
def test_respond__volts_and_amperes_are_those_of_the_network_with_the_fault(
    kind, share: float, ohm: float
) -> None:
    grid = small_grid()
    solved = solve(grid, grid.loads_va)
    seen_by = sensors(solved, [Spot(bus) for bus in (1, 3, 5, 7)])
    at = places(solved, np.array([4], dtype=np.int32), np.array([share]))
    shown = respond(solved, seen_by, at, kind, np.array([[ohm]]))
    volts, flows = nodal(grid, (4, share, kind, ohm))
    assert np.abs(shown.volts[0, 0] - volts[[1, 3, 5, 7]]).max() < 1e-6
    assert np.abs(shown.amperes[0, 0] - [flows[b] for b in (1, 3, 5, 7)]).max() < 1e-6


def test_respond__at_a_breaker_is_what_its_feeder_draws() -> None:
    grid = small_grid()
    solved = solve(grid, grid.loads_va)
    seen_by = sensors(solved, [grid.spots["net/breaker0"], grid.spots["net/breaker1"]])
    at = places(solved, np.array([4], dtype=np.int32), np.array([0.5]))
    shown = respond(solved, seen_by, at, KINDS[0], np.array([[1.0]]))
    charging = grid.shunts[0] / 2  # half of the branches' charging lies before the breaker
    volts, flows = nodal(grid, (4, 0.5, KINDS[0], 1.0))
    assert np.abs(shown.volts[0, 0] - volts[[0, 0]]).max() < 1e-6
    far = np.abs(shown.amperes[0, 0] - [flows[1], flows[6]])
    assert far.max() < np.abs(charging @ volts[0]).max()


def test_respond__single_phase_branch_shows_nothing_in_other_phases() -> None:
    grid = small_grid(unbalanced=True)
    solved = solve(grid, grid.loads_va)
    at = places(solved, np.array([5], dtype=np.int32), np.array([0.5]))
    shown = respond(solved, sensors(solved, [Spot(5)]), at, KINDS[4], np.array([[0.5]]))
    volts, _ = nodal(grid, (5, 0.5, KINDS[4], 0.5))
    assert np.abs(shown.volts[0, 0, 0] - volts[5])[0] < 1e-6
    assert np.abs(shown.volts[0, 0, 0, 1:]).max() == 0
