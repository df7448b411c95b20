"""What did these elements use, and how sure is that: series summed up with quality and coverage.

A question about any number of elements (`model_set/mRID`) is three calls to the store: which
series they have, the aggregate over all of them, and what range exists. Days and months of a zone
make it a few more, one for each stretch of intervals that are equally long; the first question
about a series is two more, to see how often it is read. Where an element has the quantity from
several sources, the first source by name counts.

An interval's value is made of the usable readings (good, estimated, suspect) within it: first over
time for each member, then over the members. `RULES` says how, by role of the quantity: energy adds
up over time and members, power over members only, levels (volts, degrees) over neither.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from math import nan
from typing import Final

import numpy as np

from graph_service.domain import tables
from graph_service.domain.calendars import MOST_INTERVALS, Intervals, cut
from graph_service.domain.errors import BadAggregate, TooManyIntervals, UnknownQuantity
from graph_service.domain.readings import (
    Aggregate,
    IntervalColumns,
    LastReading,
    ReadingColumns,
    SeriesKey,
    Window,
    to_us,
)
from graph_service.domain.tables import QuantityRow
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.raw_readings import (
    ManyQuestion,
    ManyReadings,
    Place,
    read_many,
)
from graph_service.services.rhythms import Rhythms, expected
from graph_service.services.schedules import Schedules
from graph_service.services.series_answers import (
    RULES,
    Ints,
    ReadingsAnswer,
    SeriesAnswer,
    answer,
    check_points,
    joined,
    thin,
    thin_readings,
)

__all__ = ["MOST_INTERVALS", "RULES", "ReadingsAnswer", "SeriesAnswer", "Timelines"]

_BESIDE: Final = 16  # questions that are asked while another one is
MOST_VALUES: Final = 1_000_000
"""How many values the answers of one call may have together."""


class Timelines:
    """Questions about readings.

    Args:
        store: where they are.
        schedules: how often series are to be read, where it was stated.
    """

    def __init__(self, store: TimelineStore, schedules: Schedules | None = None):
        self._store = store
        self._rhythms = Rhythms(store, schedules)
        self._beside = ThreadPoolExecutor(_BESIDE, thread_name_prefix="beside")

    def series_sum(
        self,
        elements: Sequence[str],
        quantity: str,
        window: Window,
        resolution: str,
        aggregate: Aggregate = Aggregate.SUM,
        known_at: datetime | None = None,
        *,
        zone: str | None = None,
        max_points: int | None = None,
    ) -> SeriesAnswer:
        """Aggregate a quantity over elements, interval by interval.

        Args:
            elements: `model_set/mRID`; each counts once.
            quantity: name of a quantity, such as `ENERGY_IN`.
            window: intervals begin at its start; the last one may be cut short by its end.
            resolution: length of an interval as ISO 8601 duration.
            aggregate: how readings become one value, see `RULES`.
            known_at: answer with what was known then, not with what is known now.
            zone: the time zone of days, weeks, months and years, see `domain.calendars`.
            max_points: leave so many intervals at most, see `analysis.thinning`.

        Raises:
            UnknownQuantity, BadResolution, BadZone, TooManyIntervals, BadAggregate, InvalidCall:
                the question is wrong.
        """
        row = _quantity(quantity)
        intervals = cut(window, resolution, zone)
        across = _across(row, aggregate)
        keys = self._first_sources(elements, quantity)
        known_us = None if known_at is None else to_us(known_at)
        available = self._beside.submit(self._store.available, keys)
        columns = self._aggregate(keys, intervals, aggregate, across, known_us)
        members = len(set(elements))
        rhythms = self._rhythms.of(keys)
        due = expected(rhythms, members - len(keys), _edges(intervals))
        found = answer(row.unit, columns, members, available.result(), due)
        return thin(found, max_points)

    def series_each(
        self,
        elements: Sequence[str],
        quantity: str,
        window: Window,
        resolution: str,
        aggregate: Aggregate = Aggregate.SUM,
        known_at: datetime | None = None,
        *,
        zone: str | None = None,
        max_points: int | None = None,
    ) -> list[SeriesAnswer]:
        """What `series_sum` says of each element alone, in the order asked.

        The values of all are one call to the store, what range exists is one for each.

        Raises:
            UnknownQuantity, BadResolution, BadZone, TooManyIntervals, BadAggregate, InvalidCall:
                the question is wrong.
        """
        row = _quantity(quantity)
        intervals = cut(window, resolution, zone)
        if len(intervals) * len(elements) > MOST_VALUES:
            most = MOST_VALUES // len(elements)
            raise TooManyIntervals(resolution, len(intervals), most)
        _across(row, aggregate)
        keys = self._first_sources(elements, quantity)
        known_us = None if known_at is None else to_us(known_at)
        edges, told = _edges(intervals), {}
        each = self._each(keys, intervals, aggregate, known_us)
        for key, columns, rhythm in zip(keys, each, self._rhythms.of(keys), strict=True):
            range_there_is = self._store.available([key])
            due = expected([rhythm], 0, edges)
            told[key.element] = thin(answer(row.unit, columns, 1, range_there_is, due), max_points)
        nothing = thin(answer(row.unit, _empty(intervals), 1, None, None), max_points)
        return [told.get(element) or nothing for element in elements]

    def readings_each(
        self,
        elements: Sequence[str],
        quantity: str,
        window: Window,
        known_at: datetime | None = None,
        *,
        max_points: int | None = None,
    ) -> list[ReadingsAnswer]:
        """The readings of each element, as they were reported, or so many that draw the same line.

        The readings of all are one call to the store, what range exists is one for each.

        Raises:
            UnknownQuantity: no quantity has this name.
            InvalidCall: fewer points are asked than a line can be drawn with.
        """
        check_points(max_points)
        unit, told = _quantity(quantity).unit, {}
        keys = self._first_sources(elements, quantity)
        known_us = None if known_at is None else to_us(known_at)
        found = self._store.read(keys, window, known_us) if keys else []
        for key, columns in zip(keys, found, strict=True):
            range_there_is = self._store.available([key])
            whole = ReadingsAnswer(unit, key.source, columns, range_there_is)
            told[key.element] = thin_readings(whole, max_points)
        nothing = ReadingsAnswer(unit, "", ReadingColumns.empty(), None)
        return [told.get(element, nothing) for element in elements]

    def readings_over(
        self,
        elements: Sequence[str],
        quantity: str,
        window: Window,
        known_at: datetime | None = None,
        *,
        max_points: int | None = None,
        first: int = 50,
        after: Place | None = None,
    ) -> ManyReadings:
        """A page of the series of these elements with their readings, see `raw_readings`.

        Raises:
            UnknownQuantity: no quantity has this name.
            InvalidCall: fewer points are asked than a line can be drawn with.
        """
        known_us = None if known_at is None else to_us(known_at)
        row = _quantity(quantity)
        asked = ManyQuestion(elements, row, window, known_us, max_points, first, after)
        return read_many(self._store, self._rhythms, asked)

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

    def _aggregate(
        self,
        keys: Sequence[SeriesKey],
        intervals: Intervals,
        within: Aggregate,
        across: Aggregate,
        known_us: int | None,
    ) -> IntervalColumns:
        """One call for each run of equal intervals; where there are several, one for the count
        of series that reported at all."""
        runs = intervals.runs()
        pieces = [
            self._store.aggregate(keys, window, every_us, within, across, known_us)[0]
            for window, every_us in runs
        ]
        if len(pieces) == 1:
            return pieces[0]
        whole = Window(intervals.starts_us[0], intervals.stop_us)
        length_us, count = whole.stop_us - whole.start_us, Aggregate.COUNT
        [all_of_it] = self._store.aggregate(keys, whole, length_us, count, Aggregate.SUM, known_us)
        return joined(pieces, all_of_it.reporting_series)

    def _each(
        self,
        keys: Sequence[SeriesKey],
        intervals: Intervals,
        within: Aggregate,
        known_us: int | None,
    ) -> list[IntervalColumns]:
        """The intervals of each series alone, in the order asked."""
        pieces = [
            self._store.aggregate(keys, window, every_us, within, None, known_us)
            for window, every_us in intervals.runs()
        ]
        return [
            joined(own, int(any(piece.reporting_series for piece in own)))
            for own in zip(*pieces, strict=True)
        ]

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


def _across(row: QuantityRow, aggregate: Aggregate) -> Aggregate:
    across = RULES[row.role].get(aggregate)
    if across is None:
        raise BadAggregate(aggregate.name, row.name, row.unit)
    return across


def _edges(intervals: Intervals) -> Ints:
    return np.array([*intervals.starts_us, intervals.stop_us], dtype=np.int64)


def _empty(intervals: Intervals) -> IntervalColumns:
    """Intervals in which nothing was reported."""
    none = array("i", bytes(4 * len(intervals)))
    nothing = array("d", [nan]) * len(intervals)
    return IntervalColumns(intervals.starts_us, nothing, none, none, 0, none, none)
