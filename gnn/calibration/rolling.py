"""Moves bands, and says who answers, by what a network itself lately showed.

What is said at a level is moved by the median of what was missed there on past issues, and its band
is made as much wider or narrower as it takes to cover its share: two numbers a level, because the
hours of an issue miss together and issues are few. Both are drawn to those of the bundle, with the
weight of so many issues. They are made anew for every issue, from what was known by then, so bands
follow a network whose ways change (conformal prediction with a scale, Lei et al., Distribution-free
predictive inference for regression, JASA 2018; rolling in the spirit of Gibbs and Candes, Adaptive
conformal inference under distribution shift, NeurIPS 2021).

The settings were chosen on generated towns alone: with both numbers drawn less, bands there cover
too little, because what was missed on nine days is no measure of what will be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.features.grid import LEVELS
from gnn.models.sage import MEDIAN, QUANTILES
from graph_service.ports.predictor import Level

Array = NDArray[np.float32]
Floats = NDArray[np.float64]

_MEDIAN_DRAWN, _WIDTH_DRAWN = 20.0, 5.0
"""How many issues' weight the calibration of the bundle has, for the middle and for the width."""
_WIDTHS: Final = (0.3, 5.0)
"""Between what a band is made narrower or wider."""
_BAND: Final = 0.8
_LOW, _HIGH = QUANTILES.index(0.1), QUANTILES.index(0.9)
_LEAST_WIDE: Final = 1e-6
OF_FEW: Final = tuple(LEVELS.index(each) for each in (Level.TRANSFORMER, Level.LV_FEEDER))
"""Levels, by code, that can be played with the customers that are read; sums over many customers
scale otherwise than those of the few that are played with."""
_MODELS: Final = ("tree-sage", "mixed")
_LEAST_ISSUES: Final = 4
_MUCH_BETTER: Final = 0.8
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
        shifts: By name, float32[levels]; in scales.
        widths: By name, factors of the distance from the median, float32[levels].
        losses: By name, the mean pinball loss by level after both, W; NaN where not known.
        issues: How many issues were looked at.
    """

    shifts: Mapping[str, Array]
    widths: Mapping[str, Array]
    losses: Mapping[str, Floats]
    issues: int

    def moved(self, name: str, said: Array, levels: NDArray[np.int64]) -> Array:
        """Quantiles moved, ascending: [p, s, quantiles].

        Args:
            name: Who said them.
            said: Calibrated scaled quantiles.
            levels: Of each place, see `played_levels`, [p].
        """
        if name not in self.shifts:
            return said
        shift, width = (each[name][levels][:, None, None] for each in (self.shifts, self.widths))
        return _moved(said, shift, width)

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
    said: Mapping[str, Said], levels: NDArray[np.int64], issues: NDArray[np.int64]
) -> Rolling:
    """From what candidates said of past hours; level and issue of each, int64[k]."""
    shifts, widths, losses = {}, {}, {}
    for name, each in said.items():
        shifts[name], widths[name] = _moves(each, levels, issues)
        shift, width = (by[name][levels][:, None] for by in (shifts, widths))
        losses[name] = _losses(each, _moved(each.scaled, shift, width), levels)
    return Rolling(shifts, widths, losses, len(np.unique(issues)))


def _moved(said: Array, shift: Array, width: Array) -> Array:
    middle = said[..., MEDIAN : MEDIAN + 1]
    found: Array = (middle + shift + width * (said - middle)).astype(np.float32)
    return found


def _moves(each: Said, levels: NDArray[np.int64], issues: NDArray[np.int64]) -> tuple[Array, Array]:
    """Shift and width by level."""
    shifts = np.zeros(len(LEVELS), dtype=np.float32)
    widths = np.ones(len(LEVELS), dtype=np.float32)
    for level in np.unique(levels).tolist():
        mine = levels == level
        count = len(np.unique(issues[mine]))
        missed = each.truth[mine] - each.scaled[mine, MEDIAN]
        shifts[level] = np.median(missed) * count / (count + _MEDIAN_DRAWN)
        width = _width(missed - shifts[level], each.scaled[mine])
        widths[level] = width ** (count / (count + _WIDTH_DRAWN))
    return shifts, widths


def _width(missed: Array, said: Array) -> float:
    """By what factor bands would have covered their share, within bounds."""
    above, below = (np.abs(said[:, at] - said[:, MEDIAN]) for at in (_HIGH, _LOW))
    beside = np.where(missed > 0, above, below)
    needed = np.quantile(np.abs(missed) / np.maximum(beside, _LEAST_WIDE), _BAND)
    return float(np.clip(needed, *_WIDTHS))


def _losses(each: Said, moved: Array, levels: NDArray[np.int64]) -> Floats:
    missed = each.truth[:, None] - moved
    shares = np.array(QUANTILES)
    loss = np.maximum(shares * missed, (shares - 1) * missed).mean(axis=1) * each.weights
    found = np.full(len(LEVELS), np.nan)
    for level in np.unique(levels).tolist():
        found[level] = loss[levels == level].mean()
    return found
