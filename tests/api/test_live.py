"""The live timeline from a live server, over a WebSocket and as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from graph_service.domain.arrivals import Stretch
from graph_service.domain.events import Event
from graph_service.domain.readings import SeriesKey
from graph_service.services.notices import TIMELINE_TOPIC, TimelineAppended
from tests.api.conftest import World
from tests.api.test_sockets import connected, receive, send, subscribe
from tests.api.test_streams import event as told_event
from tests.api.test_streams import streamed

BELOW = """
subscription Live($kinds: [EventKind!]) {
  timelineAppended(scope: {trace: {start: "S1", kind: DOWNSTREAM}}, kinds: $kinds) {
    revision missed
    entries { id kind distance relation subjects { mRID } }
    readings { quantity count element { mRID } }
  }
}
"""
SLOW = """
subscription {
  timelineAppended(scope: {trace: {start: "S1", kind: DOWNSTREAM}}) { missed entries { text } }
}
"""
RADIAL = "S1 -l1- B2 /s1/ B3 -l2- M4"


def append(world: World, *subjects: str, readings: int = 0, text: str = "") -> None:
    events = tuple(
        Event("scada", f"e{i}", "ALARM", 0, 0, text, subjects=(f"drawn/{subject}",))
        for i, subject in enumerate(subjects)
    )
    stretches = ()
    if readings:
        key = SeriesKey("drawn/M4.usage", "ENERGY_IN", "meter")
        stretches = (Stretch(key, 0, 3_600_000_000, readings),)
    notice = TimelineAppended(readings=stretches, events=events)
    world.house.notices.publish(TIMELINE_TOPIC, notice)


def begin(socket: Any) -> None:
    send(socket, {"type": "ping"})  # answered behind the subscription: it has begun
    assert receive(socket) == {"type": "pong"}


def wait_for_watchers(world: World, count: int) -> None:
    async def until() -> None:
        async with asyncio.timeout(20):
            while world.house.live.watchers < count:
                await asyncio.sleep(0.01)

    asyncio.run(until())


@contextmanager
def reading(over: str, address: str, query: str) -> Iterator[Callable[[], Any]]:
    """A subscription over one of the two ways; gives what tells the next answer."""
    if over == "websocket":
        with connected(address) as socket:
            subscribe(socket, query)
            begin(socket)
            yield lambda: receive(socket)["payload"]
    else:
        with streamed(address, query) as lines:
            yield lambda: told_event(lines)[1]


def append_until_missed(world: World) -> int:
    """Long events until some had to be dropped for a slow reader; gives how many."""
    for sent in range(1, 1_000):
        append(world, "M4.load", text=token_hex(50_000))
        asyncio.run(asyncio.sleep(0.001))
        if world.house.live.missed:
            return sent
    pytest.fail("everything found room")


def test_timeline_appended__tells_entries_with_their_place_and_readings(
    world: World, address: str
) -> None:
    world.draw(RADIAL)
    with connected(address) as socket:
        subscribe(socket, BELOW)
        begin(socket)
        wait_for_watchers(world, 1)
        append(world, "M4.load", "nowhere", readings=4)
        told = receive(socket)["payload"]["data"]["timelineAppended"]
    [entry] = told["entries"]
    assert (entry["id"], entry["relation"]) == ("scada/e0", "DOWNSTREAM")
    assert entry["subjects"] == [{"mRID": "M4.load"}]
    reading = {"quantity": "ENERGY_IN", "count": 4, "element": {"mRID": "M4.usage"}}
    assert told["readings"] == [reading]


def test_timeline_appended__comes_as_server_sent_events_too(world: World, address: str) -> None:
    world.draw(RADIAL)
    with streamed(address, BELOW) as lines:
        wait_for_watchers(world, 1)
        append(world, "l1")
        name, body = told_event(lines)
    assert name == "next"
    assert body["data"]["timelineAppended"]["entries"][0]["distance"] == 2


def test_timeline_appended__follows_the_switch_that_this_server_opened(
    world: World, address: str
) -> None:
    world.draw(RADIAL)
    with connected(address) as socket:
        subscribe(socket, BELOW, kinds=["ALARM"])
        begin(socket)
        wait_for_watchers(world, 1)
        query = 'mutation { setSwitch(mRID: "s1", open: true) { mRID } }'
        httpx.post(f"{address}/graphql", json={"query": query}).raise_for_status()
        append(world, "M4.load")
        append(world, "l1")
        told = receive(socket)["payload"]["data"]["timelineAppended"]
    assert told["entries"][0]["subjects"] == [{"mRID": "l1"}]
    assert told["revision"] == 2


def test_timeline_appended__a_long_write_comes_in_pieces(world: World, address: str) -> None:
    world.draw(RADIAL)
    with connected(address) as socket:
        subscribe(socket, BELOW)
        begin(socket)
        wait_for_watchers(world, 1)
        append(world, *["M4.load"] * 1200)
        told = [receive(socket)["payload"]["data"]["timelineAppended"] for _ in range(3)]
    assert [len(one["entries"]) for one in told] == [500, 500, 200]


@pytest.mark.parametrize("over", ["websocket", "server-sent events"])
def test_timeline_appended__who_reads_too_slowly_is_told_how_much_was_missed(
    world: World, address: str, over: str
) -> None:
    world.draw(RADIAL)
    with reading(over, address, SLOW) as told:
        wait_for_watchers(world, 1)
        sent = append_until_missed(world)  # nobody reads meanwhile, and nobody waits
        append(world, "M4.load")
        heard = missed = 0
        while heard + missed < sent + 1:
            arrival = told()["data"]["timelineAppended"]
            heard, missed = heard + 1, missed + arrival["missed"]
    assert missed > 0
    assert arrival["entries"][0]["text"] == ""


def test_timeline_appended__is_over_when_the_caller_leaves(world: World, address: str) -> None:
    world.draw(RADIAL)
    with connected(address) as socket:
        subscribe(socket, BELOW)
        begin(socket)
        wait_for_watchers(world, 1)
    query = "{ store { revision } }"
    for _ in range(100):
        if not world.house.live.watchers:
            return
        httpx.post(f"{address}/graphql", json={"query": query})
    pytest.fail("the watch goes on without its caller")


def test_timeline_appended__reaches_five_hundred_subscribers(world: World, address: str) -> None:
    world.draw(RADIAL)
    url = address.replace("http", "ws") + "/graphql"
    a_connection = 50

    async def subscriber(ready: asyncio.Semaphore) -> int:
        protocols = [Subprotocol("graphql-transport-ws")]
        async with connect(url, subprotocols=protocols) as socket:
            await socket.send(json.dumps({"type": "connection_init", "payload": {}}))
            await socket.recv()
            for number in range(a_connection):
                message = {"id": str(number), "type": "subscribe", "payload": {"query": BELOW}}
                await socket.send(json.dumps(message))
            ready.release()
            heard = [json.loads(await socket.recv()) for _ in range(a_connection)]
            return sum(bool(one["payload"]["data"]["timelineAppended"]["entries"]) for one in heard)

    async def run() -> int:
        ready = asyncio.Semaphore(0)
        callers = [asyncio.ensure_future(subscriber(ready)) for _ in range(500 // a_connection)]
        for _ in callers:
            await ready.acquire()
        await asyncio.to_thread(wait_for_watchers, world, 500)
        append(world, "M4.load")
        return sum(await asyncio.wait_for(asyncio.gather(*callers), 60))

    assert asyncio.run(run()) == 500
