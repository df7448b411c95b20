"""How complete, timely and valid the readings of series are, counted by series and day.

A series is expected to have one reading in each interval of its schedule. Of what is expected some
is received; of what is received some came before its deadline, some is good, some is estimated. All
shares are ratios of such counts, so that counts of any series and days can be added up first, each
as it is or times the energy its readings stand for.

| share | of |
|---|---|
| completeness | expected: intervals for which anything but MISSING was received |
| timeliness | received: known no later than the deadline after the end of its interval |
| validity | received: quality GOOD |
| estimated | received: quality ESTIMATED |

A correction does not make a reading late: its first version counts for timeliness, its newest for
quality. Days are whatever stretches are given: of 23, 24 or 25 hours. A daily reading is expected
once a day however long the day is.

Limits: schedules of at most a day; a reading counts for the interval it is nearest to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph_service.analysis.receipts import (
    DAY_US,
    Floats,
    Ints,
    Received,
    changes,
    days_of,
    ratio,
)

_GOOD: Final = 0
_ESTIMATED: Final = 1


@dataclass(frozen=True, slots=True)
class Counts:
    """What was expected and what came, shape (series, days) or any other.

    Attributes:
        expected: Intervals for which a reading is due.
        received: Those of them for which one came.
        readings: Readings that came, also several for an interval.
        on_time: Readings that came before their deadline.
        good: Readings of quality GOOD.
        estimated: Readings of quality ESTIMATED.
    """

    expected: NDArray[Any]
    received: NDArray[Any]
    readings: NDArray[Any]
    on_time: NDArray[Any]
    good: NDArray[Any]
    estimated: NDArray[Any]

    def columns(self) -> tuple[NDArray[Any], ...]:
        """All six, in the order above."""
        columns = (self.expected, self.received, self.readings)
        return (*columns, self.on_time, self.good, self.estimated)

    def added(self, axis: int) -> Counts:
        """Added up over series (0) or days (1)."""
        return Counts(*(column.sum(axis=axis) for column in self.columns()))

    def times(self, weights: Floats) -> Counts:
        """Each series times its weight, shape (series,); a weight that is NaN takes it out."""
        factors = np.nan_to_num(weights)[:, None]
        return Counts(*(column * factors for column in self.columns()))

    def take(self, chosen: NDArray[Any]) -> Counts:
        """The rows that an index or mask chooses."""
        return Counts(*(column[chosen] for column in self.columns()))


class Shares(NamedTuple):
    """Ratios of counts, in their shape; NaN where there is nothing to be a share of."""

    completeness: Floats
    timeliness: Floats
    validity: Floats
    estimated: Floats


def count(
    readings: Received, intervals: Ints, edges_us: Ints, until_us: int, deadline_us: int
) -> Counts:
    """Count by series and day.

    Args:
        readings: all of them lie within the days.
        intervals: shape (series,), the schedule of each, up to a day, in microseconds.
        edges_us: shape (days + 1,), where the days begin and the last one ends.
        until_us: what is not over by then is not expected yet.
        deadline_us: how long after the end of its interval a reading is on time.
    """
    shape = (len(intervals), len(edges_us) - 1)
    phases = _phases(readings, intervals)
    cells, slots = _places(readings, intervals, phases, edges_us)
    is_new = changes(cells, slots)
    ends = readings.valid_us + intervals[readings.series]
    expected = _expected(intervals, phases, edges_us, until_us)
    return Counts(
        expected,
        np.minimum(_tally(cells[is_new], shape), expected),
        _tally(cells, shape),
        _tally(cells[readings.known_us - ends <= deadline_us], shape),
        _tally(cells[readings.quality == _GOOD], shape),
        _tally(cells[readings.quality == _ESTIMATED], shape),
    )


def shares(counts: Counts) -> Shares:
    """The shares of counts, or of weighted counts."""
    return Shares(
        ratio(counts.received, counts.expected),
        ratio(counts.on_time, counts.readings),
        ratio(counts.good, counts.readings),
        ratio(counts.estimated, counts.readings),
    )


def by_device(counts: Counts, device: Ints, devices: int) -> Counts:
    """Add up the series of each device; `device` has shape (series,)."""
    return Counts(*(_added_to(column, device, devices) for column in counts.columns()))


# --- what is due --------------------------------------------------------------------------------


def _expected(intervals: Ints, phases: Ints, edges_us: Ints, until_us: int) -> Ints:
    """How many intervals begin in each day and are over by `until_us`, shape (series, days)."""
    every, phase = intervals[:, None], phases[:, None]
    begin = edges_us[:-1][None, :]
    stop = np.maximum(np.minimum(edges_us[1:][None, :], until_us - every + 1), begin)
    by_clock = (stop - 1 - phase) // every - (begin - 1 - phase) // every
    once = (edges_us[1:] <= until_us) & (np.diff(edges_us) >= 22 * DAY_US // 24)
    return np.where(every == DAY_US, once[None, :].astype(np.int64), by_clock)


def _phases(readings: Received, intervals: Ints) -> Ints:
    """Where in its interval each series is read, by its first reading; 0 where it has none."""
    first = np.flatnonzero(changes(readings.series))
    of = readings.series[first]
    phases = np.zeros(len(intervals), np.int64)
    phases[of] = readings.valid_us[first] % intervals[of]
    return phases


def _places(readings: Received, intervals: Ints, phases: Ints, edges_us: Ints) -> tuple[Ints, Ints]:
    """The cell of each reading, and which interval of its series it is nearest to."""
    day = days_of(readings, edges_us)
    every = intervals[readings.series]
    by_clock = (readings.valid_us - phases[readings.series] + every // 2) // every
    slots = np.where(every == DAY_US, day, by_clock)
    return readings.series * (len(edges_us) - 1) + day, slots


# --- small change -------------------------------------------------------------------------------


def _tally(cells: Ints, shape: tuple[int, int]) -> Ints:
    return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape).astype(np.int64)


def _added_to(column: NDArray[Any], device: Ints, devices: int) -> NDArray[Any]:
    added = np.zeros((devices, *column.shape[1:]), column.dtype)
    np.add.at(added, device, column)
    return added
