"""The tables of the timeline file: which series there are, their chunks, their tail, their last.

    series   element, quantity, source → number
    chunk    slot, one for each (series, UTC day) → compressed readings, all versions
    tail     single live readings, each newer than all else of its series, not yet in a chunk
    last     per series: first and last valid time, the last reading, how many current values

Limits: no (series, valid time) is in both chunk and tail; the tail has one version of each.
All functions work inside the transaction of the connection they are given.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from graph_service.adapters.timeline_bits import Ints
from graph_service.adapters.timeline_chunks import decode
from graph_service.adapters.timeline_rows import Rows, in_order, join, no_rows
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    LastReading,
    Quality,
    SeriesKey,
    Window,
)

VERSION: Final = 2
SCHEMA: Final = """
CREATE TABLE series (
    element TEXT NOT NULL, quantity TEXT NOT NULL, source TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (element, quantity, source)
) WITHOUT ROWID;
CREATE TABLE chunk (slot INTEGER PRIMARY KEY, columns BLOB NOT NULL);
CREATE TABLE tail (
    series INTEGER NOT NULL, valid_us INTEGER NOT NULL,
    value REAL NOT NULL, quality INTEGER NOT NULL, known_us INTEGER NOT NULL,
    PRIMARY KEY (series, valid_us)
) WITHOUT ROWID;
CREATE TABLE last (
    series INTEGER PRIMARY KEY,
    first_us INTEGER NOT NULL, last_us INTEGER NOT NULL,
    value REAL NOT NULL, quality INTEGER NOT NULL, known_us INTEGER NOT NULL,
    readings INTEGER NOT NULL
)"""

Pair = tuple[int, int]
"""A series number and a day, counted from 1970-01-01."""

_SLOTS_A_SERIES: Final = 1 << 22  # more than the days of the years 1 to 9999
_DAY_OF_SLOT_0: Final = -719_162  # 0001-01-01


# --- series ------------------------------------------------------------------------------------


def find_number(db: sqlite3.Connection, key: SeriesKey) -> int | None:
    """The number of a series; None where the store has none of this key."""
    row = db.execute(
        "SELECT number FROM series WHERE element = ? AND quantity = ? AND source = ?", key
    ).fetchone()
    return None if row is None else int(row[0])


def add_series(db: sqlite3.Connection, keys: Sequence[SeriesKey]) -> dict[SeriesKey, int]:
    """Give new series the next numbers, in the order given."""
    highest = db.execute("SELECT coalesce(max(series), 0) FROM last").fetchone()[0]
    added = {key: highest + 1 + at for at, key in enumerate(keys)}
    rows = [(*key, number) for key, number in added.items()]
    db.executemany("INSERT INTO series VALUES (?, ?, ?, ?)", rows)
    return added


def series_of(
    db: sqlite3.Connection, elements: Sequence[str], quantity: str | None
) -> list[SeriesKey]:
    """The series of these elements, by element, quantity and source."""
    rows = db.execute(
        "SELECT element, quantity, source FROM series"
        " WHERE element IN (SELECT value FROM json_each(?1))"
        " AND (?2 IS NULL OR quantity = ?2) ORDER BY element, quantity, source",
        (json.dumps(list(elements)), quantity),
    )
    return [SeriesKey(*row) for row in rows]


# --- readings ----------------------------------------------------------------------------------


def rows_within(db: sqlite3.Connection, numbers: Ints, window: Window) -> Rows:
    """All versions of the readings of these series within a window.

    Args:
        db: a connection that reads one state.
        numbers: series numbers, ascending, each once.
        window: which times.

    Returns:
        Sorted by series, valid and known time.
    """
    listed = json.dumps(numbers.tolist())
    found = _chunks_within(db, listed, window)
    rows = found.take((found.valid >= window.start_us) & (found.valid < window.stop_us))
    tail = _tail_within(db, listed, window)
    return in_order(join([rows, tail])) if len(tail.valid) else rows


def _chunks_within(db: sqlite3.Connection, listed: str, window: Window) -> Rows:
    first = window.start_us // MICROSECONDS_PER_DAY - _DAY_OF_SLOT_0
    last = (window.stop_us - 1) // MICROSECONDS_PER_DAY - _DAY_OF_SLOT_0
    found = db.execute(
        _CHUNKS_WITHIN, (listed, max(first, 0), min(last, _SLOTS_A_SERIES - 1))
    ).fetchall()
    return _decoded(found)


# a chunk's slot is its series times _SLOTS_A_SERIES plus its day; the list is in order
_CHUNKS_WITHIN: Final = """
SELECT slot, columns FROM json_each(?1) AS wanted
CROSS JOIN chunk ON slot BETWEEN (wanted.value << 22) + ?2 AND (wanted.value << 22) + ?3
"""


def _slot(pair: Pair) -> int:
    series, day = pair
    return series * _SLOTS_A_SERIES + day - _DAY_OF_SLOT_0


def _tail_within(db: sqlite3.Connection, listed: str, window: Window) -> Rows:
    return _as_rows(
        db.execute(
            "SELECT * FROM tail WHERE series IN (SELECT value FROM json_each(?))"
            " AND valid_us >= ? AND valid_us < ?",
            (listed, window.start_us, window.stop_us),
        ).fetchall()
    )


def rows_of_days(db: sqlite3.Connection, pairs: Sequence[Pair]) -> Rows:
    """All versions of the readings of single days of single series, sorted like the pairs."""
    found = _decoded(list(_chunks_of(db, pairs)))
    if db.execute("SELECT 1 FROM tail LIMIT 1").fetchone() is None:
        return found
    tail = [row for pair in pairs for row in db.execute(_TAIL_OF_DAY, _day_bounds(pair))]
    return in_order(join([found, _as_rows(tail)])) if tail else found


_TAIL_OF_DAY: Final = "SELECT * FROM tail WHERE series = ? AND valid_us >= ? AND valid_us < ?"


def _chunks_of(db: sqlite3.Connection, pairs: Iterable[Pair]) -> Iterator[tuple[int, bytes]]:
    for slot in map(_slot, pairs):
        row = db.execute("SELECT columns FROM chunk WHERE slot = ?", (slot,)).fetchone()
        if row is not None:
            yield slot, row[0]


def _day_bounds(pair: Pair) -> tuple[int, int, int]:
    series, day = pair
    return series, day * MICROSECONDS_PER_DAY, (day + 1) * MICROSECONDS_PER_DAY


def put_chunks(db: sqlite3.Connection, pairs: Sequence[Pair], chunks: Sequence[bytes]) -> None:
    """Keep whole days; what the tail had of them is in the chunks now."""
    rows = zip(map(_slot, pairs), chunks, strict=True)
    db.executemany("INSERT OR REPLACE INTO chunk VALUES (?, ?)", rows)
    if db.execute("SELECT 1 FROM tail LIMIT 1").fetchone() is not None:
        db.executemany(
            "DELETE FROM tail WHERE series = ? AND valid_us >= ? AND valid_us < ?",
            map(_day_bounds, pairs),
        )


def put_tail(db: sqlite3.Connection, rows: Rows) -> None:
    """Keep single readings, each newer than all that the store has of its series."""
    columns = (rows.series, rows.valid, rows.values, rows.quality, rows.known)
    db.executemany(
        "INSERT INTO tail VALUES (?, ?, ?, ?, ?)",
        zip(*(column.tolist() for column in columns), strict=True),
    )


def take_tail(db: sqlite3.Connection) -> Rows:
    """Take the whole tail out, by series and valid time."""
    rows = _as_rows(db.execute("SELECT * FROM tail ORDER BY series, valid_us").fetchall())
    db.execute("DELETE FROM tail")
    return rows


def tail_length(db: sqlite3.Connection) -> int:
    """How many readings are in the tail."""
    return int(db.execute("SELECT count(*) FROM tail").fetchone()[0])


def _decoded(found: list[tuple[int, bytes]]) -> Rows:
    if not found:
        return no_rows()
    found.sort()
    slots, chunks = zip(*found, strict=True)
    series, day = np.divmod(np.array(slots, np.int64), _SLOTS_A_SERIES)
    return decode(chunks, series, day + _DAY_OF_SLOT_0)


def _as_rows(found: Sequence[tuple[int, int, float, int, int]]) -> Rows:
    if not found:
        return no_rows()
    series, valid, values, quality, known = zip(*found, strict=True)
    return Rows(
        np.array(series, np.int64),
        np.array(valid, np.int64),
        np.array(values, np.float64),
        np.array(quality, np.uint8),
        np.array(known, np.int64),
    )


# --- last --------------------------------------------------------------------------------------


def last_times(db: sqlite3.Connection, numbers: Ints) -> Ints:
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


def raise_last(db: sqlite3.Connection, rows: Rows, added: Ints) -> None:
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
INSERT INTO last VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (series) DO UPDATE SET
    first_us = min(first_us, excluded.first_us),
    value = iif(excluded.last_us >= last_us, excluded.value, value),
    quality = iif(excluded.last_us >= last_us, excluded.quality, quality),
    known_us = iif(excluded.last_us >= last_us, excluded.known_us, known_us),
    last_us = max(last_us, excluded.last_us),
    readings = readings + excluded.readings
"""


def last_of(db: sqlite3.Connection, number: int) -> LastReading | None:
    """The newest reading of a series."""
    row = db.execute(
        "SELECT last_us, value, quality, known_us FROM last WHERE series = ?", (number,)
    ).fetchone()
    return LastReading(row[0], row[1], Quality(row[2]), row[3]) if row else None


def extent_of(db: sqlite3.Connection, numbers: Ints) -> tuple[int, int] | None:
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
