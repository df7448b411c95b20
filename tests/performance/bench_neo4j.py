"""Imports into Neo4j, one statement an object beside them; prints a Markdown table.

The server is one of our own on the same machine. An import is measured after two others, when Java
has compiled what is called often; the first one is shown beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Final, NamedTuple

from cim_import.exchange import CimExchange
from graph_service.adapters.neo4j.graph import Neo4jGraph
from graph_service.adapters.neo4j.labels import labels_of
from graph_service.adapters.neo4j.queries import Queries
from graph_service.domain.access import EVERYTHING
from graph_service.domain.elements import Element
from tests.models import model
from tests.servers.influxdb_build import NoServer
from tests.servers.neo4j_emptied import address_of, empty
from tests.servers.neo4j_server import MUCH_WRITTEN, PrivateServer

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
    show("An import into Neo4j", import_rows)


def show(title: str, measure: Callable[[PrivateServer], Iterator[Row]]) -> None:
    """Print what is measured on a server of our own, or why there is none."""
    print(f"## {title}\n")
    try:
        server = PrivateServer(heap="4g", options=MUCH_WRITTEN)
        server.start()
    except NoServer as reason:
        print(f"Not measured: {reason}")
        return
    print(
        "Neo4j Community on the same machine, 4 GB of heap, Java's parallel collector; driver with"
        " `neo4j-rust-ext`.\n"
    )
    print("| work | measured | wanted |\n|---|---|---|")
    try:
        for row in measure(server):
            print(f"| {row.work} | {row.measured} | {row.wanted} |", flush=True)
    finally:
        server.remove()


def import_rows(server: PrivateServer) -> Iterator[Row]:
    """A file to a committed graph, several times; and one statement an object."""
    took = [_import(server) for _ in range(IMPORTS)]
    objects = took[0][1]
    best = min(seconds for seconds, _ in took[2:])
    yield Row("`ieee8500`, file to committed, server just started", _rate(objects, took[0][0]))
    yield Row(
        "the same, server warm, best of three", _rate(objects, best), "8,000 objects a second"
    )
    alone = _one_by_one(server)
    yield Row(
        "one statement an object and a link, one transaction", f"{alone:,.0f} objects a second"
    )
    yield Row("an import beside that", f"{objects / best / alone:.1f} times as fast", "5")


def _import(server: PrivateServer) -> tuple[float, int]:
    empty(server)
    with closing(Neo4jGraph(address_of(server))) as store:
        begun = time.perf_counter()
        report = CimExchange().take([model(MODEL)], store)
        return time.perf_counter() - begun, report.objects


def _one_by_one(server: PrivateServer) -> float:
    """Objects a second, with their links, as a script would write them; the better of two."""
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
    return max(_written(server, elements, links) for _ in range(2))


def _written(
    server: PrivateServer, elements: Sequence[Element], links: Sequence[tuple[int, str, int]]
) -> float:
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


def _rate(objects: int, seconds: float) -> str:
    return f"{seconds:.1f} s, {objects / seconds:,.0f} objects a second"


if __name__ == "__main__":
    main()
