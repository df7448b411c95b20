"""Simple estimates as quantiles: one number, said for all of them; calibration spreads them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gnn.datasets.stack import Stack
from gnn.features.loads import ESTIMATES
from gnn.models.sage import QUANTILES

Array = NDArray[np.float32]


def simple_quantiles(stack: Stack, name: str) -> Array:
    """Scaled quantiles of an estimate, all equal, float32[n, s, quantiles]."""
    scaled = (stack.estimates[:, :, ESTIMATES.index(name)] - stack.base) / stack.scale
    return np.repeat(scaled[:, :, None], len(QUANTILES), axis=-1)
