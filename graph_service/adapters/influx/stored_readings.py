"""Readings in InfluxDB, read: their newest versions, all of them, and the days that went.

Rows come sorted by series, valid and known time; what stands where is told in `readings.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from graph_service.adapters.influx import flux, series
from graph_service.adapters.influx.server import InfluxServer
from graph_service.adapters.influx.tables import Chosen, beside, fields_of
from graph_service.adapters.timeline.aggregation import newest_versions
from graph_service.adapters.timeline.rows import Rows, in_order, join, no_rows
from graph_service.domain.readings import MICROSECONDS_PER_DAY as _DAY_US
from graph_service.domain.readings import Window

_FIELDS: Final = {"value": float, "quality": int, "known_us": int}


def newest(server: InfluxServer, chosen: Chosen, window: Window) -> Rows:
    """The newest versions of the readings of series within a window, sorted."""
    return _rows(server, chosen, window, "readings")


def newest_values(server: InfluxServer, chosen: Chosen, window: Window) -> Rows:
    """The same without the times at which they became known."""
    return _rows(server, chosen, window, "readings", ("value", "quality"))


def all_versions(server: InfluxServer, chosen: Chosen, window: Window) -> Rows:
    """All versions, sorted by series, valid and known time."""
    both = [_rows(server, chosen, window, name) for name in ("readings_before", "readings")]
    return in_order(join(both))


def known_at(server: InfluxServer, chosen: Chosen, window: Window, known_us: int | None) -> Rows:
    """Of each value the newest version that was known at a time."""
    if known_us is None:
        return newest(server, chosen, window)
    return newest_versions(all_versions(server, chosen, window), known_us)


def _rows(
    server: InfluxServer,
    chosen: Chosen,
    window: Window,
    measurement: str,
    names: Iterable[str] = tuple(_FIELDS),
) -> Rows:
    stretch = flux.stretch_of(window)
    pieces = [no_rows()]
    for some, places in chosen.lots(series.MOST_IN_A_CHOICE):
        if stretch[0] < stretch[1]:
            tables = server.ask(flux.rows(names, measurement, stretch, **some.tags()))
            value, quality, known = fields_of(tables, some, _FIELDS)
            pieces.append(
                Rows(
                    places[value.series],
                    value.at_us,
                    value.values,
                    beside(value, quality, 0).astype(np.uint8),
                    beside(value, known, 0),
                )
            )
    return join(pieces)


def gone_days(server: InfluxServer, chosen: Chosen, window: Window) -> Rows:
    """The days that went: `valid` is where each begins, `known` the last that was known of it."""
    whole = Window(window.start_us // _DAY_US * _DAY_US, window.stop_us)
    pieces = [no_rows()]
    for some, places in chosen.lots(series.MOST_IN_A_CHOICE):
        stretch = flux.stretch_of(whole)
        tables = server.ask(flux.rows(["known_us"], "days", stretch, **some.tags()))
        [known] = fields_of(tables, some, {"known_us": int})
        none = np.zeros(len(known.series))
        pieces.append(
            Rows(places[known.series], known.at_us, none, none.astype(np.uint8), known.values)
        )
    return join(pieces)
