import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from graph_service.domain.access import EVERYTHING
from graph_service.domain.arrivals import Stretch
from graph_service.domain.events import Event
from graph_service.domain.readings import SeriesKey
from graph_service.domain.scopes import OfTrace
from graph_service.domain.switching import State
from graph_service.domain.traces import TraceKind
from graph_service.services.live import QUEUE_LENGTH, Appended, Live
from graph_service.services.neighbourhood import Neighbourhood
from graph_service.services.notices import TIMELINE_TOPIC, TimelineAppended
from graph_service.services.scopes import Scopes
from tests.unit.services.conftest import World

RADIAL = "S1 -l1- B2 /s1/ B3 -l2- M4"
BELOW = OfTrace("S1", TraceKind.DOWNSTREAM, State.PRESENT)


@pytest.fixture
def live(world: World) -> Live:
    world.draw(RADIAL)
    return Live(world.notices, Scopes(world.network, Neighbourhood(world.graph)))


def event(id: str, subject: str, kind: str = "ALARM") -> Event:
    return Event("scada", id, kind, 0, 0, "", subjects=(f"drawn/{subject}",))


def arrived(*events: Event) -> TimelineAppended:
    return TimelineAppended(events=events)


async def started(stream: AsyncIterator[Appended], live: Live) -> "asyncio.Task[Appended]":
    before = live.watchers
    first = asyncio.ensure_future(anext(stream))
    await until(lambda: live.watchers > before)
    await asyncio.sleep(0.01)  # the listener's first step
    return first


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.005)


def test_watch__tells_of_events_and_readings_in_the_trace_and_of_no_others(
    world: World, live: Live
) -> None:
    async def run() -> Appended:
        first = await started(live.watch(BELOW, EVERYTHING), live)
        stretch = Stretch(SeriesKey("drawn/M4.usage", "ENERGY_IN", "meter"), 0, 10, 3)
        other = Stretch(SeriesKey("elsewhere/M4.usage", "ENERGY_IN", "meter"), 0, 10, 3)
        events = (event("1", "M4"), event("2", "nowhere"))
        notice = TimelineAppended(readings=(stretch, other), events=events)
        world.notices.publish(TIMELINE_TOPIC, notice)
        return await asyncio.wait_for(first, 5)

    told = asyncio.run(run())
    assert [e.id for e in told.events] == ["1"]
    assert [s.series.element for s in told.readings] == ["drawn/M4.usage"]


def test_watch__keeps_to_the_kinds_of_events_asked(world: World, live: Live) -> None:
    async def run() -> Appended:
        watched = live.watch(BELOW, EVERYTHING, kinds=frozenset({"OUTAGE"}), with_readings=False)
        first = await started(watched, live)
        world.notices.publish(TIMELINE_TOPIC, arrived(event("1", "M4")))
        world.notices.publish(TIMELINE_TOPIC, arrived(event("2", "M4", "OUTAGE")))
        return await asyncio.wait_for(first, 5)

    assert [e.id for e in asyncio.run(run()).events] == ["2"]


def test_watch__follows_switching_before_anything_later_is_told(world: World, live: Live) -> None:
    async def run() -> Appended:
        first = await started(live.watch(BELOW, EVERYTHING), live)
        world.open("s1")
        world.notices.publish(TIMELINE_TOPIC, arrived(event("behind", "M4")))
        world.notices.publish(TIMELINE_TOPIC, arrived(event("before", "l1")))
        return await asyncio.wait_for(first, 5)

    assert [e.id for e in asyncio.run(run()).events] == ["before"]


def test_watch__who_is_slow_is_told_how_much_was_missed_and_holds_nobody_up(
    world: World, live: Live
) -> None:
    async def run() -> tuple[Appended, Appended, Appended]:
        slow = live.watch(BELOW, EVERYTHING)
        first = await started(slow, live)
        world.notices.publish(TIMELINE_TOPIC, arrived(event("first", "M4")))
        begin = await asyncio.wait_for(first, 5)
        quick = await started(live.watch(BELOW, EVERYTHING, kinds=frozenset({"OUTAGE"})), live)
        for number in range(QUEUE_LENGTH + 10):
            world.notices.publish(TIMELINE_TOPIC, arrived(event(str(number), "M4")))
        world.notices.publish(TIMELINE_TOPIC, arrived(event("end", "M4", "OUTAGE")))
        ended = await asyncio.wait_for(quick, 5)
        return begin, await anext(slow), ended

    begin, after, ended = asyncio.run(run())
    assert begin.missed == 0
    assert after.missed == 11
    assert [e.id for e in after.events] == ["11"]
    assert [e.id for e in ended.events] == ["end"]


def test_watch__ends_without_a_trace_when_nobody_watches(world: World, live: Live) -> None:
    async def run() -> None:
        stream = live.watch(BELOW, EVERYTHING)
        first = await started(stream, live)
        world.notices.publish(TIMELINE_TOPIC, arrived(event("1", "M4")))
        await first
        await stream.aclose()  # type: ignore[attr-defined] # an async generator
        assert live.watchers == 0

    asyncio.run(run())
