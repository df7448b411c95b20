"""Where a batch has changed what was aggregated before: late values and corrected ones.

All functions are pure.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graph_service.adapters.timeline.aggregation import newest_versions
from graph_service.adapters.timeline.bits import Ints
from graph_service.adapters.timeline.rows import Rows, join
from graph_service.domain.readings import MICROSECONDS_PER_DAY


class Stretches(NamedTuple):
    """Stretches of time of series; three columns of equal length."""

    series: Ints
    start_us: Ints
    stop_us: Ints


def reopened_by(now: Rows, before: Rows, numbers: Ints, ends: Ints) -> Stretches:
    """The stretches where newest versions have changed, one for each run of adjacent days.

    Args:
        now: all versions of the days that were written, sorted.
        before: what was there of these days, sorted.
        numbers: series numbers, ascending, each once.
        ends: the last valid time of each before; what is newer re-opens nothing.
    """
    changed = _changed(_up_to(now, numbers, ends), _up_to(before, numbers, ends))
    days = changed.valid // MICROSECONDS_PER_DAY
    new = (np.diff(days, prepend=0) > 1) | (np.diff(changed.series, prepend=-1) != 0)
    new[:1] = True
    starts = np.flatnonzero(new)
    stops = np.append(starts[1:], len(days))[: len(starts)]
    return Stretches(changed.series[starts], changed.valid[starts], changed.valid[stops - 1] + 1)


def _up_to(rows: Rows, numbers: Ints, ends: Ints) -> Rows:
    """The newest versions of what is not after the end of its series."""
    is_late = rows.valid <= ends[np.searchsorted(numbers, rows.series)]
    return newest_versions(rows.take(is_late), None)


def _changed(now: Rows, before: Rows) -> Rows:
    """The rows that say something else than before."""
    both = join([before, now])
    order = np.lexsort((both.valid, both.series))  # where they tie, the row before comes first
    rows = both.take(order)
    is_now = order >= len(before.valid)
    differs = np.zeros(len(order), np.bool_)
    for column in (rows.series, rows.valid, rows.values, rows.quality):
        differs[1:] |= column[1:] != column[:-1]
    differs[:1] = True
    return rows.take(is_now & differs)
