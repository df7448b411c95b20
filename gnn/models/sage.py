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
from typing import Final

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
        enter = w["enter"] / w["spread"][:, None]
        bias = w["enter_bias"] - w["mean"] @ enter
        h = features.reshape(-1, width) @ enter
        h = _relu_of_sum(h, bias)
        for layer in range(self.layers):
            heard = h @ w[f"self.{layer}"]
            heard += _wide(tree.children @ h.reshape(places, -1), h) @ w[f"child.{layer}"]
            heard += _wide(tree.of_parents(h.reshape(places, -1)), h) @ w[f"parent.{layer}"]
            h += _relu_of_sum(heard, w[f"bias.{layer}"])
        out = (h @ w["leave"] + w["leave_bias"]).reshape(places, asked, -1)
        return ordered(out)


def ordered(out: Array) -> Array:
    """From median and raw steps to ascending quantiles, along the last axis."""
    said = np.empty_like(out)
    median = out[..., MEDIAN]
    said[..., MEDIAN] = median
    steps = np.log1p(np.exp(-np.abs(out))) + np.maximum(out, np.float32(0.0))  # softplus
    for at in range(MEDIAN + 1, len(QUANTILES)):
        said[..., at] = said[..., at - 1] + steps[..., at]
    for at in range(MEDIAN - 1, -1, -1):
        said[..., at] = said[..., at + 1] - steps[..., at]
    return said


def _relu_of_sum(values: Array, bias: Array) -> Array:
    """relu(values + bias), in the place of the values."""
    values += bias
    return np.maximum(values, np.float32(0.0), out=values)


def _wide(values: Array, like: Array) -> Array:
    return values.reshape(like.shape)
