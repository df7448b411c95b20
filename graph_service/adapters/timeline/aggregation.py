"""Many readings of many series become one value an interval, in a few passes over flat arrays.

First within each interval of each series (a cell), then across the series. Cells without a usable
reading do not exist, so sparse series cost nothing. All functions are pure.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph_service.adapters.timeline.bits import Ints, is_new
from graph_service.adapters.timeline.rows import Rows
from graph_service.domain.readings import Aggregate, IntervalColumns, Quality, Window

Floats = NDArray[np.float64]


class Cells(NamedTuple):
    """One value a series and interval, ascending in both; six columns of equal length."""

    series: Ints
    interval: Ints
    values: Floats
    readings: Ints  # how many usable readings it is made of
    doubtful: Ints  # how many of them are not GOOD
    last_us: Ints  # valid time of the cell's last reading


def newest_versions(rows: Rows, known_us: int | None) -> Rows:
    """Of each series and valid time the newest version that was known at `known_us`.

    Args:
        rows: sorted by series, valid and known time.
        known_us: None for what is known now.
    """
    if known_us is not None:
        rows = rows.where(rows.known <= known_us)
    same = (rows.valid[1:] == rows.valid[:-1]) & (rows.series[1:] == rows.series[:-1])
    return rows.take(np.append(~same, True)[: len(rows.valid)]) if same.any() else rows


def within_intervals(rows: Rows, start_us: int, every_us: int, within: Aggregate) -> Cells:
    """Aggregate the usable readings of each series within intervals.

    Args:
        rows: sorted by series and valid time, one version each, none before `start_us`.
        start_us: where the first interval begins.
        every_us: length of an interval.
        within: how values of one cell become one.
    """
    rows = rows.where(rows.quality <= Quality.SUSPECT)
    interval = (rows.valid - start_us) // every_us
    starts = np.flatnonzero(is_new(rows.series, interval))
    ends = np.append(starts[1:], len(rows.valid))[: len(starts)]
    return Cells(
        rows.series[starts],
        interval[starts],
        reduced(rows.values, starts, ends, within),
        ends - starts,
        summed(rows.quality != Quality.GOOD, starts, ends),
        rows.valid[ends - 1],
    )


def join_cells(pieces: Sequence[Cells]) -> Cells:
    """Put cells behind cells."""
    if len(pieces) == 1:
        return pieces[0]
    return Cells(*(np.concatenate(columns) for columns in zip(*pieces, strict=True)))


class Totals:
    """Aggregates across the series, filled some whole intervals at a time.

    Args:
        asked: the numbers of the series asked for; each counts once, 0 is unknown.
        window: intervals begin at its start.
        every_us: length of an interval.
    """

    def __init__(self, asked: Ints, window: Window, every_us: int):
        self._numbers, self._places = np.unique(asked, return_index=True)
        self._reported = np.zeros(len(self._numbers), np.bool_)
        self._answer = _blank(window, every_us)

    def add(self, cells: Cells, across: Aggregate) -> None:
        """Aggregate the cells of all series that fall into the same interval."""
        at_number = np.searchsorted(self._numbers, cells.series)
        self._reported[at_number] = True
        reporting = np.bincount(cells.interval)
        at = np.flatnonzero(reporting)
        for column, counted in (
            (self._answer.estimated, cells.doubtful > 0),
            (self._answer.readings, cells.readings),
            (self._answer.doubtful, cells.doubtful),
        ):
            column[at] = np.bincount(cells.interval, counted)[at]
        self._answer.reporting[at] = reporting[at]
        self._answer.values[at] = _across(cells, self._places[at_number], across)[at]

    def columns(self) -> IntervalColumns:
        """What was filled so far, NaN where nothing was reported."""
        return self._answer.columns(int(self._reported.sum()))


def _across(cells: Cells, places: Ints, how: Aggregate) -> Floats:
    """One value of the cells of each interval, from the first one on; any where there are none.

    Args:
        cells: of any number of series.
        places: shape (cells,), where the series of each stands among those asked for.
        how: how values of an interval become one.
    """
    if how in (Aggregate.LAST, Aggregate.MIN, Aggregate.MAX):
        found = np.zeros(int(cells.interval.max(initial=-1)) + 1)
        if how is Aggregate.LAST:
            order = np.lexsort((places, cells.last_us))  # within a time as they were asked
            found[cells.interval[order]] = cells.values[order]
            return found
        found[cells.interval] = cells.values  # any of an interval, to begin with
        (np.minimum if how is Aggregate.MIN else np.maximum).at(found, cells.interval, cells.values)
        return found
    counts = np.bincount(cells.interval)
    if how is Aggregate.COUNT:
        return counts.astype(np.float64)
    sums: Floats = np.bincount(cells.interval, cells.values).astype(np.float64, copy=False)
    return sums / np.maximum(counts, 1) if how is Aggregate.MEAN else sums


def each_series(
    pieces: Sequence[Cells], asked: Ints, window: Window, every_us: int
) -> list[IntervalColumns]:
    """The cells of each series asked for by themselves, in the order asked."""
    if not pieces:
        return [_blank(window, every_us).columns(0) for _ in asked]
    cells = join_cells(pieces)
    order = np.argsort(cells.series, kind="stable")
    firsts = np.searchsorted(cells.series[order], asked).tolist()
    stops = np.searchsorted(cells.series[order], asked, side="right").tolist()
    return [
        _one_series(cells, order[first:stop], window, every_us)
        for first, stop in zip(firsts, stops, strict=True)
    ]


def _one_series(cells: Cells, own: Ints, window: Window, every_us: int) -> IntervalColumns:
    answer = _blank(window, every_us)
    at = cells.interval[own]
    answer.values[at] = cells.values[own]
    answer.reporting[at] = 1
    answer.estimated[at] = cells.doubtful[own] > 0
    answer.readings[at] = cells.readings[own]
    answer.doubtful[at] = cells.doubtful[own]
    return answer.columns(int(len(own) > 0))


def reduced(values: Floats, starts: Ints, ends: Ints, how: Aggregate) -> Floats:
    """One value of each stretch `starts[i] .. ends[i]`; stretches follow one another."""
    if not len(starts):
        return np.zeros(0)
    if how is Aggregate.LAST:
        return values[ends - 1]
    if how is Aggregate.COUNT:
        return (ends - starts).astype(np.float64)
    if how is Aggregate.MIN:
        return np.minimum.reduceat(values, starts)
    if how is Aggregate.MAX:
        return np.maximum.reduceat(values, starts)
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is infinite
        sums: Floats = np.add.reduceat(values, starts)
        return sums / (ends - starts) if how is Aggregate.MEAN else sums


def summed(counts: NDArray[Any], starts: Ints, ends: Ints) -> Ints:
    """The sum of each stretch; none is empty, they follow one another."""
    running = np.append(0, np.cumsum(counts, dtype=np.int64))
    sums: Ints = running[ends] - running[starts]
    return sums


class _Blank(NamedTuple):
    """Intervals of a window with nothing reported yet."""

    start_us: Ints
    values: Floats
    reporting: NDArray[np.int32]
    estimated: NDArray[np.int32]
    readings: NDArray[np.int32]
    doubtful: NDArray[np.int32]

    def columns(self, reporting_series: int) -> IntervalColumns:
        return IntervalColumns(
            array("q", self.start_us.tobytes()),
            array("d", self.values.tobytes()),
            array("i", self.reporting.tobytes()),
            array("i", self.estimated.tobytes()),
            reporting_series,
            array("i", self.readings.tobytes()),
            array("i", self.doubtful.tobytes()),
        )


def _blank(window: Window, every_us: int) -> _Blank:
    starts = np.arange(window.start_us, window.stop_us, every_us, dtype=np.int64)
    none = (np.zeros(len(starts), np.int32) for _ in range(4))
    return _Blank(starts, np.full(len(starts), np.nan), *none)
