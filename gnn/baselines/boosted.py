"""Gradient boosted trees on own, neighbour and ancestor features: the strong tabular baseline.

One LightGBM model a quantile (Ke et al., LightGBM, NIPS 2017), learning the same scaled correction
of the allocation as the graph network, from the same snapshots and with the same weights.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.neighbours import with_neighbours
from gnn.baselines.trees import Trees, trees_of
from gnn.errors import MissingExtra
from gnn.models.sage import QUANTILES
from gnn.models.tree import Tree
from gnn.training.fit import level_weights
from gnn.training.stack import Stack

_CLIPPED: Final = 8.0
_MOST_ROWS: Final = 40_000
_ROUNDS: Final = 100
_SETTINGS: Final[dict[str, Any]] = {
    "objective": "quantile",
    "num_leaves": 15,
    "min_data_in_leaf": 50,
    "learning_rate": 0.06,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "max_bin": 63,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "verbose": -1,
}


def fit_boosted(train: Stack, rows: NDArray[np.bool_], seed: int) -> Trees:
    """Learn all quantiles.

    Args:
        train: Snapshots of the training weeks.
        rows: Which of its places may be learned from, bool[n].
        seed: Of the rows drawn and of the trees.

    Raises:
        MissingExtra: lightgbm is not installed.
    """
    try:
        import lightgbm
    except ImportError as error:
        raise MissingExtra("lightgbm", "the boosted baseline") from error
    weights = level_weights(train, rows)
    known = np.flatnonzero(weights.ravel() > 0)
    drawn = np.random.default_rng(seed).permutation(known)[:_MOST_ROWS]
    columns = with_neighbours(train.features, train.parents, Tree.of(train.parents))
    columns = columns.reshape(-1, columns.shape[-1])[drawn]
    target = np.clip(train.scaled().ravel()[drawn], -_CLIPPED, _CLIPPED)
    data = lightgbm.Dataset(
        columns, target, weight=weights.ravel()[drawn], params={"max_bin": _SETTINGS["max_bin"]}
    )
    boosters = [
        lightgbm.train(_SETTINGS | {"alpha": share, "seed": seed}, data, _ROUNDS)
        for share in QUANTILES
    ]
    return trees_of([booster.dump_model()["tree_info"] for booster in boosters])
