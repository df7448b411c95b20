"""How likely a load is above a limit, from the quantiles of its forecast.

Between two quantiles the distribution function is a straight line, so it never falls (monotone
interpolation). Beyond the outermost ones it goes on with the slope of the stretch beside it until
it reaches 0 or 1, which gives every band an end. Power counts in either direction: |P| > limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Exceedance:
    """The hours in which a limit is likely to be exceeded.

    Attributes:
        probability: In the worst hour. That of any hour of several is at least this.
        peak: Index of the worst hour; of several equal ones that with the highest median.
        first, last: Indexes of the first and last hour with the probability asked for.
        hours: How many have it.
    """

    probability: float
    peak: int
    first: int
    last: int
    hours: int


def above(quantiles: Sequence[float], values: Floats, limit: float) -> Floats:
    """Probability that the absolute value is above a limit, float64[hours].

    Args:
        quantiles: Ascending, at least two, within 0 and 1.
        values: float64[quantiles, hours], ascending along the first axis.
        limit: In the unit of the values, positive.
    """
    shares = np.concatenate([[0.0], quantiles, [1.0]])
    ends = _with_ends(np.asarray(quantiles), values)
    over, under = 1.0 - _share_below(limit, ends, shares), _share_below(-limit, ends, shares)
    found: Floats = np.clip(over + under, 0.0, 1.0)
    return found


def exceedance(
    quantiles: Sequence[float], values: Floats, limit: float, least: float
) -> Exceedance | None:
    """The hours in which a limit is exceeded with a probability of `least` or more; None: none."""
    found = above(quantiles, values, limit)
    likely = np.flatnonzero(found >= least)
    if not len(likely):
        return None
    middle = np.abs(values[len(quantiles) // 2])
    peak = int(np.lexsort((middle, found))[-1])
    return Exceedance(float(found[peak]), peak, int(likely[0]), int(likely[-1]), len(likely))


def _share_below(limit: float, ends: Floats, shares: Floats) -> Floats:
    """The distribution function at a limit in every hour, float64[hours]."""
    last = len(shares) - 1
    passed = (ends <= limit).sum(axis=0)
    at = np.clip(passed - 1, 0, last - 1)
    low, high = (np.take_along_axis(ends, one[None], axis=0)[0] for one in (at, at + 1))
    inside = (passed > 0) & (passed <= last)
    part = np.divide(limit - low, high - low, out=np.zeros_like(low), where=inside)
    between = shares[at] + part * (shares[at + 1] - shares[at])
    found: Floats = np.where(inside, between, np.where(passed > 0, 1.0, 0.0))
    return found


def _with_ends(quantiles: Floats, values: Floats) -> Floats:
    """The values between those of quantiles 0 and 1, float64[quantiles + 2, hours]."""
    low = values[0] - quantiles[0] * (values[1] - values[0]) / (quantiles[1] - quantiles[0])
    step = (values[-1] - values[-2]) / (quantiles[-1] - quantiles[-2])
    high = values[-1] + (1.0 - quantiles[-1]) * step
    found: Floats = np.maximum.accumulate(np.vstack([low, values, high]), axis=0)
    return found
