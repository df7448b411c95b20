"""The tables of readings in the timeline file, and the chunks of days.

    series   element, quantity, source → number (timeline_series)
    chunk    slot, one for each (series, UTC day) → compressed readings, all versions; its hours
    level    slot, one for each (series, 32 days) → aggregates of each day (timeline_levels)
    tail     single live readings, each newer than all else of its series, not yet in a chunk
             (timeline_tail)
    last     per series: first and last valid time, the last reading, how many current values
             (timeline_last)
    state    single numbers, such as how often series were renamed

Limits: no (series, valid time) is in both chunk and tail; the tail has one version of each.
All functions work inside the transaction of the connection they are given.
"""
# ruff: noqa: S608 -- the text of every statement is fixed here, all values are bound

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph_service.adapters.sqlite.timeline import tail
from graph_service.adapters.sqlite.timeline.chunks import decode
from graph_service.adapters.sqlite.timeline.tail import Pair
from graph_service.adapters.timeline.bits import Ints
from graph_service.adapters.timeline.rows import Rows, in_order, join, no_rows
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    Window,
)

VERSION: Final = 3
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

_SLOTS_A_SERIES: Final = 1 << 22  # more than the days of the years 1 to 9999
_DAY_OF_SLOT_0: Final = -719_162  # 0001-01-01


# --- reading -----------------------------------------------------------------------------------


def rows_within(db: sqlite3.Connection, numbers: Ints, window: Window) -> Rows:
    """All versions of the readings of these series within a window.

    Args:
        db: a connection that reads one state.
        numbers: series numbers, ascending, each once.
        window: which times.

    Returns:
        Sorted by series, valid and known time.
    """
    found = _decoded(db.execute(_CHUNKS_WITHIN, _asked(numbers, window)).fetchall())
    rows = found.where((found.valid >= window.start_us) & (found.valid < window.stop_us))
    live = tail.within(db, numbers, window)
    return in_order(join([rows, live])) if len(live.valid) else rows


# a chunk's slot is its series times _SLOTS_A_SERIES plus its day; the list is in order
_WITHIN: Final = """FROM json_each(?1) AS wanted
CROSS JOIN chunk ON slot BETWEEN (wanted.value << 22) + ?2 AND (wanted.value << 22) + ?3"""
_CHUNKS_WITHIN: Final = f"SELECT slot, columns {_WITHIN}"
_HOURS_WITHIN: Final = f"SELECT slot, hours, iif(hours IS NULL, columns, NULL) {_WITHIN}"


def _asked(numbers: Ints, window: Window) -> tuple[str, int, int]:
    first = window.start_us // MICROSECONDS_PER_DAY - _DAY_OF_SLOT_0
    last = (window.stop_us - 1) // MICROSECONDS_PER_DAY - _DAY_OF_SLOT_0
    return json.dumps(numbers.tolist()), max(first, 0), min(last, _SLOTS_A_SERIES - 1)


def _slot(pair: Pair) -> int:
    series, day = pair
    return series * _SLOTS_A_SERIES + day - _DAY_OF_SLOT_0


def _pairs(slots: Sequence[int]) -> tuple[Ints, Ints]:
    """The series and the day of each slot."""
    series, day = np.divmod(np.array(slots, np.int64), _SLOTS_A_SERIES)
    return series, day + _DAY_OF_SLOT_0


class HourBlocks(NamedTuple):
    """The hours of days, as `hours.py` has them, with the series and the day of each."""

    blocks: Sequence[bytes]
    series: Ints
    days: Ints


def hours_within(db: sqlite3.Connection, numbers: Ints, window: Window) -> tuple[HourBlocks, Rows]:
    """The hours of the chunks that have them, and the readings of those that do not.

    Args:
        db: a connection that reads one state.
        numbers: series numbers, ascending, each once.
        window: whole days are answered where it begins or ends within one.
    """
    found = db.execute(_HOURS_WITHIN, _asked(numbers, window)).fetchall()
    kept = [(slot, hours) for slot, hours, _ in found if hours is not None]
    blocks = HourBlocks([hours for _, hours in kept], *_pairs([slot for slot, _ in kept]))
    return blocks, _decoded([(slot, columns) for slot, hours, columns in found if hours is None])


def rows_of_days(db: sqlite3.Connection, pairs: Sequence[Pair]) -> Rows:
    """All versions of the readings of single days of single series, sorted like the pairs."""
    found = chunks_of(db, pairs)
    live = tail.of_days(db, pairs)
    return in_order(join([found, live])) if len(live.valid) else found


def chunks_of(db: sqlite3.Connection, pairs: Iterable[Pair]) -> Rows:
    """The same without what is in the tail."""
    return rows_of_slots(db, list(map(_slot, pairs)))


def are_forgotten(db: sqlite3.Connection, pairs: Sequence[Pair]) -> NDArray[np.bool_]:
    """Whether the readings of a day of a series were taken away and its levels stayed."""
    wanted = "SELECT 1 FROM chunk WHERE slot = ? AND length(columns) = 0"
    found = (db.execute(wanted, (_slot(pair),)).fetchone() for pair in pairs)
    return np.array([row is not None for row in found], np.bool_)


