"""Moves quantiles so that each covers its share of what came, by level and horizon.

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

Array = NDArray[np.float32]

STRETCHES: Final = (0, 6, 12, 24, 36, 48)
"""Horizons up to which each stretch reaches, in hours; the first is the load now."""
_LEAST_MISSES: Final = 50


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Shifts of scaled quantiles.

    Attributes:
        shifts: float32[levels, stretches, quantiles].
    """

    shifts: Array

    def moved(self, said: Array, levels: NDArray[np.int8], horizons: NDArray[np.int64]) -> Array:
        """Calibrated quantiles, ascending.

        Args:
            said: Scaled quantiles float32[n, s, quantiles].
            levels: int8[n].
            horizons: int64[n, s] or [s].
        """
        stretch = np.broadcast_to(stretch_of(horizons), said.shape[:2])
        shifts = self.shifts[levels[:, None].astype(np.int64), stretch]
        return np.sort(said + shifts, axis=-1)


def stretch_of(horizons: NDArray[np.int64]) -> NDArray[np.int64]:
    """The stretch each horizon lies in."""
    return np.searchsorted(np.array(STRETCHES), horizons, side="left")


def calibrate(
    said: Array,
    truth: Array,
    levels: NDArray[np.int8],
    horizons: NDArray[np.int64],
    quantiles: tuple[float, ...],
    level_count: int,
) -> Calibration:
    """Learn the shifts; a level or stretch without enough misses takes those of all.

    Args:
        said: Scaled quantiles float32[n, s, quantiles].
        truth: Scaled truth float32[n, s]; NaN where not known.
        levels: int8[n].
        horizons: int64[n, s].
        quantiles: The shares.
        level_count: How many levels there are.
    """
    missed = truth[:, :, None] - said
    stretch = stretch_of(horizons)
    known = np.isfinite(truth)
    level = np.broadcast_to(levels[:, None], known.shape)
    shifts = np.zeros((level_count, len(STRETCHES), len(quantiles)), dtype=np.float32)
    for at in np.unique(stretch):
        everywhere = _shares(missed[known & (stretch == at)], quantiles)
        for code in range(level_count):
            mine = known & (stretch == at) & (level == code)
            enough = mine.sum() >= _LEAST_MISSES
            shifts[code, at] = _shares(missed[mine], quantiles) if enough else everywhere
    return Calibration(shifts)


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
