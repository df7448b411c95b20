"""Moves quantiles so that each covers its share of what came, by level, horizon and what is read.

Split conformal prediction for quantiles (Romano, Patterson and Candes, Conformalized quantile
regression, NeurIPS 2019), one side at a time: the q-quantile of a level and a stretch of horizons
is moved by the q-quantile of what was missed on calibration days. Hours and places of one network
miss together, so the quantile is that of the mean over the networks of their distributions, each
network counting alike (Dunn, Wasserman and Ramdas, Distribution-free prediction sets for two-layer
hierarchical models, JASA 118, 2023). A group that few networks have is drawn towards its level. An
estimate that says a single number is the same with all its quantiles equal, so that simple
estimates get fair intervals, too.

Half the finite-sample step of that many networks is taken: for simulated networks that are each
off by something of their own, bands of 80 % learned from 30 of them cover 79 % without it, 82 %
with half of it and 85 % with all of it.

Limits: it holds on the average over networks that are as those of calibration were; a single one
is covered more or less, the more so the higher the level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.features.catalogue import NAMES

Array = NDArray[np.float32]

STRETCHES: Final = (0, 6, 12, 24, 36, 48)
"""Horizons up to which each stretch reaches, in hours; the first is the load now."""
GROUPS: Final = 4
"""Groups of places by how much is read, see `group_of`."""
_MIDDLE: Final = 0.5
_STEP: Final = 0.5
"""Share of the finite-sample step that is taken."""
_FEWEST: Final = 20
"""Networks there are taken to be at least: of fewer, the step would ask for more than the worst
that was ever missed."""
_MOST_READ: Final = 0.6
_DRAWN: Final = 4.0
"""How many networks' weight the level has in a group."""
_COVERAGE, _MEASURED = NAMES.index("coverage"), NAMES.index("measured")


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Shifts of scaled quantiles.

    Attributes:
        shifts: float32[levels, stretches, groups, quantiles].
    """

    shifts: Array

    def moved(
        self,
        said: Array,
        levels: NDArray[np.int8],
        horizons: NDArray[np.int64],
        groups: NDArray[np.int64],
    ) -> Array:
        """Calibrated quantiles, ascending.

        Args:
            said: Scaled quantiles float32[n, s, quantiles].
            levels: int8[n].
            horizons: int64[n, s] or [s].
            groups: int64[n, s], see `group_of`.
        """
        stretch = np.broadcast_to(stretch_of(horizons), said.shape[:2])
        shifts = self.shifts[levels[:, None].astype(np.int64), stretch, groups]
        return np.sort(said + shifts, axis=-1)


def stretch_of(horizons: NDArray[np.int64]) -> NDArray[np.int64]:
    """The stretch each horizon lies in."""
    return np.searchsorted(np.array(STRETCHES), horizons, side="left")


def group_of(features: Array) -> NDArray[np.int64]:
    """How much is read at a place: 0 or 1 with few, 2 or 3 with most of the customers read; the
    odd ones below a measured place. int64[n, s] from float32[n, s, features]."""
    most = features[:, :, _COVERAGE] >= _MOST_READ
    return 2 * most.astype(np.int64) + (features[:, :, _MEASURED] > 0)


@dataclass(frozen=True, slots=True, eq=False)
class Misses:
    """What was missed on calibration days, one row a place and hour.

    Attributes:
        missed: Scaled truth less scaled quantiles, float32[k, quantiles].
        networks: Which network each is of, int64[k].
        levels, stretches, groups: What each is of, int64[k].
    """

    missed: Array
    networks: NDArray[np.int64]
    levels: NDArray[np.int64]
    stretches: NDArray[np.int64]
    groups: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        said: Array,
        truth: Array,
        networks: NDArray[np.int32],
        levels: NDArray[np.int8],
        horizons: NDArray[np.int64],
        groups: NDArray[np.int64],
    ) -> Misses:
        """From scaled quantiles [n, s, quantiles], truth [n, s] (NaN where not known), network
        and level of each place [n], horizons and groups [n, s]."""
        known = np.isfinite(truth)
        rows = np.broadcast_to(np.arange(len(truth))[:, None], truth.shape)[known]
        return cls(
            (truth[:, :, None] - said)[known],
            networks[rows].astype(np.int64),
            levels[rows].astype(np.int64),
            stretch_of(np.broadcast_to(horizons, truth.shape)[known]),
            groups[known],
        )


def joined(parts: list[Misses]) -> Misses:
    """Several in one; a network keeps its number."""
    names = ("missed", "networks", "levels", "stretches", "groups")
    return Misses(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def calibrate(days: Misses, quantiles: tuple[float, ...], level_count: int) -> Calibration:
    """Learn the shifts; where a level or stretch was not met, those of all, or none."""
    shape = (level_count, len(STRETCHES), GROUPS, len(quantiles))
    shifts = np.zeros(shape, dtype=np.float32)
    nothing = np.zeros(len(quantiles), dtype=np.float32)
    for at in np.unique(days.stretches):
        here = days.stretches == at
        overall = _shares(days, here, quantiles, nothing, 0.0)
        for code in range(level_count):
            mine = here & (days.levels == code)
            of_level = _shares(days, mine, quantiles, overall, 0.0)
            for group in range(GROUPS):
                those = mine & (days.groups == group)
                shifts[code, at, group] = _shares(days, those, quantiles, of_level, _DRAWN)
    return Calibration(shifts)


def stepped(share: float, step: float) -> float:
    """The share to ask of those seen, that the share holds for one more: further out.

    Args:
        share: Of a quantile.
        step: The finite-sample step: one over how many were seen, or a part of it.
    """
    if share < _MIDDLE:
        return 1 - stepped(1 - share, step)
    return share if share == _MIDDLE else min(1.0, share * (1 + step))


def _shares(
    days: Misses,
    chosen: NDArray[np.bool_],
    quantiles: tuple[float, ...],
    above: Array,
    drawn: float,
) -> Array:
    """The q-quantile of what the q-quantile missed, for each, drawn towards that of all, which has
    the weight of so many networks."""
    missed, network = days.missed[chosen], days.networks[chosen]
    if not len(missed):
        return above
    _, which, sizes = np.unique(network, return_inverse=True, return_counts=True)
    weight = 1.0 / sizes[which]
    count = len(sizes)
    step = _STEP / max(count, _FEWEST)
    found = np.empty(len(quantiles), dtype=np.float32)
    for number, share in enumerate(quantiles):
        found[number] = _quantile(missed[:, number], weight, stepped(share, step))
    shares: Array = ((count * found + drawn * above) / (count + drawn)).astype(np.float32)
    return shares


def _quantile(values: Array, weights: NDArray[np.float64], share: float) -> float:
    """The weighted quantile: the least value up to which so much of the weight lies."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    at = np.searchsorted(reached, share * reached[-1], side="left")
    return float(values[order[min(int(at), len(order) - 1)]])
