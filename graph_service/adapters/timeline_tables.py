"""The tables of readings in the timeline file: chunks of days, and the tail of live values.

    series   element, quantity, source → number (timeline_series)
    chunk    slot, one for each (series, UTC day) → compressed readings, all versions; its hours
    level    slot, one for each (series, 32 days) → aggregates of each day (timeline_levels)
    tail     single live readings, each newer than all else of its series, not yet in a chunk
    last     per series: first and last valid time, the last reading, how many current values
    state    single numbers, such as how often series were renamed

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
    Window,
)

VERSION: Final = 2
SCHEMA: Final = """
CREATE TABLE series (
    element TEXT NOT NULL, quantity TEXT NOT NULL, source TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (element, quantity, source)
) WITHOUT ROWID;
CREATE TABLE chunk (slot INTEGER PRIMARY KEY, hours BLOB, columns BLOB NOT NULL);
CREATE TABLE level (slot INTEGER PRIMARY KEY, days BLOB NOT NULL);
CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE tail (
    series INTEGER NOT NULL, valid_us INTEGER NOT NULL,
    value REAL NOT NULL, quality INTEGER NOT NULL, known_us INTEGER NOT NULL,
    PRIMARY KEY (series, valid_us)
) WITHOUT ROWID;
CREATE TABLE last (
    series INTEGER PRIMARY KEY,
    first_us INTEGER NOT NULL, last_us INTEGER NOT NULL,
    value REAL NOT NULL, quality INTEGER NOT NULL, known_us INTEGER NOT NULL,
    readings INTEGER NOT NULL, forgotten_us INTEGER NOT NULL DEFAULT -9223372036854775808
)"""

Pair = tuple[int, int]
"""A series number and a day, counted from 1970-01-01."""

_SLOTS_A_SERIES: Final = 1 << 22  # more than the days of the years 1 to 9999
_DAY_OF_SLOT_0: Final = -719_162  # 0001-01-01


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
    db.executemany("INSERT OR REPLACE INTO chunk (slot, columns) VALUES (?, ?)", rows)
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


def remove_readings(db: sqlite3.Connection, number: int) -> None:
    """Take all that is known of a series away."""
    db.execute(
        "DELETE FROM chunk WHERE slot BETWEEN ?1 << 22 AND (?1 << 22) + (1 << 22) - 1", (number,)
    )
    db.execute("DELETE FROM tail WHERE series = ?", (number,))
    db.execute("DELETE FROM last WHERE series = ?", (number,))


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
