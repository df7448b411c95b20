"""What is known of each series without its readings: where they begin and end, and the last one.

All functions work inside the transaction of the connection they are given.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import orjson

from graph_service.adapters.timeline.bits import Ints
from graph_service.adapters.timeline.rows import Rows
from graph_service.domain.readings import LastReading, Quality

NEVER_US: Final = np.iinfo(np.int64).min
"""Before all times."""


def ends(db: sqlite3.Connection, numbers: Ints) -> tuple[Ints, Ints]:
    """The last valid time of each series, and up to when readings were forgotten.

    Args:
        db: the connection.
        numbers: shape (series,), ascending, each once.

    Returns:
        Shape (series,) each; NEVER_US for a series that is new.
    """
    times = np.full((2, len(numbers)), NEVER_US)
    found = db.execute(_ENDS, (json.dumps(numbers.tolist()),)).fetchone()
    series, *columns = (np.array(orjson.loads(column), np.int64) for column in found)
    times[:, np.searchsorted(numbers, series)] = columns
    return times[0], times[1]


# columns as one text each are read in half the time of rows
_ENDS: Final = """
SELECT json_group_array(series), json_group_array(last_us), json_group_array(forgotten_us)
FROM json_each(?) AS wanted CROSS JOIN last ON series = wanted.value
"""


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


def reach(
    db: sqlite3.Connection,
    number: int,
    first_us: int,
    last_us: int,
    value: float,
    quality: int,
    known_us: int,
) -> None:
    """Let a series begin and end where days that went do, when that is earlier or later."""
    db.execute(_RAISE, (number, first_us, last_us, value, quality, known_us, 0))


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


# --- when readings go --------------------------------------------------------------------------


def lower(db: sqlite3.Connection, numbers: Ints, gone: Ints) -> None:
    """Count values that were taken away.

    Args:
        db: the connection.
        numbers: shape (series,), each once.
        gone: shape (series,), how many values each has lost.
    """
    rows = zip(gone.tolist(), numbers.tolist(), strict=True)
    db.executemany("UPDATE last SET readings = readings - ? WHERE series = ?", rows)


def close_before(db: sqlite3.Connection, numbers: Ints, before_us: int) -> None:
    """Remember that readings before a time may have been taken away."""
    db.executemany(
        "UPDATE last SET forgotten_us = max(forgotten_us, ?) WHERE series = ?",
        ((before_us, number) for number in numbers.tolist()),
    )


def begin(db: sqlite3.Connection, firsts: Mapping[int, int]) -> None:
    """Set the first valid time of series, by their numbers."""
    rows = ((first_us, number) for number, first_us in firsts.items())
    db.executemany("UPDATE last SET first_us = ? WHERE series = ?", rows)


def remove(db: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Take all that is known of series away."""
    db.executemany("DELETE FROM last WHERE series = ?", ((number,) for number in numbers))


def inherit(db: sqlite3.Connection, number: int, heir: int) -> None:
    """Let a series begin and end where another one does, when that is earlier or later."""
    db.execute(_INHERIT, (number, heir))


_INHERIT: Final = """
UPDATE last SET
    first_us = min(last.first_us, old.first_us),
    forgotten_us = max(last.forgotten_us, old.forgotten_us),
    value = iif(old.last_us > last.last_us, old.value, last.value),
    quality = iif(old.last_us > last.last_us, old.quality, last.quality),
    known_us = iif(old.last_us > last.last_us, old.known_us, last.known_us),
    last_us = max(last.last_us, old.last_us)
FROM last AS old WHERE old.series = ?1 AND last.series = ?2
"""
