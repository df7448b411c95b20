"""The graph in Neo4j: import, one statement an object beside it, the scan; prints a Markdown table.

`python -m tests.performance.bench_neo4j [import | scan]`. The server is one of our own on the same
machine, with 2 GB of heap; an import is measured after two others, when Java has compiled what is
called often, and the first one is shown beside it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Final, NamedTuple

from cim_import.exchange import CimExchange
from graph_service.adapters.neo4j.driver import Queries
from graph_service.adapters.neo4j.elements import code_of, node
from graph_service.adapters.neo4j.graph import Neo4jGraph
from graph_service.adapters.neo4j.labels import labels_of
from graph_service.domain.access import EVERYTHING
from graph_service.domain.columns import GraphColumns
from graph_service.domain.elements import Element, ElementKey
from graph_service.domain.merging import Merged
from graph_service.domain.switching import OPERATIONS_DOCUMENT
from graph_service.topology.projection import Projection
from tests.building import document, part
from tests.models import model
from tests.performance.bench_traces import million, timed
from tests.servers.influxdb_build import NoServer
from tests.servers.neo4j_emptied import address_of, empty
from tests.servers.neo4j_server import PrivateServer

MODEL: Final = "gridappsd_ieee8500_opendss"
ALONE: Final = 3000
"""Objects that are written one statement each."""
IMPORTS: Final = 5


class Row(NamedTuple):
    """One line of the table."""

    work: str
    measured: str
    wanted: str = ""


def main() -> None:
    """Measure and print."""
    chosen = sys.argv[1:] or ["import", "scan"]
    print("## The graph in Neo4j\n")
    try:
        server = PrivateServer(heap="2g")
        server.start()
    except NoServer as reason:
        print(f"Not measured: {reason}")
        return
    print("Neo4j Community on the same machine, 2 GB of heap, driver with `neo4j-rust-ext`.\n")
    print("| work | measured | wanted |\n|---|---|---|")
    try:
        for name in chosen:
            for row in {"import": import_rows, "scan": scan_rows}[name](server):
                print(f"| {row.work} | {row.measured} | {row.wanted} |", flush=True)
    finally:
        server.remove()


def import_rows(server: PrivateServer) -> Iterator[Row]:
    """A file to a committed graph, several times; and one statement an object."""
    took = [_import(server) for _ in range(IMPORTS)]
    objects = took[0][1]
    best = min(seconds for seconds, _ in took[2:])
    yield Row("`ieee8500`, file to committed, server just started", _rate(objects, took[0][0]))
    yield Row("the same, server warm", _rate(objects, best), "8,000 objects a second")
    alone = _one_by_one(server)
    yield Row(
        "one statement an object and a link, one transaction", f"{alone:,.0f} objects a second"
    )
    yield Row("an import beside that", f"{objects / best / alone:.1f} times as fast", "5")


def scan_rows(server: PrivateServer) -> Iterator[Row]:
    """The whole graph into memory, and single questions of a large one."""
    columns, _ = million()
    with closing(Neo4jGraph(address_of(server))) as store:
        fill(server, store, columns)
        del columns
        scan_s, found = timed(store.scan, 4)
        build_s, _ = timed(lambda: Projection.build(found), 3)
        size = f"{len(found.numbers):,} elements, {len(found.sources):,} links"
        yield Row(f"scan of {size}", f"{scan_s:.2f} s")
        yield Row("projection from the store (scan and build)", f"{scan_s + build_s:.2f} s", "5 s")
        mrids = [f"M{1 + at * 7919 % 1_000_000:07}" for at in range(300)]
        look_s, _ = timed(lambda: [store.by_mrid([one], EVERYTHING) for one in mrids], 3)
        yield Row("element by mRID", f"{look_s / len(mrids) * 1e3:.1f} ms")
        drift_s, _ = timed(store.drift, 5)
        yield Row("whether others wrote, by count", f"{drift_s * 1e3:.1f} ms")
        thorough_s, _ = timed(lambda: store.drift(thorough=True), 1)
        yield Row("whether others wrote, by checksum", f"{thorough_s:.1f} s")
        yield Row("durable switchings, one revision each", f"{_switchings(store):,.0f} a second")


def fill(server: PrivateServer, store: Neo4jGraph, columns: GraphColumns) -> None:
    """Write the nodes and links as an import would have left them, without parts."""
    empty(server)
    store.close()
    store.__init__(address_of(server))  # type: ignore[misc]
    words = ["", *columns.kind_names]
    do = store._connection.do
    do("UNWIND range(1, size($w) - 1) AS i CREATE (:StoreWord {code: i, text: $w[i]})", w=words)
    do("CREATE (:StoreModelSet {name: 'town', code: 1, elements: 0, links: 0})")
    rows: Iterator[list[object]] = (
        [labels_of(columns.kind_names[kind]), _node(number, kind, state, columns)]
        for number, kind, state in zip(columns.numbers, columns.kinds, columns.states, strict=True)
    )
    while batch := list(islice(rows, 20_000)):
        do("UNWIND $rows AS r CREATE (e:Element:$(r[0])) SET e = r[1]", rows=batch)
    names = columns.link_names
    links = sorted(set(zip(columns.sources, columns.names, columns.targets, strict=True)))
    waiting = ([source, names[name], target] for source, name, target in links)
    while batch := list(islice(waiting, 20_000)):
        do(
            "UNWIND $rows AS r MATCH (a:Element {number: r[0]}) MATCH (b:Element {number: r[2]})"
            " CREATE (a)-[:$(r[1])]->(b)",
            rows=batch,
        )
    do(
        "MATCH (s:StoreState) SET s.revision = 1, s.lastNumber = $last, s.words = $words",
        last=len(columns.numbers),
        words=len(words),
    )


def _node(number: int, kind: int, state: int, columns: GraphColumns) -> dict[str, object]:
    name = columns.kind_names[kind]
    properties: dict[str, str | tuple[str, ...]] = {
        "IdentifiedObject.name": f"Name {number}",
        "Conductor.length": f"{number}.0",
    }
    merged = Merged(name, (name,), None, f"Name {number}", properties, (), state, 0)
    return node(
        ElementKey("town", f"M{number:07}"), number, merged, code_of(merged, 1 + kind, 1), [], ()
    )


def _import(server: PrivateServer) -> tuple[float, int]:
    empty(server)
    with closing(Neo4jGraph(address_of(server))) as store:
        begun = time.perf_counter()
        report = CimExchange().take([model(MODEL)], store)
        return time.perf_counter() - begun, report.objects


def _one_by_one(server: PrivateServer) -> float:
    """Objects a second, with their links, as a script would write them."""
    with closing(Neo4jGraph(address_of(server))) as store:
        columns = store.scan()
        elements = [e for e in store.elements(columns.numbers[:ALONE], EVERYTHING) if e]
        known = {element.number for element in elements}
        links = [
            (source, columns.link_names[name], target)
            for source, name, target in zip(
                columns.sources, columns.names, columns.targets, strict=True
            )
            if source in known and target in known
        ]
    empty(server)
    with closing(Neo4jGraph(address_of(server))) as store:
        begun = time.perf_counter()
        with store._connection.writing() as writing:
            for one in elements:
                _create(writing.queries, one)
            for source, name, target in links:
                writing.queries.do(
                    "MATCH (a:Element {number: $a}) MATCH (b:Element {number: $b})"
                    " CREATE (a)-[:$($name)]->(b)",
                    a=source, b=target, name=name,
                )  # fmt: skip
            writing.land(1)
        return len(elements) / (time.perf_counter() - begun)


def _create(queries: Queries, one: Element) -> None:
    row = {**{k: v if isinstance(v, str) else list(v) for k, v in one.properties.items()},
           "number": one.number, "modelSet": one.key.model_set, "mRID": one.mrid,
           "kind": one.kind, "sortName": one.name.casefold()}  # fmt: skip
    queries.do("CREATE (e:Element:$($labels)) SET e = $row", labels=labels_of(one.kind), row=row)


def _switchings(store: Neo4jGraph, count: int = 100) -> float:
    with store.transaction(author="bench", message="") as transaction:
        transaction.put_document(document(), [part("S1", "Breaker")])
    begun = time.perf_counter()
    for at in range(count):
        opened = [part("S1", "", {"Switch.open": "true" if at % 2 else "false"})]
        with store.transaction(author="bench", message="") as transaction:
            transaction.put_parts("town", OPERATIONS_DOCUMENT, opened)
    return count / (time.perf_counter() - begun)


def _rate(objects: int, seconds: float) -> str:
    return f"{seconds:.1f} s, {objects / seconds:,.0f} objects a second"


if __name__ == "__main__":
    main()
