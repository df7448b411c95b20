"""A batch of readings on its way in: checked one by one, laid flat, freed of what is known.

The history of a value is its versions in the order they became known; of neighbours that are
equal only the first is kept. So the same value again changes nothing, however often it comes, and
a value that is known from an earlier source of knowledge moves its version back in time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph_service.adapters.timeline_bits import Ints
from graph_service.adapters.timeline_chunks import Rows
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    Quality,
    ReadingColumns,
    SeriesKey,
)

Rejected = tuple[tuple[SeriesKey, int, str], ...]

_FIRST_US: Final = -62_135_596_800_000_000  # 0001-01-01
_END_US: Final = 253_402_300_800_000_000  # 10000-01-01

_REASONS: Final = (
    "the value is not a finite number",
    "the quality is none of the known codes",
    "the time is outside of the years 1 to 9999",
)


class Batch(NamedTuple):
    """A batch laid flat: `rows.series` is the index into `keys`."""

    keys: list[SeriesKey]
    rows: Rows
    rejected: Rejected


class Groups(NamedTuple):
    """Stretches of rows that are one series and one UTC day each; columns of equal length."""

    starts: Ints
    counts: Ints
    series: Ints
    days: Ints

    def pairs(self) -> list[tuple[int, int]]:
        """(series, day) of each."""
        return list(zip(self.series.tolist(), self.days.tolist(), strict=True))


def lay_flat(batch: Iterable[tuple[SeriesKey, ReadingColumns]]) -> Batch:
    """Put the columns of all series behind one another and reject what cannot be kept.

    Raises:
        ValueError: columns of one series differ in length.
    """
    places: dict[SeriesKey, int] = {}
    order = []
    pieces = []
    for key, columns in batch:
        order.append(places.setdefault(key, len(places)))
        pieces.append(columns)
    counts = [len(columns.valid_us) for columns in pieces]
    rows = Rows(
        np.repeat(np.array(order, np.int64), np.array(counts, np.int64)),
        np.frombuffer(b"".join([columns.valid_us for columns in pieces]), np.int64),
        # plus zero: minus zero becomes zero
        np.frombuffer(b"".join([columns.values for columns in pieces]), np.float64) + 0.0,
        np.frombuffer(b"".join([columns.quality for columns in pieces]), np.uint8),
        np.frombuffer(b"".join([columns.known_us for columns in pieces]), np.int64),
    )
    if len({len(column) for column in rows}) > 1:
        raise ValueError("the columns of a series must be of equal length")
    return _without_rejected(list(places), rows)


def _without_rejected(keys: list[SeriesKey], rows: Rows) -> Batch:
    wrong = np.stack(
        (
            ~np.isfinite(rows.values),
            rows.quality > max(Quality),
            ~(_possible(rows.valid) & _possible(rows.known)),
        )
    )
    bad: NDArray[np.bool_] = np.logical_or.reduce(wrong)
    if not bad.any():
        return Batch(keys, rows, ())
    reasons = wrong.argmax(axis=0)
    rejected = tuple(
        (keys[rows.series[at]], int(rows.valid[at]), _REASONS[reasons[at]])
        for at in np.flatnonzero(bad).tolist()
    )
    return Batch(keys, rows.take(~bad), rejected)


def _possible(times: Ints) -> NDArray[np.bool_]:
    return (times >= _FIRST_US) & (times < _END_US)


def in_order(rows: Rows) -> Rows:
    """Sort by series, valid and known time; rows that agree in these keep their order."""
    series, valid, known = (np.diff(column) for column in (rows.series, rows.valid, rows.known))
    later = (valid > 0) | (valid == 0) & (known >= 0)
    if np.all((series > 0) | (series == 0) & later):
        return rows
    return rows.take(np.lexsort((rows.known, rows.valid, rows.series)))


def times_by_series(rows: Rows, numbers: Ints) -> Ints:
    """How many different valid times each series has.

    Args:
        rows: sorted, of no other series than these.
        numbers: series numbers, ascending, each once.
    """
    series = rows.series[~is_version(rows)]
    return np.bincount(np.searchsorted(numbers, series), minlength=len(numbers))


def groups_of(rows: Rows) -> Groups:
    """Where each day of each series begins in sorted rows."""
    days = rows.valid // MICROSECONDS_PER_DAY
    new = (np.diff(rows.series, prepend=-1) != 0) | (np.diff(days, prepend=0) != 0)
    new[:1] = True
    starts = np.flatnonzero(new)
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
