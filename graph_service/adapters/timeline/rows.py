"""Readings of many series laid flat, and where in them a day, a version or a repeat is.

The history of a value is its versions in the order they became known; of neighbours that are
equal only the first is kept (`is_repeated`). So the same value again changes nothing, however
often it comes, and a value that turns out to have been known earlier moves back in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph_service.adapters.timeline.bits import Array, Ints, is_new
from graph_service.domain.readings import MICROSECONDS_PER_DAY

_DAY_BITS: Final = 23
_DAY_OFFSET: Final = 1 << (_DAY_BITS - 1)


class Rows(NamedTuple):
    """Readings of many series, flat: five columns of equal length."""

    series: Ints
    valid: Ints
    values: NDArray[np.float64]
    quality: NDArray[np.uint8]
    known: Ints

    def take(self, chosen: Array) -> Rows:
        """The rows an index or mask chooses."""
        return Rows(
            self.series[chosen],
            self.valid[chosen],
            self.values[chosen],
            self.quality[chosen],
            self.known[chosen],
        )

    def where(self, chosen: NDArray[np.bool_]) -> Rows:
        """The rows a mask chooses; where these are all, nothing is copied."""
        return self if chosen.all() else self.take(chosen)


class Groups(NamedTuple):
    """Stretches of rows that are one series and one UTC day each; columns of equal length."""

    starts: Ints
    counts: Ints
    series: Ints
    days: Ints

    def pairs(self) -> list[tuple[int, int]]:
        """(series, day) of each."""
        return list(zip(self.series.tolist(), self.days.tolist(), strict=True))


def day_places(series: Ints, days: Ints) -> Ints:
    """One number for a series and a day, ascending in both."""
    return (series << _DAY_BITS) | (days + _DAY_OFFSET)


def series_and_days(places: Ints) -> tuple[Ints, Ints]:
    """The series and the day of each of `day_places`."""
    return places >> _DAY_BITS, (places & ((1 << _DAY_BITS) - 1)) - _DAY_OFFSET


def no_rows() -> Rows:
    """Rows without any."""
    none = np.zeros(0, np.int64)
    return Rows(none, none, np.zeros(0), np.zeros(0, np.uint8), none)


def join(pieces: Sequence[Rows]) -> Rows:
    """Put rows behind rows."""
    return Rows(*(np.concatenate(columns) for columns in zip(*pieces, strict=True)))


def in_order(rows: Rows) -> Rows:
    """Sort by series, valid and known time; rows that agree in these keep their order."""
    series, valid, known = (np.diff(column) for column in (rows.series, rows.valid, rows.known))
    later = (valid > 0) | (valid == 0) & (known >= 0)
    if np.all((series > 0) | (series == 0) & later):
        return rows
    return rows.take(np.lexsort((rows.known, rows.valid, rows.series)))


def groups_of(rows: Rows) -> Groups:
    """Where each day of each series begins in sorted rows."""
    days = rows.valid // MICROSECONDS_PER_DAY
    starts = np.flatnonzero(is_new(rows.series, days))
    counts = np.diff(np.append(starts, len(days)))
    return Groups(starts, counts, rows.series[starts], days[starts])


def is_repeated(rows: Rows) -> NDArray[np.bool_]:
    """Whether a row says what the version before it says, in sorted rows."""
    equal = is_version(rows)
    equal[1:] &= rows.values[1:] == rows.values[:-1]
    equal[1:] &= rows.quality[1:] == rows.quality[:-1]
    return equal


def is_version(rows: Rows) -> NDArray[np.bool_]:
    """Whether a row is a later version of the one before it, in sorted rows."""
    later = np.zeros(len(rows.valid), np.bool_)
    later[1:] = (rows.valid[1:] == rows.valid[:-1]) & (rows.series[1:] == rows.series[:-1])
    return later


def times_by_series(rows: Rows, numbers: Ints) -> Ints:
    """How many different valid times each series has.

    Args:
        rows: sorted, of no other series than these.
        numbers: series numbers, ascending, each once.
    """
    series = rows.series[~is_version(rows)]
    return np.bincount(np.searchsorted(numbers, series), minlength=len(numbers))
