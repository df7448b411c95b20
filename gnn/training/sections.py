"""Learning to score sections, in torch: many faults side by side as one forest.

The loss is the logarithm of the odds of the true section (cross entropy over the sections of a
fault). Seeded, one thread, early stop on faults kept aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gnn.faults.asking import Asked
from gnn.faults.scorer import Scorer
from gnn.models.tree import Tree, forest
from gnn.training.network import matrices

_HIDDEN: Final = 32
_RATE: Final = 2e-3
_DECAY: Final = 1e-3
_ROUNDS: Final = 30
_PATIENCE: Final = 5
_BATCH: Final = 64
_DROPPED: Final = 0.1


@dataclass(frozen=True, slots=True)
class Idea:
    """What a network is; every idea is one switch that can be turned off.

    Attributes:
        layers: How many layers hear the sections above and below; 0 makes each answer for itself.
        corrects: Whether its score is added to what matching says, or stands alone.
    """

    layers: int = 2
    corrects: bool = True


AS_IT_IS: Final = Idea()


class Network(nn.Module):
    """The network of `gnn.faults.scorer`."""

    def __init__(self, mean: Tensor, spread: Tensor, idea: Idea = AS_IT_IS) -> None:
        super().__init__()
        layers = range(idea.layers)
        self.mean, self.spread = mean, spread
        self.enter = nn.Linear(len(mean), _HIDDEN)
        self.own = nn.ModuleList(nn.Linear(_HIDDEN, _HIDDEN) for _ in layers)
        self.child = nn.ModuleList(nn.Linear(_HIDDEN, _HIDDEN, bias=False) for _ in layers)
        self.parent = nn.ModuleList(nn.Linear(_HIDDEN, _HIDDEN, bias=False) for _ in layers)
        self.leave = nn.Linear(_HIDDEN, 1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)
        self.trust = nn.Parameter(torch.full((1,), float(idea.corrects)), idea.corrects)
        self.drop = nn.Dropout(_DROPPED)

    def forward(self, tree: tuple[Tensor, Tensor], columns: Tensor, matched: Tensor) -> Tensor:
        """Scores of sections, [k]."""
        children, parent = tree
        h = torch.relu(self.enter((columns - self.mean) / self.spread))
        for own, child, above in zip(self.own, self.child, self.parent, strict=True):
            heard = own(h) + child(torch.sparse.mm(children, h))
            h = h + torch.relu(heard + above(torch.sparse.mm(parent, h)))
        score: Tensor = self.leave(self.drop(h))[:, 0]
        return self.trust * matched + score

    def weights(self) -> Scorer:
        """The weights as plain arrays."""
        arrays = {"mean": self.mean.numpy(), "spread": self.spread.numpy()}
        arrays |= {"enter": _plain(self.enter.weight).T, "enter_bias": _plain(self.enter.bias)}
        for layer, own in enumerate(self.own):
            arrays[f"self.{layer}"] = _plain(own.weight).T
            arrays[f"bias.{layer}"] = _plain(own.bias)
            arrays[f"child.{layer}"] = _plain(self.child[layer].weight).T
            arrays[f"parent.{layer}"] = _plain(self.parent[layer].weight).T
        arrays |= {"leave": _plain(self.leave.weight).T, "leave_bias": _plain(self.leave.bias)}
        arrays["trust"] = _plain(self.trust)
        return Scorer({name: np.ascontiguousarray(a) for name, a in arrays.items()})


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    tree: tuple[Tensor, Tensor]
    columns: Tensor
    matched: Tensor
    faults: Tensor
    truth: Tensor
    count: int

    @classmethod
    def of(cls, examples: Sequence[Asked]) -> _Batch:
        sizes = [len(each.parents) for each in examples]
        begins = np.cumsum([0, *sizes])[:-1]
        return cls(
            matrices(Tree.of(forest([each.parents for each in examples]))),
            torch.from_numpy(np.concatenate([each.columns for each in examples])),
            torch.from_numpy(np.concatenate([each.matched for each in examples])),
            torch.from_numpy(np.repeat(np.arange(len(sizes)), sizes)),
            torch.from_numpy(begins + np.array([each.truth for each in examples])),
            len(sizes),
        )

    def loss(self, network: Network) -> Tensor:
        """Mean of minus the logarithm of the odds of the true sections."""
        logits = network(self.tree, self.columns, self.matched)
        most = torch.full((self.count,), -torch.inf).scatter_reduce(
            0, self.faults, logits.detach(), "amax"
        )
        risen = torch.exp(logits - most[self.faults])
        sums = torch.zeros(self.count).index_add(0, self.faults, risen)
        found: Tensor = (torch.log(sums) + most - logits[self.truth]).mean()
        return found


def fit_scorer(
    learned: Sequence[Asked], kept: Sequence[Asked], seed: int, idea: Idea = AS_IT_IS
) -> Scorer:
    """Learn from faults, and stop by others."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rows = np.concatenate([each.columns for each in learned])
    mean, spread = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-3)
    network = Network(torch.from_numpy(mean), torch.from_numpy(spread.astype(np.float32)), idea)
    steps = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    chance, check = np.random.default_rng(seed), _Batch.of(kept)
    best, weights, waited = np.inf, network.weights(), 0
    for _ in range(_ROUNDS):
        network.train()
        order = chance.permutation(len(learned))
        for part in np.array_split(order, max(1, len(order) // _BATCH)):
            loss = _Batch.of([learned[i] for i in part.tolist()]).loss(network)
            steps.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            steps.step()
        network.eval()
        with torch.no_grad():
            now = float(check.loss(network))
        waited = 0 if now < best else waited + 1
        if now < best:
            best, weights = now, network.weights()
        if waited >= _PATIENCE:
            break
    return weights


def _plain(tensor: Any) -> NDArray[np.float32]:
    found: NDArray[np.float32] = tensor.detach().numpy().copy()
    return found
