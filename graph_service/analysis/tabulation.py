"""One table of counts, gaps and weights for many series, filled some series at a time.

How often a series is due is what was stated, else what its own readings show; where they are too
few to tell, what most series of the same quantity show, or of all, or an hour. Such series wait
until all others are in.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from graph_service.analysis.gaps import Gaps, gaps
from graph_service.analysis.quality import Counts, count
from graph_service.analysis.receipts import (
    Bools,
    Floats,
    Ints,
    Received,
    most_frequent,
    own_intervals,
    power,
)
from graph_service.domain.readings import MICROSECONDS_PER_HOUR

OTHERWISE_US: Final = MICROSECONDS_PER_HOUR
"""How often a series is due where nothing at all tells."""


class Facts(NamedTuple):
    """What is known of series beforehand, columns of shape (series,).

    Attributes:
        stated_us: The interval somebody stated; 0 where nobody did.
        group: Series of one quantity share a number.
        is_energy: Whether its readings are energy by interval.
    """

    stated_us: Ints
    group: Ints
    is_energy: Bools


class Tabulation:
    """Counts of series by day.

    Args:
        facts: of the series.
        edges_us: shape (days + 1,), where the days begin and the last one ends.
        until_us: what is not over by then is not expected yet.
        deadline_us: how long after the end of its interval a reading is on time.
    """

    def __init__(self, facts: Facts, edges_us: Ints, until_us: int, deadline_us: int) -> None:
        self._facts = facts
        self._edges_us = edges_us
        self._whole_us = edges_us[[0, -1]]
        self._until_us = until_us
        self._deadline_us = deadline_us
        self._waiting: list[Received] = []
        self._intervals = facts.stated_us.copy()
        self._power = np.full(len(facts.group), np.nan)
        shape = (len(facts.group), len(edges_us) - 1)
        self.counts = Counts(*(np.zeros(shape, np.int32) for _ in range(6)))
        self.gaps = Gaps(np.zeros(shape, np.int64), np.zeros(shape, np.int64))
        self.whole_gaps = Gaps(*(np.zeros((shape[0], 1), np.int64) for _ in range(2)))

    def take(self, begin: int, series: int, readings: Received) -> None:
        """Take the readings of `series` series, the first of which is number `begin`."""
        lot = slice(begin, begin + series)
        own = own_intervals(readings, series)
        intervals = np.where(self._intervals[lot] > 0, self._intervals[lot], own)
        self._intervals[lot] = intervals
        moved = readings._replace(series=readings.series + begin)
        waits = intervals[readings.series] == 0
        self._waiting.append(moved.take(waits))
        self._tabulate(begin + np.flatnonzero(intervals), moved.take(~waits))

    def finish(self) -> None:
        """Take the series that waited; after that the table is whole."""
        left = np.flatnonzero(self._intervals == 0)
        self._intervals[left] = self._guessed(left)
        columns = zip(*self._waiting, strict=True)
        if self._waiting:
            self._tabulate(left, Received(*(np.concatenate(column) for column in columns)))
        else:
            self._tabulate(left, _NOTHING)

    def weights(self) -> Floats | None:
        """What a reading of each series stands for, Wh; NaN where it is not of energy.

        None where no reading of energy is known at all.
        """
        known = self._facts.is_energy & ~np.isnan(self._power)
        if not known.any():
            return None
        power = np.where(known, self._power, self._power[known].mean())
        return np.where(
            self._facts.is_energy, power * self._intervals / MICROSECONDS_PER_HOUR, np.nan
        )

    def _guessed(self, left: Ints) -> Ints:
        """What most others of each quantity have."""
        of_all = most_frequent(self._intervals, OTHERWISE_US)
        groups, of = np.unique(self._facts.group[left], return_inverse=True)
        likely = [
            most_frequent(self._intervals[self._facts.group == group], of_all) for group in groups
        ]
        return np.array(likely, np.int64)[of]

    def _tabulate(self, rows: Ints, readings: Received) -> None:
        """Fill in rows, ascending; readings are of these series only."""
        own = readings._replace(series=np.searchsorted(rows, readings.series))
        intervals = self._intervals[rows]
        edges, until = self._edges_us, self._until_us
        counted = count(own, intervals, edges, until, self._deadline_us)
        for column, found in zip(self.counts.columns(), counted.columns(), strict=True):
            column[rows] = found
        for kept, by in ((self.gaps, edges), (self.whole_gaps, self._whole_us)):
            for times, longest in zip(kept, gaps(own, intervals, by, until), strict=True):
                times[rows] = longest
        self._power[rows] = power(own, intervals)


_NOTHING: Final = Received(
    np.zeros(0, np.int64),
    np.zeros(0, np.int64),
    np.zeros(0, np.int64),
    np.zeros(0, np.uint8),
    np.zeros(0),
)
