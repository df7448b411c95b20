"""What did these elements use, and how sure is that: series summed up with quality and coverage.

A question about any number of elements (`model_set/mRID`) is three calls to the store: which
series they have, the aggregate over all of them, and what range exists. Where an element has the
quantity from several sources, the first source by name counts.

An interval's value is made of the usable readings (good, estimated, suspect) within it: first over
time for each member, then over the members. `RULES` says how, by role of the quantity: energy adds
up over time and members, power over members only, levels (volts, degrees) over neither.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan
from types import MappingProxyType
from typing import Final

from graph_service.domain import tables
from graph_service.domain.durations import parse_resolution
from graph_service.domain.errors import BadAggregate, TooManyIntervals, UnknownQuantity
from graph_service.domain.readings import (
    Aggregate,
    IntervalColumns,
    IntervalQuality,
    LastReading,
    ReadingColumns,
    SeriesKey,
    Window,
    to_us,
)
from graph_service.domain.tables import QuantityRow
from graph_service.ports.timeline_store import TimelineStore

MOST_INTERVALS: Final = 100_000
"""How many intervals one answer may have."""

MOST_VALUES: Final = 1_000_000
"""How many values the answers of one call may have together."""

_OF_ALL: Final = {
    Aggregate.MIN: Aggregate.MIN,
    Aggregate.MAX: Aggregate.MAX,
    Aggregate.COUNT: Aggregate.SUM,
}
_ADDED: Final = {**_OF_ALL, Aggregate.MEAN: Aggregate.SUM, Aggregate.LAST: Aggregate.SUM}
_COMPARED: Final = {**_OF_ALL, Aggregate.MEAN: Aggregate.MEAN, Aggregate.LAST: Aggregate.LAST}

RULES: Final[Mapping[str, Mapping[Aggregate, Aggregate]]] = MappingProxyType(
    {
        "energy": {**_ADDED, Aggregate.SUM: Aggregate.SUM},
        "power": _ADDED,
        "counter": _ADDED,
        "level": _COMPARED,
    }
)
"""role of the quantity → aggregate over time → aggregate over the members.

