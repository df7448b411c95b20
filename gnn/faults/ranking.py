"""The ranker: boosted trees on the same columns and those of the neighbours (LightGBM, LambdaRank).

Burges, From RankNet to LambdaRank to LambdaMART, 2010; Ke et al., LightGBM, NIPS 2017. A section
sees its own columns, those of the section above and the mean of those below. Its scores become
odds by one factor that is fitted on faults kept aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.trees import Trees
from gnn.faults.scorer import odds_of
from gnn.models.tree import Tree

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Ranker:
    """Trees and the factor that makes odds of their scores."""

    trees: Trees
    factor: float

    def odds(self, parents: NDArray[np.int32], columns: Array) -> NDArray[np.float64]:
        """Odds of sections, float64[k]."""
        return self.odds_of_each([(parents, columns)])[0]

    def odds_of_each(
        self, faults: Sequence[tuple[NDArray[np.int32], Array]]
    ) -> list[NDArray[np.float64]]:
        """Odds of the sections of several faults (parents, columns): the trees are walked once."""
        scores = self.trees.predict(np.concatenate([wide(*each) for each in faults]))[:, 0]
        ends = np.cumsum([len(parents) for parents, _ in faults])[:-1]
        return [odds_of(self.factor * part) for part in np.split(scores, ends)]


def wide(parents: NDArray[np.int32], columns: Array) -> Array:
    """Own columns, those above, mean of those below: float32[k, 3 columns]."""
    tree = Tree.of(parents)
    found: Array = np.concatenate(
        [columns, tree.of_parents(columns), tree.children @ columns], axis=1
    ).astype(np.float32)
    return found
