"""Signs of a fault in the timeline, and that nothing from after it or known later is among them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from graph_service.domain.access import EVERYTHING, NOTHING
from graph_service.domain.readings import ReadingColumns, SeriesKey, Window, to_us
from graph_service.ports.fault_locator import FaultObservations
from graph_service.services.fault_signs import FaultSigns
from tests.api.conftest import World

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WINDOW = Window(to_us(BEGAN), to_us(BEGAN + MINUTE))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Two feeders behind a breaker, with the signs of one fault."""
    made = World(tmp_path)
    made.draw("S1 /b1/ B1 -l1- B2 =t1= B3 -l2- M4\n B2 =t2= B7 -l4- M6")
    at = BEGAN.isoformat()
    made.happen("fault", at, "b1", "l1", kind="FAULT")
    made.happen("open", at, "b1", kind="SWITCHING", text="b1 opened: protection")
    made.happen("by hand", at, "b1", kind="SWITCHING", text="b1 opened by a person")
    made.happen("gasp", at, "M4", "M4.usage", kind="DEVICE_EVENT", text="Last gasp of M4")
    made.happen("door", at, "M6", kind="DEVICE_EVENT", text="Door of M6 opened")
    _show(made, "I", "recorder/A", [(-1, 40.0), (0, 700.0), (0.5, 650.0)])
    _show(made, "U", "recorder", [(-1, 11_500.0), (0, 3_000.0), (0.5, 2_900.0)])
    yield made
    made.close()


def _show(world: World, quantity: str, source: str, values: list, known: float = 0) -> None:
    times = [to_us(BEGAN + minutes * MINUTE) for minutes, _ in values]
    columns = ReadingColumns(
        array("q", times),
        array("d", [value for _, value in values]),
        array("B", [0] * len(values)),
        array("q", [max(t, to_us(BEGAN + known * MINUTE)) for t in times]),
    )
    world.timeline.append([(SeriesKey("drawn/l1", quantity, source), columns)])


def _found(world: World, known: datetime | None = None) -> FaultObservations:
    signs = FaultSigns(world.timeline, world.house.network, world.house.neighbourhood)
    return signs.found(WINDOW, known, EVERYTHING)


def test_found__takes_what_opened_who_gasped_and_what_was_measured(world: World) -> None:
    found = _found(world)
    assert found.tripped == ("drawn/b1",)
    assert found.silent == ("drawn/M4", "drawn/M4.usage")
    [sensor] = found.sensors
    assert sensor.element == "drawn/l1"
    assert sensor.amperes == (700.0, None, None)
    assert sensor.amperes_before == (40.0, None, None)
    assert sensor.volts == (2_900.0, 2_900.0, 2_900.0)


def test_found__what_came_after_or_was_known_later_changes_nothing(world: World) -> None:
    known = BEGAN + 2 * MINUTE
    before = _found(world, known)
    world.happen("later", (BEGAN + 5 * MINUTE).isoformat(), "l4", "t2", kind="FAULT")
    late = (BEGAN + MINUTE / 2).isoformat()
    world.happen("told late", late, "M6", kind="DEVICE_EVENT", text="Last gasp", known_us=2**50)
    _show(world, "I", "recorder/A", [(1, 9_000.0), (3, 9_000.0)])
    _show(world, "I", "recorder/B", [(0.2, 800.0)], known=10)
    assert _found(world, known) == before


def test_found__who_sees_nothing_finds_nothing(world: World) -> None:
    signs = FaultSigns(world.timeline, world.house.network, world.house.neighbourhood)
    assert signs.found(WINDOW, None, NOTHING) == FaultObservations()
