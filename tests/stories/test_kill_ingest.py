"""The power fails while values come in over HTTP or from a file: what was acknowledged is there."""

from __future__ import annotations

import http.client
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from graph_service import bootstrap
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.timeline.store import FILE_NAME, SqliteTimeline
from graph_service.domain.readings import SeriesKey, Window
from graph_service.services.access import OPEN_CALLER
from graph_service.settings import Settings
from tests.building import document, part

PROGRAM = Path(sys.executable).with_name("gridstrata")
METERS = 40
SENDERS = 3
KILLS = 3
START_S = 1_767_225_600


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with some usage points."""
    folder = tmp_path / "data"
    graph = SqliteGraph(folder)
    with closing(graph), graph.transaction(author="test", message="import") as change:
        points = [part(f"up-{at}", "UsagePoint") for at in range(METERS)]
        change.put_document(document(), points)
    return folder


@contextmanager
def server(data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server and its address; killed at the end of the block."""
    command = [PROGRAM, "--data", data, "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[-1]
            yield process, address.removeprefix("http://").partition("/")[0]
        finally:
            process.kill()


def batch(number: int) -> bytes:
    """One value of every meter, the number of the batch as its minute."""
    at = START_S + 60 * number
    lines = (f"readings,element=up-{meter} P={number} {at}" for meter in range(METERS))
    return "\n".join(lines).encode()


def send(host: str, numbers: range) -> list[int]:
    """Send batches until the server is gone; gives those it acknowledged."""
    acknowledged = []
    connection = http.client.HTTPConnection(host, timeout=20)
    with closing(connection), suppress(OSError, http.client.HTTPException):
        for number in numbers:
            connection.request("POST", "/api/v2/write?bucket=town&precision=s", batch(number))
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 204
            acknowledged.append(number)
    return acknowledged


def acknowledged_before_kill(data: Path, first: int, seed: int) -> list[int]:
    chance = random.Random(seed)  # noqa: S311 - no secret depends on it
    with server(data) as (process, host), ThreadPoolExecutor(SENDERS) as pool:
        every = range(first, first + 3_000)
        sent = [pool.submit(send, host, every[at::SENDERS]) for at in range(SENDERS)]
        time.sleep(chance.uniform(0.3, 0.6))
        process.kill()
        return sorted(number for future in sent for number in future.result())


def batches_in(data: Path) -> dict[int, int]:
    """batch → how many of its values the store has"""
    keys = [SeriesKey(f"town/up-{meter}", "P", "meter") for meter in range(METERS)]
    found: dict[int, int] = {}
    with closing(SqliteTimeline(data)) as store:
        for columns in store.read(keys, Window(0, 2**55)):
            for us, value in zip(columns.valid_us, columns.values, strict=True):
                assert us == (START_S + 60 * int(value)) * 1_000_000
                found[int(value)] = found.get(int(value), 0) + 1
    return found


def is_intact(data: Path) -> bool:
    with closing(sqlite3.connect(data / FILE_NAME)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_kill__of_the_server_loses_no_acknowledged_batch_and_halves_none(data: Path) -> None:
    acknowledged: list[int] = []
    for round_ in range(KILLS):
        acknowledged += acknowledged_before_kill(data, round_ * 3_000, round_)
        kept = batches_in(data)
        assert set(acknowledged) <= kept.keys()
        assert set(kept.values()) == {METERS}
        assert is_intact(data)
    assert len(acknowledged) > KILLS


def test_kill__batches_sent_again_afterwards_are_there_once(data: Path) -> None:
    acknowledged_before_kill(data, 0, 1)
    with server(data) as (_, host):
        assert send(host, range(20)) == list(range(20))
    kept = batches_in(data)
    assert {number: kept[number] for number in range(20)} == dict.fromkeys(range(20), METERS)


def test_kill__of_a_file_being_read_is_gone_on_with_by_the_next_run(data: Path) -> None:
    file = data.parent / "week.csv"
    rows = [f"up-{at % METERS},P,{stamp(at)},{at}" for at in range(400_000)]
    file.write_text("element,quantity,time,value\n" + "\n".join(rows))
    with subprocess.Popen([PROGRAM, "--data", data, "ingest", file]) as process:
        while process.poll() is None and not offsets(data):
            time.sleep(0.02)
        process.kill()
    with bootstrap.open_services(Settings(data=data)) as house:
        report = house.intake.load(file, OPEN_CALLER, "town")
        assert report.resumed_at > 0
        assert report.rows < len(rows)
        assert house.timelines.counts() == (METERS, len(rows))


def stamp(at: int) -> str:
    minute, hour, day = at // METERS % 60, at // METERS // 60 % 24, at // METERS // 1440 + 1
    return f"2026-01-{day:02}T{hour:02}:{minute:02}:00Z"


def offsets(data: Path) -> int:
    """How many notes of progress there are."""
    try:
        with closing(sqlite3.connect(data / "records.sqlite")) as connection:
            asked = "SELECT count(*) FROM records WHERE collection = 'ingest_offsets'"
            return int(connection.execute(asked).fetchone()[0])
    except sqlite3.Error:
        return 0
