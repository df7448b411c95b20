"""Readings in and out of the embedded timeline, beside a plain SQLite table of one row a reading.

`python -m tests.performance.bench_timeline [METERS [DAYS]]`; both stores get the same batches in
the same process, each batch durable. The load is made up: a daily shape, households of different
size, noise in every interval, whole Wh, one interval in fifty missing.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from graph_service.adapters.sqlite_timeline import SqliteTimeline
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    Aggregate,
    ReadingColumns,
    SeriesKey,
    Window,
)
from graph_service.services.timelines import Timelines

FIRST_DAY = 20_000
KNOWN = (FIRST_DAY + 400) * MICROSECONDS_PER_DAY
ROWS_A_BATCH = 2_000
Batch = list[tuple[SeriesKey, ReadingColumns]]


def main() -> None:
    """Print the table."""
    meters, days = (
        int(argument) for argument in (sys.argv[1:] + ["1000", "28"][len(sys.argv[1:]) :])
    )
    print("## Timeline\n")
    print(f"{meters:,} meters, {days} days; every batch durable (`synchronous=FULL`).\n")
    print("| work | embedded timeline | plain table |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for a_day, name in ((96, "15 min"), (24, "hourly")):
            _ingest(Path(folder) / str(a_day), meters, days, a_day, name)
        _reads(Path(folder) / "96", meters, days)
        _live(Path(folder) / "96")


def _ingest(folder: Path, meters: int, days: int, a_day: int, name: str) -> None:
    batches = list(_batches(meters, days, a_day))
    values = sum(len(columns) for batch in batches for _, columns in batch)
    store, table = SqliteTimeline(folder), PlainTable(folder)
    seconds = [_appended(keep, batches) for keep in (store, table)]
    store.close()
    table.close()
    _row(f"bulk ingest, {name}", [f"{values / s / 1e6:.2f} M values/s" for s in seconds])
    sizes = [
        (folder / file).stat().st_size / values for file in ("timeline.sqlite", "plain.sqlite")
    ]
    _row(f"bytes per value, {name}", [f"{size:.2f}" for size in sizes])


def _appended(store: SqliteTimeline | PlainTable, batches: list[Batch]) -> float:
    return _seconds(lambda: [store.append(batch) for batch in batches])


def _reads(folder: Path, meters: int, days: int) -> None:
    store, table = SqliteTimeline(folder), PlainTable(folder)
    some = [_key(meter) for meter in range(0, meters, max(1, meters // 200))][:200]
    elements = [key.element for key in some]
    day, week = _window(days // 2, 1), _window(days // 2, 7)
    hour = 3_600_000_000
    _timed(
        f"{len(some)} meters x a day, hourly sum",
        lambda: store.aggregate(some, day, hour, Aggregate.SUM),
        lambda: table.hourly_sum(some, day),
    )
    asked = (elements, "ENERGY_IN", day, "PT1H")
    _timed("the same as a question to the service", lambda: Timelines(store).series_sum(*asked))
    _timed(
        "one meter x a week, raw",
        lambda: store.read(some[:1], week),
        lambda: table.read(some[0], week),
    )
    _timed("newest reading of 200 meters", lambda: store.last(some))
    store.close()
    table.close()


def _live(folder: Path) -> None:
    store = SqliteTimeline(folder)
    lines = 5_000
    after = (FIRST_DAY + 300) * MICROSECONDS_PER_DAY
    batches = [
        [(_key(meter), _columns(after + at * 900_000_000, [meter % 500])) for meter in range(lines)]
        for at in range(60)
    ]
    seconds = _seconds(lambda: [store.append(batch) for batch in batches])
    store.close()
    _row(
        "live batches of 5,000 lines", [f"{lines * len(batches) / seconds / 1e3:.0f} k lines/s", ""]
    )


# --- the peer ----------------------------------------------------------------------------------


class PlainTable:
    """What one writes first: a row a reading, keyed by series and time."""

    def __init__(self, folder: Path):
        self._db = sqlite3.connect(folder / "plain.sqlite", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS reading (series INTEGER, valid_us INTEGER, value REAL,"
            " quality INTEGER, known_us INTEGER, PRIMARY KEY (series, valid_us)) WITHOUT ROWID"
        )

    def append(self, batch: Batch) -> None:
        rows = (
            (int(key.element[-6:]), *row)
            for key, c in batch
            for row in zip(c.valid_us, c.values, c.quality, c.known_us, strict=True)
        )
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?, ?)", rows)
        self._db.execute("COMMIT")

    def hourly_sum(self, keys: list[SeriesKey], window: Window) -> list[Any]:
        marks = ",".join("?" * len(keys))
        return self._db.execute(
            "SELECT valid_us / 3600000000, sum(value), count(DISTINCT series) FROM reading"  # noqa: S608 - question marks
            f" WHERE series IN ({marks}) AND valid_us >= ? AND valid_us < ? GROUP BY 1",
            [*(int(key.element[-6:]) for key in keys), window.start_us, window.stop_us],
        ).fetchall()

    def read(self, key: SeriesKey, window: Window) -> list[Any]:
        return self._db.execute(
            "SELECT * FROM reading WHERE series = ? AND valid_us >= ? AND valid_us < ?",
            (int(key.element[-6:]), window.start_us, window.stop_us),
        ).fetchall()

    def close(self) -> None:
        self._db.close()


# --- the load ----------------------------------------------------------------------------------


def _batches(meters: int, days: int, a_day: int) -> Iterator[Batch]:
    chance = np.random.default_rng(1)
    sizes = chance.lognormal(0, 0.6, meters)
    hours = np.arange(a_day) * 24 / a_day
    shape = 1 + 0.7 * np.exp(-((hours - 7.5) ** 2) / 4) + 1.4 * np.exp(-((hours - 19) ** 2) / 8)
    batch: Batch = []
    for day in range(days):
        noise = chance.gamma(2, 0.5, (meters, a_day))
        load_wh = np.rint(sizes[:, None] * shape * noise * 6_000 / a_day)
        missing = chance.random((meters, a_day)) < 0.02
        for meter in range(meters):
            batch.append((_key(meter), _day(day, load_wh[meter], ~missing[meter])))
            if len(batch) == ROWS_A_BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def _day(day: int, load_wh: Any, present: Any) -> ReadingColumns:
    step = MICROSECONDS_PER_DAY // len(load_wh)
    times = (FIRST_DAY + day) * MICROSECONDS_PER_DAY + np.flatnonzero(present) * step
    columns = _columns(0, load_wh[present].tolist())
    columns.valid_us = array("q", times.tolist())
    return columns


def _columns(at_us: int, values: list[float]) -> ReadingColumns:
    count = len(values)
    times = array("q", [at_us] * count)
    return ReadingColumns(
        times, array("d", values), array("B", bytes(count)), array("q", [KNOWN]) * count
    )


def _key(meter: int) -> SeriesKey:
    return SeriesKey(f"town/usage-point-{meter:06}", "ENERGY_IN", "meter")


def _window(day: int, days: int) -> Window:
    start = (FIRST_DAY + day) * MICROSECONDS_PER_DAY
    return Window(start, start + days * MICROSECONDS_PER_DAY)


# --- the table ---------------------------------------------------------------------------------


def _timed(work: str, *ways: Callable[[], object]) -> None:
    cells = [f"{median(_seconds(way) for _ in range(30)) * 1e3:.2f} ms" for way in ways]
    _row(work, cells + [""] * (2 - len(cells)))


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _row(work: str, cells: list[str]) -> None:
    print(f"| {work} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
