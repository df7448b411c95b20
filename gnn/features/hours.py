"""Readings by hour, as they were known at a time: mean power of every customer and measured place.

An hour counts only where as many readings of it are there as the series usually has an hour; more
(a clock that was set back) or fewer (a gap) make it missing. Energy taken less energy given is
the load; a series of power is used where there is none of energy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.features.grid import Grid
from graph_service.domain.readings import (
    MICROSECONDS_PER_HOUR,
    Aggregate,
    IntervalColumns,
    SeriesKey,
    Window,
)
from graph_service.ports.timeline_store import TimelineStore

HOUR_US: Final = MICROSECONDS_PER_HOUR
HISTORY_H: Final = 15 * 24
"""How many hours before the issue a prediction looks at."""
LOOKED_BACK_H: Final = HISTORY_H + 9 * 24
"""How many hours it is read back, so that the last days can be replayed."""

_TAKEN, _GIVEN, _POWER = "ENERGY_IN", "ENERGY_OUT", "P"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """Mean power by hour; NaN where not known.

    Attributes:
        start_us: Begin of the first hour.
        watts: Of each customer, float64[m, hours].
        heads: Of each place that is measured itself, float64[p, hours].
    """

    start_us: int
    watts: Floats
    heads: Floats

    @property
    def count(self) -> int:
        """How many hours."""
        return int(self.watts.shape[1])

    def last(self, hours: int) -> Hours:
        """The last so many hours."""
        first = self.count - hours
        start_us = self.start_us + first * HOUR_US
        return Hours(start_us, self.watts[:, first:], self.heads[:, first:])


def whole_hour(us: int) -> int:
    """The begin of the hour a time lies in."""
    return us - us % HOUR_US


def window_before(issued_us: int, hours: int = HISTORY_H) -> Window:
    """The whole hours that ended at or before the issue."""
    stop = whole_hour(issued_us)
    return Window(stop - hours * HOUR_US, stop)


def read_hours(timeline: TimelineStore, grid: Grid, window: Window, known_us: int) -> Hours:
    """What was known at a time of the hours of a window."""
    customers = [*grid.customers.sources]
    places = [
        (key,) if key == head else (key, head)
        for key, head in zip(grid.keys, grid.heads, strict=True)
    ]
    return Hours(
        window.start_us,
        _watts(timeline, customers, window, known_us),
        _watts(timeline, places, window, known_us),
    )


def _watts(
    timeline: TimelineStore, sources: Sequence[tuple[str, ...]], window: Window, known_us: int
) -> Floats:
    hours = (window.stop_us - window.start_us) // HOUR_US
    taken = _of_quantity(timeline, sources, _TAKEN, Aggregate.SUM, window, known_us, hours)
    given = _of_quantity(timeline, sources, _GIVEN, Aggregate.SUM, window, known_us, hours)
    power = _of_quantity(timeline, sources, _POWER, Aggregate.MEAN, window, known_us, hours)
    energy = taken - np.where(np.isfinite(given), given, 0.0)
    return np.where(np.isfinite(energy), energy, power)


def _of_quantity(
    timeline: TimelineStore,
    sources: Sequence[tuple[str, ...]],
    quantity: str,
    within: Aggregate,
    window: Window,
    known_us: int,
    hours: int,
) -> Floats:
    found = np.full((len(sources), hours), np.nan)
    rows, keys = series_of(timeline, sources, quantity)
    if keys:
        columns = timeline.aggregate(keys, window, HOUR_US, within, None, known_us)
        found[rows] = [_complete(each) for each in columns]
    return found


def series_of(
    timeline: TimelineStore, sources: Sequence[tuple[str, ...]], quantity: str
) -> tuple[list[int], list[SeriesKey]]:
    """The series of a quantity that each row has, the first of its sources that has one."""
    every = sorted({element for elements in sources for element in elements})
    first: dict[str, SeriesKey] = {}
    for key in timeline.series(every, quantity):
        first.setdefault(key.element, key)
    rows, keys = [], []
    for row, elements in enumerate(sources):
        named = next((first[element] for element in elements if element in first), None)
        if named is not None:
            rows.append(row)
            keys.append(named)
    return rows, keys


def _complete(columns: IntervalColumns) -> Floats:
    values = np.array(columns.values, dtype=np.float64)
    counts = np.array(columns.readings, dtype=np.int64)
    if not counts.any():
        return np.full(len(values), np.nan)
    usual = np.bincount(counts[counts > 0]).argmax()
    return np.where(counts == usual, values, np.nan)
