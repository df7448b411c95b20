"""Features of the neighbourhood as plain columns, for models that see one row at a time.

Beside its own, a place gets the features of its parent and of the highest place above, and the
mean of its children; those of the calendar are the same everywhere and are not repeated.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.features.catalogue import NAMES
from gnn.models.tree import Tree

Array = NDArray[np.float32]

CARRIED: Final = tuple(
    NAMES.index(name)
    for name in (
        "base",
        "recent",
        "last_week",
        "week_before",
        "day_mean",
        "last_hour",
        "trend",
        "seen_ratio",
        "seen_day",
        "factor",
        "factor_day",
        "gap",
        "missed_week",
        "coverage",
    )
)
"""Which columns are taken from neighbours."""


def with_neighbours(features: Array, parents: NDArray[np.int32], tree: Tree) -> Array:
    """Own columns, then those of parent, top and children: float32[n, s, columns]."""
    carried = features[:, :, list(CARRIED)]
    top = np.arange(len(parents), dtype=np.int32)
    while (parents[top] >= 0).any():
        top = np.where(parents[top] >= 0, parents[top], top)
    above = np.where(parents >= 0, parents, np.arange(len(parents)))
    wide = carried.reshape(len(carried), -1)
    children = (tree.children @ wide).reshape(carried.shape)
    parts = [features, carried[above], carried[top], children]
    return np.concatenate(parts, axis=-1).astype(np.float32)
