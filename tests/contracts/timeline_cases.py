"""Series, readings, events and forecasts that the contract of timeline stores is told with."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator

from hypothesis import settings

from graph_service.domain.events import Event, EventFilter
from graph_service.domain.forecasts import Forecast
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    Aggregate,
    IntervalColumns,
    Quality,
    ReadingColumns,
    SeriesKey,
    Window,
)
from graph_service.ports.timeline_store import TimelineStore

HOUR = 3_600_000_000
DAY = MICROSECONDS_PER_DAY
MONDAY = 20_000 * DAY  # a midnight
KNOWN = MONDAY + 30 * DAY
METER = SeriesKey("town/meter-1", "ENERGY_IN", "meter")
OTHER = SeriesKey("town/meter-2", "ENERGY_IN", "meter")
THIRD = SeriesKey("town/meter-3", "ENERGY_IN", "meter")
A_DAY = Window(MONDAY, MONDAY + DAY)
ALWAYS = Window(-(2**55), 2**55)


def random_examples(count: int) -> settings:
    """How long a test goes on with random examples; a server takes the time it takes."""
    return settings(max_examples=count, deadline=None)


def readings(
    values: list[float],
    *,
    start: int = MONDAY,
    step: int = HOUR,
    quality: int = Quality.GOOD,
    known: int = KNOWN,
) -> ReadingColumns:
    """Values one step apart, all of one quality, all known at once."""
    return ReadingColumns(
        array("q", [start + at * step for at in range(len(values))]),
        array("d", values),
        array("B", [quality] * len(values)),
        array("q", [known] * len(values)),
    )


def values_of(columns: ReadingColumns | IntervalColumns) -> list[float | None]:
    return [None if math.isnan(value) else value for value in columns.values]


def values(store: TimelineStore, key: SeriesKey = METER, **asked) -> list[float | None]:
    """What the store reads of one series at any time."""
    return values_of(store.read([key], asked.pop("window", ALWAYS), **asked)[0])


def total(
    store: TimelineStore,
    keys: list[SeriesKey],
    within: Aggregate = Aggregate.SUM,
    across: Aggregate = Aggregate.SUM,
    window: Window = A_DAY,
    every: int = DAY,
    **asked,
) -> IntervalColumns:
    [columns] = store.aggregate(keys, window, every, within, across, **asked)
    return columns


def rows_of(columns: ReadingColumns) -> Iterator[tuple[int, int, float, int]]:
    """(valid, known, value, quality) of each reading."""
    return zip(columns.valid_us, columns.known_us, columns.values, columns.quality, strict=True)


def as_rows(columns: ReadingColumns) -> list[tuple[int, float, int, int]]:
    return [(valid, value, quality, known) for valid, known, value, quality in rows_of(columns)]


# --- events ------------------------------------------------------------------------------------

EVERYTHING = EventFilter()


def event(id: str = "1", start: int = MONDAY, **given) -> Event:
    """A message at midnight, known at once, about nothing; `given` says what is else."""
    said = {"source": "desk", "kind": "MESSAGE", "known_us": start, "text": "it is dark"}
    return Event(**{**said, **given}, id=id, start_us=start)


def about(*subjects: str, **given) -> EventFilter:
    return EventFilter(subjects=frozenset(subjects), **given)


def ids(store: TimelineStore, wanted: EventFilter = EVERYTHING, **asked) -> list[str]:
    """The ids of the events that the store finds, of any time where none is asked."""
    window, first = asked.pop("window", ALWAYS), asked.pop("first", 1000)
    return [found.id for found in store.events(wanted, window, first, **asked)]


# --- forecasts ---------------------------------------------------------------------------------

MODEL = SeriesKey("town/meter-1", "ENERGY_IN", "gradient-1")


def forecast(issued: int, first: float = 1.0, *, start: int = MONDAY, **given) -> Forecast:
    """A forecast of three hours with two quantiles."""
    return Forecast(
        key=given.get("key", MODEL),
        issued_us=issued,
        valid_us=array("q", [start, start + HOUR, start + 2 * HOUR]),
        quantiles=(0.1, 0.9),
        values=(array("d", [first, first, first]), array("d", [first + 1] * 3)),
    )
