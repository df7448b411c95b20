"""Snapshots of several networks side by side, as one forest, so that one pass trains on all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.datasets.snapshots import Snapshots
from gnn.features.catalogue import NAMES, bounded
from gnn.features.loads import CORRECTED, ESTIMATES
from gnn.models.tree import forest

Array = NDArray[np.float32]

CLIPPED: Final = 8.0
"""Corrections further out than this, in scales, are taken for this: outages, wrong readings."""


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """One row a place of any network, one column a snapshot.

    Attributes:
        parents: int32[n].
        levels: int8[n].
        networks: Index of the network of each place, int32[n].
        feeders: Distinct number of the feeder each place is below, int32[n].
        horizons: int64[n, s].
        features: float32[n, s, features].
        estimates: float32[n, s, estimates].
        scale, truth: float32[n, s].
        corrected: Which of the estimates is corrected.
    """

    parents: NDArray[np.int32]
    levels: NDArray[np.int8]
    networks: NDArray[np.int32]
    feeders: NDArray[np.int32]
    horizons: NDArray[np.int64]
    features: Array
    estimates: Array
    scale: Array
    truth: Array
    corrected: int = ESTIMATES.index(CORRECTED)

    @classmethod
    def of(cls, parts: Sequence[Snapshots]) -> Stack:
        """Put networks side by side; all with equally many snapshots."""
        sizes = [len(part.parents) for part in parts]
        begins = np.cumsum([0, *sizes])[:-1]
        horizons = [
            np.broadcast_to(part.horizons, (size, len(part)))
            for part, size in zip(parts, sizes, strict=True)
        ]
        return cls(
            parents=forest([part.parents for part in parts]),
            levels=np.concatenate([part.levels for part in parts]),
            networks=np.repeat(np.arange(len(parts), dtype=np.int32), sizes),
            feeders=np.concatenate(
                [part.feeders + begin for part, begin in zip(parts, begins, strict=True)]
            ).astype(np.int32),
            horizons=np.concatenate(horizons),
            features=_joined([part.features for part in parts]),
            estimates=_joined([part.estimates for part in parts]),
            scale=_joined([part.scale for part in parts]),
            truth=_joined([part.truth for part in parts]),
        )

    @property
    def base(self) -> Array:
        """What models correct, float32[n, s]."""
        return self.estimates[:, :, self.corrected]

    def correcting(self, name: str) -> Stack:
        """The same snapshots with another estimate as what is corrected."""
        number = ESTIMATES.index(name)
        if number == self.corrected:
            return self
        features = self.features.copy()
        expected = np.exp(features[:, :, NAMES.index("expected")])
        over = self.estimates[:, :, number] / expected
        features[:, :, NAMES.index("base")] = bounded("base", over)
        return replace(self, features=features, corrected=number)

    def scaled(self) -> Array:
        """The truth as models say it: (truth - base) / scale, float32[n, s]."""
        return (self.truth - self.base) / self.scale


def level_weights(stack: Stack, rows: NDArray[np.bool_]) -> Array:
    """Weight of each place and snapshot in the loss, float32[n, s]: 0 where nothing is known."""
    known = np.isfinite(stack.truth) & rows[:, None]
    weights = np.zeros_like(stack.scale)
    for level in np.unique(stack.levels[rows]):
        mine = known & (stack.levels == level)[:, None]
        if mine.any():
            mean_load = float(np.abs(stack.truth[mine]).mean()) or 1.0
            weights[mine] = stack.scale[mine] / (mean_load * mine.sum())
    return weights / max(float(weights.max()), 1e-30)


def _joined(parts: Sequence[Array]) -> Array:
    return np.concatenate([np.swapaxes(part, 0, 1) for part in parts])
