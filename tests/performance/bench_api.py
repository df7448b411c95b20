"""GraphQL answers: the query `Below` over HTTP, and a page of a large trace; prints a table.

`Below` on the demo town, and on a feeder of 200 meters with a week of readings every 15 minutes,
each behind a live server; a page of steps inside the process, on a store of a million elements
(the network of `bench_traces`).
"""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep
from typing import Any

from graph_service import bootstrap
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.api.schema import execute
from graph_service.domain.access import EVERYTHING
from graph_service.domain.columns import GraphColumns
from graph_service.domain.readings import SeriesKey, from_us
from graph_service.domain.statements import Document, Part
from graph_service.services.access import OPEN_CALLER
from graph_service.services.examples import BELOW, examples
from graph_service.services.house import Services
from graph_service.settings import Settings
from tests.building import part
from tests.performance import timeline_load
from tests.performance.bench_traces import BREAKER, NODE, SOURCE, USAGE, Town, million

STEPS = """
query Steps($start: ID!) { trace(start: $start, kind: DOWNSTREAM) {
  revision totalCount truncated countByKind { kind count }
  steps(first: 100) { nodes { depth stopReason element { mRID kind name } } } } }
"""
WARM, TIMES = 10, 100
METERS, DAYS = 200, 7


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        town = below_on_demo_town(Path(folder) / "town")
        week = below_of_a_week(Path(folder) / "week")
        total, steps = steps_in_process(Path(folder) / "million")
    print("## GraphQL answers\n")
    print("| work | goal (p50) | p50 | p95 |\n|---|---|---|---|")
    print(f"| the query Below on the demo town, over HTTP | ≤ 15 ms | {town} |")
    print(f"| the query Below with {METERS} meters x a week, over HTTP | ≤ 20 ms | {week} |")
    print(f"| 100 steps of a trace of {total:,} in a million, in process | ≤ 5 ms | {steps} |")


def below_on_demo_town(data: Path) -> str:
    """The demo's town, asked about its first transformer."""
    subprocess.run([*command(data), "demo", "--once"], check=True, stdout=subprocess.DEVNULL)
    with bootstrap.open_services(Settings(data=data)) as house:
        question = examples(house, EVERYTHING)[3]
    return over_http(data, question.query, question.variables)


def below_of_a_week(data: Path) -> str:
    """A feeder with a reading every 15 minutes, asked about the hourly sums of its week."""
    town = Town()
    bus, head, node = town.element(NODE), town.element(BREAKER), town.element(NODE)
    town.joined(town.element(SOURCE), bus)
    town.joined(head, bus, node)
    town.feeder(node, METERS)
    keep(data, town.columns(0))
    points = [at + 1 for at, kind in enumerate(town.kinds) if kind == USAGE]
    keys = [SeriesKey(f"town/{mrid(point)}", "ENERGY_IN", "meter") for point in points]
    with closing(SqliteTimeline(data)) as timeline:
        for day in timeline_load.batches(METERS, 0, DAYS, 96):
            timeline.append((key, columns) for key, (_, columns) in zip(keys, day, strict=True))
    week = timeline_load.window(0, DAYS)
    times = {"from": from_us(week.start_us).isoformat(), "to": from_us(week.stop_us).isoformat()}
    return over_http(data, BELOW, {"start": mrid(head)} | times)


def over_http(data: Path, query: str, variables: dict[str, Any]) -> str:
    """Ask a server of its own."""
    body = json.dumps({"query": query, "variables": variables})
    port = 8731
    serve = [*command(data), "serve", "--port", str(port)]
    server = subprocess.Popen(serve, stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        connection = http.client.HTTPConnection("127.0.0.1", port)
        return told(lambda: ask(connection, body))
    finally:
        server.terminate()
        server.wait()


def command(data: Path) -> list[str]:
    return [str(Path(sys.executable).with_name("gridstrata")), "--data", str(data)]


def wait_for(port: int) -> None:
    for _ in range(200):
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        sleep(0.1)


def ask(connection: http.client.HTTPConnection, body: str) -> None:
    connection.request("POST", "/graphql", body, {"content-type": "application/json"})
    answer = json.load(connection.getresponse())
    assert "errors" not in answer, answer


def steps_in_process(data: Path) -> tuple[int, str]:
    """A million elements in an embedded store, and a page of what lies below a feeder's head."""
    columns, head = million()
    keep(data, columns)
    with bootstrap.open_services(Settings(data=data)) as house:
        return asyncio.run(steps(house, {"start": mrid(head)}))


async def steps(house: Services, asked: dict[str, Any]) -> tuple[int, str]:
    """How many steps there are, and what it takes to answer a page of them."""
    times = []
    for _ in range(WARM + TIMES):
        begin = perf_counter()
        answer = await execute(house, STEPS, asked, OPEN_CALLER)
        times.append((perf_counter() - begin) * 1e3)
    trace = answer["data"]["trace"]
    assert len(trace["steps"]["nodes"]) == 100
    return trace["totalCount"], quantiles_of(times[WARM:])


def keep(data: Path, columns: GraphColumns) -> None:
    """Put a network into a graph store."""
    graph = SqliteGraph(data)
    with closing(graph), graph.transaction(author="bench", message="network") as change:
        change.put_document(Document("town", "town.xml"), parts(columns))


def parts(columns: GraphColumns) -> Iterator[Part]:
    """Columns as a document states them; the mRIDs are in the order of the numbers."""
    links: dict[int, dict[str, list[str]]] = defaultdict(dict)
    for source, target, name in zip(columns.sources, columns.targets, columns.names, strict=True):
        links[source].setdefault(columns.link_names[name], []).append(mrid(target))
    opened = {"Switch.normalOpen": "true", "Switch.open": "true"}
    for number, kind, state in zip(columns.numbers, columns.kinds, columns.states, strict=True):
        properties = {"IdentifiedObject.name": f"element {number}"} | (opened if state else {})
        targets = {name: tuple(given) for name, given in links.get(number, {}).items()}
        yield part(mrid(number), columns.kind_names[kind], properties, links=targets)


def mrid(number: int) -> str:
    return f"{number:08d}"


def told(work: Callable[[], object]) -> str:
    times = []
    for _ in range(WARM + TIMES):
        begin = perf_counter()
        work()
        times.append((perf_counter() - begin) * 1e3)
    return quantiles_of(times[WARM:])


def quantiles_of(times_ms: list[float]) -> str:
    return f"{median(times_ms):.1f} ms | {quantiles(times_ms, n=20)[-1]:.1f} ms"


if __name__ == "__main__":
    main()
