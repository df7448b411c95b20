"""Aggregates of readings in InfluxDB: from sums the server makes, from readings, or from hours.

What is asked of a day or two is made here from the readings, which the server hands over quicker
than it sums them up. Over longer times, sums, means and counts of plain readings are made by the
server while it reads; series of which a reading is not GOOD, and the other aggregates, are made
here. Days whose readings were taken away answer from their hours, where intervals are whole hours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from graph_service.adapters.influx import flux, influxql
from graph_service.adapters.influx.ends import extents
from graph_service.adapters.influx.levels import HOUR_FIELDS, gone_until, hours_of
from graph_service.adapters.influx.series import MOST_IN_A_CHOICE
from graph_service.adapters.influx.server import InfluxServer, Table
from graph_service.adapters.influx.stored_readings import known_at, newest_values
from graph_service.adapters.influx.tables import (
    Chosen,
    beside,
    by_question,
    fields_of,
    rows_of,
)
from graph_service.adapters.timeline.aggregation import Cells, join_cells, within_intervals
from graph_service.adapters.timeline.bits import Ints
from graph_service.adapters.timeline.levels import (
    DAY_US,
    HOUR_US,
    Levels,
    cells_of_rows,
    intervals_of_cells,
    join_levels,
)
from graph_service.adapters.timeline.rows import Rows
from graph_service.domain.readings import Aggregate, Window

_SUMMED: Final = frozenset({Aggregate.SUM, Aggregate.MEAN, Aggregate.COUNT})
"""What follows from sums and counts."""


_SERIES_AT_ONCE: Final = 200
_SPAN_US: Final = 31 * DAY_US
"""How many series, and how much of their time, are read at once: some 600,000 readings."""
_LONG: Final = 12  # spans
_SHORT_NS: Final = 2 * DAY_US * 1000
_MOST_OF_A_SERIES: Final = 300
"""Up to what time, and how many readings of a series in it, they are read and not summed up."""


class Question(NamedTuple):
    """An aggregate within intervals; `known_us` None for what is known now.

    `in_time`: whether it matters when the last reading of each cell was.
    """

    window: Window
    every_us: int
    within: Aggregate
    known_us: int | None
    in_time: bool = False

    def can_be_summed(self) -> bool:
        """Whether the server's sums and counts answer it."""
        now = self.known_us is None and not self.in_time
        return now and self.within in _SUMMED and self.every_us >= HOUR_US


def pieces(server: InfluxServer, chosen: Chosen, question: Question) -> Iterator[Cells]:
    """One value of each series and interval that has a usable reading; some series at a time."""
    some_days = _of_some_days(server, chosen, question)
    if some_days is not None:
        yield from some_days
        return
    stretch = _stretch_of_hours(server, question)
    summed = question.can_be_summed()
    for some, places in chosen.lots(MOST_IN_A_CHOICE if summed else _SERIES_AT_ONCE):
        way = _from_sums if summed else _from_readings
        cells = way(server, some, question, stretch)
        yield cells._replace(series=places[cells.series])


# --- a day or two ------------------------------------------------------------------------------


def _of_some_days(server: InfluxServer, chosen: Chosen, question: Question) -> list[Cells] | None:
    """Cells from the readings of a short time; None where that is not the way to them.

    It is not where versions matter, where days went, and where series have so many readings that
    sums are quicker; nothing is read in vain more than once then.
    """
    window, every_us, within, known_us, _ = question
    stretch = flux.stretch_of(window)
    if known_us is not None or not 0 < stretch[1] - stretch[0] <= _SHORT_NS:
        return None
    pieces = []
    for some, places in chosen.lots(MOST_IN_A_CHOICE):
        asked = influxql.readings(some.tags(), stretch, _MOST_OF_A_SERIES)
        answer, gone = server.ask_ql(asked, influxql.stamps(["gone"]))
        if gone or any(len(one["values"]) == _MOST_OF_A_SERIES for one in answer):
            return None
        rows = rows_of(answer, some)
        cells = within_intervals(rows, window.start_us, every_us, within)
        pieces.append(cells._replace(series=places[cells.series]))
    return pieces


# --- readings that are aggregated here ---------------------------------------------------------


