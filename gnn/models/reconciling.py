"""Reconciles loads along the tree: what is said of children adds up to what is said of the parent.

Weighted least squares with the width of each band as its weight (Wickramasuriya, Athanasopoulos and
Hyndman, Optimal forecast reconciliation, JASA 114, 2019, with a diagonal matrix). On a tree that is
solved exactly by two sweeps, leaves to head and head to leaves, a level at a time. Losses are not
told apart: a load is the sum of what customers below use. A place counts where its children supply
all of its customers; sections give nothing and stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Which places must add up to which.

    Attributes:
        parents: Where a place counts, int64[p]; -1 where it counts nowhere.
        depths: Steps from the highest place, int64[p].
    """

    parents: NDArray[np.int64]
    depths: NDArray[np.int64]

    @classmethod
    def of(
        cls, parents: NDArray[np.int32], customers: NDArray[np.int64], giving: NDArray[np.bool_]
    ) -> Sums:
        """From the parent of each place, how many customers it has, and that it is no section."""
        counted = np.where(giving & (parents >= 0), parents, -1)
        children = counted >= 0
        below = np.zeros(len(parents), dtype=np.int64)
        np.add.at(below, counted[children], customers[children])
        whole = below == customers
        kept = np.where(children & whole[np.maximum(counted, 0)], counted, -1)
        depths = np.zeros(len(parents), dtype=np.int64)
        for place, parent in enumerate(parents.tolist()):
            depths[place] = depths[parent] + 1 if parent >= 0 else 0
        return cls(kept.astype(np.int64), depths)

    def moves(self, loads: Floats, variances: Floats) -> Floats:
        """By how much each load moves so that sums agree; all [p, hours]."""
        mean, variance = loads.copy(), np.maximum(variances, 1e-12)
        sums, wide = np.zeros_like(loads), np.zeros_like(loads)
        summed = np.zeros(len(loads), dtype=bool)
        for rows in self._levels():
            whole = rows[summed[rows]]
            share = variance[whole] / (variance[whole] + wide[whole])
            mean[whole] += share * (sums[whole] - mean[whole])
            variance[whole] = share * wide[whole]
            giving = rows[self.parents[rows] >= 0]
            above = self.parents[giving]
            np.add.at(sums, above, mean[giving])
            np.add.at(wide, above, variance[giving])
            summed[above] = True
        for rows in self._levels()[::-1]:
            taking = rows[self.parents[rows] >= 0]
            above = self.parents[taking]
            mean[taking] += variance[taking] / wide[above] * (mean[above] - sums[above])
        moved: Floats = mean - loads
        return moved

    def _levels(self) -> list[NDArray[np.int64]]:
        """The places of each depth, the deepest first."""
        most = int(self.depths.max(initial=0))
        return [np.flatnonzero(self.depths == depth) for depth in range(most, -1, -1)]
