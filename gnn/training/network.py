"""The graph network in torch, for training; `gnn.models.sage` says what it computes."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import softplus

from gnn.models.sage import MEDIAN, QUANTILES, Sage
from gnn.models.tree import Tree


class SageNetwork(nn.Module):
    """The same layers as `Sage`, with gradients.

    Args:
        mean, spread: Of the features in the training part, float32[features].
        hidden: Width of the layers.
        layers: How many layers hear the neighbours.
    """

    def __init__(
        self, mean: NDArray[np.float32], spread: NDArray[np.float32], hidden: int, layers: int
    ):
        super().__init__()
        self.mean = torch.from_numpy(mean)
        self.spread = torch.from_numpy(spread)
        self.enter = nn.Linear(len(mean), hidden)
        self.own = nn.ModuleList(nn.Linear(hidden, hidden) for _ in range(layers))
        self.child = nn.ModuleList(nn.Linear(hidden, hidden, bias=False) for _ in range(layers))
        self.parent = nn.ModuleList(nn.Linear(hidden, hidden, bias=False) for _ in range(layers))
        self.leave = nn.Linear(hidden, len(QUANTILES))

    def forward(self, children: Tensor, parent: Tensor, features: Tensor) -> Tensor:
        """Scaled corrections: [p, s, features] to [p, s, quantiles]; matrices are sparse [p, p]."""
        h = torch.relu(self.enter((features - self.mean) / self.spread))
        for own, child, above in zip(self.own, self.child, self.parent, strict=True):
            wide = h.reshape(len(h), -1)
            heard = own(h) + child(torch.sparse.mm(children, wide).reshape(h.shape))
            h = h + torch.relu(heard + above(torch.sparse.mm(parent, wide).reshape(h.shape)))
        return _ordered(self.leave(h))

    def weights(self) -> Sage:
        """The weights as plain arrays."""
        arrays = {"mean": self.mean.numpy(), "spread": self.spread.numpy()}
        arrays |= {"enter": _plain(self.enter.weight).T, "enter_bias": _plain(self.enter.bias)}
        for layer, (own, child, above) in enumerate(
            zip(self.own, self.child, self.parent, strict=True)
        ):
            arrays[f"self.{layer}"], arrays[f"bias.{layer}"] = (
                _plain(own.weight).T,
                _plain(own.bias),
            )
            arrays[f"child.{layer}"] = _plain(child.weight).T
            arrays[f"parent.{layer}"] = _plain(above.weight).T
        arrays |= {"leave": _plain(self.leave.weight).T, "leave_bias": _plain(self.leave.bias)}
        return Sage({name: np.ascontiguousarray(a) for name, a in arrays.items()})


def sparse(matrix: Any) -> Tensor:
    """A scipy matrix as a sparse tensor."""
    rows = matrix.tocoo()
    places = np.stack([rows.row, rows.col]).astype(np.int64)
    made = torch.sparse_coo_tensor(
        torch.from_numpy(places), torch.from_numpy(rows.data), rows.shape, check_invariants=True
    )
    return made.coalesce()


def matrices(tree: Tree) -> tuple[Tensor, Tensor]:
    """The matrices of a tree as tensors: children, parent."""
    return sparse(tree.children), sparse(tree.parent)


def _ordered(out: Tensor) -> Tensor:
    steps, median = softplus(out), out[..., MEDIAN : MEDIAN + 1]
    above = median + torch.cumsum(steps[..., MEDIAN + 1 :], dim=-1)
    below = median - torch.cumsum(steps[..., :MEDIAN].flip(-1), dim=-1).flip(-1)
    return torch.cat([below, median, above], dim=-1)


def _plain(tensor: Any) -> NDArray[np.float32]:
    """A parameter as an array of its own; modules in lists are typed as anything."""
    found: NDArray[np.float32] = tensor.detach().numpy().copy()
    return found
