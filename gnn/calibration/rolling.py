"""Moves bands, and says who answers, by what a network itself lately showed.

Split conformal prediction on the last days of the network that is spoken of, in the place of other
networks: the q-quantile of what the calibrated q-quantile missed there, drawn to nothing with the
weight of so many issues, because the hours of an issue miss together. It is made anew for every
issue, from what was known by then, so bands follow a network whose ways change (in the spirit of
Gibbs and Candes, Adaptive conformal inference under distribution shift, NeurIPS 2021).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.calibration.conformal import STRETCHES
from gnn.features.grid import LEVELS
from gnn.models.sage import QUANTILES
from graph_service.ports.predictor import Level

Array = NDArray[np.float32]
Floats = NDArray[np.float64]

DRAWN: Final = 1.0
"""How many issues' weight the calibration of the bundle has."""
MOVED: Final = tuple(LEVELS.index(each) for each in (Level.TRANSFORMER, Level.LV_FEEDER))
"""Levels whose bands are moved, by code; sums over many customers scale otherwise than those of the
few that are played with, so that of the others only who answers is chosen."""
_MODELS: Final = ("tree-sage",)
_LEAST_ISSUES: Final = 4
_MUCH_BETTER: Final = 0.9
"""Another one answers only where its loss was less than so much of that of who is to serve."""


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What one candidate said of past hours.

    Attributes:
        scaled: Calibrated scaled quantiles, float32[k, quantiles].
        truth: What came, scaled alike, float32[k].
        weights: Of each in the loss: its scale in W, float32[k].
    """

    scaled: Array
    truth: Array
    weights: Array


@dataclass(frozen=True, slots=True, eq=False)
class Rolling:
    """What the last days say of each candidate.

    Attributes:
        shifts: By name, float32[levels, stretches, quantiles]; in scales.
        losses: By name, the mean pinball loss by level after the shifts, W; NaN where not known.
        issues: How many issues were looked at.
    """

    shifts: Mapping[str, Array]
    losses: Mapping[str, Floats]
    issues: int

    def moved(
        self, name: str, said: Array, levels: NDArray[np.int64], at: NDArray[np.int64]
    ) -> Array:
        """Quantiles moved, ascending: [p, s, quantiles].

        Args:
            name: Who said them.
            said: Calibrated scaled quantiles.
            levels: Of each place, see `played_levels`, [p].
            at: The stretch of each hour, [s].
        """
        if name not in self.shifts:
            return said  # a mixture is not replayed
        return np.sort(said + self.shifts[name][levels][:, at], axis=-1)

    def best(self, level: int, served: str) -> str:
        """Who answers at a level: who is to serve, or a baseline that was much better. A model
        the gate is shut for stays shut out."""
        loss = self._loss(served, level)
        others = {n: self._loss(n, level) for n in self.losses if n not in (served, *_MODELS)}
        if self.issues < _LEAST_ISSUES or not others or not np.isfinite(loss):
            return served
        least = min(others, key=lambda name: others[name])
        return least if others[least] < _MUCH_BETTER * loss else served

    def _loss(self, name: str, level: int) -> float:
        return float(self.losses[name][level]) if name in self.losses else float("nan")


def played_levels(levels: NDArray[np.int8], parents: NDArray[np.int32]) -> NDArray[np.int64]:
    """The level each place is moved as: a section as the place above it, so that asking about one
    more changes no other answer."""
    section = (levels == LEVELS.index(Level.SECTION)) & (parents >= 0)
    return np.where(section, levels[parents], levels).astype(np.int64)


def learn(
    said: Mapping[str, Said],
    levels: NDArray[np.int64],
    stretches: NDArray[np.int64],
    issues: NDArray[np.int64],
) -> Rolling:
    """From what candidates said of past hours; level, stretch and issue of each, int64[k]."""
    shifts, losses = {}, {}
    for name, each in said.items():
        shifts[name] = _shifts(each, levels, stretches, issues)
        moved = np.sort(each.scaled + shifts[name][levels, stretches], axis=-1)
        losses[name] = _losses(each, moved, levels)
    return Rolling(shifts, losses, len(np.unique(issues)))


def _shifts(
    each: Said,
    levels: NDArray[np.int64],
    stretches: NDArray[np.int64],
    issues: NDArray[np.int64],
) -> Array:
    found = np.zeros((len(LEVELS), len(STRETCHES), len(QUANTILES)), dtype=np.float32)
    missed = each.truth[:, None] - each.scaled
    for level in np.intersect1d(levels, MOVED).tolist():
        mine = levels == level
        overall = _share(missed[mine], issues[mine], np.zeros(len(QUANTILES), dtype=np.float32))
        found[level] = overall
        for at in np.unique(stretches[mine]).tolist():
            those = mine & (stretches == at)
            found[level, at] = _share(missed[those], issues[those], overall)
    return found


def _share(missed: Array, issues: NDArray[np.int64], above: Array) -> Array:
    """Quantiles of what was missed, drawn to those above with the weight of `DRAWN` issues."""
    own = np.diag(np.quantile(missed, QUANTILES, axis=0))
    count = len(np.unique(issues))
    drawn: Array = ((count * own + DRAWN * above) / (count + DRAWN)).astype(np.float32)
    return drawn


def _losses(each: Said, moved: Array, levels: NDArray[np.int64]) -> Floats:
    missed = each.truth[:, None] - moved
    shares = np.array(QUANTILES)
    loss = np.maximum(shares * missed, (shares - 1) * missed).mean(axis=1) * each.weights
    found = np.full(len(LEVELS), np.nan)
    for level in np.unique(levels).tolist():
        found[level] = loss[levels == level].mean()
    return found
