"""Moves quantiles so that each covers its share of what came, at places that were not learned from.

Split conformal prediction for quantiles (Romano, Patterson and Candes, Conformalized quantile
regression, NeurIPS 2019), one side at a time, by level, by whether the slope is known, and by how
long the outage lasts. Places of one outage miss together, so outages count in the finite-sample
step, not places. A stretch of durations is drawn towards all durations by `_DRAWN` outages.

Limits: it holds on the average over outages and places as those of calibration were.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.calibration.conformal import stepped
from gnn.pickup.columns import NAMES

Array = NDArray[np.float32]
Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

QUANTILES: Final = (0.1, 0.5, 0.9)
STRETCHES: Final = (45.0, 180.0)
"""Minutes at which stretches of duration end; the last one goes on."""
_DRAWN: Final = 100.0
_MINUTES, _KNOWN = NAMES.index("minutes"), NAMES.index("slope known")


def group_of(columns: Array, levels: Codes) -> tuple[Codes, Codes, Codes]:
    """Level, whether the slope is known, and stretch of duration of each row."""
    stretch = np.searchsorted(np.log1p(STRETCHES), columns[:, _MINUTES])
    return levels, columns[:, _KNOWN].astype(np.int64), stretch


def shifts_of(
    missed: Floats, columns: Array, levels: Codes, outages: Codes, level_count: int
) -> Floats:
    """By how much each quantile is moved, float64[levels, known or not, stretches, quantiles].

    Args:
        missed: What came less each quantile, float64[k, quantiles].
        columns, levels: Of each row.
        outages: Which outage each row is of.
        level_count: How many levels there are.
    """
    level, known, stretch = group_of(columns, levels)
    shifts = np.zeros((level_count, 2, len(STRETCHES) + 1, len(QUANTILES)))
    for code, is_known in np.ndindex(level_count, 2):
        alike = (level == code) & (known == is_known)
        overall, _ = _shift(missed, outages, alike)
        for at in range(len(STRETCHES) + 1):
            own, count = _shift(missed, outages, alike & (stretch == at))
            shifts[code, is_known, at] = (count * own + _DRAWN * overall) / (count + _DRAWN)
    return shifts


def _shift(missed: Floats, outages: Codes, chosen: NDArray[np.bool_]) -> tuple[Floats, int]:
    """The q-quantile of what the q-quantile missed, for each, and of how many outages."""
    count = len(np.unique(outages[chosen]))
    if not count:
        return np.zeros(len(QUANTILES)), 0
    shares = [stepped(share, 1 / count) for share in QUANTILES]
    found = [np.quantile(missed[chosen, i], share) for i, share in enumerate(shares)]
    return np.array(found), count
