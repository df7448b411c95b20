"""The made-up year that the timeline is measured with: readings of meters, and what happened.

Load has a daily shape, households of different size, noise in every interval, whole Wh, one
interval in fifty missing. Events are spread over the year; a quarter of them last for hours.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

import numpy as np

from graph_service.domain.events import Event, EventSeverity
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    ReadingColumns,
    SeriesKey,
    Window,
)

FIRST_DAY = 20_000
KNOWN = (FIRST_DAY + 400) * MICROSECONDS_PER_DAY
HOUR = 3_600_000_000
SERIES_A_BATCH = 2_000
Batch = list[tuple[SeriesKey, ReadingColumns]]

_INSTANTS = ("DEVICE_EVENT", "MESSAGE", "SWITCHING", "IMAGE", "NOTE", "FINDING")
_LASTING = ("OUTAGE", "ALARM", "WORK")


def batches(meters: int, first_day: int, days: int, a_day: int) -> Iterator[Batch]:
    """Some days of all meters, a day of 2,000 meters at a time; any day is always the same."""
    sizes = np.random.default_rng(1).lognormal(0, 0.6, meters)
    hours = np.arange(a_day) * 24 / a_day
    shape = 1 + 0.7 * np.exp(-((hours - 7.5) ** 2) / 4) + 1.4 * np.exp(-((hours - 19) ** 2) / 8)
    for day in range(first_day, first_day + days):
        chance = np.random.default_rng(day)
        noise = chance.gamma(2, 0.5, (meters, a_day))
        load_wh = np.rint(sizes[:, None] * shape * noise * 6_000 / a_day)
        present = chance.random((meters, a_day)) >= 0.02
        for first in range(0, meters, SERIES_A_BATCH):
            some = range(first, min(first + SERIES_A_BATCH, meters))
            yield [(key(m), _day(day, load_wh[m], present[m])) for m in some]


def _day(day: int, load_wh: Any, present: Any) -> ReadingColumns:
    step = MICROSECONDS_PER_DAY // len(load_wh)
    times = (FIRST_DAY + day) * MICROSECONDS_PER_DAY + np.flatnonzero(present) * step
    return columns(array("q", times.tolist()), load_wh[present].tolist())


def live(meters: int, at: int) -> Batch:
    """One value of each meter, the quarter hour `at` after the year."""
    times = array("q", [window(370, 1).start_us + at * HOUR // 4])
    return [(key(meter), columns(times, [meter % 500])) for meter in range(meters)]


def columns(times: array[int], values: list[float]) -> ReadingColumns:
    """Good values, all known at once."""
    known = array("q", [KNOWN]) * len(times)
    return ReadingColumns(times, array("d", values), array("B", bytes(len(times))), known)


def key(meter: int) -> SeriesKey:
    """The series of a meter."""
    return SeriesKey(f"town/usage-point-{meter:06}", "ENERGY_IN", "meter")


def window(day: int, days: int) -> Window:
    """Some days of the year."""
    start = (FIRST_DAY + day) * MICROSECONDS_PER_DAY
    return Window(start, start + days * MICROSECONDS_PER_DAY)


def events(count: int, elements: int, days: int) -> Iterator[Event]:
    """Events of elements, two each, spread over some days."""
    chance = np.random.default_rng(2)
    starts = chance.integers(0, days * MICROSECONDS_PER_DAY, count).tolist()
    subjects = chance.integers(0, elements, (count, 2)).tolist()
    lasts = np.where(chance.random(count) < 0.25, chance.lognormal(0, 1.5, count) * HOUR, 0)
    severities = chance.integers(0, 5, count).tolist()
    for at, lasts_us in enumerate(lasts.astype(np.int64).tolist()):
        start = FIRST_DAY * MICROSECONDS_PER_DAY + starts[at]
        kinds = _LASTING if lasts_us else _INSTANTS
        yield Event(
            source="scada",
            id=f"{at:08}",
            kind=kinds[at % len(kinds)],
            start_us=start,
            known_us=start + 1_000_000,
            text="what a person reads about it",
            severity=EventSeverity(severities[at]),
            end_us=start + lasts_us if lasts_us else None,
            subjects=tuple(key(subject).element for subject in subjects[at]),
        )
