"""Fits the graph network: pinball loss over all levels alike, early stop, the same every time.

One step shows some snapshots of all networks at once. The loss of a place is the pinball loss of
its load (Koenker and Bassett, Regression quantiles, Econometrica 46, 1978) over the mean load of
its level, so that every level counts the same. Guarantees: the same data, configuration and seed
give the same weights on the same machine; features are scaled by the training part alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gnn.config import ModelConfig
from gnn.datasets.stack import CLIPPED, Stack, level_weights
from gnn.features.catalogue import NAMES
from gnn.models.sage import QUANTILES, Sage
from gnn.models.tree import Tree
from gnn.training.network import SageNetwork, matrices

Array = NDArray[np.float32]
Tell = Callable[[str], None]

_LEAST_SPREAD: Final = 1e-3
_LEFT_OUT: Final = 1e30


@dataclass(slots=True)
class Fitted:
    """Weights, and what the loss on the validation part was after each round."""

    weights: Sage
    losses: list[float] = field(default_factory=list)


def fit(
    train: Stack,
    rows: NDArray[np.bool_],
    validation: Stack,
    config: ModelConfig,
    seed: int,
    tell: Tell | None = None,
) -> Fitted:
    """Train one network.

    Args:
        train: Snapshots of the training weeks.
        rows: Which of its places may be learned from, bool[n].
        validation: Snapshots of later days of the same places, for the early stop.
        config: Sizes and rounds.
        seed: Of the first weights and of the order.
        tell: Told a line a round.
    """
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    chance = np.random.default_rng(seed)
    moments = _moments(train, rows, config.without)
    network = SageNetwork(*moments, config.hidden, config.layers)
    children, parent = matrices(Tree.of(train.parents))
    shown, judged = _Shown(train, rows), _Shown(validation, rows)
    optimizer = torch.optim.AdamW(network.parameters(), config.rate, weight_decay=config.decay)
    steps = config.rounds * -(-shown.count // config.batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    best, fitted, since = float("inf"), Fitted(network.weights()), 0
    for number in range(config.rounds):
        for batch in np.array_split(chance.permutation(shown.count), steps // config.rounds):
            optimizer.zero_grad()
            shown.loss(network, children, parent, batch).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
        with torch.no_grad():
            loss = float(judged.loss(network, children, parent, np.arange(judged.count)))
        fitted.losses.append(loss)
        if tell is not None:
            tell(f"round {number + 1}: {loss:.5f}")
        since = 0 if loss < best else since + 1
        if loss < best:
            best, fitted.weights = loss, network.weights()
        if since >= config.patience:
            break
    return fitted


class _Shown:
    """Snapshots as tensors, with the weight of each place."""

    def __init__(self, stack: Stack, rows: NDArray[np.bool_]):
        weights = level_weights(stack, rows)
        self.count = stack.horizons.shape[1]
        self.features = torch.from_numpy(stack.features)
        self.truth = torch.from_numpy(np.nan_to_num(np.clip(stack.scaled(), -CLIPPED, CLIPPED)))
        self.weights = torch.from_numpy(weights)
        self.levels = torch.tensor(QUANTILES)

    def loss(
        self, network: SageNetwork, children: Tensor, parent: Tensor, batch: NDArray[np.int64]
    ) -> Tensor:
        chosen = torch.from_numpy(batch)
        said = network(children, parent, self.features[:, chosen])
        missed = self.truth[:, chosen, None] - said
        pinball = torch.maximum(self.levels * missed, (self.levels - 1) * missed).mean(dim=-1)
        weights = self.weights[:, chosen]
        return (pinball * weights).sum() / weights.sum()


def _moments(stack: Stack, rows: NDArray[np.bool_], without: Sequence[str]) -> tuple[Array, Array]:
    """Mean and spread of the features; what is left out is spread so wide that it is always 0."""
    shown = stack.features[rows].reshape(-1, stack.features.shape[-1])
    mean, spread = shown.mean(axis=0), shown.std(axis=0)
    spread = np.where(spread > _LEAST_SPREAD, spread, 1.0)
    left_out = [name.startswith(tuple(without)) for name in NAMES]
    spread[left_out] = _LEFT_OUT
    return mean.astype(np.float32), spread.astype(np.float32)
