"""Matching finds the section of a fault, and bears sensors that lie."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gnn.faults.cases import Fault, observe
from gnn.faults.matching import match
from gnn.faults.seen import Seen
from gnn.faults.short import KINDS
from tests.unit.gnn.faults.grids import small_grid

GRID = small_grid()


def _seen(bus: int, kind: int, ohm: float, seed: int = 3) -> Seen:
    return observe(GRID, Fault(bus, 0.5, kind, ohm), 0.9, np.random.default_rng(seed)).seen


@pytest.mark.parametrize("kind", [0, 1, 4, 7], ids=[KINDS[k].name for k in (0, 1, 4, 7)])
@pytest.mark.parametrize("bus", [2, 5, 7])
def test_match__section_of_the_fault_is_likeliest(bus: int, kind: int) -> None:
    found = match(GRID, _seen(bus, kind, 2.0))
    best = int(np.argmax(found.odds()))
    assert int(found.buses[best]) == bus
    assert KINDS[int(found.kinds[best])].family == KINDS[kind].family
    assert found.ohm[best] == pytest.approx(2.0, rel=0.25)


def test_match__sensor_that_lies_is_passed_over() -> None:
    seen = _seen(5, 0, 2.0)
    wrong = seen.volts.copy()
    wrong[-1] = 3 * np.abs(wrong[-1]) + 1_000
    found = match(GRID, replace(seen, volts=wrong))
    assert int(found.buses[np.argmax(found.odds())]) == 5


@pytest.mark.parametrize("ohm", [0.02, 0.7, 2.0, 30.0])
def test_match__kind_is_told_at_any_resistance_though_a_sensor_is_stuck(ohm: float) -> None:
    seen = _seen(5, 1, ohm)
    stuck = seen.amperes.copy()
    at = next(i for i, spot in enumerate(seen.spots) if spot.bus == 4)
    stuck[at] = 10.0
    found = match(GRID, replace(seen, amperes=stuck))
    assert {KINDS[int(kind)].name for kind in found.kinds} == {"AB"}


@pytest.mark.parametrize("tap", [0.93, 1.07])
def test_match__source_is_far_from_its_model__section_is_found_by_what_relays_showed(
    tap: float,
) -> None:
    series = GRID.series.copy()
    series[0] *= 2.0
    other = replace(GRID, volts=GRID.volts * tap, series=series)
    seen = observe(other, Fault(5, 0.5, 0, 2.0), 0.0, np.random.default_rng(3)).seen
    found = match(GRID, seen)
    assert int(found.buses[np.argmax(found.odds())]) == 5
    assert found.doubting.max() > found.trusting.max() + 10


def test_match__odds_are_shares_and_by_length_where_nothing_is_measured() -> None:
    seen = _seen(3, 0, 2.0)
    nothing = seen.chosen(np.array([], dtype=np.int64))
    odds = match(GRID, nothing).odds()
    assert odds.sum() == pytest.approx(1.0)
    first_feeder = odds[:5] / GRID.lengths_m[1:6]
    assert first_feeder == pytest.approx(first_feeder[0])


def test_match__many_sections__are_looked_at_closely_where_it_matters(monkeypatch) -> None:
    monkeypatch.setattr("gnn.faults.matching._MANY_SECTIONS", 3)
    monkeypatch.setattr("gnn.faults.matching._KEPT_SECTIONS", 3)
    monkeypatch.setattr("gnn.faults.matching._ALL_KEPT", 3)
    found = match(GRID, _seen(5, 0, 2.0))
    assert int(found.buses[np.argmax(found.odds())]) == 5
    assert found.odds().sum() == pytest.approx(1.0)
