"""Take the readings of days away and keep their hours and days, or take these too.

A day whose readings were taken away keeps its row without readings: its hours are in their place,
so that it still answers, and so that nothing comes into it that could not be compared with what
was there. Works inside the writer's transaction.
"""

from __future__ import annotations

import sqlite3
from typing import Final

import numpy as np

from graph_service.adapters.sqlite.timeline import last, series, tables, tail
from graph_service.adapters.sqlite.timeline.days import days_within, put_days
from graph_service.adapters.sqlite.timeline.merging import hours_of_days, merge
from graph_service.adapters.timeline.bits import Ints
from graph_service.adapters.timeline.levels import DAY_US
from graph_service.adapters.timeline.rows import Rows, groups_of
from graph_service.domain.readings import SeriesKey, Window

_CHUNKS_AT_ONCE: Final = 4_000
FIRST_DAY: Final = -719_162
"""0001-01-01, before all readings."""


def count(db: sqlite3.Connection, numbers: Ints, before_day: int) -> int:
    """How many values of series lie before a day and are not forgotten yet."""
    days = days_within(db, numbers, FIRST_DAY, before_day - 1)
    return int(days.facts["values"].sum()) + len(_tail_before(db, numbers, before_day).valid)


def forget(
    db: sqlite3.Connection, keys: dict[SeriesKey, int], before_day: int, *, levels: bool
) -> int:
    """Take the readings of series before a day away; gives how many values went."""
    numbers = np.array(sorted(keys.values()), np.int64)
    if len(_tail_before(db, numbers, before_day).valid):
        merge(db, tail.take(db))
    days = days_within(db, numbers, FIRST_DAY, before_day - 1)
    gone = np.zeros(len(numbers), np.int64)
    np.add.at(gone, np.searchsorted(numbers, days.series), days.facts["values"])
    if levels:
        tables.drop_chunks(db, numbers, before_day)
        put_days(db, days._replace(facts=np.zeros_like(days.facts)))
    else:
        _empty_chunks(db, numbers, before_day)
        days.facts["values"] = 0
        put_days(db, days)
        last.close_before(db, numbers, before_day * DAY_US)
    last.lower(db, numbers, gone)
    if levels:
        _begin_anew(db, keys)
    return int(gone.sum())


def _tail_before(db: sqlite3.Connection, numbers: Ints, before_day: int) -> Rows:
    stop_us = max(before_day, FIRST_DAY + 1) * DAY_US
    return tail.within(db, numbers, Window(FIRST_DAY * DAY_US, stop_us))


def _empty_chunks(db: sqlite3.Connection, numbers: Ints, before_day: int) -> None:
    """Put the hours of chunks in the place of their readings."""
    slots = tables.slots_before(db, numbers, before_day)
    for at in range(0, len(slots), _CHUNKS_AT_ONCE):
        rows = tables.rows_of_slots(db, slots[at : at + _CHUNKS_AT_ONCE])
        tables.put_hours_only(db, groups_of(rows).pairs(), hours_of_days(rows))


def _begin_anew(db: sqlite3.Connection, keys: dict[SeriesKey, int]) -> None:
    """Bring the first times up to date, and take series away that have nothing left."""
    firsts = {key: tables.first_time(db, number) for key, number in keys.items()}
    empty = [key for key, first in firsts.items() if first is None]
    last.begin(db, {keys[key]: first for key, first in firsts.items() if first is not None})
    if empty:
        last.remove(db, [keys[key] for key in empty])
        series.remove(db, empty)
