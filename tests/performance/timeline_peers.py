"""What one would use instead of the embedded timeline, given the same batches.

A SQLite table of a row a reading, which is what one writes first; and Parquet files (one for each
batch, sorted by series and time, zstd) asked with DuckDB, which is what data engineers write.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sqlite3
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from graph_service.domain.readings import SeriesKey, Window
from tests.performance.timeline_load import Batch


class Peer(Protocol):
    """A store of readings."""

    name: str

    def append(self, batch: Batch) -> object: ...

    def hourly_sum(self, keys: list[SeriesKey], window: Window) -> list[Any]: ...

    def read(self, key: SeriesKey, window: Window) -> object: ...

    def size(self) -> int: ...

    def close(self) -> None: ...


def peers(folder: Path) -> list[Peer]:
    """Those that run here."""
    found: list[Peer] = [PlainTable(folder)]
    if all(importlib.util.find_spec(name) for name in ("duckdb", "pyarrow")):
        found.append(ParquetFiles(folder))
    return found


class PlainTable:
    """A row a reading, keyed by series and time."""

    name = "plain SQLite table"

    def __init__(self, folder: Path):
        self._path = folder / "plain.sqlite"
        self._db = sqlite3.connect(self._path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS reading (series INTEGER, valid_us INTEGER, value REAL,"
            " quality INTEGER, known_us INTEGER, PRIMARY KEY (series, valid_us)) WITHOUT ROWID"
        )

    def append(self, batch: Batch) -> None:
        rows = (
            (_number(key), *row)
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
            [*map(_number, keys), window.start_us, window.stop_us],
        ).fetchall()

    def read(self, key: SeriesKey, window: Window) -> object:
        return self._db.execute(
            "SELECT * FROM reading WHERE series = ? AND valid_us >= ? AND valid_us < ?",
            (_number(key), window.start_us, window.stop_us),
        ).fetchall()

    def size(self) -> int:
        return self._path.stat().st_size

    def close(self) -> None:
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()


class ParquetFiles:
    """A Parquet file a batch; late and corrected values are not looked after."""

    name = "DuckDB on Parquet"

    def __init__(self, folder: Path):
        self._folder = folder / "parquet"
        self._folder.mkdir(exist_ok=True)
        self._arrow = importlib.import_module("pyarrow")
        self._parquet = importlib.import_module("pyarrow.parquet")
        self._db = importlib.import_module("duckdb").connect()
        self._next = 0

    def append(self, batch: Batch) -> None:
        counts = [len(columns) for _, columns in batch]
        numbers = np.array([_number(key) for key, _ in batch], np.int32)
        flat = {"series": np.repeat(numbers, counts)}
        names = ("valid_us", "values", "quality", "known_us")
        for name, kind in zip(names, (np.int64, np.float64, np.uint8, np.int64), strict=True):
            flat[name] = np.frombuffer(b"".join(getattr(c, name) for _, c in batch), kind)
        path = self._folder / f"{self._next:06}.parquet"
        self._next += 1
        self._parquet.write_table(self._arrow.table(flat), path, compression="zstd")
        with path.open("rb") as file:
            os.fsync(file.fileno())

    def hourly_sum(self, keys: list[SeriesKey], window: Window) -> list[Any]:
        return self._asked(
            "SELECT valid_us // 3600000000, sum(values), count(DISTINCT series)",
            [_number(key) for key in keys],
            window,
            "GROUP BY 1 ORDER BY 1",
        ).fetchall()

    def read(self, key: SeriesKey, window: Window) -> object:
        return self._asked("SELECT *", [_number(key)], window, "ORDER BY valid_us").fetchnumpy()

    def _asked(self, columns: str, numbers: list[int], window: Window, rest: str) -> Any:
        listed = ", ".join(map(str, numbers))
        return self._db.execute(
            f"{columns} FROM read_parquet('{self._folder}/*.parquet')"
            f" WHERE series IN ({listed}) AND valid_us >= {window.start_us}"
            f" AND valid_us < {window.stop_us} {rest}"
        )

    def size(self) -> int:
        return sum(path.stat().st_size for path in self._folder.iterdir())

    def close(self) -> None:
        self._db.close()


def _number(key: SeriesKey) -> int:
    return int(key.element[-6:])
