"""Faults tried on sections: the resistance is met, and what a section has no phases for is last."""

from __future__ import annotations

import numpy as np
import pytest

from gnn.faults.cases import Fault, observe
from gnn.faults.seen import Seen
from gnn.faults.short import KINDS
from gnn.faults.solver import solve
from gnn.faults.trying import tried
from gnn.faults.watching import Watch, watch
from tests.unit.gnn.faults.grids import small_grid

GRID = small_grid(unbalanced=True)
NAMES = [kind.name for kind in KINDS]


def _seen(fault: Fault) -> Seen:
    return observe(GRID, fault, 0.9, np.random.default_rng(3)).seen


def _watch(fault: Fault) -> Watch:
    return watch(solve(GRID, GRID.loads_va), _seen(fault))


@pytest.mark.parametrize("ohm", [0.05, 1.3, 20.0])
def test_tried__resistance_is_met_between_those_that_were_tried_first(ohm: float) -> None:
    kind = NAMES.index("ABG")
    buses = np.array([3], dtype=np.int32)
    found = tried(buses, [kind], (0.5,), _watch(Fault(3, 0.5, kind, ohm)), 3)
    assert found["ohm"][0] == pytest.approx(ohm, rel=0.35)


def test_tried__section_without_the_phases__is_far_behind() -> None:
    fault = Fault(4, 0.5, NAMES.index("BC"), 1.0)
    buses = np.array([4, 5], dtype=np.int32)
    found = tried(buses, [fault.kind], (0.5,), _watch(fault), 3)
    assert found["least"][1] > found["least"][0] + 90
    assert found["likelihood"][1] < found["likelihood"][0] - 40


def test_tried__of_two_kinds_the_one_that_was_is_told() -> None:
    fault = Fault(4, 0.5, NAMES.index("CA"), 1.0)
    buses = np.arange(1, 5, dtype=np.int32)
    found = tried(buses, [NAMES.index("AB"), fault.kind], (0.5,), _watch(fault), 3)
    assert found["kind"][3] == fault.kind
    assert int(found["likelihood"].argmax()) == 3
