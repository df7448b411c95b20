"""A small graph network on the tree of places: each place hears its children and its parent.

A layer is that of GraphSAGE with mean aggregation (Hamilton, Ying and Leskovec, Inductive
representation learning on large graphs, NIPS 2017), with weights of its own for the way up and
the way down, and the input added to the output:

    h' = h + relu(h A + mean over children(h) B + h of parent C + b)

Its output is the median z_50 and, by softplus, the steps to the quantiles beside it, so that
quantiles never cross. The load is base + scale * z: the network corrects the state estimate.

This is what answers: numpy and scipy over plain arrays. `gnn.training.network` is the same in
torch, and a test holds both to 1e-5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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
_AT_ONCE: Final = 8192
"""Rows of a stretch: with 32 numbers a row they fit the cache of a core."""
_SIDE_BY_SIDE: Final = 2


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
        """Scaled corrections z of every place: float32[p, s, features] to [p, s, quantiles].

        A stretch of places at a time, so that what is at hand stays in the cache.
        """
        places, asked, _ = features.shape
        small = places * asked <= 2 * _AT_ONCE
        step = max(1, places if small else _AT_ONCE // asked)
        cuts = [slice(begin, min(begin + step, places)) for begin in range(0, places, step)]
        h = np.empty((places, asked, self.arrays["enter"].shape[1]), dtype=np.float32)
        for cut in cuts:
            self._enter(features[cut], h[cut])
        for layer in range(self.layers):
            heard = np.empty_like(h)
            for cut in cuts:
                self._hear(layer, tree, h, cut, heard[cut])
            h = heard
        said = np.empty((places, asked, len(QUANTILES)), dtype=np.float32)
        for cut in cuts:
            out = h[cut].reshape(-1, h.shape[-1]) @ self.arrays["leave"] + self.arrays["leave_bias"]
            said[cut] = ordered(out.reshape(said[cut].shape))
        return said

    def _enter(self, features: Array, h: Array) -> None:
        w = self.arrays
        enter = w["enter"] / w["spread"][:, None]
        rows = h.reshape(-1, h.shape[-1])
        np.matmul(features.reshape(len(rows), -1), enter, out=rows)
        rows += w["enter_bias"] - w["mean"] @ enter
        np.maximum(rows, np.float32(0.0), out=rows)

    def _hear(self, layer: int, tree: Tree, h: Array, cut: slice, heard: Array) -> None:
        """One layer for a stretch of places, into `heard`."""
        w, wide = self.arrays, h.reshape(len(h), -1)
        own, rows = (each.reshape(-1, h.shape[-1]) for each in (h[cut], heard))
        np.matmul(own, w[f"self.{layer}"], out=rows)
        children = tree.children if len(heard) == len(h) else tree.children[cut]
        rows += (children @ wide).reshape(rows.shape) @ w[f"child.{layer}"]
        rows += tree.of_parents(wide, cut).reshape(rows.shape) @ w[f"parent.{layer}"]
        rows += w[f"bias.{layer}"]
        np.maximum(rows, np.float32(0.0), out=rows)
        rows += own


def mean_quantiles(networks: Sequence[Sage], tree: Tree, features: Array) -> Array:
    """The mean of what several networks say; of large trees two of them at a time."""
    if features.shape[0] * features.shape[1] <= 2 * _AT_ONCE:
        said = [each.quantiles(tree, features) for each in networks]
    else:
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            said = list(pool.map(lambda each: each.quantiles(tree, features), networks))
    mean: Array = sum(said[1:], start=said[0]) / np.float32(len(said))
    return mean


def ordered(out: Array) -> Array:
    """From median and raw steps to ascending quantiles, along the last axis."""
    said = np.empty_like(out)
    median = out[..., MEDIAN]
    said[..., MEDIAN] = median
    steps = np.log(1 + np.exp(-np.abs(out))) + np.maximum(out, np.float32(0.0))  # softplus
    for at in range(MEDIAN + 1, len(QUANTILES)):
        said[..., at] = said[..., at - 1] + steps[..., at]
    for at in range(MEDIAN - 1, -1, -1):
        said[..., at] = said[..., at + 1] - steps[..., at]
    return said
