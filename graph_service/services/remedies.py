"""What could be done about a limit that is likely to be exceeded, and what each would change.

MOVE           in the network so switched the load flows elsewhere; offered only where the place,
               and all that the load then flows through, is below the probability asked for
LOWER_VOLTAGE  a tap changer above has steps left; loads fall by `CVR` % a per cent of voltage
LIMIT          the largest loads below use less in these hours, by as much as is too much
MEASURE        more than one in ten of the customers below is not read

Loads that come together or part are added and taken away quantile by quantile: both are taken to be
high at the same time, which is the cautious case. Nothing is switched, and nobody is asked.

Limits: load only, no voltages and no losses; what is not in the model cannot be overloaded by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph_service.analysis.exceedance import above
from graph_service.services.advice import Action, ActionKind, Contribution, SwitchStep
from graph_service.topology.transfers import Transfer

Floats = NDArray[np.float64]

CVR: Final = 0.7
"""Per cent of load a per cent of voltage; a round figure of this project."""
MOST_TAPS: Final = 3
MARGIN: Final = 1.05
"""Loads are limited by so much more than is too much."""
MOST_NAMED: Final = 20
_MANY_READ: Final = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Trouble:
    """A place that is likely to exceed its limit, as its remedies see it.

    Attributes:
        name: What people call it.
        element: `model_set/mRID`.
        quantiles: Ascending.
        loads: W, float64[quantiles, hours].
        limit_w: Active power at the limit.
        least: Probability from which on a limit counts as exceeded.
        peak: Index of the worst hour.
    """

    name: str
    element: str
    quantiles: tuple[float, ...]
    loads: Floats
    limit_w: float
    least: float
    peak: int

    def worst(self, loads: Floats, limit_w: float) -> float:
        """The probability of the worst hour with other loads, or another limit."""
        return float(above(self.quantiles, loads, limit_w).max())

    @property
    def excess_w(self) -> float:
        """By how much the highest quantile is above the limit in the worst hour."""
        return max(0.0, float(np.abs(self.loads[:, self.peak]).max()) - self.limit_w)


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of other places: loads by position, float64[quantiles, hours], and limits in W.

    Attributes:
        loads: Where a forecast may be told.
        limits_w: Where the model has a limit.
        keys: `model_set/mRID`.
        names: What people call them.
    """

    loads: Mapping[int, Floats]
    limits_w: Mapping[int, float]
    keys: Mapping[int, str]
    names: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap changer: its element and name, steps that are left downwards, per cent a step."""

    element: str
    name: str
    steps: int
    per_cent: float


def move(trouble: Trouble, ways: Sequence[Transfer], known: Known) -> Action | None:
    """The transfer that moves least and leaves no limit likely to be exceeded; None: none does."""
    for way in ways:
        found = _moved(trouble, way, known)
        if found is not None:
            return found
    return None


def lower_voltage(trouble: Trouble, tap: Tap | None) -> Action | None:
    """As few steps as are enough, or as many as there are."""
    if tap is None or tap.steps < 1:
        return None
    for steps in range(1, min(tap.steps, MOST_TAPS) + 1):
        cut = CVR * tap.per_cent * steps / 100
        left = trouble.worst(trouble.loads * (1 - cut), trouble.limit_w)
        if left < trouble.least:
            break
    watts = float(trouble.loads[_middle(trouble), trouble.peak]) * cut
    text = f"lower {tap.name} by {steps} of {tap.steps} steps of {tap.per_cent:g} %"
    return Action(ActionKind.LOWER_VOLTAGE, text, (tap.element,), watts=watts, probability=left)


def limit_loads(trouble: Trouble, parts: Sequence[Contribution]) -> Action | None:
    """The fewest of the largest loads that together use as much as is too much."""
    wanted = trouble.excess_w * MARGIN
    if not wanted or not parts:
        return None
    used = np.cumsum([part.watts for part in parts])
    count = min(int(np.searchsorted(used, wanted)) + 1, len(parts), MOST_NAMED)
    watts = min(wanted, float(used[count - 1]))
    left = trouble.worst(np.maximum(trouble.loads - watts, 0.0), trouble.limit_w)
    text = f"limit {count} of the loads below by {watts / 1e3:,.1f} kW together"
    if watts < wanted:
        text += f", of {wanted / 1e3:,.1f} kW that are too much"
    named = tuple(part.element for part in parts[:count])
    return Action(ActionKind.LIMIT, text, named, watts=watts, probability=left)


def measure(trouble: Trouble, customers: int, metered: int) -> Action | None:
    """Where the forecast lacked readings of many customers below."""
    if metered >= _MANY_READ * customers:
        return None
    text = f"measure at {trouble.name}: {metered} of {customers} customers below are read"
    return Action(ActionKind.MEASURE, text, (trouble.element,))


def _moved(trouble: Trouble, way: Transfer, known: Known) -> Action | None:
    moving = known.loads.get(way.open)
    if moving is None:
        return None
    left = trouble.worst(trouble.loads - moving, trouble.limit_w)
    if left >= trouble.least:
        return None
    afterwards = _afterwards(way, moving, known)
    if afterwards is None:
        return None
    takers = [trouble.worst(load, limit) for load, limit in afterwards]
    highest = max(takers, default=0.0)
    if highest >= trouble.least:
        return None
    text = (
        f"close {known.names[way.close]}, then open {known.names[way.open]}:"
        f" {moving[_middle(trouble), trouble.peak] / 1e3:,.0f} kW go to the other side"
    )
    closing, opening = known.keys[way.close], known.keys[way.open]
    return Action(
        ActionKind.MOVE,
        text,
        (closing, opening),
        (SwitchStep(closing, False), SwitchStep(opening, True)),
        float(moving[_middle(trouble), trouble.peak]),
        left,
        highest,
    )


def _afterwards(way: Transfer, moving: Floats, known: Known) -> list[tuple[Floats, float]] | None:
    """(load afterwards, limit) of all that has a limit and whose load changes.

    None where one of them has no forecast, so that nobody can say.
    """
    found = []
    for position in [*way.takers.tolist(), *way.turned.tolist()]:
        limit = known.limits_w.get(position)
        if limit is None:
            continue
        load = known.loads.get(position)
        if load is None:
            return None
        found.append((moving - load if position in way.turned else moving + load, limit))
    return found


def _middle(trouble: Trouble) -> int:
    return len(trouble.quantiles) // 2
