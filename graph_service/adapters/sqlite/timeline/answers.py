"""Where an aggregate is answered from: days, hours or the readings themselves.

Intervals that are whole UTC days are put together from days, whole hours from hours, all else from
readings. What a level does not know yet (readings in the tail), or knows too well (versions that
became known after the time asked for), comes from the readings of that day.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np

from graph_service.adapters.sqlite.timeline import last, tables, tail
from graph_service.adapters.sqlite.timeline.days import days_within
from graph_service.adapters.sqlite.timeline.hours import decode_hours
from graph_service.adapters.timeline.aggregation import (
    Cells,
    join_cells,
    newest_versions,
    within_intervals,
)
from graph_service.adapters.timeline.bits import Ints
from graph_service.adapters.timeline.levels import (
    DAY_US,
    HOUR_US,
    Levels,
    cells_of_rows,
    intervals_of_cells,
    join_levels,
)
from graph_service.adapters.timeline.rows import (
    Rows,
    day_places,
    in_order,
    join,
    series_and_days,
)
from graph_service.domain.readings import Aggregate, Window

ROWS_AT_ONCE = 2_000_000
"""How many readings are in memory at a time; about 80 MB."""


class Question(NamedTuple):
    """An aggregate within intervals; `known_us` None for what is known now."""

    window: Window
    every_us: int
    within: Aggregate
    known_us: int | None


def pieces(db: sqlite3.Connection, numbers: Ints, question: Question) -> Iterator[Cells]:
    """The cells of all series, some whole intervals at a time, so that memory stays bounded.

    Args:
        db: a connection that reads one state.
        numbers: series numbers, ascending, each once.
        question: what is asked of each.
    """
    for source, stretch in _sources(question):
        rows_a_day = source.rows_a_day(db, numbers)
        for part in _parts(stretch, question.every_us, rows_a_day):
            days = (part.stop_us - part.start_us) / DAY_US
            lots = min(math.ceil(days * rows_a_day / ROWS_AT_ONCE), len(numbers)) or 1
            some = np.array_split(numbers, lots)
            yield join_cells([source.cells(db, lot, part, question) for lot in some])


class _Source(Protocol):
    """One way to come to the cells of a part of a question's window."""

    def rows_a_day(self, db: sqlite3.Connection, numbers: Ints) -> float: ...

    def cells(
        self, db: sqlite3.Connection, numbers: Ints, part: Window, question: Question
    ) -> Cells: ...


def _sources(question: Question) -> Iterator[tuple[_Source, Window]]:
    """The coarsest level that whole intervals can be made of, and the readings for the rest."""
    window = question.window
    source, period_us = next(
        (
            (source, period_us)
            for source, period_us in ((_Days(), DAY_US), (_Hours(), HOUR_US))
            if window.start_us % period_us == 0 and question.every_us % period_us == 0
        ),
        (_Readings(), 1),
    )
    stop_us = window.stop_us
    if stop_us % period_us:
        stop_us -= (stop_us - window.start_us) % question.every_us
    if stop_us > window.start_us:
        yield source, Window(window.start_us, stop_us)
    if stop_us < window.stop_us:
        yield _Readings(), Window(stop_us, window.stop_us)


