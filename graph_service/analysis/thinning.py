"""Fewer points that draw the same line: a chart of a year does not need every quarter of an hour.

The points are parted into equal stretches of time, and of each stretch the first, the last, the
smallest and the largest are kept, as they are: U. Jugel, Z. Jerzak, G. Hackenbroich, V. Markl,
"M4: A Visualization-Oriented Time Series Data Aggregation", PVLDB 7 (2014) 797-808. A line drawn
through them touches the same pixels as the whole line where a stretch is a pixel wide; no peak is
lost and none is made up.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LEAST_POINTS: Final = 4


def thinned(
    times_us: NDArray[np.int64], values: NDArray[np.float64], most: int
) -> NDArray[np.int64]:
    """Which points to keep.

    Args:
        times_us: ascending, int64[n].
        values: float64[n], NaN where there is none; a NaN is kept where it is first or last.
        most: how many points at most, 4 or more.

    Returns:
        Positions, ascending, int64[k] with k <= most; all of them where n <= most.
    """
    count = len(times_us)
    if count <= most:
        return np.arange(count, dtype=np.int64)
    stretches = most // LEAST_POINTS
    width_us = -(-(int(times_us[-1]) - int(times_us[0]) + 1) // stretches)
    of = (times_us - times_us[0]) // width_us
    starts = np.flatnonzero(np.diff(of, prepend=-1))
    ends = np.append(starts[1:], count) - 1
    lowest = _extreme(of, np.where(np.isnan(values), np.inf, values))[starts]
    highest = _extreme(of, np.where(np.isnan(values), np.inf, -values))[starts]
    return np.unique(np.concatenate([starts, ends, lowest, highest]))


def _extreme(of: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[Any]:
    """Positions ordered by stretch, then value, then time: the first of each is its least."""
    return np.lexsort((values, of))
