"""Give the readings of one element to another: those that came before their element was known.

Works inside the writer's transaction.
"""

from __future__ import annotations

import sqlite3
from typing import Final

import numpy as np

from graph_service.adapters.sqlite.timeline import last, series, tables
from graph_service.adapters.sqlite.timeline.days import days_within, put_days
from graph_service.adapters.sqlite.timeline.merging import keep
from graph_service.adapters.timeline.levels import DAY_US
from graph_service.domain.readings import Window

_ALWAYS: Final = Window(-(2**62), 2**62)


def rename(db: sqlite3.Connection, old: str, new: str) -> int:
    """Give all readings of an element to another; gives how many series.

    A series that the other has not got changes its name; otherwise its readings are appended.
    """
    keys = series.of_elements(db, [old], None)
    for key in keys:
        other = key._replace(element=new)
        number, heir = series.find(db, key), series.find(db, other)
        if number is None:
            continue
        if heir is None:
            series.rename(db, key, other)
        else:
            _hand_over(db, number, heir)
            series.remove(db, [key])
    return len(keys)


def _hand_over(db: sqlite3.Connection, number: int, heir: int) -> None:
    """Append the readings of a series to another one, with the levels of forgotten days."""
    own = np.array([number])
    rows = tables.rows_within(db, own, _ALWAYS)
    days = days_within(db, own, _ALWAYS.start_us // DAY_US, _ALWAYS.stop_us // DAY_US)
    hours = tables.hours_only(db, number)
    tables.remove_readings(db, number)
    if len(rows.valid):
        keep(db, rows._replace(series=np.full(len(rows.valid), heir)))
    known = days_within(db, np.array([heir]), days.day.min(initial=0), days.day.max(initial=0)).day
    free = days.take(np.isin(days.day, list(hours)) & ~np.isin(days.day, known))
    put_days(db, free._replace(series=np.full(len(free.day), heir)))
    pairs = [(heir, day) for day in free.day.tolist()]
    tables.put_hours_only(db, pairs, [hours[day] for _, day in pairs])
    last.inherit(db, number, heir)
    last.remove(db, [number])
