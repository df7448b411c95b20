"""Scores of quantiles of loads, by level: pinball, absolute error, coverage.

    pinball = mean over quantiles q of max(q (y - x_q), (q - 1) (y - x_q)) / mean load of the level
    nMAE    = mean |y - x_50| / mean load of the level
    coverage = share of y within [x_10, x_90]

A single number said for all quantiles has half its nMAE as pinball.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.models.sage import MEDIAN, QUANTILES

Array = NDArray[np.float32]

_TEN, _NINETY = QUANTILES.index(0.1), QUANTILES.index(0.9)


@dataclass(frozen=True, slots=True)
class Score:
    """How well quantiles did: `count` values, `pinball`, `nmae`, `coverage_80`."""

    count: int
    pinball: float
    nmae: float
    coverage_80: float


def score(loads: Array, truth: Array) -> Score | None:
    """Score quantiles of loads against what came.

    Args:
        loads: W, float32[k, quantiles].
        truth: W, float32[k]; NaN where not known.

    Returns:
        None where nothing is known, or no load was there.
    """
    known = np.isfinite(truth)
    loads, truth = loads[known].astype(np.float64), truth[known].astype(np.float64)
    mean = float(np.abs(truth).mean()) if len(truth) else 0.0
    if not mean:
        return None
    missed = truth[:, None] - loads
    shares = np.array(QUANTILES)
    pinball = np.maximum(shares * missed, (shares - 1) * missed).mean()
    inside = (truth >= loads[:, _TEN]) & (truth <= loads[:, _NINETY])
    return Score(
        count=len(truth),
        pinball=float(pinball) / mean,
        nmae=float(np.abs(missed[:, MEDIAN]).mean()) / mean,
        coverage_80=float(inside.mean()),
    )