def _parts(window: Window, every_us: int, rows_a_day: float) -> Iterator[Window]:
    """Cut a window between intervals into pieces of a day or more."""
    days = max(1, int(ROWS_AT_ONCE // max(1.0, rows_a_day)))
    span = max(1, math.ceil(days * DAY_US / every_us)) * every_us
    for start in range(window.start_us, window.stop_us, span):
        yield Window(start, min(start + span, window.stop_us))


# --- readings ----------------------------------------------------------------------------------


class _Readings:
    def rows_a_day(self, db: sqlite3.Connection, numbers: Ints) -> float:
        return last.readings_a_day(db, numbers)

    def cells(
        self, db: sqlite3.Connection, numbers: Ints, part: Window, question: Question
    ) -> Cells:
        rows = newest_versions(tables.rows_within(db, numbers, part), question.known_us)
        start_us = question.window.start_us
        return within_intervals(rows, start_us, question.every_us, question.within)


# --- days --------------------------------------------------------------------------------------


class _Days:
    def rows_a_day(self, db: sqlite3.Connection, numbers: Ints) -> float:
        return len(numbers)

    def cells(
        self, db: sqlite3.Connection, numbers: Ints, part: Window, question: Question
    ) -> Cells:
        cells = _day_cells(db, numbers, part, question.known_us)
        return intervals_of_cells(
            cells, question.window.start_us, question.every_us, question.within
        )


def _day_cells(
    db: sqlite3.Connection, numbers: Ints, window: Window, known_us: int | None
) -> Levels:
    days = days_within(db, numbers, window.start_us // DAY_US, (window.stop_us - 1) // DAY_US)
    live = _places_of(tail.within(db, numbers, window))
    places = day_places(days.series, days.day)
    settled = ~np.isin(places, live)
    if known_us is not None:
        settled &= days.facts["known"] <= known_us
    cells = days.take(settled).cells()
    unsettled = np.union1d(live, places[~settled])
    if not len(unsettled):
        return cells
    rows = newest_versions(_rows_of(db, unsettled), known_us)
    return join_levels([cells, cells_of_rows(rows, DAY_US)])


def _rows_of(db: sqlite3.Connection, places: Ints) -> Rows:
    """All versions of the readings of these days; they mostly are the same days of many series."""
    series, days = series_and_days(places)
    span = Window(int(days.min()) * DAY_US, (int(days.max()) + 1) * DAY_US)
    rows = tables.rows_within(db, np.unique(series), span)
    return rows.take(np.isin(_places_of(rows), places))


def _places_of(rows: Rows) -> Ints:
    return day_places(rows.series, rows.valid // DAY_US)


# --- hours -------------------------------------------------------------------------------------


class _Hours:
    def rows_a_day(self, db: sqlite3.Connection, numbers: Ints) -> float:
        return max(24.0 * len(numbers), last.readings_a_day(db, numbers))

    def cells(
        self, db: sqlite3.Connection, numbers: Ints, part: Window, question: Question
    ) -> Cells:
        start_us, every_us = question.window.start_us, question.every_us
        blocks, rows = tables.hours_within(db, numbers, part)
        live = tail.within(db, numbers, part)
        settled, again = _settled_hours(blocks, part, live, question.known_us)
        if len(live.valid) or again:
            rows = in_order(join([rows, tables.chunks_of(db, again), live]))
        rows = rows.where(_is_within(rows.valid, part))
        rows = newest_versions(rows, question.known_us)
        if settled is None:
            return within_intervals(rows, start_us, every_us, question.within)
        levels = join_levels([settled, cells_of_rows(rows, HOUR_US)])
        return intervals_of_cells(levels, start_us, every_us, question.within)


def _settled_hours(
    blocks: tables.HourBlocks, window: Window, live: Rows, known_us: int | None
) -> tuple[Levels | None, list[tuple[int, int]]]:
    """The hours that chunks have beside them, and the days to be answered from readings again."""
    if not blocks.blocks:
        return None, []
    places = day_places(blocks.series, blocks.days)
    cells, known = decode_hours(*blocks)
    settled = ~np.isin(places, _places_of(live))
    if known_us is not None:
        settled &= known <= known_us
    of_settled = np.isin(day_places(cells.series, cells.at_us // DAY_US), places[settled])
    again = (blocks.series[~settled].tolist(), blocks.days[~settled].tolist())
    in_window = _is_within(cells.at_us, window)
    return cells.take(of_settled & in_window), list(zip(*again, strict=True))


def _is_within(times: Ints, window: Window) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return (times >= window.start_us) & (times < window.stop_us)
