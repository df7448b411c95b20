"""The features of a place: name, unit, source; a bundle carries this list and fits no other one.

All are known at the issue: `gnn.features.loads` makes them from hours that ended before it, of
what was known then, and has nothing else to make them from. The calendar of the target hour is
known at any time.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from gnn.features.customers import CLASSES
from gnn.features.grid import LEVELS


class Feature(NamedTuple):
    """One column: its name, its unit, and what it is made from."""

    name: str
    unit: str
    source: str


FEATURES: Final = (
    Feature("base", "1", "estimate the model corrects, over expected power"),
    Feature("recent", "1", "state estimate at the same hour, 24 or 48 h before, over expected"),
    Feature("last_week", "1", "state estimate 168 h before the target, over expected power"),
    Feature("week_before", "1", "state estimate 336 h before the target, over expected power"),
    Feature("day_mean", "1", "mean state estimate of the last 24 h, over expected power"),
    Feature("week_mean", "1", "mean state estimate of the last 168 h, over expected power"),
    Feature("last_hour", "1", "state estimate of the last hour, over expected power"),
    Feature("trend", "1", "last 24 h over the same 24 h a week before"),
    Feature("seen_ratio", "1", "readings below in the last hour over their expected power"),
    Feature("seen_day", "1", "the same over the last 24 h"),
    Feature("factor", "1", "what the unmetered part was scaled with in the last hour"),
    Feature("factor_day", "1", "the same, mean of the last 24 h"),
    Feature("gap", "1", "what is missing to the measured place above, over its expected power"),
    Feature("gap_day", "1", "the same, mean of the last 24 h"),
    Feature("missed_day", "1", "last day less a simple guess a day ahead, over the usual spread"),
    Feature("missed_week", "1", "the same over the last seven days, root of the mean square"),
    Feature("measured", "1", "whether a place at or above is measured"),
    Feature("coverage", "1", "expected power of those read in the last day, over all"),
    Feature("customers", "log", "customers below"),
    Feature("expected", "log W", "expected power below"),
    Feature("spread", "1", "root of the sum of squares of expected power, over their sum"),
    Feature("uneven", "1", "root mean square of own over expected power less 1, of those read"),
    Feature("unread", "1", "root of the sum of squares of expected power not read, over the sum"),
    Feature("single_now", "1", "what one customer is usually missed by now, over usual power"),
    Feature("single_ahead", "1", "the same, a day ahead"),
    Feature("together", "1", "share of what is missed a day ahead that is common to all"),
    Feature("usual_miss", "log", "what the sum is usually missed by, over its usual load"),
    *(Feature(f"unseen {name}", "1", "share of expected power not read") for name in CLASSES),
    Feature("horizon", "48 h", "target less issue"),
    Feature("day_sin", "1", "hour of the day of the target, UTC"),
    Feature("day_cos", "1", "hour of the day of the target, UTC"),
    Feature("half_day_sin", "1", "hour of the day of the target, UTC"),
    Feature("half_day_cos", "1", "hour of the day of the target, UTC"),
    Feature("weekend", "1", "whether the target is on a Saturday or Sunday"),
    Feature("recent_weekend", "1", "whether the hour of `recent` was"),
    *(Feature(f"is {level.value}", "1", "kind of place") for level in LEVELS),
)
"""The columns, in order."""

NAMES: Final = tuple(feature.name for feature in FEATURES)

_OVER_EXPECTED: Final = ("base", "recent", "last_week", "week_before", "last_hour")
BOUNDS: Final = {
    **dict.fromkeys(_OVER_EXPECTED, (-0.5, 2.5)),
    **dict.fromkeys(("day_mean", "week_mean"), (0.0, 1.6)),
    **dict.fromkeys(("seen_ratio", "seen_day"), (0.0, 3.0)),
    **dict.fromkeys(("gap", "gap_day"), (-0.7, 0.7)),
    "usual_miss": (-5.0, 0.7),
    "missed_day": (-3.0, 3.0),
    "missed_week": (0.0, 5.0),
}
"""Between what a feature is taken: one value in 500 of the generated towns lies outside, and a
network that meets another one, where the sun is all there is, need not guess what it never saw."""


def bounded(name: str, values: Any) -> Any:
    """The values of a feature within its bounds."""
    low, high = BOUNDS.get(name, (-np.inf, np.inf))
    return np.clip(values, low, high)
