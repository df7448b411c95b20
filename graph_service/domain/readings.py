"""Readings: values of a series with two clocks, in columns.

Times are microseconds since 1970-01-01T00:00Z. `valid_at` is when the value was true (for an
interval: its start), `known_at` when we knew it. Windows are half-open, start <= t < stop.
Values of energy are the Wh used within the interval; of power, W at the instant.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, IntEnum
from itertools import groupby
from typing import Final, NamedTuple

from graph_service.domain.errors import BadWindow, InvalidCall

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECONDS_PER_HOUR: Final = 3_600_000_000
MICROSECONDS_PER_DAY: Final = 86_400_000_000


def to_us(at: datetime) -> int:
    """Microseconds since the epoch of an aware time."""
    return (at - EPOCH) // timedelta(microseconds=1)


def from_us(us: int) -> datetime:
    """The aware UTC time of microseconds since the epoch."""
    return EPOCH + timedelta(microseconds=us)


def parsed_time(given: str | None) -> datetime | None:
    """A time as it was written by a person; None where it was not.

    Raises:
        InvalidCall: it is no time, or has no zone.
    """
    if given is None:
        return None
    hint = "write it with its zone, such as 2026-01-07T06:00:00Z"
    try:
        found = datetime.fromisoformat(given)
    except ValueError as error:
        raise InvalidCall(f"'{given}' is no time", subject=given, hint=hint) from error
    if found.tzinfo is None:
        raise InvalidCall(f"'{given}' has no time zone", subject=given, hint=hint)
    return found


class SeriesKey(NamedTuple):
    """Which series: the element (`model_set/mRID`), the quantity (`ENERGY_IN`), the source."""

    element: str
    quantity: str
    source: str


class Quality(IntEnum):
    """Quality of one value: how far it may be trusted (validity and origin in one small code)."""

    GOOD = 0
    ESTIMATED = 1
    SUSPECT = 2
    INVALID = 3
    MISSING = 4


class Aggregate(Enum):
    """How values within an interval, and across members, become one."""

    SUM = "sum"
    MEAN = "mean"
    MIN = "min"
    MAX = "max"
    COUNT = "count"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open stretch of time, in microseconds.

    Raises:
        BadWindow: `stop` is not after `start`.
    """

    start_us: int
    stop_us: int

    def __post_init__(self) -> None:
        if self.stop_us <= self.start_us:
            raise BadWindow(from_us(self.start_us), from_us(self.stop_us))


@dataclass(slots=True)
class ReadingColumns:
    """Readings of one series: four columns of equal length, ascending in `valid_us`."""

    valid_us: array[int]  # 'q'
    values: array[float]  # 'd'
    quality: array[int]  # 'B', codes of Quality
    known_us: array[int]  # 'q'

    @classmethod
    def empty(cls) -> ReadingColumns:
        """No readings."""
        return cls(array("q"), array("d"), array("B"), array("q"))

    def __len__(self) -> int:
        return len(self.valid_us)


@dataclass(slots=True)
class ReadingBlock:
    """Readings of many series in one piece, for batches of few readings of each.

    A batch as `append` takes it: iterated it gives (series, columns); a store that can takes the
    columns as they are, which is quicker than series by series.

    Attributes:
        keys: The series, each once.
        series: For each reading the index of its series, ascending.
        valid_us, values, quality, known_us: As in `ReadingColumns`, ascending within a series.
    """

    keys: Sequence[SeriesKey]
    series: array[int]  # 'q'
    valid_us: array[int]  # 'q'
    values: array[float]  # 'd'
    quality: array[int]  # 'B'
    known_us: array[int]  # 'q'

    def __iter__(self) -> Iterator[tuple[SeriesKey, ReadingColumns]]:
        """Series by series, those without a reading left out."""
        first = 0
        for index, readings in groupby(self.series):
            stop = first + sum(1 for _ in readings)
            yield self.keys[index], self.columns(first, stop)
            first = stop

    def columns(self, first: int, stop: int) -> ReadingColumns:
        """Some of the readings, all of one series."""
        return ReadingColumns(
            self.valid_us[first:stop],
            self.values[first:stop],
            self.quality[first:stop],
            self.known_us[first:stop],
        )

    def __len__(self) -> int:
        return len(self.valid_us)


@dataclass(slots=True)
class IntervalColumns:
    """An aggregate over equal intervals: interval starts and one value each.

    `values` holds NaN where nothing was reported; `reporting` counts the series with at least
    one usable reading in the interval; `estimated` how many of those used an estimated or
    suspect value; `reporting_series` how many series have a usable reading anywhere in the window.
    `readings` counts the usable readings themselves, `doubtful` those that are not good.
    """

    start_us: array[int]  # 'q'
    values: array[float]  # 'd'
    reporting: array[int]  # 'i'
    estimated: array[int]  # 'i'
    reporting_series: int = 0
    readings: array[int] = field(default_factory=lambda: array("i"))  # 'i'
    doubtful: array[int] = field(default_factory=lambda: array("i"))  # 'i'


class IntervalQuality(Enum):
    """How far one aggregated value may be trusted.

    MISSING: no member reported, there is no value. PARTIAL: some members did not report, the
    value is too small a sum. ESTIMATED: all members reported, some of them estimated or suspect
    values. GOOD: all members reported, all values are good.
    """

    GOOD = "good"
    ESTIMATED = "estimated"
    PARTIAL = "partial"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class AppendResult:
    """What became of a batch: `stored` new values, `duplicates` equal to what was there,
    `corrected` other values for a time already known (the older version is kept), `rejected`
    with the reason for each.

    `reopened` are the stretches (series, start, stop) that were aggregated before and whose
    values now changed: by a late value, earlier than the newest of its series, or a corrected one.
    """

    stored: int
    duplicates: int
    corrected: int
    rejected: tuple[tuple[SeriesKey, int, str], ...] = ()
    reopened: tuple[tuple[SeriesKey, int, int], ...] = ()


class LastReading(NamedTuple):
    """The newest reading of a series."""

    valid_us: int
    value: float
    quality: Quality
    known_us: int
