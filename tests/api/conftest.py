"""The whole API over embedded stores in a folder of their own, in process or behind a server."""

from __future__ import annotations

import asyncio
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.api.app import make_app
from graph_service.api.schema import execute
from graph_service.bootstrap import Stores, join
from graph_service.domain.access import Caller, Right
from graph_service.domain.events import Event
from graph_service.domain.readings import Quality, ReadingColumns, SeriesKey, to_us
from graph_service.domain.statements import Part
from graph_service.services.access import OPEN_CALLER
from graph_service.services.intake import Receipt
from tests.drawing import Drawing, draw
from tests.locating import by_name
from tests.predicting import last_week

HOUR_US = 3_600_000_000

TWO_FEEDERS = """
    S1 -l1- B2 =t1= B3 -l2- M4
    B3 /s1!/ B5 -l3- M6
    B2 =t2= B7 -l4- M8
"""
NORTH = ("t1", "B3", "l2", "M4.node", "M4.load", "s1", "B5", "l3", "M6.node", "M6.load")
SOUTH = ("t2", "B7", "l4", "M8.node", "M8.load")


class Counting:
    """A real store that remembers which of its methods were called."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._store, name)
        return partial(self._call, name, member) if callable(member) else member

    def _call(self, name: str, member: Any, *args: Any, **kwargs: Any) -> Any:
        self.calls[name] += 1
        return member(*args, **kwargs)


class World:
    """A house of services whose stores count their calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.graph = Counting(SqliteGraph(folder))
        self.records = SqliteRecords(folder)
        self.timeline = Counting(SqliteTimeline(folder))
        stores = Stores(self.graph, self.records, self.timeline, place="")
        self.house = join(stores, folder, predictor=last_week, locator=by_name)

    def hold(self, drawing: Drawing) -> None:
        """Put a drawn network into the graph."""
        with self.graph.transaction(author="test", message="draw") as change:
            change.put_document(drawing.document, drawing.parts)

    def draw(self, text: str = TWO_FEEDERS, *more: Part, **given: Any) -> None:
        """Draw a network and put it into the graph."""
        self.hold(draw(text, *more, **given))

    def draw_owned(self) -> None:
        """Draw two feeders, one of the organisation `north`, one of `south`."""
        owners = dict.fromkeys(NORTH, "north") | dict.fromkeys(SOUTH, "south")
        self.draw(owners=owners)

    def read(
        self, mrid: str, start: str, values: Sequence[float], known_at: str | None = None
    ) -> None:
        """Keep hourly ENERGY_IN readings of an element, known when they were taken or later."""
        begin = to_us(datetime.fromisoformat(start))
        times = array("q", (begin + i * HOUR_US for i in range(len(values))))
        good = array("B", [Quality.GOOD] * len(values))
        later = to_us(datetime.fromisoformat(known_at)) if known_at else None
        known = array("q", (later or at for at in times))
        columns = ReadingColumns(times, array("d", values), good, known)
        key = SeriesKey(f"drawn/{mrid}", "ENERGY_IN", "meter")
        self.timeline.append([(key, columns)])

    def happen(self, id: str, start: str, *mrids: str, kind: str = "ALARM", **more: Any) -> None:
        """Keep an event of the source `scada` about some elements, known when it began."""
        at = to_us(datetime.fromisoformat(start))
        subjects = tuple(f"drawn/{mrid}" for mrid in mrids)
        given = {"known_us": at, "text": f"{kind} {id}", "subjects": subjects} | more
        self.timeline.append_events([Event("scada", id, kind, at, **given)])

    def bring(self, lines: str) -> Receipt:
        """Bring line protocol and wait until it is durable."""
        return self.house.intake.offer_lines(lines.encode(), OPEN_CALLER, "drawn").result()

    def ask(
        self, query: str, variables: Mapping[str, Any] | None = None, caller: Caller = OPEN_CALLER
    ) -> dict[str, Any]:
        """The whole answer, errors included."""
        return asyncio.run(execute(self.house, query, dict(variables or {}), caller))

    def data(
        self, query: str, variables: Mapping[str, Any] | None = None, caller: Caller = OPEN_CALLER
    ) -> Any:
        """The data of an answer that must have no errors."""
        answer = self.ask(query, variables, caller)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def error(
        self, query: str, variables: Mapping[str, Any] | None = None, caller: Caller = OPEN_CALLER
    ) -> Any:
        """The one error of an answer: code, subject, hint, message."""
        answer = self.ask(query, variables, caller)
        assert len(answer["errors"]) == 1, answer["errors"]
        return answer["errors"][0]["extensions"] | {"message": answer["errors"][0]["message"]}

    def calls(self, query: str, variables: Mapping[str, Any] | None = None) -> Counter[str]:
        """Which store methods a query calls, and how often."""
        self.data(query, variables)  # builds the projection, which a first query pays for
        self.graph.calls.clear()
        self.timeline.calls.clear()
        self.data(query, variables)
        calls = self.graph.calls + self.timeline.calls
        del calls["revision"]
        return calls

    def caller(self, owner: str | None, *rights: Right) -> Caller:
        """A caller who sees one owner's elements, or everything."""
        scope = self.house.access.scope(None if owner is None else [owner])
        return Caller(owner or "all", scope, frozenset(rights or (Right.READ,)))

    def close(self) -> None:
        """Let go of the files."""
        self.house.intake.close()
        for store in (self.graph, self.records, self.timeline):
            store.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """A live server on a free port of loopback; gives its address."""
    config = uvicorn.Config(app, port=0, log_level="warning", ws="websockets-sansio")
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.01)
            assert thread.is_alive(), "the server ended before it began"
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """A live, open server over the world."""
    with served(make_app(world.house, is_open=True)) as at:
        yield at
