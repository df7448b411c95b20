"""Two timelines compared: series, readings with all versions, days that went, events, forecasts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from graph_service.domain.forecasts import Forecast
from graph_service.domain.gone_days import GoneDays, GoneHours
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    ReadingColumns,
    SeriesKey,
    Window,
)
from graph_service.ports.exchange import Progress
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.copying.counting import Counts
from graph_service.services.copying.pages import (
    ALWAYS,
    count,
    elements_of_both,
    histories,
    stretches,
)

_DIGITS: Final = 1e-12
"""How far sums of hours may lie apart, as a part of themselves."""


def timeline_counts(
    source: TimelineStore, target: TimelineStore, tell: Progress
) -> Iterator[tuple[str, Counts]]:
    """What both timelines have, by sort of thing."""
    compared = _Series(source, target)
    total = source.counts()[0]
    for names in elements_of_both(source, target):
        compared.add(names)
        tell("comparing series", compared.series.source, max(total, compared.series.source))
    yield "series", compared.series
    yield "readings", compared.readings
    yield "days kept as hours", compared.gone
    yield "forecasts", compared.forecasts
    events = Counts()
    events.of(_events(source), _events(target))
    yield "events", events


def _events(timeline: TimelineStore) -> Iterator[object]:
    for versions, _ in histories(timeline):
        yield from versions


class _Series:
    """What has been compared of the series."""

    def __init__(self, source: TimelineStore, target: TimelineStore):
        self._both = (source, target)
        self.series, self.readings, self.gone, self.forecasts = (Counts() for _ in range(4))

    def add(self, names: Sequence[str]) -> None:
        """Compare all series of some elements."""
        ours, theirs = (store.series(names) for store in self._both)
        keys = sorted({*ours, *theirs})
        ends = [_ends(store, keys) for store in self._both]
        equal = sum(one == other for key, one, other in zip(keys, *ends, strict=True))
        self.series.add(len(ours), len(theirs), equal)
        self._add_readings(keys)
        days = [store.gone_days(keys) for store in self._both]
        for one, other in zip(*days, strict=True):
            self.gone.add(len(one), len(other), _equal_days(one, other))
        issues = [_issues(store, names) for store in self._both]
        same = sum(issues[1].get(at) == forecast for at, forecast in issues[0].items())
        self.forecasts.add(len(issues[0]), len(issues[1]), same)

    def _add_readings(self, keys: Sequence[SeriesKey]) -> None:
        def read(window: Window) -> list[list[ReadingColumns]]:
            return [store.versions(keys, window) for store in self._both]

        extents = [extent for store in self._both if (extent := store.available(keys))]
        if not extents:
            return
        whole = (min(first for first, _ in extents), max(stop for _, stop in extents))
        for ours, theirs in stretches(whole, read, lambda both: max(map(count, both))):
            equal = sum(map(_equal_readings, ours, theirs))
            self.readings.add(count(ours), count(theirs), equal)


def _ends(timeline: TimelineStore, keys: Sequence[SeriesKey]) -> list[object]:
    """The newest reading of each series, and from when to when it has any; None where unknown."""
    newest = timeline.last(keys)
    return [
        None if last is None else (last, timeline.available([key]))
        for key, last in zip(keys, newest, strict=True)
    ]


def _equal_readings(one: ReadingColumns, other: ReadingColumns) -> int:
    if one == other:
        return len(one)
    return (Counter(_rows(one)) & Counter(_rows(other))).total()


def _rows(columns: ReadingColumns) -> Iterator[tuple[Any, ...]]:
    return zip(columns.valid_us, columns.values, columns.quality, columns.known_us, strict=True)


def _equal_days(one: GoneDays, other: GoneDays) -> int:
    if not len(one) or not len(other):
        return 0
    ours, theirs = _by_day(one), _by_day(other)
    return sum(_is_same_day(facts, theirs.get(day)) for day, facts in ours.items())


Day = tuple[int, list[tuple[Any, ...]]]
"""When a day's last version became known, and its hours: sum first."""


def _by_day(days: GoneDays) -> dict[int, Day]:
    found: dict[int, Day] = {
        day: (known, []) for day, known in zip(days.start_us, days.known_us, strict=True)
    }
    for start_us, *cell in _hours(days.hours):
        day = start_us - start_us % MICROSECONDS_PER_DAY
        found[day][1].append((cell[0], start_us, *cell[1:]))
    return found


def _hours(hours: GoneHours) -> Iterator[tuple[Any, ...]]:
    return zip(
        hours.start_us,
        hours.sums,
        hours.least,
        hours.most,
        hours.lasts,
        hours.last_us,
        hours.readings,
        hours.doubtful,
        strict=True,
    )


def _is_same_day(one: Day, other: Day | None) -> bool:
    if other is None or one[0] != other[0] or len(one[1]) != len(other[1]):
        return False
    return all(
        ours[1:] == theirs[1:] and math.isclose(ours[0], theirs[0], rel_tol=_DIGITS)
        for ours, theirs in zip(one[1], other[1], strict=True)
    )


def _issues(timeline: TimelineStore, names: Sequence[str]) -> dict[tuple[SeriesKey, int], Forecast]:
    keys = timeline.forecast_series(names)
    return {(one.key, one.issued_us): one for one in timeline.forecast_history(keys, ALWAYS)}