def _from_readings(
    server: InfluxServer, chosen: Chosen, question: Question, stretch: tuple[int, int] | None
) -> Cells:
    """Cells from the readings of some weeks at a time, so that memory stays bounded."""
    window, every_us, within, *_ = question
    gone = _gone(server, chosen, question, stretch)
    whole_hours = window.start_us % HOUR_US == every_us % HOUR_US == 0
    step_us = _SPAN_US if whole_hours else max(1, _SPAN_US // every_us) * every_us
    parts = _parts(server, chosen, window, step_us)
    if whole_hours and (len(parts) > 1 or len(gone.series)):
        levels = [cells_of_rows(_read(server, chosen, question, part), HOUR_US) for part in parts]
        return intervals_of_cells(join_levels([gone, *levels]), window.start_us, every_us, within)
    return join_cells(
        [
            within_intervals(
                _read(server, chosen, question, part), window.start_us, every_us, within
            )
            for part in parts
        ]
    )


def _parts(server: InfluxServer, chosen: Chosen, window: Window, step_us: int) -> list[Window]:
    """Steps of a window, at least one; of a long one only those in which there may be readings."""
    first_us, stop_us = window.start_us, window.stop_us
    if stop_us - first_us > _LONG * step_us:
        ends = extents(server, chosen) or (first_us, first_us)
        first_us += max(0, (ends[0] - first_us) // step_us) * step_us
        stop_us = min(stop_us, ends[1] + 1)
    starts = range(first_us, stop_us, step_us)
    steps = [Window(start, min(start + step_us, stop_us)) for start in starts]
    return steps or [Window(window.start_us, min(window.start_us + step_us, window.stop_us))]


def _read(server: InfluxServer, chosen: Chosen, question: Question, part: Window) -> Rows:
    if question.known_us is None:
        return newest_values(server, chosen, part)
    return known_at(server, chosen, part, question.known_us)


def _gone(
    server: InfluxServer, chosen: Chosen, question: Question, stretch: tuple[int, int] | None
) -> Levels:
    """The hours of days that went, as far as they were known."""
    tables = []
    if stretch is not None:
        tables = server.ask(flux.rows(HOUR_FIELDS, "hours", stretch, **chosen.tags()))
    hours = hours_of(tables, chosen)
    if question.known_us is None:
        return hours.cells
    return hours.cells.take(hours.known <= question.known_us)


def _stretch_of_hours(server: InfluxServer, question: Question) -> tuple[int, int] | None:
    """Where intervals are whole hours, so that hours can answer; None where nowhere."""
    window, every_us = question.window, question.every_us
    period_us = DAY_US if window.start_us % DAY_US == every_us % DAY_US == 0 else HOUR_US
    if window.start_us % period_us or every_us % period_us:
        return None
    stop_us = window.stop_us
    if stop_us % period_us:
        stop_us -= (stop_us - window.start_us) % every_us
    start, stop = flux.stretch_of(window)
    stop = min(stop, stop_us * 1000, gone_until(server) * 1000)
    return (start, stop) if start < stop else None


# --- sums that the server makes ----------------------------------------------------------------


def _from_sums(
    server: InfluxServer, chosen: Chosen, question: Question, stretch: tuple[int, int] | None
) -> Cells:
    window, every_us, within, *_ = question
    tags = chosen.tags()
    hours = {} if stretch is None else {"hours": flux.rows(HOUR_FIELDS, "hours", stretch, **tags)}
    cells, answers = _sums(server, chosen, window, every_us, hours)
    gone = hours_of(answers["hours"], chosen)
    if not len(gone.known):
        return _as(cells, within)
    # an interval may be of days that went and of others: put together from hours or days
    period_us = DAY_US if window.start_us % DAY_US == every_us % DAY_US == 0 else HOUR_US
    if period_us != every_us:
        cells, _ = _sums(server, chosen, window, period_us, {})
    levels = join_levels([gone.cells, _levels_of(cells, window.start_us, period_us)])
    return intervals_of_cells(levels, window.start_us, every_us, within)


def _sums(
    server: InfluxServer, chosen: Chosen, window: Window, every_us: int, more: dict[str, str]
) -> tuple[Cells, dict[str, list[Table]]]:
    """The sum of each series and interval as cells, and the answers to what else was asked."""
    stretch, grid_us, tags = flux.stretch_of(window), (every_us, window.start_us), chosen.tags()
    if stretch[0] >= stretch[1]:
        return _plain([], [], chosen, window, every_us), {"hours": []}
    question = flux.together(
        sum=flux.windowed("sum", "readings", stretch, grid_us, **tags),
        count=flux.windowed("count", "readings", stretch, grid_us, **tags),
        quality=flux.rows(["quality"], "readings", stretch, **tags),
        **more,
    )
    answers = by_question(server.ask(question))
    cells = _plain(answers["sum"], answers["count"], chosen, window, every_us)
    [quality] = fields_of(answers["quality"], chosen, {"quality": int})
    mixed = np.unique(quality.series[quality.values > 0])
    if len(mixed):
        some = Chosen(chosen.keys[at] for at in mixed.tolist())
        rows = newest_values(server, some, window)
        own = within_intervals(rows, window.start_us, every_us, Aggregate.SUM)
        cells = join_cells([_of_others(cells, mixed), own._replace(series=mixed[own.series])])
    return cells, answers


def _of_others(cells: Cells, series: Ints) -> Cells:
    """The cells of all but some series."""
    other = ~np.isin(cells.series, series)
    return Cells(
        cells.series[other],
        cells.interval[other],
        cells.values[other],
        cells.readings[other],
        cells.doubtful[other],
        cells.last_us[other],
    )


def _plain(
    sums: Sequence[Table], counts: Sequence[Table], chosen: Chosen, window: Window, every_us: int
) -> Cells:
    """Cells of series all of whose readings are GOOD."""
    [total] = fields_of(sums, chosen, {"value": float})
    [count] = fields_of(counts, chosen, {"value": int})
    return Cells(
        total.series,
        (total.at_us - window.start_us) // every_us,
        total.values,
        beside(total, count, 0),
        np.zeros(len(total.series), np.int64),
        total.at_us,
    )


def _as(cells: Cells, within: Aggregate) -> Cells:
    """Cells of sums as cells of another aggregate."""
    if within is Aggregate.COUNT:
        return cells._replace(values=cells.readings.astype(np.float64))
    if within is Aggregate.MEAN:
        return cells._replace(values=cells.values / cells.readings)
    return cells


def _levels_of(cells: Cells, start_us: int, period_us: int) -> Levels:
    """Cells of sums as a level of which only sums and counts are true."""
    at_us = start_us + cells.interval * period_us
    sums, readings, doubtful = cells.values, cells.readings, cells.doubtful
    return Levels(cells.series, at_us, sums, sums, sums, sums, at_us, readings, doubtful)
