"""Who says a peak: a forecast times a ratio, from a table or from boosted trees; quantiles of both.

The table has a ratio for each stretch of duration and temperature, learned from the same outages,
as operators keep one. The trees say quantiles of the logarithm of the ratio; shifts learned on
other outages make them cover what they say (split conformal: Romano, Patterson and Candes, NeurIPS
2019).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.trees import Trees
from gnn.pickup.columns import NAMES

Array = NDArray[np.float32]
Floats = NDArray[np.float64]

QUANTILES: Final = (0.1, 0.5, 0.9)
ALONE, TABLE, BOOSTED = "forecast alone", "table of ratios", "boosted"
MODELS: Final = (ALONE, TABLE, BOOSTED)
MINUTES: Final = (20.0, 45.0, 90.0, 180.0, 360.0)
"""Where stretches of duration of the table end; the last one goes on."""
DEGREES: Final = (-5.0, 0.0, 5.0, 10.0, 15.0)
"""The same of temperature."""
_FEWEST: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class Pickup:
    """What was learned with one seed.

    Attributes:
        table: `peak` and `hours`, float64[durations, temperatures, quantiles]: ratio, hours.
        peak, hours: Trees of the logarithm of the ratio, and of 1 + hours, an output a quantile.
        shifts: `peak` and `hours` of the trees, float64[quantiles].
    """

    table: Mapping[str, Floats]
    peak: Trees
    hours: Trees
    shifts: Mapping[str, Floats]

    def ratios(self, name: str, columns: Array) -> Floats:
        """Quantiles of peak over forecast, float64[k, quantiles]."""
        if name == ALONE:
            return np.ones((len(columns), len(QUANTILES)))
        if name == TABLE:
            found: Floats = self.table["peak"][cell_of(columns)]
            return found
        said = self.peak.predict(columns).astype(np.float64) + self.shifts["peak"]
        return np.asarray(np.exp(np.sort(said, axis=1)))

    def settling(self, name: str, columns: Array) -> Floats:
        """Quantiles of the hours until the load is as usual, float64[k, quantiles]."""
        if name == ALONE:
            return np.zeros((len(columns), len(QUANTILES)))
        if name == TABLE:
            found: Floats = self.table["hours"][cell_of(columns)]
            return found
        said = self.hours.predict(columns).astype(np.float64) + self.shifts["hours"]
        return np.asarray(np.maximum(np.expm1(np.sort(said, axis=1)), 0.0))


def cell_of(columns: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column of the table for each outage."""
    minutes = np.expm1(columns[:, NAMES.index("minutes")])
    degrees = columns[:, NAMES.index("outdoor")]
    return np.searchsorted(MINUTES, minutes), np.searchsorted(DEGREES, degrees)


def fit_table(columns: Array, values: Floats) -> Floats:
    """Quantiles by cell; a cell that is seldom filled takes those of its duration, then of all."""
    rows, cells = cell_of(columns)
    found = np.empty((len(MINUTES) + 1, len(DEGREES) + 1, len(QUANTILES)))
    for row in range(found.shape[0]):
        for cell in range(found.shape[1]):
            alike = values[(rows == row) & (cells == cell)]
            if len(alike) < _FEWEST:
                alike = values[rows == row]
            found[row, cell] = np.quantile(alike if len(alike) >= _FEWEST else values, QUANTILES)
    return found


def shifts_of(said: Floats, came: Floats) -> Floats:
    """By how much each quantile is moved so that it covers its share of what came."""
    missed = came[:, None] - said
    return np.array([np.quantile(missed[:, i], q) for i, q in enumerate(QUANTILES)])
