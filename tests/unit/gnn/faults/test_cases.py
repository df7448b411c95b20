"""Faults that are drawn: the phases fit, relays are there, and what is spoiled is spoiled."""

from __future__ import annotations

import numpy as np

from gnn.faults.cases import Fault, draw_fault, draw_sensors, heads, observe
from gnn.faults.short import FAMILIES, KINDS
from tests.unit.gnn.faults.grids import METRES, small_grid

GRID = small_grid(unbalanced=True)


def _drawn(count: int) -> list[Fault]:
    chance = np.random.default_rng(1)
    return [draw_fault(GRID, chance) for _ in range(count)]


def test_draw_fault__kinds_fit_the_phases_and_all_families_come() -> None:
    faults = _drawn(300)
    for fault in faults:
        touched = np.array(KINDS[fault.kind].phases)
        assert GRID.phases[fault.bus][touched].all()
    assert {KINDS[fault.kind].family for fault in faults} == set(FAMILIES)


def test_draw_fault__longer_sections_fail_more_often() -> None:
    counts = np.bincount([fault.bus for fault in _drawn(600)], minlength=len(GRID))
    assert counts[0] == 0
    assert np.corrcoef(counts[1:], METRES[1:])[0, 1] > 0.8


def test_draw_sensors__relays_come_first_then_the_share_of_buses() -> None:
    spots = draw_sensors(GRID, 0.3, np.random.default_rng(1))
    assert spots[:2] == heads(GRID) == [GRID.spots["net/breaker0"], GRID.spots["net/breaker1"]]
    assert len(spots) == 2 + 3


def test_observe__same_seed_gives_the_same_and_missing_phases_are_missing() -> None:
    fault = Fault(5, 0.5, 4, 1.0)
    one, again = (observe(GRID, fault, 0.9, np.random.default_rng(7)).seen for _ in range(2))
    assert np.array_equal(one.volts, again.volts, equal_nan=True)
    at = [spot.bus for spot in one.spots].index(5)
    assert np.isnan(one.volts[at][1:]).all()
    assert one.angles.tolist()[:3] == [True, True, False]