# --- writing -----------------------------------------------------------------------------------


def put_chunks(
    db: sqlite3.Connection,
    pairs: Sequence[Pair],
    chunks: Sequence[bytes],
    hours: Sequence[bytes | None],
) -> None:
    """Keep whole days; what the tail had of them is in the chunks now."""
    rows = zip(map(_slot, pairs), hours, chunks, strict=True)
    db.executemany("INSERT OR REPLACE INTO chunk VALUES (?, ?, ?)", rows)
    tail.drop_days(db, pairs)


def add_hours(db: sqlite3.Connection, pairs: Sequence[Pair], hours: Sequence[bytes | None]) -> None:
    """Keep hours beside chunks that are there; None for those that have none."""
    rows = zip(hours, map(_slot, pairs), strict=True)
    db.executemany(
        "UPDATE chunk SET hours = ? WHERE slot = ?", [row for row in rows if row[0] is not None]
    )


# --- forgetting --------------------------------------------------------------------------------


def slots_before(db: sqlite3.Connection, numbers: Ints, before_day: int) -> list[int]:
    """The slots of all chunks of these series before a day that have readings."""
    found = db.execute(
        f"SELECT slot {_WITHIN} WHERE length(columns) > 0",
        _asked_before(numbers, before_day),
    )
    return [slot for (slot,) in found]


def _asked_before(numbers: Ints, before_day: int) -> tuple[str, int, int]:
    last = min(before_day - 1 - _DAY_OF_SLOT_0, _SLOTS_A_SERIES - 1)
    return json.dumps(numbers.tolist()), 0, last


def rows_of_slots(db: sqlite3.Connection, slots: Sequence[int]) -> Rows:
    """The readings of chunks."""
    wanted = "SELECT slot, columns FROM json_each(?) CROSS JOIN chunk ON slot = value"
    return _decoded(db.execute(wanted, (json.dumps(slots),)).fetchall())


def put_hours_only(db: sqlite3.Connection, pairs: Sequence[Pair], hours: Sequence[bytes]) -> None:
    """Keep the hours of days and take their readings away."""
    rows = zip(map(_slot, pairs), hours, strict=True)
    db.executemany("INSERT OR REPLACE INTO chunk VALUES (?, ?, x'')", rows)


def hours_only(db: sqlite3.Connection, number: int) -> dict[int, bytes]:
    """The hours of the days of a series whose readings were taken away, by day."""
    found = db.execute(
        f"SELECT slot, hours {_WITHIN} WHERE length(columns) = 0",
        (json.dumps([number]), 0, _SLOTS_A_SERIES - 1),
    ).fetchall()
    _, days = _pairs([slot for slot, _ in found])
    return dict(zip(days.tolist(), (hours for _, hours in found), strict=True))


def drop_chunks(db: sqlite3.Connection, numbers: Ints, before_day: int) -> None:
    """Take the chunks of these series before a day away, hours and readings."""
    _, first, last = _asked_before(numbers, before_day)
    db.executemany(
        "DELETE FROM chunk WHERE slot BETWEEN (?1 << 22) + ?2 AND (?1 << 22) + ?3",
        ((number, first, last) for number in numbers.tolist()),
    )


def first_time(db: sqlite3.Connection, number: int) -> int | None:
    """The first valid time that is kept of a series, the day's start where its readings went."""
    bounds = (number * _SLOTS_A_SERIES, (number + 1) * _SLOTS_A_SERIES - 1)
    chunk = db.execute(
        "SELECT slot, columns FROM chunk WHERE slot BETWEEN ? AND ? ORDER BY slot LIMIT 1", bounds
    ).fetchone()
    live = db.execute("SELECT min(valid_us) FROM tail WHERE series = ?", (number,)).fetchone()
    times = [int(time) for time in live if time is not None]
    if chunk is not None:
        rows, [day] = _decoded([chunk]), _pairs([chunk[0]])[1].tolist()
        times.append(int(rows.valid[0]) if len(rows.valid) else int(day) * MICROSECONDS_PER_DAY)
    return min(times, default=None)


def remove_readings(db: sqlite3.Connection, number: int) -> None:
    """Take all readings and levels of a series away."""
    bounds = "WHERE slot BETWEEN ?1 << {0} AND (?1 << {0}) + (1 << {0}) - 1"
    db.execute("DELETE FROM chunk " + bounds.format(22), (number,))
    db.execute("DELETE FROM level " + bounds.format(17), (number,))
    db.execute("DELETE FROM tail WHERE series = ?", (number,))


def _decoded(found: Iterable[tuple[int, bytes]]) -> Rows:
    """The rows of chunks; those whose readings were forgotten have none."""
    kept = sorted(chunk for chunk in found if chunk[1])
    if not kept:
        return no_rows()
    slots, chunks = zip(*kept, strict=True)
    return decode(chunks, *_pairs(slots))
