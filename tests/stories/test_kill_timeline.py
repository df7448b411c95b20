"""The power fails while readings come in: what was acknowledged is there, the rest whole or not."""

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from graph_service.adapters.sqlite.timeline.store import FILE_NAME, SqliteTimeline
from graph_service.domain.events import EventFilter
from graph_service.domain.readings import MICROSECONDS_PER_DAY, Aggregate, Window
from tests.stories.timeline_writer import EVENTS, METERS, batch, events, values_a_meter

ROOT = Path(__file__).parents[2]
KILLS = 20


@contextmanager
def writer(folder: Path, *bounds: int) -> Iterator[subprocess.Popen[str]]:
    """Another process that writes batches; killed at the end of the block."""
    command = [sys.executable, "-m", "tests.stories.timeline_writer", str(folder)]
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
        lines = [process.stdout.readline() for _ in range(chance.randint(1, 9))]
        time.sleep(chance.uniform(0, 0.02))
        process.kill()
        lines += process.stdout.readlines()
    return [int(line) for line in lines]


def values_by_batch(store: SqliteTimeline, batches: int) -> list[int]:
    """How many values of each batch the store has, all in one state."""
    window = Window(0, batches * MICROSECONDS_PER_DAY)
    [columns] = store.aggregate(METERS, window, MICROSECONDS_PER_DAY, Aggregate.COUNT)
    return [int(counted) if counted == counted else 0 for counted in columns.values]


def readings_by_batch(store: SqliteTimeline, batches: int) -> list[int]:
    """The same from the readings themselves, which are aggregated on the way in."""
    counts = [0] * batches
    for columns in store.read(METERS, Window(0, batches * MICROSECONDS_PER_DAY)):
        for valid_us in columns.valid_us:
            counts[valid_us // MICROSECONDS_PER_DAY] += 1
    return counts


def events_by_batch(store: SqliteTimeline, batches: int) -> list[int]:
    """How many events of each batch the store has, each found by its subjects."""
    wanted = EventFilter(subjects=frozenset(meter.element for meter in METERS))
    counts = [0] * batches
    for event in store.events(wanted, Window(0, batches * MICROSECONDS_PER_DAY), 100_000):
        counts[event.start_us // MICROSECONDS_PER_DAY] += 1
    return counts


def expected(number: int) -> int:
    return len(METERS) * values_a_meter(number)


def is_intact(folder: Path) -> bool:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_kill__twenty_times_while_writing_loses_no_acknowledged_batch(tmp_path):
    next_batch = 0
    for round_ in range(KILLS):
        acknowledged = acknowledged_before_kill(tmp_path, next_batch, round_)
        next_batch = acknowledged[-1] + 1
        with closing(SqliteTimeline(tmp_path)) as store:
            *kept, begun = values_by_batch(store, next_batch + 1)
            assert readings_by_batch(store, next_batch + 1) == [*kept, begun]
            *events_kept, events_begun = events_by_batch(store, next_batch + 1)
        assert kept == [expected(number) for number in range(next_batch)]
        assert begun in (0, expected(next_batch))
        assert events_kept == [EVENTS] * next_batch
        assert events_begun in ((0, EVENTS) if begun else (0,))
        assert is_intact(tmp_path)


def test_kill__a_batch_sent_again_afterwards_is_there_once(tmp_path):
    acknowledged = acknowledged_before_kill(tmp_path, 0, 1)
    with closing(SqliteTimeline(tmp_path)) as store:
        for number in range(acknowledged[-1] + 2):
            store.append(batch(number))
            store.append_events(events(number))
        batches = acknowledged[-1] + 2
        assert values_by_batch(store, batches) == [expected(at) for at in range(batches)]
        assert store.counts() == (len(METERS), sum(map(expected, range(batches))))
        assert events_by_batch(store, batches) == [EVENTS] * batches


def test_reading__goes_on_and_sees_whole_batches_while_another_process_writes(tmp_path):
    with closing(SqliteTimeline(tmp_path)) as store, writer(tmp_path, 0, 40) as process:
        seen = [values_by_batch(store, 40)]
        while process.poll() is None:
            seen.append(values_by_batch(store, 40))
        seen.append(values_by_batch(store, 40))
    assert all(counted in (0, expected(at)) for counts in seen for at, counted in enumerate(counts))
    assert seen == sorted(seen)
    assert seen[-1] == [expected(at) for at in range(40)]


def test_reading__does_not_wait_for_a_writer_that_holds_its_transaction(tmp_path):
    with closing(SqliteTimeline(tmp_path)) as store:
        store.append(batch(0))
        with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("DELETE FROM chunk")
            assert values_by_batch(store, 1) == [expected(0)]
            other.execute("ROLLBACK")


def test_writing__of_two_processes_takes_turns_from_the_first_moment(tmp_path):
    with writer(tmp_path, 0, 20) as one, writer(tmp_path, 20, 40) as two:
        assert (one.wait(60), two.wait(60)) == (0, 0)
    with closing(SqliteTimeline(tmp_path)) as store:
        assert values_by_batch(store, 40) == [expected(at) for at in range(40)]


def test_opening__file_whose_maker_was_killed_before_it_had_tables(tmp_path):
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    with closing(SqliteTimeline(tmp_path)) as store:
        assert store.append(batch(0)).stored == expected(0)
