"""Forecasts in the timeline file: every issue of a series is kept as it was said.

Guarantees: those of `store.py`, whose file it shares: `append` is one transaction, on the
disk when it returns; every call reads one state and never waits for the writer. Values come out to
the bit as they went in.

How: an issue is a row of deflated columns, found by series and time of issue.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph_service.adapters.sqlite.connection import SqliteFile
from graph_service.adapters.timeline.bits import Ints
from graph_service.adapters.timeline.forecast_checks import checked
from graph_service.domain.forecasts import Forecast
from graph_service.domain.readings import SeriesKey, Window

SCHEMA: Final = """
CREATE TABLE forecast_series (
    number INTEGER PRIMARY KEY,
    element TEXT NOT NULL, quantity TEXT NOT NULL, source TEXT NOT NULL,
    UNIQUE (element, quantity, source)
);
CREATE TABLE forecast (
    series INTEGER NOT NULL, issued_us INTEGER NOT NULL,
    first_us INTEGER NOT NULL, last_us INTEGER NOT NULL,
    quantiles TEXT NOT NULL, columns BLOB NOT NULL
);
CREATE UNIQUE INDEX forecast_by_issue ON forecast (series, issued_us, first_us, last_us)"""

_FORGOTTEN_AT_ONCE: Final = 10_000  # issues
_LATEST_US: Final = 2**63 - 1
_ALWAYS: Final = Window(-(2**63), _LATEST_US)


class SqliteForecasts:
    """The forecasts of a timeline file."""

    def __init__(self, file: SqliteFile):
        self._file = file

    def append(self, forecasts: Iterable[Forecast]) -> int:
        """Keep forecasts in one durable step; gives how many issues were new.

        Raises:
            ValueError: a forecast whose columns do not fit together; nothing was kept.
        """
        good = [checked(forecast) for forecast in forecasts]
        if not good:
            return 0
        with self._file.writing() as db, self._file.translated():
            return sum(_put(db, forecast) for forecast in good)

    def newest(
        self, keys: Sequence[SeriesKey], window: Window, known_us: int | None
    ) -> list[Forecast | None]:
        """The newest issue of each series known at `known_us` that speaks of the window."""
        at = _LATEST_US if known_us is None else known_us
        with self._file.reading() as db:
            return [_newest(db, key, window, at) for key in keys]

    def history(self, keys: Sequence[SeriesKey], issued: Window) -> list[Forecast]:
        """Every issue of series within a window of issue times, whole."""
        with self._file.reading() as db:
            return [forecast for key in keys for forecast in _history(db, key, issued)]

    def issues(self, key: SeriesKey, window: Window) -> list[int]:
        """When forecasts of a series were issued, ascending."""
        with self._file.reading() as db:
            found = db.execute(
                "SELECT issued_us FROM forecast WHERE series = ? AND issued_us >= ?"
                " AND issued_us < ? ORDER BY issued_us",
                (_find(db, key), window.start_us, window.stop_us),
            ).fetchall()
        return [issued_us for (issued_us,) in found]

    def series(self, elements: Sequence[str], quantity: str | None) -> list[SeriesKey]:
        """The forecast series these elements have, ordered by element, quantity, source."""
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT element, quantity, source FROM forecast_series"
                " WHERE element IN (SELECT value FROM json_each(?1))"
                " AND (?2 IS NULL OR quantity = ?2) ORDER BY element, quantity, source",
                (json.dumps(list(elements)), quantity),
            ).fetchall()
        return [SeriesKey(*row) for row in rows]

    def forget(self, quantity: str, before_us: int, *, dry_run: bool = False) -> int:
        """Take issues of a quantity before a time away, and series that have none left."""
        if dry_run:
            with self._file.reading() as db:
                return _issued_before(db, quantity, before_us)
        gone = 0
        while True:  # in lots, so that writers get their turn
            with self._file.writing() as db, self._file.translated():
                some = _take(db, quantity, before_us)
            gone += some
            if some < _FORGOTTEN_AT_ONCE:
                return gone


def rename(db: sqlite3.Connection, old: str, new: str) -> int:
    """Give all forecasts of one element to another; of the same issue the other's stays."""
    rows = db.execute(
        "SELECT number, quantity, source FROM forecast_series WHERE element = ?", (old,)
    ).fetchall()
    for number, quantity, source in rows:
        heir = _number(db, SeriesKey(new, quantity, source))
        db.execute(
            "DELETE FROM forecast WHERE series = ?2 AND issued_us IN"
            " (SELECT issued_us FROM forecast WHERE series = ?1)",
            (heir, number),
        )
        db.execute("UPDATE forecast SET series = ? WHERE series = ?", (heir, number))
        db.execute("DELETE FROM forecast_series WHERE number = ?", (number,))
    return len(rows)


