"""Fills a timeline with readings, counts what it is asked, and asks for the morning of a day."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.readings import (
    Aggregate,
    Quality,
    ReadingColumns,
    SeriesKey,
    Window,
    to_us,
)
from graph_service.services.timelines import SeriesAnswer, Timelines

HOUR = 3_600_000_000
QUARTER = HOUR // 4
OSLO = ZoneInfo("Europe/Oslo")
START = to_us(datetime(2026, 1, 1, tzinfo=UTC))
KNOWN = START + 1_000 * HOUR
MORNING = Window(START, START + 3 * HOUR)
ONE, TWO, SILENT = "town/one", "town/two", "town/silent"


class Counted:
    """A store that counts how often it is asked."""

    def __init__(self, store: SqliteTimeline) -> None:
        self.store = store
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        self.calls[name] += 1
        return getattr(self.store, name)


def put(
    store: Any,
    element: str,
    values: Sequence[float],
    *,
    quantity: str = "ENERGY_IN",
    source: str = "meter",
    start: int = START,
    step: int = HOUR,
    quality: Quality = Quality.GOOD,
    known: int = KNOWN,
) -> None:
    """Values one step apart, hourly from START where nothing else is said."""
    count = len(values)
    columns = ReadingColumns(
        array("q", [start + at * step for at in range(count)]),
        array("d", values),
        array("B", [quality] * count),
        array("q", [known] * count),
    )
    store.append([(SeriesKey(element, quantity, source), columns)])


def quarters(store: Any, element: str, count: int, **more: Any) -> None:
    """Quarter-hourly values of 1 from START."""
    put(store, element, [1.0] * count, step=QUARTER, **more)


def ask(
    timelines: Timelines,
    elements: Sequence[str],
    quantity: str = "ENERGY_IN",
    aggregate: Aggregate = Aggregate.SUM,
    **more: Any,
) -> SeriesAnswer:
    """The morning, hour by hour."""
    return timelines.series_sum(elements, quantity, MORNING, "PT1H", aggregate, **more)
