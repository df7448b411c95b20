"""The days of each series, kept beside the readings: one row holds 32 days, each a few numbers.

A day is written whenever its chunk is. Days with readings in the tail are answered from these
readings, because the tail is newer than the level. All functions work inside the transaction of
the connection they are given.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Final, NamedTuple

import numpy as np

from graph_service.adapters.timeline.bits import Array, Ints, spans
from graph_service.adapters.timeline.levels import DAY_US, Levels, cells_of_rows
from graph_service.adapters.timeline.rows import Groups, Rows, is_version

DAY: Final = np.dtype(
    [
        ("sum", "<f8"),
        ("least", "<f8"),
        ("most", "<f8"),
        ("last", "<f8"),
        ("last_us", "<i8"),  # since the day began
        ("known", "<i8"),  # when the last version of the day became known
        ("readings", "<u4"),  # usable ones
        ("doubtful", "<u4"),
        ("values", "<u4"),  # all values of which readings are kept
    ]
)
"""The layout of a day; all zero where nothing is known of it."""

_DAYS: Final = 32  # of a row
_FIRST_DAY: Final = -719_168  # 0001-01-01 or a little before, at the beginning of a row
_ROWS_A_SERIES: Final = 1 << 17


class Days(NamedTuple):
    """Days of series, flat: three columns of equal length, by series and day."""

    series: Ints
    day: Ints
    facts: Array  # of DAY

    def take(self, chosen: Array) -> Days:
        """The days an index or mask chooses."""
        return Days(self.series[chosen], self.day[chosen], self.facts[chosen])

    def cells(self) -> Levels:
        """The cells of those that have a usable reading."""
        series, day, facts = self.take(self.facts["readings"] > 0)
        return Levels(
            series,
            day * DAY_US,
            facts["sum"],
            facts["least"],
            facts["most"],
            facts["last"],
            day * DAY_US + facts["last_us"],
            facts["readings"].astype(np.int64),
            facts["doubtful"].astype(np.int64),
        )


def days_of_rows(rows: Rows, newest: Rows, groups: Groups) -> Days:
    """The days of chunks.

    Args:
        rows: all versions of all readings of each day, sorted.
        newest: the newest version of each reading.
        groups: the days of `rows`.
    """
    facts = np.zeros(len(groups.days), DAY)
    facts["known"] = np.maximum.reduceat(rows.known, groups.starts) if len(facts) else 0
    facts["values"] = np.add.reduceat(~is_version(rows), groups.starts) if len(facts) else 0
    cells = cells_of_rows(newest, DAY_US)
    place = _places(groups.series, groups.days)
    at = np.searchsorted(place, _places(cells.series, cells.at_us // DAY_US))
    for name, column in (
        ("sum", cells.sums),
        ("least", cells.least),
        ("most", cells.most),
        ("last", cells.lasts),
        ("last_us", cells.last_us - cells.at_us),
        ("readings", cells.readings),
        ("doubtful", cells.doubtful),
    ):
        facts[name][at] = column
    return Days(groups.series, groups.days, facts)


def days_of_hours(levels: Levels, series: Ints, day: Ints, known: Ints) -> Days:
    """The days that went, from their hours.

    Args:
        levels: cells of hours of these days, sorted.
        series: shape (days,).
        day: shape (days,), sorted by series and day.
        known: shape (days,), when the last version of each became known.
    """
    facts = np.zeros(len(day), DAY)
    facts["known"] = known
    place = _places(levels.series, levels.at_us // DAY_US)
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    if len(starts):
        at = np.searchsorted(_places(series, day), place[starts])
        ends = np.append(starts[1:], len(place)) - 1
        facts["sum"][at] = np.add.reduceat(levels.sums, starts)
        facts["least"][at] = np.minimum.reduceat(levels.least, starts)
        facts["most"][at] = np.maximum.reduceat(levels.most, starts)
        facts["last"][at] = levels.lasts[ends]
        facts["last_us"][at] = levels.last_us[ends] - day[at] * DAY_US
        facts["readings"][at] = np.add.reduceat(levels.readings, starts)
        facts["doubtful"][at] = np.add.reduceat(levels.doubtful, starts)
    return Days(series, day, facts)


def put_days(db: sqlite3.Connection, days: Days) -> None:
    """Keep days, each once, in place of what is known of them."""
    slots, within = np.divmod(_places(days.series, days.day), _DAYS)
    rows, row_of = np.unique(slots, return_inverse=True)
    table = _rows_of(db, rows)
    table[row_of, within] = days.facts
    _put_rows(db, rows, table)


def _rows_of(db: sqlite3.Connection, slots: Ints) -> Array:
    """The rows of these slots, shape (slots, 32)."""
    table = np.zeros((len(slots), _DAYS), DAY)
    found = db.execute(
        "SELECT slot, days FROM json_each(?) CROSS JOIN level ON slot = value",
        (json.dumps(slots.tolist()),),
    ).fetchall()
    if found:
        kept, rows = zip(*found, strict=True)
        counts = np.array([len(days) for days in rows]) // DAY.itemsize
        at = np.repeat(np.searchsorted(slots, np.array(kept, np.int64)), counts)
        table[at, spans(np.zeros_like(counts), counts)] = np.frombuffer(b"".join(rows), DAY)
    return table


def _put_rows(db: sqlite3.Connection, slots: Ints, table: Array) -> None:
    """Keep rows without the days at their end of which nothing is known; none that are empty."""
    known = (table["values"] > 0) | (table["readings"] > 0)
    lengths = np.where(known.any(1), _DAYS - np.argmax(known[:, ::-1], 1), 0) * DAY.itemsize
    octets, size = table.tobytes(), _DAYS * DAY.itemsize
    rows = zip(slots.tolist(), range(0, len(octets), size), lengths.tolist(), strict=True)
    db.executemany(
        "INSERT OR REPLACE INTO level VALUES (?, ?)",
        [(slot, octets[at : at + length]) for slot, at, length in rows if length],
    )
    db.executemany(
        "DELETE FROM level WHERE slot = ?", [(slot,) for slot in slots[lengths == 0].tolist()]
    )


def days_within(db: sqlite3.Connection, numbers: Ints, first: int, last: int) -> Days:
    """What is known of the days from the first to the last one of these series.

    Args:
        db: a connection that reads one state.
        numbers: series numbers, ascending, each once.
        first: the first day, counted from 1970-01-01.
        last: the last day, the same.
    """
    rows = ((first - _FIRST_DAY) // _DAYS, (last - _FIRST_DAY) // _DAYS)
    bounds = (max(rows[0], 0), min(rows[1], _ROWS_A_SERIES - 1))
    found = db.execute(_WITHIN, (json.dumps(numbers.tolist()), *bounds)).fetchall()
    if not found:
        none = np.zeros(0, np.int64)
        return Days(none, none, np.zeros(0, DAY))
    slots, kept = zip(*found, strict=True)
    counts = np.array([len(days) for days in kept]) // DAY.itemsize
    series, row = np.divmod(np.repeat(np.array(slots, np.int64), counts), _ROWS_A_SERIES)
    day = row * _DAYS + spans(np.zeros_like(counts), counts) + _FIRST_DAY
    facts = np.frombuffer(b"".join(kept), DAY)
    known = (facts["values"] > 0) | (facts["readings"] > 0)
    return Days(series, day, facts).take(known & (day >= first) & (day <= last))


_WITHIN: Final = """
SELECT slot, days FROM json_each(?1) AS wanted
CROSS JOIN level ON slot BETWEEN (wanted.value << 17) + ?2 AND (wanted.value << 17) + ?3
"""


def _places(series: Ints, day: Ints) -> Ints:
    """The slot of a day times 32 and its place in the row."""
    places: Ints = series * (_ROWS_A_SERIES * _DAYS) + day - _FIRST_DAY
    return places
