"""A finished bundle on faults of networks it has never seen, beside those that learn nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gnn.faults.asking import SIMPLE, Asked
from gnn.faults.bundle import FaultBundle
from gnn.faults.scorer import NAME, model_odds
from gnn.faults.table import Row, score


def judge(bundle: FaultBundle, split: str, asked: Sequence[Asked]) -> list[Row]:
    """Scores of the bundle's contenders and of every simple one, by share of sensors."""
    rows = []
    for name in SIMPLE:
        rows += score(split, name, 0, asked, [each.simple[name] for each in asked])
    if bundle.rankers:
        faults = [(each.parents, each.columns) for each in asked]
        several = [ranker.odds_of_each(faults) for ranker in bundle.rankers]
        said = [np.mean(odds, axis=0) for odds in zip(*several, strict=True)]
        rows += score(split, "ranker mean", 0, asked, said)
    model = [model_odds(bundle.scorers, a.parents, a.columns, a.matched) for a in asked]
    return rows + score(split, f"{NAME.partition('/')[0]} mean", 0, asked, model)
