"""Moves quantiles so that each covers its share of what came, by level, horizon and what is read.

Split conformal prediction for quantiles (Romano, Patterson and Candes, Conformalized quantile
regression, NeurIPS 2019), one side at a time: the q-quantile of a level and a stretch of horizons
is moved by the q-quantile of what was missed on calibration days. An estimate that says a single
number is the same with all its quantiles equal, so that simple estimates get fair intervals, too.
Limits: it holds where later days and other networks are as the calibration days were.
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
_LEAST_MISSES: Final = 50
_MOST_READ: Final = 0.6
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


def calibrate(
    said: Array,
    truth: Array,
    levels: NDArray[np.int8],
    horizons: NDArray[np.int64],
    groups: NDArray[np.int64],
    quantiles: tuple[float, ...],
    level_count: int,
) -> Calibration:
    """Learn the shifts; a group or level without enough misses takes those of all.

    Args:
        said: Scaled quantiles float32[n, s, quantiles].
        truth: Scaled truth float32[n, s]; NaN where not known.
        levels: int8[n].
        horizons: int64[n, s].
        groups: int64[n, s], see `group_of`.
        quantiles: The shares.
        level_count: How many levels there are.
    """
    missed = truth[:, :, None] - said
    stretch = stretch_of(horizons)
    known = np.isfinite(truth)
    level = np.broadcast_to(levels[:, None], known.shape)
    shifts = np.zeros((level_count, len(STRETCHES), GROUPS, len(quantiles)), dtype=np.float32)
    for at in np.unique(stretch):
        here = known & (stretch == at)
        everywhere = _shares(missed[here], quantiles)
        for code in range(level_count):
            mine = here & (level == code)
            of_level = _shares(missed[mine], quantiles) if _enough(mine) else everywhere
            for group in range(GROUPS):
                those = mine & (groups == group)
                alike = _shares(missed[those], quantiles) if _enough(those) else of_level
                shifts[code, at, group] = alike
    return Calibration(shifts)


def _enough(chosen: NDArray[np.bool_]) -> bool:
    return int(chosen.sum()) >= _LEAST_MISSES


def _shares(missed: Array, quantiles: tuple[float, ...]) -> Array:
    """The q-quantile of what the q-quantile missed, for each, with the finite-sample step."""
    if not len(missed):
        return np.zeros(len(quantiles), dtype=np.float32)
    count = len(missed)
    found = np.empty(len(quantiles), dtype=np.float32)
    for number, share in enumerate(quantiles):
        outward = share + (share - 0.5) / count
        found[number] = np.quantile(missed[:, number], min(max(outward, 0.0), 1.0))
    return found
