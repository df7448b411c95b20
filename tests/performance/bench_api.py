"""GraphQL answers: the query `Below` over HTTP, and a page of a large trace; prints a table.

The first on the demo town behind a live server, the second inside the process, on a store of a
million elements (the network of `bench_traces`).
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
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep
from typing import Any

from graph_service import bootstrap
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.api.schema import execute
from graph_service.domain.access import EVERYTHING
from graph_service.domain.columns import GraphColumns
from graph_service.domain.statements import Document, Part
from graph_service.services.access import OPEN_CALLER
from graph_service.services.examples import examples
from graph_service.settings import Settings
from tests.building import part
from tests.performance.bench_traces import million

STEPS = """
query Steps($start: ID!) { trace(start: $start, kind: DOWNSTREAM) {
  revision totalCount truncated countByKind { kind count }
  steps(first: 100) { nodes { depth stopReason element { mRID kind name } } } } }
"""
TIMES = 100


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        below = below_over_http(Path(folder) / "town")
        total, steps = steps_in_process(Path(folder) / "million")
    print("## GraphQL answers\n")
    print("| work | p50 | p95 |\n|---|---|---|")
    print(f"| the query Below on the demo town, over HTTP | {below} |")
    print(f"| 100 steps of a trace of {total:,} in a million, in process | {steps} |")


def below_over_http(data: Path) -> str:
    """The demo's town behind a server of its own, asked about its first transformer."""
    command = [str(Path(sys.executable).with_name("gridstrata")), "--data", str(data)]
    subprocess.run([*command, "demo", "--once"], check=True, stdout=subprocess.DEVNULL)
    with bootstrap.open_services(Settings(data=data)) as house:
        question = examples(house, EVERYTHING)[3]
    body = json.dumps({"query": question.query, "variables": question.variables})
    port = 8731
    server = subprocess.Popen([*command, "serve", "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        connection = http.client.HTTPConnection("127.0.0.1", port)
        return spent(lambda: ask(connection, body))
    finally:
        server.terminate()
        server.wait()


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
    graph = SqliteGraph(data)
    with graph.transaction(author="bench", message="million") as change:
        change.put_document(Document("town", "town.xml"), parts(columns))
    graph.close()
    with bootstrap.open_services(Settings(data=data)) as house, asyncio.Runner() as runner:
        answers: list[Any] = []

        def once() -> None:
            asked = execute(house, STEPS, {"start": mrid(head)}, OPEN_CALLER)
            answers.append(runner.run(asked))

        told = spent(once)
        trace = answers[-1]["data"]["trace"]
        assert len(trace["steps"]["nodes"]) == 100
        return trace["totalCount"], told


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


def spent(work: Any) -> str:
    for _ in range(10):
        work()
    times = []
    for _ in range(TIMES):
        begin = perf_counter()
        work()
        times.append((perf_counter() - begin) * 1e3)
    return f"{median(times):.1f} ms | {quantiles(times, n=20)[-1]:.1f} ms"


if __name__ == "__main__":
    main()
