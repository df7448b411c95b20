"""Fits how much each expert is heard: the convex weights with the least pinball loss, by level.

Exponentiated gradient (Kivinen and Warmuth, Information and Computation 132, 1997) on the misses of
networks kept for calibration. An expert that is hardly heard is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.models.mixing import Mixture
from gnn.models.sage import QUANTILES

Array = NDArray[np.float32]

_STEPS: Final = 300
_RATE: Final = 4.0
_MOST_ROWS: Final = 20_000
_LEAST_SHARE: Final = 0.05


def fit_mixture(
    said: Mapping[str, Array], truth: Array, weights: Array, levels: NDArray[np.int8], count: int
) -> Mixture:
    """Fit a mixture.

    Args:
        said: Calibrated scaled quantiles float32[k, quantiles] by expert.
        truth: Scaled truth float32[k]; NaN where not known.
        weights: Of each in the loss, float32[k], such as its scale.
        levels: int8[k].
        count: How many levels there are; one that was not met hears the first expert alone.
    """
    names = tuple(said)
    found = np.zeros((count, len(names)), dtype=np.float32)
    found[:, 0] = 1.0
    for level in range(count):
        rows = np.flatnonzero(np.isfinite(truth) & (levels == level))
        rows = np.random.default_rng(level).permutation(rows)[:_MOST_ROWS]
        if len(rows):
            experts = [said[name][rows] for name in names]
            found[level] = _weights(experts, truth[rows], weights[rows])
    return Mixture(names, found)


def _weights(experts: Sequence[Array], truth: Array, weights: Array) -> NDArray[np.float64]:
    shares = np.full(len(experts), 1.0 / len(experts))
    best, least = shares, np.inf
    levels = np.array(QUANTILES, dtype=np.float32)
    stacked = np.stack(experts)
    each = (weights / weights.sum() / len(QUANTILES)).astype(np.float32)[:, None]
    scale = 1.0
    for step in range(_STEPS):
        missed = truth[:, None] - np.tensordot(shares.astype(np.float32), stacked, 1)
        loss = float((np.maximum(levels * missed, (levels - 1) * missed) * each).sum())
        scale = loss if step == 0 else scale
        if loss < least:
            best, least = shares, loss
        slope = np.where(missed > 0, -levels, 1 - levels) * each
        gradient = np.tensordot(stacked, slope, 2) / max(scale, 1e-30)
        shares = shares * np.exp(-_RATE / np.sqrt(1.0 + step) * (gradient - gradient.min()))
        shares = shares / shares.sum()
    kept = np.where(best >= _LEAST_SHARE, best, 0.0)
    found: NDArray[np.float64] = kept / kept.sum()
    return found
