from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.bootstrap import open_services
from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import StoreUnavailable, UnknownElement
from graph_service.domain.events import Event
from graph_service.domain.filters import ElementFilter
from graph_service.domain.readings import ReadingColumns, SeriesKey
from graph_service.domain.traces import TraceKind
from graph_service.services.access import OPEN_CALLER
from graph_service.services.house import Services
from graph_service.services.notices import TIMELINE_TOPIC, Notice, TimelineAppended
from graph_service.services.traces import TraceQuestion
from graph_service.settings import Settings
from tests.unit.services.conftest import World

EVERY_S = 0.01
DOWNSTREAM = TraceQuestion(TraceKind.DOWNSTREAM)


@pytest.fixture
def house(world: World, tmp_path: Path) -> Iterator[Services]:
    """A second process, as it were, over the stores of `world`; it follows."""
    world.draw("S1 -l1- B2 /s1/ B3 -l2- M4")
    with open_services(Settings(data=tmp_path)) as made, made.following.running(EVERY_S):
        yield made


def soon(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(EVERY_S)


def test_following__a_revision_of_another_process_is_taken_in_by_itself(
    world: World, house: Services
) -> None:
    world.open("s1")
    soon(lambda: house.network.known == 2)
    graph = house.network.in_memory
    assert graph is not None
    assert graph.revision == 2


def test_following__arrivals_of_another_process_are_told_once_somebody_listens(
    house: Services, tmp_path: Path
) -> None:
    told: list[Notice] = []
    house.notices.listen(TIMELINE_TOPIC, told.append)
    house.following.heed()
    other = SqliteTimeline(tmp_path)
    columns = ReadingColumns(array("q", [0]), array("d", [1.0]), array("B", [0]), array("q", [0]))
    other.append([(SeriesKey("drawn/M4.usage", "P", "meter"), columns)])
    other.append_events([Event("scada", "1", "ALARM", 0, 0, "on fire")])
    other.close()
    soon(lambda: len(told) == 2)
    readings, events = told
    assert isinstance(readings, TimelineAppended)
    assert isinstance(events, TimelineAppended)
    assert [stretch.count for stretch in readings.readings] == [1]
    assert [event.text for event in events.events] == ["on fire"]


def test_newest__is_not_asked_of_the_store_while_somebody_follows(
    world: World, house: Services
) -> None:
    assert house.network.newest() == 1
    world.open("s1")
    assert house.network.revision() == 2  # asked
    assert house.network.newest() == 2  # and told, so that nothing older is answered any more
    assert house.network.projection().revision == 2


def test_trace__from_an_element_that_just_came_sees_it(world: World, tmp_path: Path) -> None:
    with open_services(Settings(data=tmp_path)) as house, house.following.running(60):
        world.draw("S1 -l1- B2 -l2- M4")
        start = house.network.element("B2", EVERYTHING)
        assert house.network.trace([start.number], DOWNSTREAM, EVERYTHING).total > 1


def test_store_away__what_is_in_memory_is_answered_and_elements_met_before(house: Services) -> None:
    known = house.network.element("S1", EVERYTHING)
    before = house.network.trace([known.number], DOWNSTREAM, EVERYTHING).total
    counts = house.network.count_by_kind(ElementFilter(), EVERYTHING)
    health = house.following.graph_health
    health.looking = lambda: None  # type: ignore[method-assign] # nobody brings it back
    health.answered = lambda: None  # type: ignore[method-assign]
    health.failed(StoreUnavailable("gone"))
    again = house.network.element("S1", EVERYTHING)
    assert house.network.trace([again.number], DOWNSTREAM, EVERYTHING).total == before
    assert house.network.count_by_kind(ElementFilter(), EVERYTHING) == counts
    with pytest.raises(StoreUnavailable):
        house.network.element("B3", EVERYTHING)
    with pytest.raises(StoreUnavailable):
        house.network.undo(1, OPEN_CALLER)


def test_element__that_is_unknown_is_not_remembered_as_such(world: World, house: Services) -> None:
    with pytest.raises(UnknownElement):
        house.network.element("X9", EVERYTHING)
    world.draw("S1 -l1- X9")
    assert house.network.element("X9", EVERYTHING).mrid == "X9"
