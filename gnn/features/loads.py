"""Features and simple estimates of loads, for every place and hour asked, from known hours only.

The same function serves training and answering, and is given nothing but hours that ended before
the issue; so a model cannot see the future in one and miss it in the other. Hours in which nothing
was seen in a network are filled from those 24, then 168 hours before them. Networks that are not
connected tell nothing about each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.features.allocation import Allocation, allocate
from gnn.features.catalogue import NAMES, bounded
from gnn.features.customers import CLASSES
from gnn.features.grid import LEVELS, Grid
from gnn.features.hours import HISTORY_H, HOUR_US, Hours
from gnn.features.smoothing import smoothed
from gnn.features.together import moving
from gnn.features.usual import with_usual_power
from graph_service.ports.predictor import LONGEST_HOURS

Floats = NDArray[np.float64]

_DAY_H, _WEEK_H = 24, 168
_LEAST_RATIO, _MOST_RATIO = 0.2, 5.0
_PROJECTED: Final = "projected"
_DAYS_TO_MONDAY: Final = 3
"""1970-01-01 was a Thursday."""

ESTIMATES: Final = (
    "last week",
    "allocation",
    "rating",
    "smoothing",
    "persistence",
    "state estimation",
)
"""Simple estimates by name."""
CORRECTED: Final = "state estimation"
"""The one that all features are made of, and that models correct unless they say another."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadFrame:
    """What is known about the load of each place in each hour asked.

    Attributes:
        features: float32[p, hours, features], the columns of `catalogue.FEATURES`.
        estimates: Simple estimates by name, W, float64[p, hours].
        scale: How far loads usually are from the base, W, float64[p, hours], see `together`.
        known: Whether anything was read in the network of each place, bool[p]; where not, what
            is said of it is NaN.
        expected: Expected mean power of each place, W, float64[p].
        coverage: Share of it that was read in the last day, float64[p].
        corrected: Name of the estimate that is corrected.
    """

    features: NDArray[np.float32]
    estimates: dict[str, Floats]
    scale: Floats
    known: NDArray[np.bool_]
    expected: Floats
    coverage: Floats
    corrected: str = CORRECTED

    @property
    def base(self) -> Floats:
        """The estimate that is corrected, W, float64[p, hours]."""
        return self.estimates[self.corrected]

    def correcting(self, name: str) -> LoadFrame:
        """The same with another estimate as what is corrected."""
        if name == self.corrected:
            return self
        features = self.features.copy()
        over = self.estimates[name] / self.expected[:, None]
        features[:, :, NAMES.index("base")] = bounded("base", over)
        return replace(self, features=features, corrected=name)


def load_frame(grid: Grid, hours: Hours, horizons: Sequence[int]) -> LoadFrame | None:
    """Features and estimates; None where no reading is there to begin from.

    Args:
        grid: Places and customers.
        hours: The `HISTORY_H` hours before the issue, as they were known.
        horizons: 0 is the last hour of those, h > 0 the h-th hour after the issue.
    """
    grid, uneven = with_usual_power(grid, hours.watts)
    allocation = allocate(grid, hours)
    filled = _filled(allocation.estimated)
    if not np.isfinite(filled[:, -1]).any():
        return None
    return _Frame(grid, hours, allocation, filled, np.array(horizons), uneven).made()


