"""What is known of each series without its readings: where they begin and end, and the last one.

All functions work inside the transaction of the connection they are given.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Final

import numpy as np

from graph_service.adapters.timeline_bits import Ints
from graph_service.adapters.timeline_rows import Rows
from graph_service.domain.readings import LastReading, Quality


def ends(db: sqlite3.Connection, numbers: Ints) -> Ints:
    """The last valid time of each series; the smallest number there is for a new one.

    Args:
        db: the connection.
        numbers: shape (series,), ascending, each once.
    """
    times = np.full(len(numbers), np.iinfo(np.int64).min)
    found = db.execute(
        "SELECT series, last_us FROM last WHERE series IN (SELECT value FROM json_each(?))",
        (json.dumps(numbers.tolist()),),
    ).fetchall()
    if found:
        series, last_us = zip(*found, strict=True)
        times[np.searchsorted(numbers, np.array(series))] = last_us
    return times


def raise_to(db: sqlite3.Connection, rows: Rows, added: Ints) -> None:
    """Bring `last` up to date with rows that were written.

    Args:
        db: the connection.
        rows: the rows of the days written, sorted by series, valid and known time.
        added: how many values each of their series has gained, by series number.
    """
    starts = np.flatnonzero(np.diff(rows.series, prepend=-1))
    newest = rows.take(np.append(starts[1:], len(rows.series))[: len(starts)] - 1)
    columns = (
        newest.series,
        rows.valid[starts],
        newest.valid,
        newest.values,
        newest.quality,
        newest.known,
        added,
    )
    db.executemany(_RAISE, zip(*(column.tolist() for column in columns), strict=True))


_RAISE: Final = """
INSERT INTO last (series, first_us, last_us, value, quality, known_us, readings)
VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (series) DO UPDATE SET
    first_us = min(first_us, excluded.first_us),
    value = iif(excluded.last_us >= last_us, excluded.value, value),
    quality = iif(excluded.last_us >= last_us, excluded.quality, quality),
    known_us = iif(excluded.last_us >= last_us, excluded.known_us, known_us),
    last_us = max(last_us, excluded.last_us),
    readings = readings + excluded.readings
"""


def newest(db: sqlite3.Connection, number: int) -> LastReading | None:
    """The newest reading of a series."""
    row = db.execute(
        "SELECT last_us, value, quality, known_us FROM last WHERE series = ?", (number,)
    ).fetchone()
    return LastReading(row[0], row[1], Quality(row[2]), row[3]) if row else None


def extent(db: sqlite3.Connection, numbers: Ints) -> tuple[int, int] | None:
    """First valid time and the one just past the last, over these series."""
    first, last = db.execute(
        "SELECT min(first_us), max(last_us) FROM last"
        " WHERE series IN (SELECT value FROM json_each(?))",
        (json.dumps(numbers.tolist()),),
    ).fetchone()
    return None if first is None else (first, last + 1)


def readings_a_day(db: sqlite3.Connection, numbers: Ints) -> float:
    """How many readings these series have on a day between their first and last, together."""
    found = db.execute(
        "SELECT coalesce(sum(readings / max(1.0, (last_us - first_us) / 86400e6)), 0)"
        " FROM last WHERE series IN (SELECT value FROM json_each(?))",
        (json.dumps(numbers.tolist()),),
    ).fetchone()
    return float(found[0])


def totals(db: sqlite3.Connection) -> tuple[int, int]:
    """How many series and how many current values there are."""
    row = db.execute("SELECT count(*), coalesce(sum(readings), 0) FROM last").fetchone()
    return int(row[0]), int(row[1])
