"""Ingest: live batches of 5,000 lines over HTTP, acknowledged durable, and files; prints a table.

A server of its own takes the batches of Telegraf-like clients on loopback; 10,000 meters report a
quarter of an hour at a time. The peer is the store alone, without HTTP, parsing and elements.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
from array import array
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from time import perf_counter

from graph_service import bootstrap
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.readings import ReadingColumns, SeriesKey
from graph_service.domain.statements import Document
from graph_service.services.access import OPEN_CALLER
from graph_service.services.formats.line_protocol import LineReader
from graph_service.services.formats.mapping import DEFAULT
from graph_service.settings import Settings
from tests.building import part
from tests.performance.bench_api import wait_for

METERS = 10_000
LINES = 5_000
BATCHES = 80
PORT = 8733
START_US = 1_767_225_600_000_000
QUARTER_US = 900_000_000
SENDERS = (1, 4)


def main() -> None:
    """Measure and print."""
    print("## Ingest\n")
    print("| work | goal | lines/s or values/s |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for senders in SENDERS:
            speed = over_http(folder / f"http{senders}", senders)
            row(f"live batches of 5,000 lines over HTTP, {senders} at a time", speed, "≥ 60,000")
        row("the same values into the store alone", store_alone(folder / "alone"))
        row("the same lines only parsed", parsed())
        row("a file of wide CSV, a week of 2,000 meters", from_file(folder / "file"))


def row(work: str, speed: float, goal: str = "") -> None:
    print(f"| {work} | {goal} | {speed:,.0f} |")


def over_http(data: Path, senders: int) -> float:
    """Lines a second, each batch acknowledged before its sender goes on."""
    make_town(data)
    command = [str(Path(sys.executable).with_name("gridstrata")), "--data", str(data)]
    server = subprocess.Popen([*command, "serve", "--port", str(PORT)], stdout=subprocess.DEVNULL)
    bodies = [body(at) for at in range(BATCHES)]
    try:
        wait_for(PORT)
        for warm in range(4):
            send(connect(), [body(warm - 4)])
        begin = perf_counter()
        with ThreadPoolExecutor(senders) as pool:
            parts = [bodies[at::senders] for at in range(senders)]
            list(pool.map(lambda part: send(connect(), part), parts))
        return BATCHES * LINES / (perf_counter() - begin)
    finally:
        server.terminate()
        server.wait()


def connect() -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", PORT)


def send(connection: http.client.HTTPConnection, bodies: list[bytes]) -> None:
    for lines in bodies:
        connection.request("POST", "/api/v2/write?bucket=town&precision=us", lines)
        answer = connection.getresponse()
        assert answer.status == 204, answer.read()
        answer.read()


def body(number: int) -> bytes:
    """A quarter of an hour of half of the meters."""
    first = number % 2 * LINES
    us = START_US + number // 2 * QUARTER_US
    return b"\n".join(
        b"readings,element=%s,source=meter ENERGY_IN=%d.5 %d" % (mrid(at), at + number, us)
        for at in range(first, first + LINES)
    )


def mrid(at: int) -> bytes:
    return b"up-%032x" % at


def make_town(data: Path) -> None:
    graph = SqliteGraph(data)
    with closing(graph), graph.transaction(author="bench", message="town") as change:
        points = (part(mrid(at).decode(), "UsagePoint") for at in range(METERS))
        change.put_document(Document("town", "town.xml"), points)


def store_alone(data: Path) -> float:
    keys = [SeriesKey(f"town/{mrid(at).decode()}", "ENERGY_IN", "meter") for at in range(METERS)]
    with closing(SqliteTimeline(data)) as store:
        begin = perf_counter()
        for number in range(BATCHES):
            first = number % 2 * LINES
            us = array("q", [START_US + number // 2 * QUARTER_US])
            values = ((key, array("d", [at + number])) for at, key in enumerate(keys))
            some = [(key, ReadingColumns(us, one, array("B", [0]), us)) for key, one in values]
            store.append(some[first : first + LINES])
        return BATCHES * LINES / (perf_counter() - begin)


def parsed() -> float:
    reader = LineReader(DEFAULT, "town")
    bodies = [body(at) for at in range(BATCHES)]
    begin = perf_counter()
    for lines in bodies:
        reader.read(lines, "us", START_US + 400 * QUARTER_US)
    return BATCHES * LINES / (perf_counter() - begin)


def from_file(data: Path) -> float:
    make_town(data)
    file = data / "week.csv"
    with file.open("w") as out:
        out.write("usage_point,quantity,source,start,resolution,values\n")
        for day in range(7):
            for at in range(2_000):
                values = ",".join(str(100 + (at * slot) % 37) for slot in range(96))
                start = f"2026-01-{day + 5:02}T00:00:00Z"
                out.write(f"{mrid(at).decode()},ENERGY_IN,meter,{start},PT15M,{values}\n")
    with bootstrap.open_services(Settings(data=data)) as house:
        report = house.intake.load(file, OPEN_CALLER, "town")
        assert report.stored == 7 * 2_000 * 96
        return report.stored / report.seconds


if __name__ == "__main__":
    main()
