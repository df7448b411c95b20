"""The tail of a timeline file: single live readings that are not in a chunk of their day yet.

All functions work inside the transaction of the connection they are given.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Final

import numpy as np

from graph_service.adapters.timeline.bits import Ints
from graph_service.adapters.timeline.rows import Rows, join, no_rows
from graph_service.domain.readings import MICROSECONDS_PER_DAY, Window

_ROWS_AT_ONCE: Final = 4_000

Pair = tuple[int, int]
"""A series number and a day, counted from 1970-01-01."""


def within(db: sqlite3.Connection, numbers: Ints, window: Window) -> Rows:
    """The readings of these series in the tail, within a window."""
    return _as_rows(
        db.execute(
            "SELECT * FROM tail WHERE series IN (SELECT value FROM json_each(?))"
            " AND valid_us >= ? AND valid_us < ?",
            (json.dumps(numbers.tolist()), window.start_us, window.stop_us),
        ).fetchall()
    )


def of_days(db: sqlite3.Connection, pairs: Sequence[Pair]) -> Rows:
    """The readings of single days of single series in the tail."""
    if _is_empty(db):
        return no_rows()
    return _as_rows([row for pair in pairs for row in db.execute(_OF_DAY, _day_bounds(pair))])


def drop_days(db: sqlite3.Connection, pairs: Sequence[Pair]) -> None:
    """Take the readings of these days out of the tail."""
    if not _is_empty(db):
        db.executemany(_DROP_DAY, map(_day_bounds, pairs))


_OF_DAY: Final = "SELECT * FROM tail WHERE series = ? AND valid_us >= ? AND valid_us < ?"
_DROP_DAY: Final = "DELETE FROM tail WHERE series = ? AND valid_us >= ? AND valid_us < ?"


def _is_empty(db: sqlite3.Connection) -> bool:
    return db.execute("SELECT 1 FROM tail LIMIT 1").fetchone() is None


def _day_bounds(pair: Pair) -> tuple[int, int, int]:
    series, day = pair
    return series, day * MICROSECONDS_PER_DAY, (day + 1) * MICROSECONDS_PER_DAY


def put(db: sqlite3.Connection, rows: Rows) -> None:
    """Keep single readings, each newer than all that the store has of its series."""
    columns = (rows.series, rows.valid, rows.values, rows.quality, rows.known)
    db.executemany(
        "INSERT INTO tail VALUES (?, ?, ?, ?, ?)",
        zip(*(column.tolist() for column in columns), strict=True),
    )


def take(db: sqlite3.Connection) -> Rows:
    """Take the whole tail out, by series and valid time."""
    found = db.execute("SELECT * FROM tail ORDER BY series, valid_us")
    lots = [no_rows()]
    while lot := found.fetchmany(
        _ROWS_AT_ONCE
    ):  # all at once they would leave the processor's cache
        lots.append(_as_rows(lot))
    db.execute("DELETE FROM tail")
    return join(lots)


def length(db: sqlite3.Connection) -> int:
    """How many readings are in the tail."""
    return int(db.execute("SELECT count(*) FROM tail").fetchone()[0])


def _as_rows(found: Sequence[tuple[int, int, float, int, int]]) -> Rows:
    if not found:
        return no_rows()
    kinds = (np.int64, np.int64, np.float64, np.uint8, np.int64)
    columns = zip(zip(*found, strict=True), kinds, strict=True)
    return Rows(*(np.fromiter(column, kind, len(found)) for column, kind in columns))
