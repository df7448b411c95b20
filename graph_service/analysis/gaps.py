"""The longest stretches without a reading, by series and day, or by series and whole window.

A reading covers its interval; a gap is at least nearly an interval long (nine tenths: readings
come a little early or late, and days have 23 hours), and ends where its day does.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from graph_service.analysis.receipts import Ints, Received, changes, days_of

_NEARLY: Final = (9, 10)


class Gaps(NamedTuple):
    """Longest stretches without a reading; 0 where none is as long as an interval."""

    length_us: Ints
    start_us: Ints


def gaps(readings: Received, intervals: Ints, edges_us: Ints, until_us: int) -> Gaps:
    """The longest stretch without a reading of each series within each day.

    A reading covers its interval. A gap ends where its day does; one edge to the next, `edges_us`
    may as well hold the whole window as one day.

    Returns:
        Shape (series, days). The first one of several that are equally long.
    """
    shape = (len(intervals), len(edges_us) - 1)
    begin, end = edges_us[:-1], np.clip(edges_us[1:], None, max(until_us, int(edges_us[0])))
    cells = readings.series * shape[1] + days_of(readings, edges_us)
    ends = readings.valid_us + intervals[readings.series]
    covered = _covered(ends, cells, begin, shape)
    length = np.maximum(end - covered, 0)
    start = np.where(length > 0, covered, 0)
    before = _before(readings, ends, edges_us, cells)
    _raise(length.reshape(-1), start.reshape(-1), cells, readings.valid_us - before, before)
    too_short = length * _NEARLY[1] < intervals[:, None] * _NEARLY[0]
    return Gaps(np.where(too_short, 0, length), np.where(too_short | (length == 0), 0, start))


def longest(found: Gaps, device: Ints, devices: int) -> Gaps:
    """The longest gap of each device over its series, shape (devices, days)."""
    length = np.zeros((devices, found.length_us.shape[1]), np.int64)
    np.maximum.at(length, device, found.length_us)
    start = np.zeros_like(length)
    is_longest = (found.length_us == length[device]) & (found.length_us > 0)
    rows, days = np.nonzero(is_longest)
    start[device[rows[::-1]], days[::-1]] = found.start_us[rows[::-1], days[::-1]]
    return Gaps(length, start)


def _covered(ends: Ints, cells: Ints, begin: Ints, shape: tuple[int, int]) -> Ints:
    """Until where the last reading of each day covers it, shape (series, days)."""
    covered = np.broadcast_to(begin, shape).copy()
    last = changes(cells, after=True)
    flat = covered.reshape(-1)
    flat[cells[last]] = ends[last]
    return covered


def _before(readings: Received, ends: Ints, edges_us: Ints, cells: Ints) -> Ints:
    """Where the stretch before each reading begins: after the reading before, or with its day."""
    before = np.concatenate([ends[:1], ends[:-1]])
    is_first = changes(cells)
    before[is_first] = edges_us[days_of(readings, edges_us)[is_first]]
    found: Ints = np.minimum(before, readings.valid_us)
    return found


def _raise(length: Ints, start: Ints, cells: Ints, stretch: Ints, begins: Ints) -> None:
    """Bring stretches into the longest of their cells, in place; earlier ones win a tie."""
    first = np.flatnonzero(changes(cells))
    if not len(first):
        return
    of = cells[first]
    most = np.maximum.reduceat(stretch, first)
    wins = (most > 0) & (most >= length[of])
    best = np.flatnonzero(stretch == np.repeat(most, np.diff(np.append(first, len(cells)))))
    best = best[changes(cells[best])]  # the earliest in each cell
    length[of[wins]] = most[wins]
    start[of[wins]] = begins[best][wins]