class _Frame:
    """The parts of a frame, by hour of history (`filled`) and by hour asked (`at`)."""

    def __init__(
        self,
        grid: Grid,
        hours: Hours,
        allocation: Allocation,
        filled: Floats,
        horizons: NDArray[np.int64],
        uneven: Floats,
    ):
        self.grid, self.hours, self.allocation = grid, hours, allocation
        self.filled, self.horizons, self.uneven = filled, horizons, uneven
        self.expected = grid.below(grid.customers.expected_w)
        self.moving = moving(grid, hours.watts, allocation)
        self.at = hours.count - 1 + horizons
        self.ahead = horizons > 0
        self.recent_at = self.at - np.where(horizons > _DAY_H, 2 * _DAY_H, _DAY_H)

    def made(self) -> LoadFrame:
        estimates = self.estimates(self.filled)
        base = estimates.pop(_PROJECTED)
        others = {
            "allocation": self.allocation.scaled,
            "smoothing": smoothed(self.grid, self.allocation),
        }
        for name, loads in others.items():
            estimates[name] = self.estimates(_filled(loads))[_PROJECTED]
        estimates["rating"] = self.rating()
        estimates[CORRECTED] = base
        return LoadFrame(
            features=self.features(base),
            estimates={name: estimates[name] for name in ESTIMATES},
            scale=self.scale(base),
            known=np.isfinite(self.filled[:, -1]),
            expected=self.expected,
            coverage=self.coverage(),
        )

    def estimates(self, filled: Floats) -> dict[str, Floats]:
        """From loads of all places by hour to estimates of the hours asked; `_PROJECTED` is the
        hour itself, or the mean of the last two weeks moved by how the last day differed."""
        last_week = filled[:, self.at - _WEEK_H]
        profile = 0.5 * (last_week + filled[:, self.at - 2 * _WEEK_H])
        trend = self.trend(filled)[:, None]
        now = np.minimum(self.at, self.hours.count - 1)
        return {
            "last week": last_week,
            _PROJECTED: np.where(self.ahead, profile * trend, filled[:, now]),
            "persistence": np.where(self.ahead, filled[:, self.recent_at], filled[:, now - 1]),
        }

    def rating(self) -> Floats:
        """The load of the highest place above, shared out by expected power alone."""
        tops = self.grid.tops()
        share = self.expected / self.expected[tops]
        top_loads = self.estimates(self.filled[tops])[_PROJECTED]
        found: Floats = share[:, None] * top_loads
        return found

    def trend(self, filled: Floats) -> Floats:
        """Load of the last day over that of the day a week before, float64[p]."""
        last = filled[:, -_DAY_H:].sum(axis=1)
        before = filled[:, -_DAY_H - _WEEK_H : -_WEEK_H].sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            trend = last / before
        compared = np.isfinite(trend) & (before > 0) & (last > 0)
        return np.clip(np.where(compared, trend, 1.0), 0.5, 2.0)

    def coverage(self) -> Floats:
        found: Floats = self.allocation.seen_expected[:, -_DAY_H:].mean(axis=1) / self.expected
        return found

    def scale(self, base: Floats) -> Floats:
        found: Floats = self.usual_miss() * self.expected[:, None] * self.ratio(base)
        return found

    def usual_miss(self) -> Floats:
        """What is usually missed over the usual load, float64[p, hours]."""
        found: Floats = np.where(self.ahead, self.moving.ahead[:, None], self.moving.now[:, None])
        return found

    def features(self, base: Floats) -> NDArray[np.float32]:
        columns = self.by_hour(base) | self.by_place() | self.calendar()
        shape = base.shape
        found = np.empty((*shape, len(NAMES)), dtype=np.float32)
        for number, name in enumerate(NAMES):
            found[:, :, number] = np.broadcast_to(bounded(name, columns[name]), shape)
        return found

    def by_hour(self, base: Floats) -> dict[str, Floats]:
        over = 1.0 / self.expected[:, None]
        return {
            "base": base * over,
            "recent": self.filled[:, self.recent_at] * over,
            "last_week": self.filled[:, self.at - _WEEK_H] * over,
            "week_before": self.filled[:, self.at - 2 * _WEEK_H] * over,
            "usual_miss": np.log(self.usual_miss()),
        }

    def by_place(self) -> dict[str, Floats]:
        found, over = self.allocation, 1.0 / self.expected
        day = slice(-_DAY_H, None)
        columns = {
            "day_mean": self.filled[:, day].mean(axis=1) * over,
            "week_mean": self.filled[:, -_WEEK_H:].mean(axis=1) * over,
            "last_hour": self.filled[:, -1] * over,
            "trend": self.trend(self.filled),
            "seen_ratio": _ratio(found.seen[:, -1], found.seen_expected[:, -1]),
            "seen_day": _ratio(
                found.seen[:, day].sum(axis=1), found.seen_expected[:, day].sum(axis=1)
            ),
            "factor": found.factor[:, -1],
            "factor_day": found.factor[:, day].mean(axis=1),
            "gap": found.gap[:, -1],
            "gap_day": found.gap[:, day].mean(axis=1),
            "measured": found.measured[:, day].any(axis=1).astype(float),
            "coverage": self.coverage(),
            "customers": np.log1p(self.grid.ends - self.grid.begins),
            "expected": np.log(self.expected),
            "spread": np.sqrt(self.grid.below(self.grid.customers.expected_w**2)) * over,
            "uneven": self.uneven[self.grid.networks],
            "unread": self.moving.unread * over,
            "single_now": self.moving.single_now,
            "single_ahead": self.moving.single_ahead,
            "together": self.moving.together,
        }
        columns |= self.missed() | self.unseen() | self.kinds()
        return {name: values[:, None] for name, values in columns.items()}

    def missed(self) -> dict[str, Floats]:
        """How far a simple forecast a day ahead was off on each of the last seven days.

        Its guess of a day is the same day a week before, moved by how the day before differed
        from the day a week before that: from known hours alone, so the model can be as wide as
        this network has lately been hard to tell.
        """
        days = self.filled[:, -HISTORY_H:].reshape(len(self.grid), -1, _DAY_H)
        sums = days.sum(axis=2)
        with np.errstate(invalid="ignore", divide="ignore"):
            moved = np.clip(sums[:, 7:-1] / sums[:, :-8], 0.5, 2.0)
        guess = days[:, 1:-7] * np.where(np.isfinite(moved), moved, 1.0)[:, :, None]
        week = self.filled[:, -_WEEK_H:].mean(axis=1)
        usual = self.moving.ahead * self.expected * self.ratio(week)
        missed = (days[:, 8:] - guess) / usual[:, None, None]
        wide = np.sqrt((missed**2).mean(axis=(1, 2)))
        return {
            "missed_day": missed[:, -1].mean(axis=1),
            "missed_week": wide,
        }

    def ratio(self, loads: Floats) -> Floats:
        """Size of loads over expected power, within bounds."""
        over: Floats = (np.abs(loads).T / self.expected).T
        return np.clip(over, _LEAST_RATIO, _MOST_RATIO)

    def unseen(self) -> dict[str, Floats]:
        """Share of expected power that was not read in the last day, by class."""
        read = np.isfinite(self.hours.watts[:, -_DAY_H:]).mean(axis=1)
        missing = self.grid.customers.expected_w * (1.0 - read)
        by_class = np.eye(len(CLASSES))[self.grid.customers.classes] * missing[:, None]
        shares = self.grid.below(by_class) / self.expected[:, None]
        return {f"unseen {name}": shares[:, code] for code, name in enumerate(CLASSES)}

    def kinds(self) -> dict[str, Floats]:
        levels = self.grid.levels
        return {f"is {lv.value}": (levels == code).astype(float) for code, lv in enumerate(LEVELS)}

    def calendar(self) -> dict[str, Floats]:
        first = self.hours.start_us // HOUR_US
        hour = first + self.at
        angle = 2 * np.pi * (hour % _DAY_H) / _DAY_H
        columns = {
            "horizon": self.horizons / LONGEST_HOURS,
            "day_sin": np.sin(angle),
            "day_cos": np.cos(angle),
            "half_day_sin": np.sin(2 * angle),
            "half_day_cos": np.cos(2 * angle),
            "weekend": _weekend(hour),
            "recent_weekend": _weekend(first + self.recent_at),
        }
        return {name: values[None, :] for name, values in columns.items()}


def _filled(loads: Floats) -> Floats:
    """Hours without a value get that of 24, then 168 hours before, the first ones the mean.

    A place of which nothing is known at all stays NaN.
    """
    filled = loads.copy()
    missing = ~np.isfinite(loads)
    some = ~missing.all(axis=1)
    mean = np.full(len(loads), np.nan)
    mean[some] = np.nanmean(loads[some], axis=1)
    for hour in np.flatnonzero(missing[some].any(axis=0)).tolist():
        there = mean
        for before in (hour - _WEEK_H, hour - _DAY_H):
            if before >= 0:
                there = np.where(np.isfinite(filled[:, before]), filled[:, before], there)
        filled[:, hour] = np.where(missing[:, hour], there, filled[:, hour])
    return filled


def _ratio(part: Floats, whole: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        found = part / whole
    return np.clip(np.where(whole > 0, found, 1.0), 0.0, _MOST_RATIO)


def _weekend(hour: NDArray[np.int64]) -> Floats:
    weekday = (hour // _DAY_H + _DAYS_TO_MONDAY) % 7
    found: Floats = (weekday >= 5).astype(float)
    return found


__all__ = ["ESTIMATES", "HISTORY_H", "LoadFrame", "load_frame"]
