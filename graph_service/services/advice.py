"""Advice: which limit is likely to be exceeded, when, because of what, what could be done.

Advice is made of a forecast and expires with it. Nothing is done by giving it: a person decides.
Powers are active power in W where nothing else is said; limits are apparent power in VA.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from graph_service.ports.predictor import LoadForecast


class ActionKind(Enum):
    """What could be done.

    MOVE: supply a section from the other side of an open point, checked in the network so switched.
    LOWER_VOLTAGE: lower the tap changer above, loads fall with the voltage. LIMIT: ask the named
    loads to use less in these hours. MEASURE: measure here, so that the band becomes narrower.
    """

    MOVE = "move"
    LOWER_VOLTAGE = "lower voltage"
    LIMIT = "limit"
    MEASURE = "measure"


@dataclass(frozen=True, slots=True)
class Limit:
    """What a place carries for ever.

    Attributes:
        va: Apparent power.
        stated: What the model says, in words (`ratedS 400 kVA`, `416 A at 20 kV`).
    """

    va: float
    stated: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """A part of the load at the hour of the peak.

    Attributes:
        element: `model_set/mRID` of a transformer or usage point below.
        watts: Its share of the load in that hour.
        share: The same over the likely load of the place.
    """

    element: str
    watts: float
    share: float


@dataclass(frozen=True, slots=True)
class SwitchStep:
    """One step of a switching: `element` becomes open, or closed."""

    element: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Action:
    """Something that could be done.

    Attributes:
        kind: What.
        text: In words.
        elements: What it is done to, `model_set/mRID`.
        steps: Switching steps in order; empty where nothing is switched.
        watts: How much load it takes away from the place at the hour of the peak; None: unknown.
        probability: Of exceeding the limit afterwards; None where the load stays as it is.
        taker_probability: The highest probability of exceeding a limit where the load goes.
    """

    kind: ActionKind
    text: str
    elements: tuple[str, ...]
    steps: tuple[SwitchStep, ...] = ()
    watts: float | None = None
    probability: float | None = None
    taker_probability: float | None = None


@dataclass(frozen=True, slots=True)
class Advice:
    """One place whose limit is likely to be exceeded.

    Attributes:
        element: `model_set/mRID` of a transformer, feeder or line section.
        said: The forecast it is made of.
        limit: What the place carries.
        probability: Of exceeding the limit in the worst hour; that of the whole window is higher.
        peak_us: Where the worst hour begins.
        peak_w: The likely load of that hour (its median).
        peak_high_w: The highest quantile of that hour.
        loading: Apparent power of the median over the limit in that hour.
        start_us, stop_us: From the first to the end of the last hour as likely as was asked for.
        hours: How many hours have it.
        contributions: The largest parts of the load in the worst hour.
        unread: How many customers below have no reading that could be told apart.
        actions: What could be done, what helps most first.
        expires_us: From then on it is worth nothing: the end of the hours it speaks of, or the next
            issue of the forecast.
    """

    element: str
    said: LoadForecast
    limit: Limit
    probability: float
    peak_us: int
    peak_w: float
    peak_high_w: float
    loading: float
    start_us: int
    stop_us: int
    hours: int
    contributions: tuple[Contribution, ...]
    unread: int
    actions: tuple[Action, ...]
    expires_us: int


@dataclass(frozen=True, slots=True)
class AdviceAnswer:
    """All advice on a scope, the most probable first.

    Attributes:
        advice: One for each place, at most as many as were asked for.
        exceeding: How many places there are.
        checked: How many places have a limit and a forecast.
        without_limit: How many of the scope have no limit in the model.
        without_forecast: How many have a limit, and no forecast.
        reason: Why there is no advice; empty where there is some.
        next_issue_us: When forecasts are issued again; None where that is not on a schedule.
    """

    advice: tuple[Advice, ...]
    exceeding: int
    checked: int
    without_limit: int
    without_forecast: int
    reason: str
    next_issue_us: int | None = None
