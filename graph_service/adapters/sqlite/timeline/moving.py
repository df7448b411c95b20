"""Days that went, out of one timeline file and into another: hours and days without readings.

Works inside the transaction of the connection it is given.

Limits: a file knows the first reading of a series and its last one, but not those of each day; of
other days the start of the day and the last usable reading stand for them.
"""

from __future__ import annotations

import sqlite3
from array import array
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph_service.adapters.sqlite.timeline import last, series, tables
from graph_service.adapters.sqlite.timeline.days import days_of_hours, days_within, put_days
from graph_service.adapters.sqlite.timeline.hours import decode_hours, hours_of_cells
from graph_service.adapters.timeline.bits import Array, Ints
from graph_service.adapters.timeline.levels import DAY_US, Levels
from graph_service.adapters.timeline.rows import groups_of
from graph_service.domain.gone_days import GoneDays, GoneHours
from graph_service.domain.readings import Quality, SeriesKey, Window

_CODES: Final = {np.dtype(np.int64): "q", np.dtype(np.float64): "d", np.dtype(np.uint8): "B"}


def gone_days(db: sqlite3.Connection, number: int) -> GoneDays:
    """The days of a series whose readings were taken away."""
    blocks = tables.hours_only(db, number)
    if not blocks:
        return GoneDays()
    days = np.array(sorted(blocks), np.int64)
    ordered = [blocks[day] for day in days.tolist()]
    levels, known = decode_hours(ordered, np.full(len(days), number), days)
    firsts, lasts, values, quality, last_known = _ends(levels, days, known)
    extent, newest = last.extent(db, np.array([number])), last.newest(db, number)
    if extent is not None and newest is not None:
        firsts[days == extent[0] // DAY_US] = extent[0]
        at = days == newest.valid_us // DAY_US
        for column, value in zip((lasts, values, quality, last_known), newest, strict=True):
            column[at] = value
    return GoneDays(
        start_us=_column(days * DAY_US),
        known_us=_column(known),
        first_us=_column(firsts),
        last_us=_column(lasts),
        values=_column(values),
        quality=_column(quality),
        last_known_us=_column(last_known),
        hours=GoneHours(*map(_column, levels[1:])),
    )


def _ends(levels: Levels, days: Ints, known: Ints) -> tuple[Ints, Ints, Array, Array, Ints]:
    """First time, and last time, value, quality and known time of days, as far as hours tell."""
    stops = np.searchsorted(levels.at_us, (days + 1) * DAY_US)
    filled = stops > np.searchsorted(levels.at_us, days * DAY_US)
    at = stops[filled] - 1
    lasts, values = days * DAY_US, np.zeros(len(days))
    lasts[filled], values[filled] = levels.last_us[at], levels.lasts[at]
    quality = np.where(filled, int(Quality.GOOD), int(Quality.MISSING)).astype(np.uint8)
    return days * DAY_US, lasts, values, quality, known.copy()


def put_gone_days(db: sqlite3.Connection, key: SeriesKey, days: GoneDays) -> int:
    """Keep days of a series that went elsewhere; gives how many were new."""
    number = series.find(db, key)
    wanted = np.array(days.start_us, np.int64) // DAY_US
    if not len(wanted):
        return 0
    free = np.ones(len(wanted), np.bool_) if number is None else _are_free(db, number, wanted)
    if not free.any():
        return 0
    if number is None:
        [number] = series.add(db, [key]).values()
    new, known = wanted[free], np.array(days.known_us, np.int64)[free]
    levels = _levels(days.hours, number, new)
    pairs = [(number, day) for day in new.tolist()]
    tables.put_hours_only(db, pairs, hours_of_cells(levels, pairs, known))
    put_days(db, days_of_hours(levels, np.full(len(new), number), new, known))
    ends = [np.array(column)[free][-1].item() for column in (
        days.last_us, days.values, days.quality, days.last_known_us)]  # fmt: skip
    last.reach(db, number, int(np.array(days.first_us)[free][0]), *ends)
    last.close_before(db, np.array([number]), int(new[-1] + 1) * DAY_US)
    return len(new)


def _are_free(db: sqlite3.Connection, number: int, days: Ints) -> NDArray[np.bool_]:
    """Whether nothing is known of days: no readings, no levels."""
    window = Window(int(days[0]) * DAY_US, int(days[-1] + 1) * DAY_US)
    own = np.array([number])
    taken = groups_of(tables.rows_within(db, own, window)).days
    known = days_within(db, own, int(days[0]), int(days[-1])).day
    gone = list(tables.hours_only(db, number))
    return ~np.isin(days, np.concatenate((taken, known, np.array(gone, np.int64))))


def _levels(hours: GoneHours, number: int, days: Ints) -> Levels:
    """The hours of some days."""
    start_us = np.array(hours.start_us, np.int64)
    levels = Levels(
        np.full(len(start_us), number),
        start_us,
        np.array(hours.sums, np.float64),
        np.array(hours.least, np.float64),
        np.array(hours.most, np.float64),
        np.array(hours.lasts, np.float64),
        np.array(hours.last_us, np.int64),
        np.array(hours.readings, np.int64),
        np.array(hours.doubtful, np.int64),
    )
    return levels.take(np.isin(start_us // DAY_US, days))


def _column(column: Array) -> array:  # type: ignore[type-arg]
    return array(_CODES[column.dtype], column.tobytes())
