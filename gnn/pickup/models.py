"""Who says a peak: a forecast times a ratio, from a table or from boosted trees; quantiles of both.

The table has a ratio for each stretch of duration and temperature, learned from the same outages,
as operators keep one. The trees say quantiles of the logarithm of the ratio; shifts learned at
other places make them cover what they say (`gnn.pickup.calibrating`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.trees import Trees
from gnn.pickup.calibrating import QUANTILES, group_of
from gnn.pickup.columns import NAMES

Array = NDArray[np.float32]
Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

ALONE, TABLE, BOOSTED = "forecast alone", "table of ratios", "boosted"
MODELS: Final = (ALONE, TABLE, BOOSTED)
MEAN: Final = "boosted, mean of the seeds"
"""What is said where the boosted trees serve."""
MINUTES: Final = (20.0, 45.0, 90.0, 180.0, 360.0)
"""Where stretches of duration of the table end; the last one goes on."""
DEGREES: Final = (-5.0, 0.0, 5.0, 10.0, 15.0)
"""The same of temperature."""
_FEWEST: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class Pickup:
    """What was learned with one seed, or the mean of several.

    Attributes:
        table: `peak` and `hours`, float64[durations, temperatures, quantiles]: ratio, hours.
        peak, hours: Trees of the logarithm of the ratio, and of 1 + hours, an output a quantile.
        shifts: `peak` and `hours` of the trees, see `calibrating.shifts_of`.
    """

    table: Mapping[str, Floats]
    peak: Trees
    hours: Trees
    shifts: Mapping[str, Floats]

    def ratios(self, name: str, columns: Array, levels: Codes) -> Floats:
        """Quantiles of peak over forecast, float64[k, quantiles]; levels are int64[k]."""
        if name == ALONE:
            return np.ones((len(columns), len(QUANTILES)))
        if name == TABLE:
            found: Floats = self.table["peak"][cell_of(columns)]
            return found
        said = self.peak.predict(columns) + self.shifts["peak"][group_of(columns, levels)]
        return np.asarray(np.exp(np.sort(said, axis=1)))

    def settling(self, name: str, columns: Array, levels: Codes) -> Floats:
        """Quantiles of the hours until the load is as usual, float64[k, quantiles]."""
        if name == ALONE:
            return np.zeros((len(columns), len(QUANTILES)))
        if name == TABLE:
            found: Floats = self.table["hours"][cell_of(columns)]
            return found
        said = self.hours.predict(columns) + self.shifts["hours"][group_of(columns, levels)]
        return np.asarray(np.maximum(np.expm1(np.sort(said, axis=1)), 0.0))


def mean_of(learned: Sequence[Pickup], shifts: Mapping[str, Floats]) -> Pickup:
    """The mean of tables and of trees; its quantiles are moved by shifts of its own."""
    tables = {
        name: np.mean([one.table[name] for one in learned], axis=0) for name in learned[0].table
    }
    peak, hours = (
        mean_of_trees([x.peak for x in learned]),
        mean_of_trees([x.hours for x in learned]),
    )
    return Pickup(tables, peak, hours, shifts)


def mean_of_trees(forests: Sequence[Trees]) -> Trees:
    """All trees in one, their leaves divided by how many forests there were."""
    found: dict[str, list[NDArray[Any]]] = {}
    begin = 0
    for forest in forests:
        a = forest.arrays
        leaf = a["feature"] < 0
        moved = {name: a[name] + begin for name in ("left", "right", "roots")}
        value = np.where(leaf, a["threshold"] / len(forests), a["threshold"])
        for name, values in {**a, **moved, "threshold": value}.items():
            found.setdefault(name, []).append(values)
        begin += len(leaf)
    return Trees({name: np.concatenate(values) for name, values in found.items()})


def cell_of(columns: Array) -> tuple[Codes, Codes]:
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
