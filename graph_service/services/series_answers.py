"""What a question about a series is answered: values, interval by interval, and their worth.

`RULES` says what the aggregates mean. How far a value may be trusted is said in four ways: counts
of the readings it is made of (good, estimated) and of those that should be there and are not
(missing), the share of those expected that came (coverage), and one word for all of it (quality).
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from graph_service.analysis.thinning import LEAST_POINTS, thinned
from graph_service.domain.errors import InvalidCall
from graph_service.domain.readings import (
    Aggregate,
    IntervalColumns,
    IntervalQuality,
    ReadingColumns,
)

Ints = NDArray[np.int64]

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
        coverage: Which share of the readings expected came, 0 to 1; where nothing tells how many
            are expected, which share of the members reported.
        good: How many good readings each value is made of.
        estimated: How many estimated or suspect ones.
        missing: How many are expected and did not come; members, where nothing tells how many.
        member_count: How many elements were asked.
        reporting_count: How many of them have a usable reading in the window.
        available_range: First valid time and the end (exclusive) of all that the members have of
            this quantity, whatever was asked; None when they have nothing.
        thinned: True where some of the intervals were left out, as many points were asked for.
    """

    unit: str
    times: array[int]
    values: list[float | None]
    quality: list[IntervalQuality]
    coverage: list[float]
    good: Ints
    estimated: Ints
    missing: Ints
    member_count: int
    reporting_count: int
    available_range: tuple[int, int] | None
    thinned: bool = False


@dataclass(frozen=True, slots=True)
class ReadingsAnswer:
    """Readings of one element as they were reported; `source` is "" when there is no series."""

    unit: str
    source: str
    readings: ReadingColumns
    available_range: tuple[int, int] | None
    thinned: bool = False


def answer(
    unit: str,
    columns: IntervalColumns,
    members: int,
    available: tuple[int, int] | None,
    expected: Ints | None,
) -> SeriesAnswer:
    """Tell what the intervals of a store mean.

    Args:
        unit: of the values.
        columns: the intervals.
        members: how many elements were asked.
        available: what range there is.
        expected: how many readings there should be in each interval, int64[n]; None if unknown.
    """
    readings = np.asarray(columns.readings, dtype=np.int64)
    doubtful = np.asarray(columns.doubtful, dtype=np.int64)
    reporting = np.asarray(columns.reporting, dtype=np.int64)
    came, due = (readings, expected) if expected is not None else (reporting, members)
    missing = np.maximum(due - came, 0)
    whole = np.maximum(due, came)
    share = np.divide(came, whole, out=np.zeros(len(came)), where=whole > 0)
    return SeriesAnswer(
        unit=unit,
        times=columns.start_us,
        values=[None if isnan(value) else value for value in columns.values],
        quality=_qualities(reporting, missing + (reporting < members), doubtful),
        coverage=share.tolist(),
        good=readings - doubtful,
        estimated=doubtful,
        missing=missing,
        member_count=members,
        reporting_count=columns.reporting_series,
        available_range=available,
    )


def thin(found: SeriesAnswer, most: int | None) -> SeriesAnswer:
    """Leave so many intervals that draw the same line, see `analysis.thinning`.

    Raises:
        InvalidCall: fewer points are asked than a line can be drawn with.
    """
    values = np.array([np.nan if v is None else v for v in found.values], dtype=np.float64)
    kept = _kept(found.times, values, most)
    if kept is None:
        return found
    places = kept.tolist()
    return replace(
        found,
        times=array("q", (found.times[at] for at in places)),
        values=[found.values[at] for at in places],
        quality=[found.quality[at] for at in places],
        coverage=[found.coverage[at] for at in places],
        good=found.good[kept],
        estimated=found.estimated[kept],
        missing=found.missing[kept],
        thinned=True,
    )


def thin_readings(found: ReadingsAnswer, most: int | None) -> ReadingsAnswer:
    """Leave so many readings that draw the same line.

    Raises:
        InvalidCall: fewer points are asked than a line can be drawn with.
    """
    columns = found.readings
    kept = _kept(columns.valid_us, np.asarray(columns.values, dtype=np.float64), most)
    if kept is None:
        return found
    places = kept.tolist()
    fewer = ReadingColumns(
        array("q", (columns.valid_us[at] for at in places)),
        array("d", (columns.values[at] for at in places)),
        array("B", (columns.quality[at] for at in places)),
        array("q", (columns.known_us[at] for at in places)),
    )
    return replace(found, readings=fewer, thinned=True)


def joined(pieces: Sequence[IntervalColumns], reporting_series: int) -> IntervalColumns:
    """Intervals behind intervals; how many series report in all of them has to be said."""
    return IntervalColumns(
        _behind("q", [piece.start_us for piece in pieces]),
        _behind("d", [piece.values for piece in pieces]),
        _behind("i", [piece.reporting for piece in pieces]),
        _behind("i", [piece.estimated for piece in pieces]),
        reporting_series,
        _behind("i", [piece.readings for piece in pieces]),
        _behind("i", [piece.doubtful for piece in pieces]),
    )


def _behind(code: str, columns: Sequence[array[Any]]) -> array[Any]:
    whole = array(code)
    for column in columns:
        whole.extend(column)
    return whole


def check_points(most: int | None) -> None:
    """See whether a line can be drawn with so many points.

    Raises:
        InvalidCall: it cannot.
    """
    if most is not None and most < LEAST_POINTS:
        hint = f"give {LEAST_POINTS} or more, or leave it out"
        raise InvalidCall(f"maxPoints is {most}", subject=str(most), hint=hint)


def _kept(times: Sequence[int], values: NDArray[np.float64], most: int | None) -> Ints | None:
    check_points(most)
    if most is None or len(times) <= most:
        return None
    return thinned(np.asarray(times, dtype=np.int64), values, most)


def _qualities(reporting: Ints, lacking: Ints, doubtful: Ints) -> list[IntervalQuality]:
    codes = np.select([reporting == 0, lacking > 0, doubtful > 0], [0, 1, 2], default=3)
    return [_QUALITIES[code] for code in codes.tolist()]


_QUALITIES: Final = (
    IntervalQuality.MISSING,
    IntervalQuality.PARTIAL,
    IntervalQuality.ESTIMATED,
    IntervalQuality.GOOD,
)
