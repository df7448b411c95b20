"""The graph store: an import, then a million elements: scan, look-up, paging, commits.

Prints Markdown. The import is the command of the command line, from the file as it was delivered;
the million elements and 1.2 million links of `bench_traces` are written straight into the tables;
commits are switchings through the port, each durable when it returns.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path

from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.domain import tables
from graph_service.domain.access import EVERYTHING
from graph_service.domain.columns import GraphColumns
from graph_service.domain.filters import ElementFilter, ElementOrder, PageRequest
from graph_service.domain.switching import OPERATIONS_DOCUMENT
from graph_service.topology.projection import Projection
from tests.building import document, part
from tests.models import model
from tests.performance.bench_traces import million, timed


def main() -> None:
    """Measure and print."""
    print("## The embedded graph store\n")
    print_import()
    columns, _ = million()
    with tempfile.TemporaryDirectory() as folder, closing(SqliteGraph(Path(folder))) as store:
        fill(store, columns)
        del columns
        rows = [*scan_rows(store), *read_rows(store), *write_rows(store)]
        size_mb = (Path(folder) / "graph.sqlite").stat().st_size / 1e6
    print(f"1,000,000 elements with name and one property, 1,200,000 links, {size_mb:,.0f} MB.\n")
    print("| work | GridStrata |\n|---|---|")
    for work, figure in rows:
        print(f"| {work} | {figure} |")


def print_import() -> None:
    """IEEE 8500, 33 MB and 375,000 statements, from the file to the committed store."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["--data", folder, "import", str(model("gridappsd_ieee8500_opendss"))]
        command = [sys.executable, "-c", "from graph_service.cli import main; main()", *words]
        seconds, _ = timed(partial(subprocess.run, command, check=True, capture_output=True), 1)
    peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print("| work | goal | seconds | peak RSS MB |\n|---|---|---:|---:|")
    print(f"| IEEE 8500 to committed store | ≤ 12 s, ≤ 400 MB | {seconds:.1f} | {peak_mb:.0f} |\n")


def fill(store: SqliteGraph, columns: GraphColumns) -> None:
    """Write the derived tables as an import would have left them, without parts."""
    words = ["", *columns.kind_names, *columns.link_names]
    first_link = 1 + len(columns.kind_names)
    kinds = [1 + kind for kind in columns.kinds]
    layers = [1 if tables.layer_of(kind) else 0 for kind in columns.kind_names]
    with store._file.writing() as connection:
        write = connection.executemany
        write("INSERT OR IGNORE INTO vocabulary VALUES (?, ?)", enumerate(words))
        connection.execute("INSERT INTO model_sets VALUES (1, 'town')")
        connection.execute("INSERT INTO revisions VALUES (1, '2026-01-01', '', '', '{}', NULL)")
        write("INSERT INTO subjects VALUES (?, 1, ?)", ((n, mrid(n)) for n in columns.numbers))
        write(
            "INSERT INTO elements VALUES (?, 1, ?, ?, ?, 0)",
            zip(
                columns.numbers, kinds, (layers[k - 1] for k in kinds), columns.states, strict=True
            ),
        )
        write(
            "INSERT INTO descriptions VALUES (?, ?, ?, '[\"Element\"]', ?)",
            ((n, f"Name {n}", f"name {n}", f'{{"Conductor.length":"{n}.0"}}')
             for n in columns.numbers),
        )  # fmt: skip
        write(
            "INSERT OR IGNORE INTO links VALUES (?, ?, ?)",
            sorted(
                (source, first_link + name, target)
                for source, name, target in zip(
                    columns.sources, columns.names, columns.targets, strict=True
                )
            ),
        )


def mrid(number: int) -> str:
    """Something like a UUID, in order of number."""
    return f"{number:08x}-0000-4000-8000-{number:012x}"


def scan_rows(store: SqliteGraph) -> list[tuple[str, str]]:
    """The whole graph into memory."""
    scan_s, columns = timed(store.scan, 3)
    build_s, _ = timed(lambda: Projection.build(columns), 3)
    return [
        ("scan into columns", f"{scan_s:.2f} s"),
        ("projection from the store (scan and build)", f"{scan_s + build_s:.2f} s"),
    ]


def read_rows(store: SqliteGraph) -> list[tuple[str, str]]:
    """Single questions."""
    numbers = [1 + at * 7919 % 1_000_000 for at in range(1000)]
    mrids = [mrid(number) for number in numbers]
    # a thousand look-ups: seconds for all are milliseconds for one
    by_mrid_ms, _ = timed(lambda: [store.by_mrid([one], EVERYTHING) for one in mrids], 3)
    batch_s, _ = timed(lambda: store.elements(numbers, EVERYTHING), 5)
    near_s, _ = timed(lambda: store.neighbours(numbers[:100], EVERYTHING), 5)
    breakers = ElementFilter(kinds=frozenset({"Breaker"}))
    by_name = PageRequest(100, ("name 5", 0), ElementOrder.NAME)
    page_s, _ = timed(lambda: store.find(breakers, PageRequest(100), EVERYTHING), 5)
    name_s, _ = timed(lambda: store.find(ElementFilter(), by_name, EVERYTHING), 5)
    text = ElementFilter(text="NAME 77777")
    text_s, _ = timed(lambda: store.find(text, PageRequest(50), EVERYTHING), 3)
    kinds_s, _ = timed(lambda: store.count_by_kind(ElementFilter(), EVERYTHING), 3)
    return [
        ("element by mRID", f"{by_mrid_ms:.3f} ms"),
        ("1,000 elements by number, one call", f"{batch_s * 1e3:.1f} ms"),
        ("neighbours of 100 elements, one call", f"{near_s * 1e3:.1f} ms"),
        ("page of 100 breakers", f"{page_s * 1e3:.1f} ms"),
        ("page of 100 in order of name, from the middle", f"{name_s * 1e3:.1f} ms"),
        ("search for text in all names and mRIDs", f"{text_s * 1e3:.0f} ms"),
        ("count all by kind", f"{kinds_s * 1e3:.0f} ms"),
    ]


def write_rows(store: SqliteGraph) -> list[tuple[str, str]]:
    """Switchings, each a durable revision."""
    commits = 200
    switches = [f"new-{at}" for at in range(commits)]
    with store.transaction(author="bench", message="") as transaction:
        transaction.put_document(document(), [part(one, "Breaker") for one in switches])

    def switch(at: int) -> None:
        opened = [part(switches[at], "", {"Switch.open": "true"})]
        with store.transaction(author="bench", message="") as transaction:
            transaction.put_parts("town", OPERATIONS_DOCUMENT, opened)

    took_s, _ = timed(lambda: list(map(switch, range(commits))), 1)
    return [("durable switchings, one revision each", f"{commits / took_s:,.0f} a second")]


if __name__ == "__main__":
    main()
