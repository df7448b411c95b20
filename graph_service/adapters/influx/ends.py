"""Where series in InfluxDB begin and end, and their newest reading; days that went included."""

from __future__ import annotations

import numpy as np

from graph_service.adapters.influx import flux, influxql
from graph_service.adapters.influx.levels import gone_until
from graph_service.adapters.influx.series import MOST_IN_A_CHOICE
from graph_service.adapters.influx.server import InfluxServer
from graph_service.adapters.influx.tables import Chosen, Points, beside, fields_of
from graph_service.domain.readings import LastReading, Quality, SeriesKey

_READING = {"value": float, "quality": int, "known_us": int}
_DAY = {"last": float, "last_us": int, "last_quality": int, "last_known_us": int}


def newest(server: InfluxServer, chosen: Chosen) -> dict[SeriesKey, LastReading]:
    """The newest reading of each series that has any."""
    found: dict[SeriesKey, LastReading] = {}
    for some, _ in chosen.lots(MOST_IN_A_CHOICE):
        value, last_us, quality, known = _ends(server, some, "last", "days", _DAY)
        _collect(found, some, value, (last_us.values, quality.values, known.values))
        value, quality, known = _ends(server, some, "last", "readings", _READING)
        beside_it = (value.at_us, beside(value, quality, 0), beside(value, known, 0))
        _collect(found, some, value, beside_it)
    return found


def _collect(
    found: dict[SeriesKey, LastReading],
    chosen: Chosen,
    value: Points,
    others: tuple[np.ndarray, ...],
) -> None:
    """Keep the later one of each series; `others` are valid time, quality, known time."""
    columns = (value.series, value.values, *others)
    for at, number, valid_us, quality, known_us in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        key = chosen.keys[at]
        if key not in found or valid_us >= found[key].valid_us:
            found[key] = LastReading(valid_us, number, Quality(quality), known_us)


def extents(server: InfluxServer, chosen: Chosen) -> tuple[int, int] | None:
    """The first valid time and the last, over all these series."""
    ends: list[int] = []
    for some, _ in chosen.lots(MOST_IN_A_CHOICE):
        asked = influxql.first_and_last(some.tags()), influxql.stamps(["gone"])
        *found, gone = server.ask_ql(*asked)
        ends += [row[0] // 1000 for answer in found for one in answer for row in one["values"]]
        if gone:
            for how in ("first", "last"):
                [day] = _ends(server, some, how, "days", {f"{how}_us": int})
                ends += day.values.tolist()
    return (min(ends), max(ends)) if ends else None


def first_reading(server: InfluxServer, chosen: Chosen) -> int | None:
    """The first valid time of all readings of these series."""
    [reading] = _ends(server, chosen, "first", "readings", {"value": float})
    return int(reading.at_us.min()) if len(reading.at_us) else None


def with_anything(server: InfluxServer, chosen: Chosen) -> set[SeriesKey]:
    """The series that have readings, or days that went."""
    [reading] = _ends(server, chosen, "last", "readings", {"value": float})
    [day] = _ends(server, chosen, "last", "days", {"last_us": int})
    return {chosen.keys[at] for at in {*reading.series.tolist(), *day.series.tolist()}}


def last_times(server: InfluxServer, chosen: Chosen) -> tuple[Points, Points]:
    """The last reading of each series by its time, and the last day that went by its `last_us`."""
    [reading] = _ends(server, chosen, "last", "readings", {"value": float})
    [day] = _ends(server, chosen, "last", "days", {"last_us": int})
    return reading, day


def _ends(
    server: InfluxServer, chosen: Chosen, how: str, measurement: str, names: dict[str, type]
) -> list[Points]:
    start, stop = flux.stretch_of(flux.ALWAYS)
    if measurement == "days":
        stop = min(stop, gone_until(server) * 1000)
    if start >= stop:
        return fields_of([], chosen, names)
    tables = server.ask(flux.ends(how, names, measurement, (start, stop), **chosen.tags()))
    return fields_of(tables, chosen, names)
