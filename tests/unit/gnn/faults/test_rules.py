"""The simple rules: the lowest voltage, the apparent impedance."""

from __future__ import annotations

import numpy as np
import pytest

from gnn.faults.cases import Fault, observe
from gnn.faults.matching import Match, match
from gnn.faults.rules import apparent_impedance, lowest_voltage, reactance_missed
from tests.unit.gnn.faults.grids import small_grid

GRID = small_grid(loads_va=1.0)


def _found(bus: int, kind: int) -> Match:
    case = observe(GRID, Fault(bus, 0.5, kind, 0.01), 0.9, np.random.default_rng(2))
    return match(GRID, case.seen)


def test_lowest_voltage__points_to_the_end_behind_the_fault() -> None:
    found = _found(5, 0)
    assert int(found.buses[np.argmax(lowest_voltage(found))]) in (4, 5)


@pytest.mark.parametrize("kind", [0, 1, 4])
def test_apparent_impedance__reactance_leads_to_the_section(kind: int) -> None:
    found = _found(4, kind)
    missed = reactance_missed(found)
    assert missed is not None
    assert abs(missed[found.buses == 4][0]) < 3
    assert apparent_impedance(found)[found.buses == 4][0] > 0.15


def test_reactance_missed__without_a_relay_there_is_none() -> None:
    found = _found(4, 0)
    blind = found.seen.chosen(np.flatnonzero(~found.seen.angles))
    assert reactance_missed(match(GRID, blind)) is None
