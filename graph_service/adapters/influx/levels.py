"""Hours and days that stay in InfluxDB when their readings were taken away: written and read.

hours   one point an hour of a day that went: `sum`, `least`, `most`, `last`, `last_us`,
        `readings`, `doubtful`, and `known_us`, the last that was known of the day
days    one point a day that went: `known_us`; `first_us`, `last_us` of its readings; and the
        last of them, `last`, `last_quality`, `last_known_us`
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph_service.adapters.influx import flux
from graph_service.adapters.influx.lines import series_head, text_field
from graph_service.adapters.influx.server import InfluxServer, Table
from graph_service.adapters.influx.tables import Chosen, beside, fields_of
from graph_service.adapters.timeline.aggregation import newest_versions
from graph_service.adapters.timeline.bits import Ints
from graph_service.adapters.timeline.levels import DAY_US, HOUR_US, Levels, cells_of_rows
from graph_service.adapters.timeline.rows import Rows, groups_of
from graph_service.domain.readings import SeriesKey

HOUR_FIELDS: Final = {
    "sum": float,
    "least": float,
    "most": float,
    "last": float,
    "last_us": int,
    "readings": int,
    "doubtful": int,
    "known_us": int,
}
DAY_FIELDS: Final = {
    "known_us": int,
    "first_us": int,
    "last_us": int,
    "last": float,
    "last_quality": int,
    "last_known_us": int,
}

_LARGEST: Final = 1.7976931348623157e308


class Hours(NamedTuple):
    """Cells of hours, and of each when the last version of its day was known."""

    cells: Levels
    known: Ints

    def take(self, chosen: NDArray[np.bool_]) -> Hours:
        """The cells a mask chooses."""
        return Hours(self.cells.take(chosen), self.known[chosen])


def hours_of(tables: Sequence[Table], chosen: Chosen) -> Hours:
    """The hours in an answer."""
    sums, *others, known = fields_of(tables, chosen, HOUR_FIELDS)
    columns = (beside(sums, other, 0) for other in others)
    return Hours(Levels(sums.series, sums.at_us, sums.values, *columns), beside(sums, known, 0))


def hours_of_series(server: InfluxServer, key: SeriesKey) -> Hours:
    """All hours of a series that stayed."""
    chosen = Chosen([key])
    always = flux.stretch_of(flux.ALWAYS)
    return hours_of(server.ask(flux.rows(HOUR_FIELDS, "hours", always, **chosen.tags())), chosen)


def days_of_series(server: InfluxServer, key: SeriesKey) -> dict[int, list[Any]]:
    """The days of a series that went: day → what its line says, in the order of `DAY_FIELDS`."""
    chosen = Chosen([key])
    always = flux.stretch_of(flux.ALWAYS)
    tables = server.ask(flux.rows(DAY_FIELDS, "days", always, **chosen.tags()))
    known, *others = fields_of(tables, chosen, DAY_FIELDS)
    columns = (known.at_us, known.values, *(beside(known, other, 0) for other in others))
    return {
        at // DAY_US: facts
        for at, *facts in zip(*(column.tolist() for column in columns), strict=True)
    }


def gone_until(server: InfluxServer) -> int:
    """Before which time readings may have been taken away; before all times where none ever were.

    Who forgets leaves it as a stamp, so that nobody looks for hours and days that cannot be there.
    """
    return int(server.stamp("gone") or flux.FIRST_US)


def gone_line(until_us: int) -> str:
    """The line that says so."""
    return f"writes,subject=gone stamp={text_field(str(until_us))} 0"


# --- lines -------------------------------------------------------------------------------------


def lines_of(chosen: Chosen, rows: Rows) -> Iterator[str]:
    """The hours and days of all versions of the readings of whole days, sorted."""
    yield from _hour_lines(chosen, rows)
    yield from _day_lines(chosen, rows)


def _hour_lines(chosen: Chosen, rows: Rows) -> Iterator[str]:
    hours = cells_of_rows(newest_versions(rows, None), HOUR_US)
    days = groups_of(rows)
    lasts = np.maximum.reduceat(rows.known, days.starts).tolist()
    known = dict(zip(days.pairs(), lasts, strict=True))
    for at, at_us, *cell in zip(*(column.tolist() for column in hours), strict=True):
        yield hour_line(chosen.keys[at], at_us, cell, known[at, at_us // DAY_US])


def hour_line(key: SeriesKey, at_us: int, cell: Sequence[Any], known_us: int) -> str:
    """The line of an hour: `cell` as in `Levels`, without series and time."""
    total, least, most, last, last_us, readings, doubtful = cell
    finite = max(-_LARGEST, min(total, _LARGEST))
    return (
        f"{series_head('hours', key)} "
        f"sum={finite!r},least={least!r},most={most!r},last={last!r},last_us={last_us}i,"
        f"readings={readings}i,doubtful={doubtful}i,known_us={known_us}i {at_us}000"
    )


def _day_lines(chosen: Chosen, rows: Rows) -> Iterator[str]:
    days = groups_of(rows)
    known = np.maximum.reduceat(rows.known, days.starts)
    last = rows.take(np.append(days.starts[1:], len(rows.valid)) - 1)
    columns = (column.tolist() for column in (days.days, known, rows.valid[days.starts], *last))
    for day, known_us, first_us, at, *end in zip(*columns, strict=True):
        yield day_line(chosen.keys[at], day, [known_us, first_us, *end])


def day_line(key: SeriesKey, day: int, facts: Sequence[Any]) -> str:
    """The line of a day that went, from facts in the order of `DAY_FIELDS`."""
    known_us, first_us, last_us, last, quality, last_known_us = facts
    return (
        f"{series_head('days', key)} known_us={known_us}i,first_us={first_us}i,last_us={last_us}i,"
        f"last={last!r},last_quality={quality}i,last_known_us={last_known_us}i {day * DAY_US}000"
    )
