"""Reading CIM RDF/XML and merging it by mRID, beside cimpy, CIM-Graph and rdflib; prints Markdown.

Every tool has a process of its own: the files are read into the tool's own form and everything
about an element is brought together under its mRID. The best of five runs counts, in CPU seconds,
because the machine may be shared. Where a peer dies, the table says of what.

`python -m tests.performance.bench_reading` prints the table; the models come from
GRIDSTRATA_CIM_MODELS.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections import ChainMap
from collections.abc import Callable, Sized
from dataclasses import dataclass, replace
from pathlib import Path

from cim_import.gathered import PlainRow
from cim_import.reading import Reading, read_document
from tests import oracle
from tests.models import model

MODELS = ("cgmes2_simbench_hvmv", "gridappsd_ieee8500_opendss")
TIMEOUT_S = 600
RUNS = 5
SLOW_S = 10
GOALS = {"cimpy": 4, "CIM-Graph": 12, "rdflib": 20}


@dataclass(frozen=True)
class Row:
    """One tool on one model; `failure` says why there is no time."""

    model: str
    tool: str
    megabytes: float
    statements: int
    seconds: float = 0.0
    objects: int = 0
    peak_mb: float = 0.0
    failure: str = ""


def main() -> list[Row]:
    """Measure all and print the table; gives the rows."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in MODELS:
            files, statements = unpacked(name, Path(folder))
            rows += [measured(name, tool, files, statements) for tool in TOOLS]
    print(report(rows))
    return rows


def unpacked(name: str, folder: Path) -> tuple[list[Path], int]:
    """Write the files of a model out, so that nobody pays for inflating; count statements."""
    files, statements = [], 0
    for number, (_, data) in enumerate(oracle.delivered(model(name))):
        path = folder / f"{name}_{number}.xml"
        path.write_bytes(data)
        files.append(path)
        statements += len(oracle.facts(data)[0])
    return files, statements


def measured(name: str, tool: str, files: list[Path], statements: int) -> Row:
    """Run one tool in a process of its own."""
    row = Row(name, tool, sum(f.stat().st_size for f in files) / 1e6, statements)
    command = [sys.executable, "-m", "tests.performance.bench_reading", tool, *map(str, files)]
    limits = {"timeout": TIMEOUT_S, "check": False}
    try:
        done = subprocess.run(command, capture_output=True, text=True, **limits)
    except subprocess.TimeoutExpired:
        return replace(row, failure=f"not done after {TIMEOUT_S} s")
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return replace(row, failure=f"died: {last[:70]}")
    return replace(row, **json.loads(done.stdout.strip().splitlines()[-1]))


def report(rows: list[Row]) -> str:
    """The rows as a Markdown section."""
    lines = [
        "## Reading CIM files and merging them by mRID",
        "",
        "Files on disk into the tool's own form, all that the files of a model state about an",
        "element together under its mRID. CPU seconds,",
        f"best of {RUNS} runs (of one above {SLOW_S} s).",
        "",
        "| model | tool | MB/s | statements/s | s | objects | peak RSS MB | slower than ours |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    ours: dict[str, Row] = {}
    for row in rows:
        ours.setdefault(row.model, row)
        lines.append(line(row, ours[row.model]))
    both = list(ours.values())
    speed = sum(row.megabytes for row in both) / sum(row.seconds for row in both)
    goals = ", ".join(f"{times} x {tool}" for tool, times in GOALS.items())
    lines += ["", f"Ours on all: {speed:.1f} MB/s. Wanted: 50 MB/s and {goals}.", ""]
    return "\n".join(lines)


def line(row: Row, ours: Row) -> str:
    if row.failure:
        return f"| {row.model} | {row.tool} | | | | | | {row.failure} |"
    factor = "" if row is ours else f"{row.seconds / ours.seconds:.1f} x"
    return (
        f"| {row.model} | {row.tool} | {row.megabytes / row.seconds:.1f} "
        f"| {row.statements / row.seconds:,.0f} | {row.seconds:.3f} | {row.objects:,} "
        f"| {row.peak_mb:.0f} | {factor} |"
    )


# --- the tools -------------------------------------------------------------------------------


def with_gridstrata(files: list[Path]) -> Sized:
    def read(path: Path) -> Reading:
        return read_document(lambda: path.open("rb"), path.name)

    return merged(list(map(read, files)))


class Merged(dict[str, "int | tuple[int, ...]"]):
    """mRID -> places of all that the documents state about the element."""

    def __init__(self, readings: list[Reading]):
        super().__init__()
        self.readings = readings
        self.rows: list[PlainRow] = []


def merged(readings: list[Reading]) -> Merged:
    """Bring together under its mRID all that the documents state about an element."""
    found = Merged(readings)
    for reading in readings:
        first = len(found.rows)
        found.rows += reading.parts.rows
        for place, row in enumerate(reading.parts.rows, first):
            known = found.setdefault(row[0], place)
            if known is not place:
                found[row[0]] = (*known, place) if isinstance(known, tuple) else (known, place)
    return found


def with_cimpy(files: list[Path]) -> Sized:
    import cimpy

    return cimpy.cim_import(list(map(str, files)), "cgmes_v2_4_15")["topology"]


def with_cim_graph(files: list[Path]) -> Sized:
    os.environ |= {
        "CIMG_CIM_PROFILE": "cimhub_2023",
        "CIMG_NAMESPACE": "http://iec.ch/TC57/CIM100#",
    }
    if b"CIM-schema-cim16" in files[0].read_bytes()[:2000]:
        os.environ |= {
            "CIMG_CIM_PROFILE": "cim16v33",
            "CIMG_NAMESPACE": "http://iec.ch/TC57/2013/CIM-schema-cim16#",
        }
    from cimgraph.databases import XMLFile

    graph = XMLFile(filename=list(map(str, files))).create_new_graph(None)
    return ChainMap(*graph.values())


def with_rdflib(files: list[Path]) -> Sized:
    import rdflib

    graph = rdflib.Graph()
    for path in files:
        graph.parse(path, format="xml")
    return graph


TOOLS: dict[str, Callable[[list[Path]], Sized]] = {
    "GridStrata": with_gridstrata,
    "cimpy": with_cimpy,
    "CIM-Graph": with_cim_graph,
    "rdflib": with_rdflib,
}


def measure(tool: str, files: list[Path]) -> None:
    """Measure one tool in this process and print what was found as JSON."""
    warnings.simplefilter("ignore")
    best = float("inf")
    for _ in range(RUNS):
        gc.collect()
        begun = time.process_time()
        held = TOOLS[tool](files)
        best = min(best, time.process_time() - begun)
        objects = len(set(held.subjects())) if tool == "rdflib" else len(held)
        del held
        if best > SLOW_S:
            break
    print(json.dumps({"seconds": best, "objects": objects, "peak_mb": peak_mb()}))


def peak_mb() -> float:
    """The most memory this process ever held; ru_maxrss would count the parent's too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1], list(map(Path, sys.argv[2:])))
    else:
        main()
