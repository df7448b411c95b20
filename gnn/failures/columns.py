"""Columns of an element at an issue: what may be known of it, its neighbours, and further away.

All are made from the network as it is, and from a log that was cut at the issue. What is not known
is -1, with a column that says so. `OWN` and `NEAR` are what a table with neighbour features has;
`FAR` is what only the graph tells: faults two steps away, and the frailty, which
`gnn.failures.field` makes of the months looked back on.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.failures.assets import Assets
from gnn.failures.field import WATCHED, Past
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
_SOON, _LATE = 6.0, 24.0
"""Months with which faults fade."""


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
    Feature("frailty", "log", "times more faults here and around than expected, from 36 months"),
)
COLUMNS: Final = (*OWN, *NEAR, *FAR)
NAMES: Final = tuple(column.name for column in COLUMNS)
TABULAR: Final = len(OWN) + len(NEAR)
"""So many columns, the first ones, are seen by models that are no graph models."""
FRAILTY: Final = NAMES.index("frailty")
WATCHED_AT: Final = [NAMES.index(name) for name in WATCHED]
"""Where the columns are that a rate is made of."""


class Sight:
    """Makes the columns of one network at any issue.

    Args:
        assets: The network.
        log: All faults and warnings; cut here at each issue.
    """

    def __init__(self, assets: Assets, log: FaultLog):
        self._assets, self._log = assets, log
        self._walk = walking(assets.adjacency)
        self._ring = second_ring(assets.adjacency)
        self._branches = np.unique(assets.feeders, return_inverse=True)[1]

    def columns(self, issued_us: int) -> Array:
        """float32[n, columns], from what was known at the issue; the frailty is 0, see `Field`."""
        seen = self._log.until(issued_us)
        soon, late = (self._faded(seen, issued_us, months) for months in (_SOON, _LATE))
        found = [*self._own(seen, issued_us, soon, late), *self._near(issued_us, soon, late)]
        found += [self._ring @ soon, np.zeros(len(soon))]
        return np.stack(found, axis=-1).astype(np.float32)

    def past(self, issued_us: int, months: int = LOOKED_BACK) -> Past:
        """So many months before an issue, from what was known at it, the last one first.

        What a rate is made of is as it was when the month began, but for faults that began more
        than `LOOKED_BACK` months before the issue.
        """
        seen = self._log.until(issued_us)
        begins = issued_us - np.arange(1, months + 1) * MONTH_US
        watched = np.repeat(self.columns(issued_us)[None, :, WATCHED_AT], months, axis=0)
        faults, soon = (each[:months] for each in self._by_month(seen, issued_us))
        angle = _angle(begins)
        made = {
            "age": np.stack([self._age(begin) for begin in begins.tolist()]),
            "season_sin": np.sin(angle)[:, None],
            "season_cos": np.cos(angle)[:, None],
            "warnings": np.array([_lately(seen, begin) for begin in begins.tolist()])[:, None],
            "faults_6": soon,
            "near_6": (self._assets.adjacency @ soon.T).T,
            "far_ring_6": (self._ring @ soon.T).T,
        }
        for name, values in made.items():
            watched[:, :, WATCHED.index(name)] = values
        return Past(watched, faults, self._walk)

    def _by_month(self, seen: FaultLog, issued_us: int) -> tuple[Floats, Floats]:
        """Faults in each month looked back on, and those before it, fading; float64[months, n]."""
        past = (issued_us - seen.begins_us) / MONTH_US
        kept = past <= LOOKED_BACK
        past, rows = past[kept], seen.elements[kept]
        month = np.minimum(past.astype(np.int64), LOOKED_BACK - 1)
        faults, faded = np.zeros((2, LOOKED_BACK + 1, len(self._assets)))
        np.add.at(faults, (month, rows), 1.0)
        np.add.at(faded, (month, rows), np.exp((month - past) / _SOON))
        for at in range(LOOKED_BACK - 1, -1, -1):
            faded[at] += faded[at + 1] * np.exp(-1 / _SOON)
        return faults[:-1], faded[1:]

    def _faded(self, seen: FaultLog, issued_us: int, months: float) -> Floats:
        past = (issued_us - seen.begins_us) / MONTH_US
        weight = np.where(past <= LOOKED_BACK, np.exp(-past / months), 0.0)
        found: Floats = np.bincount(seen.elements, weight, len(self._assets)).astype(np.float64)
        return found

    def _age(self, issued_us: int) -> Floats:
        years = (issued_us - self._assets.installed_us) / MICROSECONDS_PER_DAY / _DAYS_A_YEAR
        return np.where(np.isfinite(years), np.maximum(years, 0.0), -1.0)

    def _own(self, seen: FaultLog, issued_us: int, soon: Floats, late: Floats) -> list[Floats]:
        assets, size = self._assets, len(self._assets)
        age = self._age(issued_us)
        angle = _angle(np.array([issued_us]))
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
            np.full(size, float(_lately(seen, issued_us))),
            soon,
            late,
            last,
        ]

    def _near(self, issued_us: int, soon: Floats, late: Floats) -> list[Floats]:
        reach, age = self._assets.adjacency, self._age(issued_us)
        degree = np.asarray(reach.sum(axis=1)).ravel()
        known = (age >= 0).astype(float)
        dated = reach @ known
        mean_age = np.where(dated > 0, (reach @ (age * known)) / np.maximum(dated, 1), -1.0)
        members = np.bincount(self._branches)
        of_branch = np.bincount(self._branches, late) / members
        return [
            np.log1p(degree),
            reach @ soon,
            reach @ late,
            mean_age,
            self._walk @ np.log1p(self._assets.expected_w),
            of_branch[self._branches],
        ]


def _angle(begins_us: NDArray[np.int64]) -> Floats:
    """Where in the year the middle of the months is that begin then, radians."""
    months = [season_of(begin + MONTH_US // 2) for begin in begins_us.tolist()]
    return 2 * np.pi * (np.array(months) + 0.5) / 12


def _lately(seen: FaultLog, us: int) -> int:
    """Warnings in the month before a time."""
    past = us - seen.warnings_us
    return int(((past > 0) & (past <= MONTH_US)).sum())


def _or_minus(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, -1.0)
