"""Days that went, out of one bucket and into another: hours and days without readings.

Guarantees: what is put has been acknowledged by the server; put again it changes nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from graph_service.adapters.influx import flux, marks, series
from graph_service.adapters.influx.levels import (
    DAY_FIELDS,
    HOUR_FIELDS,
    Hours,
    day_line,
    gone_line,
    gone_until,
    hour_line,
    hours_of,
)
from graph_service.adapters.influx.readings import InfluxReadings
from graph_service.adapters.influx.refusals import send_all
from graph_service.adapters.influx.server import InfluxServer
from graph_service.adapters.influx.stored_readings import gone_days, newest_values
from graph_service.adapters.influx.tables import Chosen, beside, fields_of
from graph_service.adapters.timeline.bits import Array
from graph_service.adapters.timeline.levels import DAY_US
from graph_service.domain.gone_days import GoneDays, GoneHours
from graph_service.domain.readings import SeriesKey, Window

_CODES: Final = {np.dtype(np.int64): "q", np.dtype(np.float64): "d"}

Batch = Sequence[tuple[SeriesKey, GoneDays]]


def gone_days_of(server: InfluxServer, keys: Sequence[SeriesKey]) -> list[GoneDays]:
    """The days of each series whose readings were taken away."""
    found: dict[SeriesKey, GoneDays] = {}
    if gone_until(server) > flux.FIRST_US:
        for some, _ in Chosen(keys).lots(series.MOST_IN_A_CHOICE):
            found |= _of_lot(server, some)
    return [found.get(key, GoneDays()) for key in keys]


def _of_lot(server: InfluxServer, chosen: Chosen) -> dict[SeriesKey, GoneDays]:
    always = flux.stretch_of(flux.ALWAYS)
    tables = server.ask(flux.rows(DAY_FIELDS, "days", always, **chosen.tags()))
    known, *others = fields_of(tables, chosen, DAY_FIELDS)
    columns = [known.at_us, known.values, *(beside(known, other, 0) for other in others)]
    hours = hours_of(server.ask(flux.rows(HOUR_FIELDS, "hours", always, **chosen.tags())), chosen)
    return {
        chosen.keys[at]: _days([column[known.series == at] for column in columns], hours, at)
        for at in np.unique(known.series).tolist()
    }


def _days(columns: Sequence[Array], hours: Hours, at: int) -> GoneDays:
    start_us, known_us, first_us, last_us, values, quality, last_known_us = columns
    cells = hours.cells
    own = (cells.series == at) & np.isin(cells.at_us // DAY_US, start_us // DAY_US)
    return GoneDays(
        start_us=_column(start_us),
        known_us=_column(known_us),
        first_us=_column(first_us),
        last_us=_column(last_us),
        values=_column(values),
        quality=array("B", quality.tolist()),
        last_known_us=_column(last_known_us),
        hours=GoneHours(*map(_column, cells.take(own)[1:])),
    )


def put_gone_days(
    server: InfluxServer, readings: InfluxReadings, batch: Iterable[tuple[SeriesKey, GoneDays]]
) -> int:
    """Keep days that went elsewhere as days that went here; gives how many were new."""
    given = [(key, days) for key, days in batch if len(days)]
    if not given:
        return 0
    with readings.turn.alone():
        taken = _taken(server, given)
        lines = list(_day_lines(given, taken))
        if lines:
            until_us = max(days.start_us[-1] for _, days in given) + DAY_US
            gone = gone_line(max(gone_until(server), until_us))
            kept = series.kept_lines(series.READINGS, [key for key, _ in given])
            send_all(server, [readings.mark(), gone, *kept])
            send_all(server, [*_hour_lines(given, taken), *lines])
            send_all(server, marks.of_all(key for key, _ in given))
            readings.forget_ends()
    return len(lines)


def _taken(server: InfluxServer, batch: Batch) -> set[tuple[SeriesKey, int]]:
    """Days that have readings, or went."""
    chosen = Chosen(key for key, _ in batch)
    firsts, lasts = zip(*((days.start_us[0], days.start_us[-1]) for _, days in batch), strict=True)
    window = Window(min(firsts), max(lasts) + DAY_US)
    there = [newest_values(server, chosen, window), gone_days(server, chosen, window)]
    return {
        (chosen.keys[at], day)
        for rows in there
        for at, day in zip(rows.series.tolist(), (rows.valid // DAY_US).tolist(), strict=True)
    }


def _day_lines(batch: Batch, taken: set[tuple[SeriesKey, int]]) -> Iterator[str]:
    for key, days in batch:
        columns: tuple[Iterable[Any], ...] = (
            days.known_us,
            days.first_us,
            days.last_us,
            days.values,
            days.quality,
            days.last_known_us,
        )
        for start_us, *facts in zip(days.start_us, *columns, strict=True):
            if (key, start_us // DAY_US) not in taken:
                yield day_line(key, start_us // DAY_US, facts)


def _hour_lines(batch: Batch, taken: set[tuple[SeriesKey, int]]) -> Iterator[str]:
    for key, days in batch:
        known = dict(zip(days.start_us, days.known_us, strict=True))
        hours = days.hours
        cells: tuple[Iterable[Any], ...] = (
            hours.sums,
            hours.least,
            hours.most,
            hours.lasts,
            hours.last_us,
            hours.readings,
            hours.doubtful,
        )
        for at_us, *cell in zip(hours.start_us, *cells, strict=True):
            day = at_us // DAY_US
            if (key, day) not in taken:
                yield hour_line(key, at_us, cell, known[day * DAY_US])


def _column(column: Array) -> array:  # type: ignore[type-arg]
    return array(_CODES[column.dtype], column.tobytes())
