"""Thirty-two clients at once: mixed reads and live writes against a served town; prints tables.

`python -m tests.performance.bench_clients [--minutes 5] [--workers 2] [--pause 1] [--on servers]`.
Readers ask what the explorer asks, about one transformer of the town after the other: the trace
with its load (`Below`), a page of steps, a load by hour, a page of elements, the timeline of a day.
Writers bring the present values of 200 meters at a time as line protocol; an operator opens and
closes fuses; one client follows a feeder. Each begins a new question `--pause` seconds after it
began the last, or as soon as it has the answer where that took longer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any, Final
from urllib.parse import urlsplit

from graph_service.bootstrap import generate_town, open_services
from graph_service.domain.access import EVERYTHING
from graph_service.domain.filters import ElementFilter, PageRequest
from graph_service.services.access import OPEN_CALLER
from graph_service.services.examples import BELOW, LOAD_BY_HOUR
from graph_service.settings import Settings
from tests.performance.connection import Connection
from tests.servers import influxdb_server, neo4j_server
from tests.servers.influxdb_build import NoServer

CLIENTS: Final = 32
WRITERS: Final = 4
METERS: Final = 1_000
A_BATCH: Final = 200
SWITCH_EVERY_S: Final = 5.0

STEPS: Final = """query Steps($start: ID!) { trace(start: $start, kind: DOWNSTREAM) { totalCount
  steps(first: 100) { nodes { depth stopReason element { mRID kind name } } } } }"""
ELEMENTS: Final = """query Page($kind: String!) { elements(filter: {kinds: [$kind]}, first: 50) {
  totalCount nodes { mRID kind name } } }"""
TIMELINE: Final = """query Happened($start: ID!, $from: DateTime!, $to: DateTime!) { timeline(
  scope: {trace: {start: $start, kind: DOWNSTREAM}}, start: $from, stop: $to, first: 50) {
  nodes { start kind text distance } } }"""
SWITCH: Final = """mutation Switch($fuse: ID!, $open: Boolean!) {
  setSwitch(mRID: $fuse, open: $open) { mRID } }"""
WATCH: Final = """subscription Watch($start: ID!) { timelineAppended(
  scope: {trace: {start: $start, kind: DOWNSTREAM}}) { missed readings { count } } }"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=0.5)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--pause", type=float, default=1.0)
    parser.add_argument("--on", choices=["embedded", "servers", "both"], default="both")
    asked = parser.parse_args()
    print("## Thirty-two clients at once\n")
    print(
        f"{METERS:,} meters; {CLIENTS} clients, of them {WRITERS} that write, one that switches "
        f"and one that follows, for {asked.minutes:g} minutes; each asks every {asked.pause:g} s; "
        f"{asked.workers} worker{'s' * (asked.workers > 1)}; clients on the same two cores.\n"
    )
    for place in ("embedded", "servers"):
        if asked.on in (place, "both"):
            with tempfile.TemporaryDirectory() as folder, ExitStack() as closing:
                try:
                    settings = {} if place == "embedded" else servers(closing)
                except NoServer as reason:
                    print(f"{place}: not measured: {reason}")
                    continue
                measure(place, Path(folder), settings, asked)


def servers(closing: ExitStack) -> dict[str, str]:
    """A Neo4j and an InfluxDB of our own."""
    graph = closing.enter_context(neo4j_server.running(options=neo4j_server.LASTING))
    timeline = closing.enter_context(influxdb_server.running())
    timeline.new_bucket("gridstrata")
    return {
        "graph": graph.uri,
        "graph_password": graph.password,
        "timeline": timeline.url,
        "timeline_org": timeline.org,
        "timeline_token": timeline.token,
    }


def measure(place: str, folder: Path, settings: dict[str, str], asked: argparse.Namespace) -> None:
    """Fill the stores, serve them, ask, print."""
    town = filled(folder, settings)
    with served(folder / "data", settings, asked.workers) as url:
        load = Load(url, town, asked.minutes * 60, asked.pause)
        asyncio.run(load.run())
    load.tell(place)


