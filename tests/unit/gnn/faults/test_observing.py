"""Observations in the words of the port, as arrays, and back."""

from __future__ import annotations

import numpy as np
import pytest

from gnn.faults.observing import observed
from graph_service.ports.fault_locator import FaultObservations, SensorReading
from tests.unit.gnn.faults.grids import small_grid

GRID = small_grid()


def test_observed__sensors_with_all_angles_are_phasors() -> None:
    angles = (0.0, -120.0, 120.0)
    plain = SensorReading("net/node3", volts=(100.0, 100.0, 100.0))
    relay = SensorReading("net/breaker0", volts=(200.0, 200.0, 200.0), volt_angles=angles)
    seen = observed(GRID, FaultObservations((plain, relay))).seen
    assert seen.angles.tolist() == [False, True]
    assert np.angle(seen.volts[1], deg=True) == pytest.approx(angles)
    assert [spot.bus for spot in seen.spots] == [3, 0]


def test_observed__what_is_unknown_or_shows_nothing_is_missing() -> None:
    sensors = (SensorReading("net/node3"), SensorReading("other/x", volts=(1.0, 1.0, 1.0)))
    found = observed(GRID, FaultObservations(sensors))
    assert not found.anything
    assert found.missing[0] == "2 sensors show nothing, or are not in the medium voltage"


def test_observed__says_what_counts() -> None:
    given = FaultObservations(tripped=("net/breaker1", "net/nothing"), silent=("net/meter6",))
    found = observed(GRID, given)
    assert found.seen.tripped == (1,)
    assert found.evidence == (
        "protection opened net/breaker1",
        "1 of 7 meters said they lost supply",
    )
