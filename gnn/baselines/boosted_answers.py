"""What the boosted trees of a bundle say, from plain arrays, without LightGBM."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.neighbours import with_neighbours
from gnn.baselines.trees import Trees
from gnn.models.tree import Tree

Array = NDArray[np.float32]


def boosted_quantiles(
    forests: Sequence[Trees], features: Array, parents: NDArray[np.int32], tree: Tree
) -> Array:
    """Scaled quantiles, ascending, mean over the forests: float32[p, s, quantiles]."""
    columns = with_neighbours(features, parents, tree)
    flat = columns.reshape(-1, columns.shape[-1])
    said = np.mean([forest.predict(flat) for forest in forests], axis=0)
    return np.sort(said.reshape(*columns.shape[:2], -1), axis=-1)