class Town:
    """What clients ask about."""

    def __init__(self, starts: list[str], fuses: list[str], meters: list[str], day: dict[str, str]):
        self.starts, self.fuses, self.meters, self.day = starts, fuses, meters, day


def filled(folder: Path, settings: dict[str, str]) -> Town:
    """A town with two days of readings."""
    generate_town(folder / "town", meters=METERS, seed=1, days=2)
    with open_services(Settings(data=folder / "data", **settings)) as house:
        house.imports.take([folder / "town"], OPEN_CALLER, into="town")
        house.intake.load(folder / "town" / "readings.csv", OPEN_CALLER, "town")

        def mrids(kind: str, first: int) -> list[str]:
            wanted = ElementFilter(kinds=frozenset({kind}))
            page = house.network.find(wanted, PageRequest(first=first), EVERYTHING)
            return [element.mrid for element in page.elements]

        meters = mrids("UsagePoint", 500)
        ends = house.timelines.available([f"town/{mrid}" for mrid in meters])
        assert ends
        stop = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(ends[1] / 1e6))
        start = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(ends[1] / 1e6 - 86_400))
        day = {"from": start, "to": stop}
        return Town(mrids("PowerTransformer", 50), mrids("Fuse", 20), meters, day)


@contextmanager
def served(data: Path, settings: dict[str, str], workers: int) -> Iterator[str]:
    """The service as a process of its own."""
    given = {f"GRIDSTRATA_{name.upper()}": value for name, value in settings.items()}
    program = Path(sys.executable).with_name("gridstrata")
    process = subprocess.Popen(
        [program, "--data", data, "serve", "--port", "0", "--workers", str(workers)],
        env=os.environ | given,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        yield process.stdout.readline().split()[-1].removesuffix("/graphql")
    finally:
        process.terminate()
        process.wait()


class Load:
    """All clients, and how long each question took."""

    def __init__(self, url: str, town: Town, seconds: float, pause_s: float):
        self._place = urlsplit(url)
        self._town, self._seconds, self._pause_s = town, seconds, pause_s
        self.spent: dict[str, list[float]] = defaultdict(list)
        self.errors: dict[str, list[str]] = defaultdict(list)
        self.memory_mb: list[float] = []
        self.followed = 0
        self._batches = 0
        self._ends_at = 0.0

    async def run(self) -> None:
        """Ask until the time is over."""
        await self._until_ready()
        for _ in range(2):  # the first question of each kind pays for what is remembered
            reading = (self._client(self._read, once=True) for _ in range(10))
            writing = (self._client(deed, once=True) for deed in (self._write, self._switch))
            await asyncio.gather(*reading, *writing)
        self.spent.clear()
        self._ends_at = time.monotonic() + self._seconds
        readers = CLIENTS - WRITERS - 2
        clients = [self._client(self._read) for _ in range(readers)]
        clients += [self._client(self._write) for _ in range(WRITERS)]
        clients += [self._client(self._switch, SWITCH_EVERY_S), self._follow()]
        await asyncio.gather(*clients, *(self._note_memory(at) for at in (0.02, 0.5, 0.98)))

    def tell(self, place: str) -> None:
        """Print the tables."""
        every = [s for spent in self.spent.values() for s in spent]
        print(f"### {place}\n\n| question | asked | p50 | p99 | errors |\n|---|---|---|---|---|")
        for kind, spent in sorted(self.spent.items()):
            self._row(kind, spent, len(self.errors[kind]))
        self._row("all", every, sum(map(len, self.errors.values())))
        memory = ", ".join(f"{mb:.0f}" for mb in self.memory_mb)
        print(f"\nMemory of the service at the beginning, in the middle, at the end: {memory} MB.")
        print(f"{len(every) / self._seconds:.0f} questions a second; ", end="")
        print(f"{self.followed} arrivals were told to the client that follows.\n")
        for kind, errors in self.errors.items():
            if errors:
                print(f"{kind}: {errors[0][:300]}")

    @staticmethod
    def _row(kind: str, spent: list[float], errors: int) -> None:
        cuts = quantiles(spent, n=100) if len(spent) > 1 else [0.0] * 99
        print(
            f"| {kind} | {len(spent):,} | {cuts[49] * 1e3:.0f} ms | {cuts[98] * 1e3:.0f} ms"
            f" | {errors} |"
        )

    async def _client(
        self,
        deed: Callable[[Connection], Awaitable[None]],
        pause_s: float | None = None,
        *,
        once: bool = False,
    ) -> None:
        pause = self._pause_s if pause_s is None else pause_s
        async with Connection(self._place.hostname or "", self._place.port or 80) as connection:
            await asyncio.sleep(0 if once else random.uniform(0, pause))  # noqa: S311
            while once or time.monotonic() < self._ends_at:
                begun = time.monotonic()
                await deed(connection)
                if once:
                    return
                await asyncio.sleep(max(0.0, pause - (time.monotonic() - begun)))

    async def _read(self, connection: Connection) -> None:
        town = self._town
        start = {"start": random.choice(town.starts)}  # noqa: S311
        kind, query, variables = random.choice(  # noqa: S311
            [
                ("Below", BELOW, start | town.day),
                ("steps", STEPS, start),
                ("series", LOAD_BY_HOUR, start | town.day),
                ("elements", ELEMENTS, {"kind": random.choice(_KINDS)}),  # noqa: S311
                ("timeline", TIMELINE, start | town.day),
            ]
        )
        await self._ask(connection, kind, query, variables)

    async def _switch(self, connection: Connection) -> None:
        fuse = random.choice(self._town.fuses)  # noqa: S311
        for is_open in (True, False):
            await self._ask(connection, "switching", SWITCH, {"fuse": fuse, "open": is_open})

    async def _write(self, connection: Connection) -> None:
        self._batches += 1
        meters = random.sample(self._town.meters, A_BATCH)
        at = time.time_ns() // 1_000_000
        lines = "\n".join(f"readings,element={m} P={at % 5000} {at}" for m in meters)
        path = "/api/v2/write?bucket=town&precision=ms"
        begun = time.perf_counter()
        status, body = await connection.post(path, lines.encode(), "text/plain")
        self._note("line protocol", begun, "" if status == 204 else f"{status} {body!r}")

    async def _ask(
        self, connection: Connection, kind: str, query: str, variables: dict[str, Any]
    ) -> None:
        asked = json.dumps({"query": query, "variables": variables}).encode()
        begun = time.perf_counter()
        status, body = await connection.post("/graphql", asked, "application/json")
        wrong = status != 200 or b'"errors"' in body[:20]
        self._note(kind, begun, f"{status} {body[:500]!r}" if wrong else "")

    def _note(self, kind: str, begun: float, error: str) -> None:
        self.spent[kind].append(time.perf_counter() - begun)
        if error:
            self.errors[kind].append(error)

    async def _follow(self) -> None:
        asked = json.dumps({"query": WATCH, "variables": {"start": self._town.starts[0]}}).encode()
        async with Connection(self._place.hostname or "", self._place.port or 80) as connection:
            await connection.send("POST", "/graphql", asked, "application/json", _STREAM)
            while (left := self._ends_at - time.monotonic()) > 0:
                try:
                    line = await asyncio.wait_for(connection.reader.readline(), left)
                except TimeoutError:
                    return
                if not line:
                    self.errors["following"].append("the stream ended")
                    return
                self.followed += line.startswith(b"data: {")

    async def _note_memory(self, share: float) -> None:
        await asyncio.sleep(self._seconds * share)
        async with Connection(self._place.hostname or "", self._place.port or 80) as connection:
            _, body = await connection.get("/metrics")
        for line in body.decode().splitlines():
            if line.startswith("process_resident_memory_bytes "):
                self.memory_mb.append(float(line.split()[1]) / 1e6)

    async def _until_ready(self) -> None:
        while True:
            try:
                host, port = self._place.hostname or "", self._place.port or 80
                async with Connection(host, port) as connection:
                    if (await connection.get("/ready"))[0] == 200:
                        return
            except OSError:
                pass
            await asyncio.sleep(0.1)


_STREAM: Final = "accept: text/event-stream\r\n"
_KINDS: Final = ("UsagePoint", "ACLineSegment", "PowerTransformer", "Fuse", "Meter")

if __name__ == "__main__":
    main()
