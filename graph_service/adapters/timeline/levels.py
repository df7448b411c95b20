"""Aggregates of each series by hour and by day, from which coarser ones are made.

A level is a set of cells: one for each series and hour (or day) with a usable reading. It holds all
that an aggregate may ask for, so that sums of months come from days and not from readings. All
functions are pure.

Limits: sums over several cells add up cell by cell, so that they may differ from a sum over the
readings in the last digits (less than 1e-12 of the largest partial sum); whole numbers are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from graph_service.adapters.timeline.aggregation import Cells, Floats, reduced, summed
from graph_service.adapters.timeline.bits import Array, Ints, is_new
from graph_service.adapters.timeline.rows import Rows
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    MICROSECONDS_PER_HOUR,
    Aggregate,
    Quality,
)

HOUR_US: Final = MICROSECONDS_PER_HOUR
DAY_US: Final = MICROSECONDS_PER_DAY


class Levels(NamedTuple):
    """Cells of one level, by series and time; nine columns of equal length."""

    series: Ints
    at_us: Ints  # where the hour or day begins
    sums: Floats
    least: Floats
    most: Floats
    lasts: Floats
    last_us: Ints  # valid time of the last reading
    readings: Ints  # usable readings, never 0
    doubtful: Ints  # how many of them are not GOOD

    def take(self, chosen: Array) -> Levels:
        """The cells an index or mask chooses."""
        return Levels._make(column[chosen] for column in self)


def cells_of_rows(rows: Rows, period_us: int) -> Levels:
    """The cells of readings.

    Args:
        rows: sorted by series and valid time, one version each.
        period_us: HOUR_US or DAY_US.
    """
    rows = rows.where(rows.quality <= Quality.SUSPECT)
    period = rows.valid // period_us
    starts, ends = _stretches(rows.series, period)
    return Levels(
        rows.series[starts],
        period[starts] * period_us,
        reduced(rows.values, starts, ends, Aggregate.SUM),
        reduced(rows.values, starts, ends, Aggregate.MIN),
        reduced(rows.values, starts, ends, Aggregate.MAX),
        rows.values[ends - 1],
        rows.valid[ends - 1],
        ends - starts,
        summed(rows.quality != Quality.GOOD, starts, ends),
    )


def join_levels(pieces: Sequence[Levels]) -> Levels:
    """Put the cells of pieces, which have no cell in common, in order."""
    filled = [piece for piece in pieces if len(piece.series)] or pieces[:1]
    if len(filled) == 1:
        return filled[0]
    both = Levels(*(np.concatenate(columns) for columns in zip(*filled, strict=True)))
    return both.take(np.lexsort((both.at_us, both.series)))


def intervals_of_cells(levels: Levels, start_us: int, every_us: int, within: Aggregate) -> Cells:
    """What `timeline_aggregation.within_intervals` gives of the readings, from their cells.

    Args:
        levels: cells of a level, none before `start_us`, none across the end of an interval.
        start_us: where the first interval begins.
        every_us: length of an interval.
        within: how values of one interval become one.
    """
    interval = (levels.at_us - start_us) // every_us
    starts, ends = _stretches(levels.series, interval)
    readings = summed(levels.readings, starts, ends)
    return Cells(
        levels.series[starts],
        interval[starts],
        _values(levels, starts, ends, readings, within),
        readings,
        summed(levels.doubtful, starts, ends),
        levels.last_us[ends - 1],
    )


def _values(levels: Levels, starts: Ints, ends: Ints, readings: Ints, within: Aggregate) -> Floats:
    if within is Aggregate.COUNT:
        return readings.astype(np.float64)
    if within is Aggregate.MEAN:
        return reduced(levels.sums, starts, ends, Aggregate.SUM) / readings
    columns = {
        Aggregate.SUM: levels.sums,
        Aggregate.MIN: levels.least,
        Aggregate.MAX: levels.most,
        Aggregate.LAST: levels.lasts,
    }
    return reduced(columns[within], starts, ends, within)


def _stretches(series: Ints, place: Ints) -> tuple[Ints, Ints]:
    """Where one series in one place begins and ends."""
    starts = np.flatnonzero(is_new(series, place))
    return starts, np.append(starts[1:], len(place))[: len(starts)]
