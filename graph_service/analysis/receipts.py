"""Which readings were received: of all versions one for each valid time, and how often they come.

A reading that is MISSING now was not received. When a reading was first known tells whether it
came in time; its newest version tells what it is worth.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph_service.domain.readings import MICROSECONDS_PER_DAY

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DAY_US: Final = MICROSECONDS_PER_DAY
"""A day of 24 hours."""

_SECOND_US: Final = 1_000_000
_LEAST_DIFFERENCES: Final = 3
_SUSPECT: Final = 2
_MISSING: Final = 4


class Versions(NamedTuple):
    """Every version of readings: columns of equal length, by series, valid time, known time.

    `quality` holds codes of `domain.readings.Quality`.
    """

    series: Ints
    valid_us: Ints
    known_us: Ints
    quality: NDArray[np.uint8]
    values: Floats

    def take(self, chosen: NDArray[Any]) -> Versions:
        """The versions that an index or mask chooses."""
        return Versions(*(column[chosen] for column in self))


class Received(NamedTuple):
    """Readings that were received, one for each valid time, by series and valid time.

    `known_us` is of the first version that was not MISSING, quality and value of the newest.
    """

    series: Ints
    valid_us: Ints
    known_us: Ints
    quality: NDArray[np.uint8]
    values: Floats

    def take(self, chosen: NDArray[Any]) -> Received:
        """The readings that an index or mask chooses."""
        return Received(*(column[chosen] for column in self))


def received(versions: Versions) -> Received:
    """Leave one reading for each valid time; what is MISSING now was not received."""
    newest = changes(versions.series, versions.valid_us, after=True)
    group = np.cumsum(changes(versions.series, versions.valid_us)) - 1
    is_there = versions.quality[newest] != _MISSING
    kept = is_there[group] & (versions.quality != _MISSING) if len(group) else newest
    first = changes(versions.series[kept], versions.valid_us[kept])
    last = newest & kept
    return Received(
        versions.series[last],
        versions.valid_us[last],
        versions.known_us[kept][first],
        versions.quality[last],
        versions.values[last],
    )


def own_intervals(readings: Received, series: int) -> Ints:
    """The most frequent distance between the readings of each series, shape (series,).

    To the second where it is longer than one; 0 where too few readings say so, or where it is
    longer than a day.
    """
    same = np.diff(readings.series) == 0
    steps = np.diff(readings.valid_us)[same]
    steps = np.where(steps > _SECOND_US, _round(steps, _SECOND_US), steps)
    of = readings.series[1:][same]
    order = np.lexsort((steps, of))
    of, steps = of[order], steps[order]
    starts = np.flatnonzero(changes(of, steps))
    counts = np.diff(np.append(starts, len(of)))
    best = np.lexsort((-steps[starts], counts, of[starts]))  # the last of a series is its best
    found = np.zeros(series, np.int64)
    found[of[starts][best]] = steps[starts][best]
    enough = np.bincount(of, minlength=series) >= _LEAST_DIFFERENCES
    return np.where(enough & (found <= DAY_US), found, 0)


def most_frequent(intervals: Ints, otherwise: int) -> int:
    """The interval that most series have, the shorter one of two; zeros are none."""
    known, counts = np.unique(intervals[intervals > 0], return_counts=True)
    return int(known[counts.argmax()]) if len(known) else otherwise


def power(readings: Received, intervals: Ints) -> Floats:
    """The mean of the usable values of each series by hour: W where they are Wh; NaN if none."""
    usable = readings.quality <= _SUSPECT
    of, series = readings.series[usable], len(intervals)
    sums = np.bincount(of, np.abs(readings.values[usable]), minlength=series)
    mean = ratio(sums, np.bincount(of, minlength=series))
    return ratio(mean * 3600 * _SECOND_US, intervals)


def days_of(readings: Received, edges_us: Ints) -> Ints:
    """The day each reading is of; all of them lie within the days."""
    return np.searchsorted(edges_us, readings.valid_us, side="right").astype(np.int64) - 1


def changes(*columns: Ints, after: bool = False) -> Bools:
    """Where a run of equal rows begins; with `after` where it ends."""
    changes = np.ones(len(columns[0]), np.bool_)
    if len(changes) > 1:
        differs = np.any([np.diff(column) != 0 for column in columns], axis=0)
        if after:
            changes[:-1] = differs
        else:
            changes[1:] = differs
    return changes


def ratio(above: NDArray[Any], below: NDArray[Any]) -> Floats:
    """Element by element; NaN where there is nothing to divide by."""
    known = np.asarray(below, np.float64)
    found: Floats = np.divide(above, known, out=np.full(known.shape, np.nan), where=known > 0)
    return found


def _round(values: Ints, to: int) -> Ints:
    return (values + to // 2) // to * to
