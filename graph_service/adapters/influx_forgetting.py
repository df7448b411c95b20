"""How readings leave InfluxDB: whole UTC days, whose hours stay in their place.

    hours   one point an hour of a day that went: `sum`, `least`, `most`, `last`, `last_us`,
            `readings`, `doubtful`, and `known_us`, the last that was known of the day
    days    one point a day that went: `known_us`; `first_us`, `last_us` of its readings; and the
            last of them, `last`, `last_quality`, `last_known_us`

Guarantees: hours and days are there before readings go, so that what is cut off can be done again.

Limits: the bucket's own retention must be longer than what is kept here, or endless; it knows
nothing of levels.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graph_service.adapters import influx_flux as flux
from graph_service.adapters import influx_series as series
from graph_service.adapters.influx_ends import extents, with_anything
from graph_service.adapters.influx_lines import series_head, tag
from graph_service.adapters.influx_readings import InfluxReadings, all_versions
from graph_service.adapters.influx_refusals import send_all
from graph_service.adapters.influx_server import InfluxServer
from graph_service.adapters.influx_tables import Chosen
from graph_service.adapters.timeline_aggregation import newest_versions
from graph_service.adapters.timeline_levels import DAY_US, HOUR_US, cells_of_rows
from graph_service.adapters.timeline_rows import Rows, groups_of
from graph_service.domain.readings import SeriesKey, Window

_SERIES_AT_ONCE = 100
_DAYS_AT_ONCE = 31


def forget(
    server: InfluxServer,
    readings: InfluxReadings,
    quantity: str,
    before_us: int,
    *,
    levels: bool,
    dry_run: bool,
) -> int:
    """Take readings of whole days before a time away; gives how many values went."""
    stretch = flux.stretch_of(
        Window(flux.FIRST_US, max(before_us // DAY_US * DAY_US, flux.FIRST_US + 1))
    )
    wanted = flux.any_of([tag(quantity)])
    counted = server.ask(flux.count("readings", "value", stretch, quantity=wanted))
    count = int(counted[0]["_value"][0]) if counted else 0
    if dry_run:
        return count
    with readings.writing:
        keys = series.every(server, series.READINGS, quantity)
        send_all(server, [readings.mark()])
        if count and not levels:
            _keep_levels(server, keys, stretch[1] // 1000)
        _take(server, quantity, stretch, levels=levels)
        if levels:
            _take_empty_series(server, keys)
        readings.forget_ends()
    return count


def _keep_levels(server: InfluxServer, keys: list[SeriesKey], before_us: int) -> None:
    for at in range(0, len(keys), _SERIES_AT_ONCE):
        chosen = Chosen(keys[at : at + _SERIES_AT_ONCE])
        for window in _windows(server, chosen, before_us):
            rows = all_versions(server, chosen, window)
            if len(rows.valid):
                send_all(server, [*_hour_lines(chosen, rows), *_day_lines(chosen, rows)])


def _windows(server: InfluxServer, chosen: Chosen, before_us: int) -> Iterator[Window]:
    """Months from the first reading on."""
    span = extents(server, chosen)
    if span is not None:
        for start in range(span[0] // DAY_US * DAY_US, before_us, _DAYS_AT_ONCE * DAY_US):
            yield Window(start, min(before_us, start + _DAYS_AT_ONCE * DAY_US))


def _hour_lines(chosen: Chosen, rows: Rows) -> Iterator[str]:
    hours = cells_of_rows(newest_versions(rows, None), HOUR_US)
    days = groups_of(rows)
    known = dict(
        zip(days.pairs(), np.maximum.reduceat(rows.known, days.starts).tolist(), strict=True)
    )
    columns = zip(*(column.tolist() for column in hours), strict=True)
    for at, at_us, *cell in columns:
        yield hour_line(chosen.keys[at], at_us, cell, known[at, at_us // DAY_US])


def hour_line(key: SeriesKey, at_us: int, cell: list[float], known_us: int) -> str:
    """The line of an hour: `cell` as in `Levels`, without series and time."""
    total, least, most, last, last_us, readings, doubtful = cell
    return (
        f"{series_head('hours', key)} "
        f"sum={_finite(total)},least={least!r},most={most!r},last={last!r},last_us={last_us}i,"
        f"readings={readings}i,doubtful={doubtful}i,known_us={known_us}i {at_us}000"
    )


def _finite(value: float) -> str:
    """A sum that is too large for a number is the largest there is."""
    return repr(max(-1.7976931348623157e308, min(value, 1.7976931348623157e308)))


def _day_lines(chosen: Chosen, rows: Rows) -> Iterator[str]:
    days = groups_of(rows)
    known = np.maximum.reduceat(rows.known, days.starts)
    last = rows.take(np.append(days.starts[1:], len(rows.valid)) - 1)
    first_us = rows.valid[days.starts]
    columns = (column.tolist() for column in (days.days, known, first_us, *last))
    for day, known_us, first, at, *end in zip(*columns, strict=True):
        yield day_line(chosen.keys[at], day, [known_us, first, *end])


def day_line(key: SeriesKey, day: int, facts: list[float]) -> str:
    """The line of a day that went."""
    known_us, first_us, last_us, last, quality, last_known_us = facts
    return (
        f"{series_head('days', key)} known_us={known_us}i,first_us={first_us}i,last_us={last_us}i,"
        f"last={last!r},last_quality={quality}i,last_known_us={last_known_us}i {day * DAY_US}000"
    )


def _take(server: InfluxServer, quantity: str, stretch: tuple[int, int], *, levels: bool) -> None:
    measurements = ("readings", "readings_before", *(("hours", "days") if levels else ()))
    for name in measurements:
        predicate = f"_measurement={flux.literal(name)} AND quantity={flux.literal(tag(quantity))}"
        server.delete(predicate, stretch)


def _take_empty_series(server: InfluxServer, keys: list[SeriesKey]) -> None:
    there: set[SeriesKey] = set()
    for some, _ in Chosen(keys).lots(series.MOST_IN_A_CHOICE):
        there |= with_anything(server, some)
    gone = [key for key in keys if key not in there]
    send_all(server, series.kept_lines(series.READINGS, gone, kept=False))
