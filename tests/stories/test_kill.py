"""The power fails while models come in: what was acknowledged is there, the rest whole or not."""

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import StoreBusy
from graph_service.domain.filters import ElementFilter, PageRequest
from tests.building import document, part
from tests.stories.graph_writer import delivery, size

ROOT = Path(__file__).parents[2]
KILLS = 20


@contextmanager
def writer(folder: Path, *bounds: int) -> Iterator[subprocess.Popen[str]]:
    """Another process that imports; killed at the end of the block."""
    command = [sys.executable, "-m", "tests.stories.graph_writer", str(folder)]
    with subprocess.Popen(
        [*command, *map(str, bounds)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def acknowledged_before_kill(folder: Path, first: int, seed: int) -> list[int]:
    chance = random.Random(seed)  # noqa: S311 - no secret depends on it
    with writer(folder, first) as process:
        lines = [process.stdout.readline() for _ in range(chance.randint(1, 4))]
        time.sleep(chance.uniform(0, 0.05))
        process.kill()
        lines += process.stdout.readlines()
    return [int(line) for line in lines]


def delivery_in(store: SqliteGraph) -> int:
    """The number of the delivery that the store shows; it must be whole."""
    columns = store.scan()
    page = store.find(ElementFilter(), PageRequest(1), EVERYTHING)
    number = int(page.elements[0].name)
    assert len(columns.sources) == size(number)
    assert len(columns.numbers) == size(number) + 1
    return number


def is_intact(folder: Path) -> bool:
    with closing(sqlite3.connect(folder / "graph.sqlite")) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_kill__twenty_times_while_importing_loses_no_acknowledged_delivery(tmp_path):
    following = 1
    for round_ in range(KILLS):
        acknowledged = acknowledged_before_kill(tmp_path, following, round_)
        with closing(SqliteGraph(tmp_path)) as store:
            shown = delivery_in(store)
            assert shown in (acknowledged[-1], acknowledged[-1] + 1)
            assert store.revision() == shown
            parts = {p.mrid: p for p in store.parts("town", "EQ.xml")}
            assert parts == {p.mrid: p for p in delivery(shown)}
        assert is_intact(tmp_path)
        following = shown + 1


def test_kill__history_can_be_undone_afterwards(tmp_path):
    acknowledged_before_kill(tmp_path, 1, 1)
    with closing(SqliteGraph(tmp_path)) as store:
        before = delivery_in(store)
        store.undo(before, author="anna")
        assert delivery_in(store) == before - 1


def test_reading__goes_on_and_sees_whole_deliveries_while_another_process_writes(tmp_path):
    with closing(SqliteGraph(tmp_path)) as store, writer(tmp_path, 1, 13) as process:
        process.stdout.readline()
        seen = [_whole_scan(store)]
        while process.poll() is None:
            seen.append(_whole_scan(store))
        seen.append(_whole_scan(store))
    assert seen == sorted(seen)
    assert seen[-1] == 12
    assert len(set(seen)) > 2


def test_writing__of_two_processes_takes_turns_from_the_first_moment(tmp_path):
    with writer(tmp_path, 1, 7) as one, writer(tmp_path, 101, 107) as two:
        assert (one.wait(60), two.wait(60)) == (0, 0)
    with closing(SqliteGraph(tmp_path)) as store:
        assert store.revision() == 12
        assert delivery_in(store) in (6, 106)


def test_writing__gives_up_with_busy_while_another_holds_the_store(tmp_path):
    with (
        closing(SqliteGraph(tmp_path)) as one,
        closing(SqliteGraph(tmp_path, patience_s=0.05)) as two,
        one.transaction(author="anna", message="") as transaction,
    ):
        transaction.put_document(document(), [part("S1", "Breaker")])
        with pytest.raises(StoreBusy), two.transaction(author="olaf", message=""):
            pass
        assert two.revision() == 0


def _whole_scan(store: SqliteGraph) -> int:
    columns = store.scan()
    assert len(columns.numbers) == size(columns.revision) + 1 == len(columns.sources) + 1
    return columns.revision
