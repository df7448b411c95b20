"""Features and simple estimates of loads, for every place and hour asked, from known hours only.

The same function serves training and answering, and is given nothing but hours that ended before
the issue; so a model cannot see the future in one and miss it in the other. Hours in which nothing
was seen are filled from those 24, then 168 hours before them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.features.allocation import Allocation, allocate
from gnn.features.catalogue import NAMES
from gnn.features.customers import CLASSES
from gnn.features.grid import LEVELS, Grid
from gnn.features.hours import HISTORY_H, HOUR_US, Hours
from gnn.features.smoothing import smoothed
from graph_service.ports.predictor import LONGEST_HOURS

Floats = NDArray[np.float64]

_DAY_H, _WEEK_H = 24, 168
_LEAST_RATIO, _MOST_RATIO = 0.2, 5.0
_METERED_SPREAD: Final = 0.05
_DAYS_TO_MONDAY: Final = 3
"""1970-01-01 was a Thursday."""

ESTIMATES: Final = ("last week", "allocation", "rating", "smoothing", "persistence")
"""Simple estimates by name; the models correct `allocation`."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadFrame:
    """What is known about the load of each place in each hour asked.

    Attributes:
        features: float32[p, hours, features], the columns of `catalogue.FEATURES`.
        estimates: Simple estimates by name, W, float64[p, hours].
        scale: How far loads usually are from the allocation, W, float64[p, hours]: a root of a
            sum of squares over customers, as of independent ones.
        expected: Expected mean power of each place, W, float64[p].
        coverage: Share of it that was read in the last day, float64[p].
    """

    features: NDArray[np.float32]
    estimates: dict[str, Floats]
    scale: Floats
    expected: Floats
    coverage: Floats


def load_frame(grid: Grid, hours: Hours, horizons: Sequence[int]) -> LoadFrame | None:
    """Features and estimates; None where no reading is there to begin from.

    Args:
        grid: Places and customers.
        hours: The `HISTORY_H` hours before the issue, as they were known.
        horizons: 0 is the last hour of those, h > 0 the h-th hour after the issue.
    """
    allocation = allocate(grid, hours)
    filled = _filled(allocation.scaled)
    if not np.isfinite(filled[:, -1]).all():
        return None
    return _Frame(grid, hours, allocation, filled, np.array(horizons)).made()


class _Frame:
    """The parts of a frame, by hour of history (`filled`) and by hour asked (`at`)."""

    def __init__(
        self,
        grid: Grid,
        hours: Hours,
        allocation: Allocation,
        filled: Floats,
        horizons: NDArray[np.int64],
    ):
        self.grid, self.hours, self.allocation = grid, hours, allocation
        self.filled, self.horizons = filled, horizons
        self.expected = grid.below(grid.customers.expected_w)
        self.at = hours.count - 1 + horizons
        self.ahead = horizons > 0
        self.recent_at = self.at - np.where(horizons > _DAY_H, 2 * _DAY_H, _DAY_H)

    def made(self) -> LoadFrame:
        estimates = self.estimates(self.filled)
        estimates["smoothing"] = self.estimates(_filled(smoothed(self.grid, self.allocation)))[
            "allocation"
        ]
        estimates["rating"] = self.rating()
        base = estimates["allocation"]
        return LoadFrame(
            features=self.features(base),
            estimates={name: estimates[name] for name in ESTIMATES},
            scale=self.scale(base),
            expected=self.expected,
            coverage=self.coverage(),
        )

    def estimates(self, filled: Floats) -> dict[str, Floats]:
        """From loads of all places by hour to estimates of the hours asked."""
        last_week = filled[:, self.at - _WEEK_H]
        profile = 0.5 * (last_week + filled[:, self.at - 2 * _WEEK_H])
        trend = self.trend(filled)[:, None]
        now = np.minimum(self.at, self.hours.count - 1)
        return {
            "last week": last_week,
            "allocation": np.where(self.ahead, profile * trend, filled[:, now]),
            "persistence": np.where(self.ahead, filled[:, self.recent_at], filled[:, now - 1]),
        }

    def rating(self) -> Floats:
        """The load of the highest place above, shared out by expected power alone."""
        tops = self.grid.tops()
        share = self.expected / self.expected[tops]
        top_loads = self.estimates(self.filled[tops])["allocation"]
        found: Floats = share[:, None] * top_loads
        return found

    def trend(self, filled: Floats) -> Floats:
        """Load of the last day over that of the day a week before, float64[p]."""
        last = filled[:, -_DAY_H:].sum(axis=1)
        before = filled[:, -_DAY_H - _WEEK_H : -_WEEK_H].sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            trend = last / before
        return np.clip(np.where(np.isfinite(trend), trend, 1.0), 0.5, 2.0)

    def coverage(self) -> Floats:
        found: Floats = self.allocation.seen_expected[:, -_DAY_H:].mean(axis=1) / self.expected
        return found

    def scale(self, base: Floats) -> Floats:
        squares = self.grid.customers.expected_w**2
        everybody = np.sqrt(self.grid.below(squares))
        unseen = np.where(np.isfinite(self.hours.watts[:, -1]), _METERED_SPREAD**2, 1.0)
        unread = np.sqrt(self.grid.below(squares * unseen))
        spread = np.where(self.ahead, everybody[:, None], unread[:, None])
        ratio = np.clip(base / self.expected[:, None], _LEAST_RATIO, _MOST_RATIO)
        found: Floats = spread * ratio
        return found

    def features(self, base: Floats) -> NDArray[np.float32]:
        columns = self.by_hour(base) | self.by_place() | self.calendar()
        shape = base.shape
        found = np.empty((*shape, len(NAMES)), dtype=np.float32)
        for number, name in enumerate(NAMES):
            found[:, :, number] = np.broadcast_to(columns[name], shape)
        return found

    def by_hour(self, base: Floats) -> dict[str, Floats]:
        over = 1.0 / self.expected[:, None]
        return {
            "base": base * over,
            "recent": self.filled[:, self.recent_at] * over,
            "last_week": self.filled[:, self.at - _WEEK_H] * over,
            "week_before": self.filled[:, self.at - 2 * _WEEK_H] * over,
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
            "measured": found.measured[:, day].any(axis=1).astype(float),
            "coverage": self.coverage(),
            "customers": np.log1p(self.grid.ends - self.grid.begins),
            "expected": np.log(self.expected),
            "spread": np.sqrt(self.grid.below(self.grid.customers.expected_w**2)) * over,
        }
        columns |= self.unseen() | self.kinds()
        return {name: values[:, None] for name, values in columns.items()}

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
    """Hours without a value get that of 24, then 168 hours before, the first ones the mean."""
    filled = loads.copy()
    missing = ~np.isfinite(filled[0])
    if missing.all():
        return filled
    for hour in np.flatnonzero(missing).tolist():
        before = next((h for h in (hour - _DAY_H, hour - _WEEK_H) if h >= 0), -1)
        known = before >= 0 and np.isfinite(filled[0, before])
        filled[:, hour] = filled[:, before] if known else np.nanmean(loads, axis=1)
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
