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
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.models.cores import Each, side_by_side
from gnn.models.tree import Tree

Array = NDArray[np.float32]

QUANTILES: Final = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""What a model says."""
MEDIAN: Final = QUANTILES.index(0.5)
NAME: Final = "tree-sage/1"
"""The architecture, by name, as bundles state it."""
_FEWEST, _MOST = 1024, 8192
"""Rows of a stretch: with 32 numbers a row the most fit the cache of a core, and fewer than the
fewest are sooner done than handed out."""


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
        return mean_quantiles([self], tree, features)

    def said(self, tree: Tree, features: Array, each: Each) -> Array:
        """The same, with what does stretches of places side by side.

        A stretch fits the cache of a core, and is cut alike however many there are.
        """
        places, asked, _ = features.shape
        cuts = _cuts(places, asked)
        h = np.empty((places, asked, self.arrays["enter"].shape[1]), dtype=np.float32)
        heard = np.empty_like(h)
        each(lambda cut: self._enter(features[cut], h[cut]), cuts)
        for layer in range(self.layers):
            each(partial(self._hear, layer, tree, h, heard), cuts)
            h, heard = heard, h
        said = np.empty((places, asked, len(QUANTILES)), dtype=np.float32)
        each(lambda cut: self._leave(h[cut], said[cut]), cuts)
        return said

    def _enter(self, features: Array, h: Array) -> None:
        w, rows = self.arrays, _rows(h)
        enter = w["enter"] / w["spread"][:, None]
        np.matmul(features.reshape(len(rows), -1), enter, out=rows)
        _activate(rows, w["enter_bias"] - w["mean"] @ enter)

    def _hear(self, layer: int, tree: Tree, h: Array, heard: Array, cut: slice) -> None:
        """One layer for a stretch of places, from `h` into `heard`."""
        w, wide = self.arrays, h.reshape(len(h), -1)
        own, rows = _rows(h[cut]), _rows(heard[cut])
        np.matmul(own, w[f"self.{layer}"], out=rows)
        for name, others in (("child", tree.of_children), ("parent", tree.of_parents)):
            rows += others(wide, cut).reshape(rows.shape) @ w[f"{name}.{layer}"]
        _activate(rows, w[f"bias.{layer}"])
        rows += own

    def _leave(self, h: Array, said: Array) -> None:
        out = _rows(h) @ self.arrays["leave"]
        out += self.arrays["leave_bias"]
        said[...] = ordered(out.reshape(said.shape))


def mean_quantiles(networks: Sequence[Sage], tree: Tree, features: Array) -> Array:
    """The mean of what several networks say, float32[p, s, features] to [p, s, quantiles]."""
    with side_by_side() as each:
        mean = networks[0].said(tree, features, each)
        for network in networks[1:]:
            mean += network.said(tree, features, each)
    mean /= np.float32(len(networks))
    return mean


def _cuts(places: int, asked: int) -> list[slice]:
    """Stretches of places: two at least, unless they are small."""
    rows = min(_MOST, max(_FEWEST, -(-places * asked // 2)))
    step = max(1, -(-rows // asked))
    return [slice(begin, min(begin + step, places)) for begin in range(0, places, step)]


def _rows(values: Array) -> Array:
    """[places, asked, numbers] as a row a question, without a copy."""
    return values.reshape(-1, values.shape[-1])


def _activate(rows: Array, bias: Array) -> None:
    """relu(rows + bias) in place; numpy is three times as fast between arrays of one shape."""
    rows += np.tile(bias, (len(rows), 1))
    np.maximum(rows, np.zeros_like(rows), out=rows)


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
