"""The query `Below` on real servers: a feeder of 200 meters, a day of readings; prints a table.

The graph is in Neo4j, the readings in InfluxDB, the service in front of both, asked over HTTP by
one client. A hundred days are asked for, one after the other, of which nothing is remembered; and
the same day again and again, which is, after some seconds.
"""

from __future__ import annotations

import http.client
import json
import tempfile
import time
from array import array
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

from graph_service.bootstrap.stores import open_stores
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    ReadingColumns,
    SeriesKey,
    from_us,
)
from graph_service.domain.statements import Document
from graph_service.services.examples import BELOW
from graph_service.settings import Settings
from tests.performance.bench_api import ask, mrid, parts, quantiles_of
from tests.performance.bench_clients import served, servers
from tests.performance.bench_traces import BREAKER, NODE, SOURCE, USAGE, Town
from tests.servers.influxdb_build import NoServer

METERS: Final = 200
DAYS: Final = 110
FIRST_DAY: Final = 20_000
SETTLED_S: Final = 12.0


def main() -> None:
    """Measure and print."""
    print("## The query Below on servers\n")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as closing_all:
        try:
            settings = servers(closing_all)
        except NoServer as reason:
            print(f"Not measured: {reason}")
            return
        data = Path(folder)
        head = filled(data, settings)
        with served(data, settings, 1) as url:
            measure(url, head)


def filled(data: Path, settings: dict[str, str]) -> str:
    """A feeder with hourly readings; gives the mRID of its head."""
    town = Town()
    bus, head, node = town.element(NODE), town.element(BREAKER), town.element(NODE)
    town.joined(town.element(SOURCE), bus)
    town.joined(head, bus, node)
    town.feeder(node, METERS)
    points = [mrid(at + 1) for at, kind in enumerate(town.kinds) if kind == USAGE]
    with ExitStack() as opened:
        stores = open_stores(Settings(data=data, **settings), opened)
        with stores.graph.transaction(author="bench", message="network") as change:
            change.put_document(Document("town", "town.xml"), parts(town.columns(0)))
        for day in range(DAYS):
            stores.timeline.append(_day(points[:METERS], FIRST_DAY + day))
    return mrid(head)


def _day(points: list[str], day: int) -> Iterator[tuple[SeriesKey, ReadingColumns]]:
    hour = MICROSECONDS_PER_DAY // 24
    times = array("q", range(day * MICROSECONDS_PER_DAY, (day + 1) * MICROSECONDS_PER_DAY, hour))
    known = array("q", [(day + 1) * MICROSECONDS_PER_DAY]) * len(times)
    for meter, point in enumerate(points):
        values = array("d", [float((meter * 7 + at * 13) % 900) for at in range(len(times))])
        columns = ReadingColumns(times, values, array("B", bytes(len(times))), known)
        yield SeriesKey(f"town/{point}", "ENERGY_IN", "meter"), columns


def measure(url: str, head: str) -> None:
    """Ask, and print the table."""
    anew = spent(url, [question(head, day) for day in range(DAYS)])
    time.sleep(SETTLED_S)
    again = spent(url, [question(head, 0)] * DAYS)
    print("| work | goal (p50) | p50 | p95 |\n|---|---|---|---|")
    of = f"{METERS} meters x a day"
    print(f"| {of}, each time another day | ≤ 60 ms | {quantiles_of(anew)} |")
    print(f"| {of}, the same day again | ≤ 60 ms | {quantiles_of(again)} |")


def question(head: str, day: int) -> str:
    start, stop = (from_us((FIRST_DAY + at) * MICROSECONDS_PER_DAY) for at in (day, day + 1))
    variables = {"start": head, "from": start.isoformat(), "to": stop.isoformat()}
    return json.dumps({"query": BELOW, "variables": variables})


def spent(url: str, bodies: list[str]) -> list[float]:
    """Milliseconds for each, but for the first ten."""
    place, times = urlsplit(url), []
    with closing(http.client.HTTPConnection(place.hostname or "", place.port)) as connection:
        for body in bodies:
            begun = perf_counter()
            ask(connection, body)
            times.append((perf_counter() - begun) * 1e3)
    return times[10:]


if __name__ == "__main__":
    main()
