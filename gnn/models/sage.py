"""A small graph network on the tree of places: each place hears its children and its parent.

A layer is that of GraphSAGE with mean aggregation (Hamilton, Ying and Leskovec, Inductive
representation learning on large graphs, NIPS 2017), with weights of its own for the way up and
the way down, and the input added to the output:

    h' = h + relu(h A + mean over children(h) B + h of parent C + b)

Its output is the median z_50 and, by softplus, the steps to the quantiles beside it, so that
quantiles never cross. The load is allocation + scale * z: the network corrects the allocation.

This is what answers: numpy and scipy over plain arrays. `gnn.training.network` is the same in
torch, and a test holds both to 1e-5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gnn.models.tree import Tree

Array = NDArray[np.float32]

QUANTILES: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""What a model says."""
MEDIAN: Final = QUANTILES.index(0.5)
NAME: Final = "tree-sage/1"
"""The architecture, by name, as bundles state it."""


@dataclass(frozen=True, slots=True, eq=False)
class Sage:
    """The weights of one network.

    Attributes:
        arrays: `mean` and `spread` of the features (float32[f]); `enter`, `enter_bias`; for each
            layer i `self.i`, `child.i`, `parent.i`, `bias.i`; `leave`, `leave_bias`.
    """

    arrays: Mapping[str, Array]

    @property
    def layers(self) -> int:
        """How many layers hear the neighbours."""
        return sum(name.startswith("self.") for name in self.arrays)

    def quantiles(self, tree: Tree, features: Array) -> Array:
        """Scaled corrections z of every place: float32[p, s, features] to [p, s, quantiles]."""
        w = self.arrays
        places, asked, width = features.shape
        flat = ((features - w["mean"]) / w["spread"]).reshape(-1, width)
        h = _relu(flat @ w["enter"] + w["enter_bias"])
        for layer in range(self.layers):
            wide = h.reshape(places, -1)
            heard = h @ w[f"self.{layer}"] + w[f"bias.{layer}"]
            heard += (tree.children @ wide).reshape(h.shape) @ w[f"child.{layer}"]
            heard += (tree.parent @ wide).reshape(h.shape) @ w[f"parent.{layer}"]
            h = h + _relu(heard)
        out = (h @ w["leave"] + w["leave_bias"]).reshape(places, asked, -1)
        return ordered(out)


def ordered(out: Array) -> Array:
    """From median and raw steps to ascending quantiles, along the last axis."""
    steps = np.logaddexp(out, np.float32(0.0))
    median = out[..., MEDIAN : MEDIAN + 1]
    above = median + np.cumsum(steps[..., MEDIAN + 1 :], axis=-1)
    below = median - np.cumsum(steps[..., MEDIAN - 1 :: -1], axis=-1)[..., ::-1]
    return np.concatenate([below, median, above], axis=-1)


def _relu(values: NDArray[Any]) -> Array:
    found: Array = np.maximum(values, 0.0, dtype=np.float32)
    return found