def _put(db: sqlite3.Connection, forecast: Forecast) -> int:
    number = _number(db, forecast.key)
    known = db.execute(
        "SELECT 1 FROM forecast WHERE series = ? AND issued_us = ?", (number, forecast.issued_us)
    ).fetchone()
    if known is not None:
        return 0
    times = forecast.valid_us
    ends = (forecast.issued_us, times[0], times[-1])
    quantiles = json.dumps(forecast.quantiles)
    row = (number, *ends, quantiles, _deflated([times, *forecast.values]))
    db.execute("INSERT INTO forecast VALUES (?, ?, ?, ?, ?, ?)", row)
    return 1


_ISSUED_BEFORE: Final = """
 FROM forecast WHERE series IN (SELECT number FROM forecast_series WHERE quantity = ?)
 AND issued_us < ?"""


def _issued_before(db: sqlite3.Connection, quantity: str, before_us: int) -> int:
    found = db.execute(f"SELECT count(*) {_ISSUED_BEFORE}", (quantity, before_us)).fetchone()
    return int(found[0])


def _take(db: sqlite3.Connection, quantity: str, before_us: int) -> int:
    """Take some of the issues before a time away, and series that have none left."""
    some = f"SELECT rowid {_ISSUED_BEFORE} LIMIT {_FORGOTTEN_AT_ONCE}"
    of = (quantity, before_us)
    gone = db.execute(f"DELETE FROM forecast WHERE rowid IN ({some})", of).rowcount  # noqa: S608
    db.execute(
        "DELETE FROM forecast_series WHERE quantity = ?"
        " AND NOT EXISTS (SELECT 1 FROM forecast WHERE series = number)",
        (quantity,),
    )
    return int(gone)


def _number(db: sqlite3.Connection, key: SeriesKey) -> int:
    """The number of a series, a new one where it has none."""
    number = _find(db, key)
    if number is not None:
        return number
    cursor = db.execute(
        "INSERT INTO forecast_series (element, quantity, source) VALUES (?, ?, ?)", key
    )
    return int(cursor.lastrowid or 0)


def _find(db: sqlite3.Connection, key: SeriesKey) -> int | None:
    row = db.execute(
        "SELECT number FROM forecast_series WHERE element = ? AND quantity = ? AND source = ?", key
    ).fetchone()
    return None if row is None else int(row[0])


def _newest(db: sqlite3.Connection, key: SeriesKey, window: Window, at: int) -> Forecast | None:
    issues = db.execute(
        "SELECT issued_us, quantiles, columns FROM forecast WHERE series = ? AND issued_us <= ?"
        " AND first_us < ? AND last_us >= ? ORDER BY issued_us DESC",
        (_find(db, key), at, window.stop_us, window.start_us),
    )
    for issued_us, quantiles, columns in issues:
        forecast = _cut(key, issued_us, quantiles, columns, window)
        if forecast is not None:
            return forecast
    return None


def _history(db: sqlite3.Connection, key: SeriesKey, issued: Window) -> Iterator[Forecast]:
    issues = db.execute(
        "SELECT issued_us, quantiles, columns FROM forecast WHERE series = ? AND issued_us >= ?"
        " AND issued_us < ? ORDER BY issued_us",
        (_find(db, key), issued.start_us, issued.stop_us),
    )
    for issued_us, quantiles, columns in issues.fetchall():
        forecast = _cut(key, issued_us, quantiles, columns, _ALWAYS)
        if forecast is not None:
            yield forecast


def _cut(
    key: SeriesKey, issued_us: int, quantiles: str, columns: bytes, window: Window
) -> Forecast | None:
    """An issue as far as it speaks of a window; None where it does not."""
    times, values = _inflated(columns)
    first, stop = np.searchsorted(times, (window.start_us, window.stop_us)).tolist()
    if first == stop:
        return None
    return Forecast(
        key=key,
        issued_us=issued_us,
        valid_us=array("q", times[first:stop].tobytes()),
        quantiles=tuple(json.loads(quantiles)),
        values=tuple(array("d", column[first:stop].tobytes()) for column in values),
    )


# --- columns: differences of times and values, all first bytes, all second bytes, ... ----------


def _deflated(columns: Sequence[array[int] | array[float]]) -> bytes:
    table = np.stack([np.frombuffer(column, np.int64) for column in columns])
    table[0, 1:] = np.diff(table[0])
    planes = table.astype("<i8").view(np.uint8).reshape(-1, 8).T
    return len(columns).to_bytes(2, "little") + zlib.compress(planes.tobytes())


def _inflated(columns: bytes) -> tuple[Ints, NDArray[np.float64]]:
    planes = np.frombuffer(zlib.decompress(columns[2:]), np.uint8).reshape(8, -1).T
    table = (
        np.ascontiguousarray(planes).view("<i8").reshape(int.from_bytes(columns[:2], "little"), -1)
    )
    return np.cumsum(table[0]), table[1:].view(np.float64)
