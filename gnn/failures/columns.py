"""Columns of an element at an issue: what may be known of it, its neighbours, and further away.

All are made from the network as it is, and from a log that was cut at the issue. What is not known
is -1, with a column that says so. `OWN` and `NEAR` are what a table with neighbour features has;
`FAR` carries faults over the graph: a lazy walk of 2 to 16 steps (simple graph convolution: Wu
et al., Simplifying graph convolutional networks, ICML 2019), of faults and of what is usual.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, eye_array

from gnn.failures.assets import Assets
from gnn.failures.hazard import season_of, second_ring, walking
from gnn.failures.log import MONTH_US, FaultLog
from gnn.features.catalogue import Feature
from graph_service.domain.readings import MICROSECONDS_PER_DAY
from graph_service.ports.failure_predictor import KINDS

Array = NDArray[np.float32]
Floats = NDArray[np.float64]

LOOKED_BACK: Final = 36
"""Months of faults that are looked back on."""
_DAYS_A_YEAR: Final = 365.25
_FADINGS: Final = (6.0, 24.0)
STEPS: Final = (2, 4, 8, 16)


OWN: Final = (
    *(Feature(f"is {kind}", "1", "kind") for kind in KINDS),
    Feature("age", "years", "installation date, -1 where not stated"),
    Feature("age known", "1", "whether it is stated"),
    Feature("length", "log m", "length of a cable, -1 for others"),
    Feature("expected", "log W", "expected power supplied through it"),
    Feature("loading", "1", "expected over rated power, -1 where not stated"),
    Feature("depth", "log", "steps from the source, -1 where supplied from none"),
    Feature("season_sin", "1", "day of the year in the middle of the month ahead"),
    Feature("season_cos", "1", "day of the year in the middle of the month ahead"),
    Feature("warnings", "1", "warnings of the weather service in the last 30 days"),
    Feature("faults_6", "1", "own faults, fading with 6 months"),
    Feature("faults_24", "1", "own faults, fading with 24 months"),
    Feature("since", "months", "since the last own fault, 36 where there was none"),
)
NEAR: Final = (
    Feature("degree", "log", "neighbours"),
    Feature("near_6", "1", "faults of neighbours, fading with 6 months"),
    Feature("near_24", "1", "faults of neighbours, fading with 24 months"),
    Feature("near_age", "years", "mean age of neighbours, -1 where not stated"),
    Feature("near_expected", "log W", "mean of neighbours"),
    Feature("branch_24", "1", "faults in its branch over elements, fading with 24 months"),
)
FAR: Final = (
    Feature("far_ring_6", "1", "faults two steps away, fading with 6 months"),
    Feature("far_ring_24", "1", "faults two steps away, fading with 24 months"),
    *(
        Feature(f"{what}_{steps}", "1", text)
        for steps in STEPS
        for what, text in (
            ("far_6", f"faults within {steps} steps, fading with 6 months"),
            ("far_24", f"faults within {steps} steps, fading with 24 months"),
            ("far_ratio", f"faults within {steps} steps over what is usual for their kinds"),
        )
    ),
)
COLUMNS: Final = (*OWN, *NEAR, *FAR)
NAMES: Final = tuple(column.name for column in COLUMNS)
TABULAR: Final = len(OWN) + len(NEAR)
"""So many columns, the first ones, are seen by models that are no graph models."""


class Sight:
    """Makes the columns of one network at any issue.

    Args:
        assets: The network.
        log: All faults and warnings; cut here at each issue.
    """

    def __init__(self, assets: Assets, log: FaultLog):
        self._assets, self._log = assets, log
        size = len(assets)
        self._walk = walking(assets.adjacency)
        lazy = csr_array(0.5 * eye_array(size) + 0.5 * self._walk)
        self._lazy = lazy
        self._ring = second_ring(assets.adjacency)
        self._branches = np.unique(assets.feeders, return_inverse=True)[1]

    def columns(self, issued_us: int) -> Array:
        """float32[n, columns], from what was known at the issue."""
        seen = self._log.until(issued_us)
        faded = [self._faded(seen, issued_us, months) for months in (*_FADINGS, np.inf)]
        found = [*self._own(seen, issued_us, faded), *self._near(issued_us, faded)]
        found += self._far(faded)
        return np.stack(found, axis=-1).astype(np.float32)

    def _faded(self, seen: FaultLog, issued_us: int, months: float) -> Floats:
        past = (issued_us - seen.begins_us) / MONTH_US
        weight = np.where(past <= LOOKED_BACK, np.exp(-past / months), 0.0)
        found: Floats = np.bincount(seen.elements, weight, len(self._assets)).astype(np.float64)
        return found

    def _age(self, issued_us: int) -> Floats:
        years = (issued_us - self._assets.installed_us) / MICROSECONDS_PER_DAY / _DAYS_A_YEAR
        return np.where(np.isfinite(years), np.maximum(years, 0.0), -1.0)

    def _own(self, seen: FaultLog, issued_us: int, faded: list[Floats]) -> list[Floats]:
        assets, size = self._assets, len(self._assets)
        age = self._age(issued_us)
        angle = 2 * np.pi * (season_of(issued_us + MONTH_US // 2) + 0.5) / 12
        lately = (issued_us - seen.warnings_us) <= MONTH_US
        last = np.full(size, float(LOOKED_BACK))
        past = (issued_us - seen.begins_us) / MONTH_US
        np.minimum.at(last, seen.elements, past)
        return [
            *((assets.kinds == code).astype(float) for code in range(len(KINDS))),
            age,
            (age >= 0).astype(float),
            _or_minus(np.log1p(assets.lengths_m)),
            np.log1p(assets.expected_w),
            _or_minus(assets.loading),
            _or_minus(np.log1p(assets.depths)),
            np.full(size, np.sin(angle)),
            np.full(size, np.cos(angle)),
            np.full(size, float(lately.sum())),
            faded[0],
            faded[1],
            last,
        ]

    def _near(self, issued_us: int, faded: list[Floats]) -> list[Floats]:
        reach, age = self._assets.adjacency, self._age(issued_us)
        degree = np.asarray(reach.sum(axis=1)).ravel()
        known = (age >= 0).astype(float)
        dated = reach @ known
        mean_age = np.where(dated > 0, (reach @ (age * known)) / np.maximum(dated, 1), -1.0)
        members = np.bincount(self._branches)
        of_branch = np.bincount(self._branches, faded[1]) / members
        return [
            np.log1p(degree),
            reach @ faded[0],
            reach @ faded[1],
            mean_age,
            self._walk @ np.log1p(self._assets.expected_w),
            of_branch[self._branches],
        ]

    def _far(self, faded: list[Floats]) -> list[Floats]:
        """Spread over the graph; what is usual is the mean of the kind over the whole network."""
        usual = np.zeros(len(self._assets))
        for code in range(len(KINDS)):
            mine = self._assets.kinds == code
            if mine.any():
                usual[mine] = (faded[2][mine].sum() + 0.5) / (mine.sum() + 1.0)
        shown = np.stack([*faded, usual], axis=-1)
        found = [self._ring @ faded[0], self._ring @ faded[1]]
        for step in range(1, max(STEPS) + 1):
            shown = self._lazy @ shown
            if step in STEPS:
                found += [shown[:, 0], shown[:, 1], shown[:, 2] / np.maximum(shown[:, 3], 1e-6)]
        return found


def _or_minus(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, -1.0)
