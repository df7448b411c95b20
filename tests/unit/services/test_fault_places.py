"""Places of faults: kept with both clocks, and what is said where no locator is installed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import InvalidCall, UnknownElement
from graph_service.domain.readings import to_us
from graph_service.ports.fault_locator import FaultLocatorFactory, FaultObservations, Rehearsal
from graph_service.ports.predictor import Rung
from graph_service.services.fault_places import FaultPlaces, FaultQuestion
from graph_service.services.fault_signs import FaultSigns
from graph_service.services.forecast_rights import ForecastRights
from tests.api.conftest import World
from tests.locating import by_name

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
GIVEN = FaultQuestion(FaultObservations(tripped=("b1",)), since=BEGAN)


def nothing_installed() -> FaultLocatorFactory:
    raise InvalidCall("no fault locator is installed")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.draw("S1 /b1/ B1 -l1- B2 =t1= B3 -l2- M4")
    yield made
    made.close()


def places(world: World, now: datetime = BEGAN, find=by_name) -> FaultPlaces:
    """Places over the stores of a world, at a time."""
    house = world.house
    return FaultPlaces(
        lambda: find()(world.graph),
        FaultSigns(world.timeline, house.network, house.neighbourhood),
        house.neighbourhood,
        house.chronicle,
        ForecastRights(house.network, world.timeline),
        lambda: now,
    )


def test_keep__each_answer_is_known_from_when_it_was_given(world: World) -> None:
    _, first = places(world, BEGAN + HOUR).keep(GIVEN, EVERYTHING)
    tripped = FaultObservations(tripped=("t1",))
    _, second = places(world, BEGAN + 2 * HOUR).keep(FaultQuestion(tripped, BEGAN), EVERYTHING)
    assert first is not None
    assert second is not None
    assert (first.source, first.id, first.start_us) == ("by-name", second.id, to_us(BEGAN))
    told = [
        world.timeline.event("by-name", first.id, to_us(BEGAN + hours * HOUR))
        for hours in (0, 1, 2)
    ]
    assert [event and event.subjects[0] for event in told] == [None, "drawn/l1", "drawn/l2"]


def test_keep__where_nothing_is_said_nothing_is_kept(world: World) -> None:
    found, event = places(world).keep(FaultQuestion(), EVERYTHING)
    assert (found.rung, event) == (Rung.NOTHING, None)


def test_locate__where_no_locator_is_installed_the_answer_says_so(world: World) -> None:
    found = places(world, find=nothing_installed).locate(GIVEN, EVERYTHING)
    assert (found.rung, found.reason) == (Rung.NOTHING, "no fault locator is installed")


def test_rehearse__of_a_section_that_is_not_there_is_an_error(world: World) -> None:
    with pytest.raises(UnknownElement):
        places(world).rehearse(Rehearsal("l9"), EVERYTHING)
