"""A million elements in Neo4j: the scan, the projection, single questions; prints a Markdown table.

They lie there as an import would have left them, but without the parts. Questions are asked
several times and the median counts: the first one finds Java with nothing compiled.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice

from graph_service.adapters.neo4j.elements import code_of, node
from graph_service.adapters.neo4j.graph import Neo4jGraph
from graph_service.adapters.neo4j.labels import labels_of
from graph_service.domain.access import EVERYTHING
from graph_service.domain.columns import GraphColumns
from graph_service.domain.elements import ElementKey
from graph_service.domain.merging import Merged
from graph_service.domain.switching import OPERATIONS_DOCUMENT
from graph_service.topology.projection import Projection
from tests.building import document, part
from tests.performance.bench_neo4j import Row, show
from tests.performance.bench_traces import million, timed
from tests.servers.neo4j_emptied import address_of
from tests.servers.neo4j_server import PrivateServer


def main() -> None:
    """Measure and print."""
    show("A million elements in Neo4j", scan_rows)


def scan_rows(server: PrivateServer) -> Iterator[Row]:
    """The whole graph into memory, and single questions of a large one."""
    columns, _ = million()
    with closing(Neo4jGraph(address_of(server))) as store:
        fill(store, columns)
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


def fill(store: Neo4jGraph, columns: GraphColumns) -> None:
    """Write the nodes and links as an import would have left them, without parts."""
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


def _switchings(store: Neo4jGraph, count: int = 100) -> float:
    with store.transaction(author="bench", message="") as transaction:
        transaction.put_document(document(), [part("S1", "Breaker")])
    begun = time.perf_counter()
    for at in range(count):
        opened = [part("S1", "", {"Switch.open": "true" if at % 2 else "false"})]
        with store.transaction(author="bench", message="") as transaction:
            transaction.put_parts("town", OPERATIONS_DOCUMENT, opened)
    return count / (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