MEAN of power is the sum of the members' means; MIN and MAX are the smallest and largest single
reading of any member; COUNT is the number of readings.
"""


@dataclass(frozen=True, slots=True)
class SeriesAnswer:
    """A series over some elements: columns of equal length, one entry an interval.

    Attributes:
        unit: The unit of the values, such as `Wh`.
        times: Where each interval begins, microseconds since 1970.
        values: None where nothing was reported.
        quality: How far each value may be trusted.
        coverage: Which share of the members reported, 0 to 1.
        member_count: How many elements were asked.
        reporting_count: How many of them have a usable reading in the window.
        available_range: First valid time and the end (exclusive) of all that the members have of
            this quantity, whatever was asked; None when they have nothing.
    """

    unit: str
    times: array[int]
    values: list[float | None]
    quality: list[IntervalQuality]
    coverage: list[float]
    member_count: int
    reporting_count: int
    available_range: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class ReadingsAnswer:
    """Readings of one element as they were reported; `source` is "" when there is no series."""

    unit: str
    source: str
    readings: ReadingColumns
    available_range: tuple[int, int] | None


class Timelines:
    """Questions about readings.

    Args:
        store: where they are.
    """

    def __init__(self, store: TimelineStore):
        self._store = store

    def series_sum(
        self,
        elements: Sequence[str],
        quantity: str,
        window: Window,
        resolution: str,
        aggregate: Aggregate = Aggregate.SUM,
        known_at: datetime | None = None,
    ) -> SeriesAnswer:
        """Aggregate a quantity over elements, interval by interval.

        Args:
            elements: `model_set/mRID`; each counts once.
            quantity: name of a quantity, such as `ENERGY_IN`.
            window: intervals begin at its start; the last one may be cut short by its end.
            resolution: length of an interval as ISO 8601 duration.
            aggregate: how readings become one value, see `RULES`.
            known_at: answer with what was known then, not with what is known now.

        Raises:
            UnknownQuantity, BadResolution, TooManyIntervals, BadAggregate: the question is wrong.
        """
        row = _quantity(quantity)
        every_us = _interval(window, resolution)
        across = _across(row, aggregate)
        keys = self._first_sources(elements, quantity)
        known_us = None if known_at is None else to_us(known_at)
        [columns] = self._store.aggregate(keys, window, every_us, aggregate, across, known_us)
        return _answer(row.unit, columns, len(set(elements)), self._store.available(keys))

    def series_each(
        self,
        elements: Sequence[str],
        quantity: str,
        window: Window,
        resolution: str,
        aggregate: Aggregate = Aggregate.SUM,
        known_at: datetime | None = None,
    ) -> list[SeriesAnswer]:
        """What `series_sum` says of each element alone, in the order asked.

        The values of all are one call to the store, what range exists is one for each.

        Raises:
            UnknownQuantity, BadResolution, TooManyIntervals, BadAggregate: the question is wrong.
        """
        row = _quantity(quantity)
        every_us = _interval(window, resolution, len(elements), MOST_VALUES)
        _across(row, aggregate)
        keys = self._first_sources(elements, quantity)
        known_us = None if known_at is None else to_us(known_at)
        found = self._store.aggregate(keys, window, every_us, aggregate, None, known_us)
        [nothing] = self._store.aggregate([], window, every_us, aggregate)
        told = {
            key.element: _answer(row.unit, columns, 1, self._store.available([key]))
            for key, columns in zip(keys, found, strict=True)
        }
        return [told.get(element) or _answer(row.unit, nothing, 1, None) for element in elements]

    def readings(
        self,
        element: str,
        quantity: str,
        window: Window,
        known_at: datetime | None = None,
    ) -> ReadingsAnswer:
        """The readings of one element, as they were reported.

        Raises:
            UnknownQuantity: no quantity has this name.
        """
        unit = _quantity(quantity).unit
        keys = self._first_sources([element], quantity)
        if not keys:
            return ReadingsAnswer(unit, "", ReadingColumns.empty(), None)
        known_us = None if known_at is None else to_us(known_at)
        [columns] = self._store.read(keys, window, known_us)
        return ReadingsAnswer(unit, keys[0].source, columns, self._store.available(keys))

    def last(self, elements: Sequence[str], quantity: str) -> list[LastReading | None]:
        """The newest reading of each element, in the order asked.

        Raises:
            UnknownQuantity: no quantity has this name.
        """
        _quantity(quantity)
        keys = self._first_sources(elements, quantity)
        found = zip(keys, self._store.last(keys), strict=True)
        by_element = {key.element: reading for key, reading in found}
        return [by_element.get(element) for element in elements]

    def quantities(self, elements: Sequence[str]) -> list[SeriesKey]:
        """Which series these elements have, by element, quantity and source."""
        return self._store.series(elements)

    def available(
        self, elements: Sequence[str], quantity: str | None = None
    ) -> tuple[int, int] | None:
        """First valid time and the end (exclusive) of what these elements have."""
        return self._store.available(self._store.series(elements, quantity))

    def counts(self) -> tuple[int, int]:
        """How many series and how many current values there are."""
        return self._store.counts()

    def _first_sources(self, elements: Sequence[str], quantity: str) -> list[SeriesKey]:
        first: dict[str, SeriesKey] = {}
        for key in self._store.series(elements, quantity):
            first.setdefault(key.element, key)
        return list(first.values())


def _quantity(name: str) -> QuantityRow:
    row = tables.quantity(name)
    if row is None:
        raise UnknownQuantity(name, [known.name for known in tables.quantities()])
    return row


def _interval(window: Window, resolution: str, members: int = 1, most: int = MOST_INTERVALS) -> int:
    every_us = parse_resolution(resolution)
    intervals = -((window.start_us - window.stop_us) // every_us)
    if intervals * members > most:
        raise TooManyIntervals(resolution, intervals, most // members)
    return every_us


def _across(row: QuantityRow, aggregate: Aggregate) -> Aggregate:
    across = RULES[row.role].get(aggregate)
    if across is None:
        raise BadAggregate(aggregate.name, row.name, row.unit)
    return across


def _answer(
    unit: str, columns: IntervalColumns, members: int, available: tuple[int, int] | None
) -> SeriesAnswer:
    facts = zip(columns.reporting, columns.estimated, strict=True)
    return SeriesAnswer(
        unit=unit,
        times=columns.start_us,
        values=[None if isnan(value) else value for value in columns.values],
        quality=[_quality(members, reporting, estimated) for reporting, estimated in facts],
        coverage=[reporting / members if members else 0.0 for reporting in columns.reporting],
        member_count=members,
        reporting_count=columns.reporting_series,
        available_range=available,
    )


def _quality(members: int, reporting: int, estimated: int) -> IntervalQuality:
    if not reporting:
        return IntervalQuality.MISSING
    if reporting < members:
        return IntervalQuality.PARTIAL
    return IntervalQuality.ESTIMATED if estimated else IntervalQuality.GOOD
