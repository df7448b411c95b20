"""Learning to rank sections with boosted trees, from the faults the graph network learns from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from gnn.baselines.boosting import BINNED, SETTINGS, lightgbm_for
from gnn.baselines.trees import trees_of
from gnn.faults.asking import Asked
from gnn.faults.ranking import Ranker, wide
from gnn.faults.scorer import odds_of

_ROUNDS: Final = 120
_SETTINGS: Final[dict[str, Any]] = SETTINGS | {
    "objective": "lambdarank",
    "lambdarank_truncation_level": 5,
    "min_data_in_leaf": 40,
    "learning_rate": 0.06,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
}


def fit_ranker(learned: Sequence[Asked], kept: Sequence[Asked], seed: int) -> Ranker:
    """Learn from faults, and fit the factor on others.

    Raises:
        MissingExtra: lightgbm is not installed.
    """
    lightgbm = lightgbm_for("the ranker of faults")
    rows = np.concatenate([wide(each.parents, each.columns) for each in learned])
    labels = np.concatenate([np.arange(len(e.parents)) == e.truth for e in learned]).astype(int)
    groups = [len(each.parents) for each in learned]
    data = lightgbm.Dataset(rows, labels, group=groups, params=BINNED)
    booster = lightgbm.train(_SETTINGS | {"seed": seed}, data, _ROUNDS)
    trees = trees_of([booster.dump_model()["tree_info"]])
    scores = [trees.predict(wide(e.parents, e.columns))[:, 0] for e in kept]
    factors = np.geomspace(0.1, 10.0, 25)
    losses = [
        -np.mean(
            [np.log(odds_of(f * s)[e.truth] + 1e-12) for s, e in zip(scores, kept, strict=True)]
        )
        for f in factors
    ]
    return Ranker(trees, float(factors[int(np.argmin(losses))]))
