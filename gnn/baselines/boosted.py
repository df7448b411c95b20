"""Gradient boosted trees on own, neighbour and ancestor features: the strong tabular baseline.

One LightGBM model a quantile (Ke et al., LightGBM, NIPS 2017), learning the same scaled correction
of the state estimate as the graph network, from the same snapshots and with the same weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.boosting import BINNED, SETTINGS, lightgbm_for
from gnn.baselines.neighbours import with_neighbours
from gnn.baselines.trees import Trees, trees_of
from gnn.datasets.stack import CLIPPED, Stack, level_weights
from gnn.models.sage import QUANTILES
from gnn.models.tree import Tree

_MOST_ROWS: Final = 120_000
_ROUNDS: Final = 100
_SETTINGS: Final[dict[str, Any]] = SETTINGS | {
    "objective": "quantile",
    "min_data_in_leaf": 50,
    "learning_rate": 0.06,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.7,
}


class Boosted:
    """What was learned: one LightGBM model a quantile."""

    def __init__(self, boosters: Sequence[Any]):
        self._boosters = boosters

    def quantiles(self, stack: Stack) -> NDArray[np.float32]:
        """Scaled quantiles of every place and snapshot, ascending, float32[n, s, quantiles]."""
        columns = with_neighbours(stack.features, stack.parents, Tree.of(stack.parents))
        flat = columns.reshape(-1, columns.shape[-1])
        said = np.stack([each.predict(flat) for each in self._boosters], axis=-1)
        return np.sort(said.reshape(*columns.shape[:2], -1), axis=-1).astype(np.float32)

    def trees(self) -> Trees:
        """The same as plain arrays."""
        return trees_of([booster.dump_model()["tree_info"] for booster in self._boosters])


def fit_boosted(train: Stack, rows: NDArray[np.bool_], seed: int) -> Boosted:
    """Learn all quantiles.

    Args:
        train: Snapshots of the training weeks.
        rows: Which of its places may be learned from, bool[n].
        seed: Of the rows drawn and of the trees.

    Raises:
        MissingExtra: lightgbm is not installed.
    """
    lightgbm = lightgbm_for("the boosted baseline")
    weights = level_weights(train, rows)
    known = np.flatnonzero(weights.ravel() > 0)
    drawn = np.random.default_rng(seed).permutation(known)[:_MOST_ROWS]
    columns = with_neighbours(train.features, train.parents, Tree.of(train.parents))
    columns = columns.reshape(-1, columns.shape[-1])[drawn]
    target = np.clip(train.scaled().ravel()[drawn], -CLIPPED, CLIPPED)
    data = lightgbm.Dataset(columns, target, weight=weights.ravel()[drawn], params=BINNED)
    boosters = [
        lightgbm.train(_SETTINGS | {"alpha": share, "seed": seed}, data, _ROUNDS)
        for share in QUANTILES
    ]
    return Boosted(boosters)
