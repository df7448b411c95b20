"""Advice on places: what exceeds its limit, how likely, when, why, and what could be done.

The places of a scope (transformers, feeders, line sections with several customers below) are held
against what they carry (`limits`), hour by hour of their forecasts. Those with a probability of the
least asked for, or more, come back with the largest loads below, and with remedies that were tried
in the network (`remedies`).

Guarantees: nothing enters that the forecast did not know; who may not be told a forecast gets no
advice from it; an answer without advice says why. Limits: apparent power is active power over one
power factor for all places; losses and voltages do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph_service.analysis.exceedance import Exceedance, exceedance
from graph_service.domain.access import EVERYTHING, Scope
from graph_service.domain.errors import InvalidCall
from graph_service.domain.readings import Window, to_us
from graph_service.domain.scopes import ScopeQuestion
from graph_service.ports.predictor import Level, LoadForecast
from graph_service.services import remedies
from graph_service.services.advice import Action, Advice, AdviceAnswer, Contribution, Limit
from graph_service.services.forecast_rights import ForecastRights
from graph_service.services.limits import Limits
from graph_service.services.network import Network
from graph_service.services.places import Place, below_of, places_of, tap_above
from graph_service.services.predictions import (
    HOUR_US,
    NOT_ALL_SEEN,
    ForecastQuestion,
    Predictions,
)
from graph_service.services.remedies import Known, Trouble
from graph_service.services.scopes import Scopes
from graph_service.services.timelines import Timelines
from graph_service.topology.csr import Ints
from graph_service.topology.projection import Projection
from graph_service.topology.transfers import Transfer, customers_below, transfers
from graph_service.topology.visibility import visible_mask

LEAST: Final = 0.1
POWER_FACTOR: Final = 0.95
MOST_ADVICE: Final = 100
_NAMED: Final = 5
_LOOKED_BACK: Final = timedelta(days=7)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AdviceQuestion:
    """What advice is asked on.

    Attributes:
        about: Which elements; None for all that may be seen.
        forecast: Horizon, quantiles and clocks of the forecasts.
        least: From which probability on a limit counts as exceeded, above 0 and at most 1.
        power_factor: Active over apparent power, above 0 and at most 1.
        levels: Kinds of places; None for all.
        first: For so many places at most, the most probable.
    """

    about: ScopeQuestion | None
    forecast: ForecastQuestion
    least: float = LEAST
    power_factor: float = POWER_FACTOR
    levels: frozenset[Level] | None = None
    first: int = 20


@dataclass(frozen=True, slots=True, eq=False)
class _Hit:
    """A place that is likely to exceed its limit."""

    place: Place
    key: str
    said: LoadForecast
    limit: Limit
    found: Exceedance
    trouble: Trouble


class Advising:
    """Gives advice.

    Args:
        predictions: what is said of loads.
        rights: who may be told.
        limits: what places carry.
        network: how they are connected.
        scopes: which places are meant.
        timelines: what customers used.
    """

    def __init__(
        self,
        predictions: Predictions,
        rights: ForecastRights,
        limits: Limits,
        network: Network,
        scopes: Scopes,
        timelines: Timelines,
    ) -> None:
        self._predictions = predictions
        self._rights = rights
        self._limits = limits
        self._network = network
        self._scopes = scopes
        self._timelines = timelines

    def advise(self, asked: AdviceQuestion, scope: Scope) -> AdviceAnswer:
        """Advice on the places of a scope.

        Raises:
            UnknownElement, AmbiguousElement: an id means none, or several.
            InvalidCall: horizon, quantiles, probability or power factor are none.
            StoreError: the stores cannot be read.
        """
        _check(asked)
        projection = self._network.projection()
        places = places_of(projection, self._positions(asked, scope, projection))
        limits = self._limits.of(projection, [place.carrier for place in places])
        limited = [place for place in places if place.carrier in limits]
        told = self._rights.may_see_each(projection, [p.position for p in limited], scope)
        known = [place for place in limited if place.position in told]
        said = self._said(projection, [place.position for place in known], asked.forecast)
        judged = [
            (place, one)
            for place, one in zip(known, said, strict=True)
            if one.forecast is not None and (asked.levels is None or one.level in asked.levels)
        ]
        hits = [h for p, s in judged if (h := self._hit(projection, p, s, limits, asked))]
        hits.sort(key=lambda hit: (-hit.found.probability, -hit.trouble.excess_w, hit.key))
        return AdviceAnswer(
            tuple(self._advice(projection, hits[: asked.first], asked, scope)),
            exceeding=len(hits),
            checked=len(judged),
            without_limit=len(places) - len(limited),
            without_forecast=sum(one.forecast is None for one in said) + len(limited) - len(known),
            reason="" if hits else _why_nothing(places, limited, known, said, judged, asked),
            next_issue_us=self._predictions.next_issue_us(asked.forecast.at),
        )

    def _positions(self, asked: AdviceQuestion, scope: Scope, projection: Projection) -> Ints:
        if asked.about is not None:
            numbers = self._scopes.members(asked.about, scope).numbers
            found = projection.index_of(numbers)
            return found[found >= 0]
        visible = visible_mask(projection, scope)
        chosen = np.ones(len(projection), dtype=bool) if visible is None else visible
        return np.flatnonzero(chosen).astype(np.int32)

    def _said(
        self, projection: Projection, positions: Sequence[int], asked: ForecastQuestion
    ) -> list[LoadForecast]:
        return self._predictions.forecasts(self._keys(projection, positions), asked)

    def _keys(self, projection: Projection, positions: Sequence[int]) -> list[str]:
        numbers = projection.numbers[np.array(positions, dtype=np.int32)].tolist()
        return [str(key) for key in self._network.keys(numbers)]

    def _names(self, projection: Projection, positions: Sequence[int]) -> dict[int, str]:
        numbers = projection.numbers[np.array(positions, dtype=np.int32)].tolist()
        shown = self._network.elements(numbers, EVERYTHING)
        return {p: e.name or e.mrid for p, e in zip(positions, shown, strict=True) if e is not None}

    def _hit(
        self,
        projection: Projection,
        place: Place,
        said: LoadForecast,
        limits: Mapping[int, Limit],
        asked: AdviceQuestion,
    ) -> _Hit | None:
        limit, loads = limits[place.carrier], _loads(said)
        limit_w = limit.va * asked.power_factor
        found = exceedance(asked.forecast.quantiles, loads, limit_w, asked.least)
        if found is None:
            return None
        name = self._names(projection, [place.position]).get(place.position, said.element)
        quantiles = asked.forecast.quantiles
        trouble = Trouble(name, said.element, quantiles, loads, limit_w, asked.least, found.peak)
        return _Hit(place, said.element, said, limit, found, trouble)

    def _advice(
        self, projection: Projection, hits: Sequence[_Hit], asked: AdviceQuestion, scope: Scope
    ) -> list[Advice]:
        """The advice on each hit; what is to be known of other places is asked at once."""
        visible = visible_mask(projection, scope)
        ways = [transfers(projection, hit.place.carrier, visible) for hit in hits]
        below = [below_of(projection, hit.place.carrier, visible) for hit in hits]
        wanted = [p for way in ways for one in way for p in _touched(one)]
        wanted += [position for found in below for position in found.transformers.tolist()]
        known = self._known(projection, wanted, ways, asked, scope)
        made = []
        for hit, way, under in zip(hits, ways, below, strict=True):
            if len(under.transformers):
                parts, unread = _of_transformers(hit, under.transformers.tolist(), known), 0
            else:
                parts, unread = self._of_points(projection, hit, under.points, asked)
            tap = tap_above(projection, hit.place.carrier, self._network, visible)
            actions = [
                remedies.move(hit.trouble, way, known),
                remedies.lower_voltage(hit.trouble, tap),
                remedies.limit_loads(hit.trouble, parts),
                remedies.measure(hit.trouble, hit.said.customers, hit.said.metered),
            ]
            made.append(self._made(hit, parts, unread, actions, asked))
        return made

    def _known(
        self,
        projection: Projection,
        wanted: Iterable[int],
        ways: Sequence[Sequence[Transfer]],
        asked: AdviceQuestion,
        scope: Scope,
    ) -> Known:
        """Loads and limits of other places, as far as they may be told."""
        positions = sorted(set(wanted))
        count = customers_below(projection, np.array(positions, dtype=np.int32))
        empty = {p for p, loads in zip(positions, count.tolist(), strict=True) if not loads}
        told = self._rights.may_see_each(projection, positions, scope)
        asked_of = [p for p in positions if p in told and p not in empty]
        said = self._said(projection, asked_of, asked.forecast) if asked_of else []
        shape = (len(asked.forecast.quantiles), max(asked.forecast.hours, 1))
        loads = {p: np.zeros(shape) for p in empty & told}
        loads |= {
            p: _loads(one)
            for p, one in zip(asked_of, said, strict=True)
            if one.forecast is not None
        }
        limits = self._limits.of(projection, positions)
        switches = sorted({p for way in ways for one in way for p in (one.close, one.open)})
        named = sorted({*switches, *positions})
        return Known(
            loads,
            {p: limit.va * asked.power_factor for p, limit in limits.items()},
            dict(zip(named, self._keys(projection, named), strict=True)),
            self._names(projection, switches),
        )

    def _of_points(
        self, projection: Projection, hit: _Hit, points: Ints, asked: AdviceQuestion
    ) -> tuple[list[Contribution], int]:
        """What usage points used at this hour of the day in the last week, the largest first."""
        keys = self._keys(projection, points.tolist())
        if not keys:
            return [], 0
        known_at = asked.forecast.known_at or asked.forecast.at
        stop_us = to_us(asked.forecast.at) // HOUR_US * HOUR_US
        window = Window(stop_us - int(_LOOKED_BACK.total_seconds()) * 1_000_000, stop_us)
        read = self._timelines.series_each(keys, "ENERGY_IN", window, "PT1H", known_at=known_at)
        hour = _peak_us(hit) // HOUR_US
        used = []
        for key, one in zip(keys, read, strict=True):
            first = window.start_us // HOUR_US
            alike = [
                value for at, value in enumerate(one.values)
                if value is not None and (first + at - hour) % 24 == 0
            ]  # fmt: skip
            if alike:
                used.append((float(np.mean(alike)), key))
        used.sort(reverse=True)
        return _parts(hit, used), len(keys) - len(used)

    def _made(
        self,
        hit: _Hit,
        parts: Sequence[Contribution],
        unread: int,
        actions: Sequence[Action | None],
        asked: AdviceQuestion,
    ) -> Advice:
        said = hit.said.forecast
        assert said is not None  # noqa: S101 - a hit has a forecast
        found, loads = hit.found, hit.trouble.loads
        middle = float(loads[len(loads) // 2, found.peak])
        end_us = said.valid_us[-1] + HOUR_US
        next_us = self._predictions.next_issue_us(asked.forecast.at)
        there = [action for action in actions if action is not None]
        there.sort(key=lambda a: 1.0 if a.probability is None else a.probability)
        return Advice(
            element=hit.key,
            said=hit.said,
            limit=hit.limit,
            probability=found.probability,
            peak_us=said.valid_us[found.peak],
            peak_w=middle,
            peak_high_w=float(loads[-1, found.peak]),
            loading=abs(middle) / hit.trouble.limit_w,
            start_us=said.valid_us[found.first],
            stop_us=said.valid_us[found.last] + HOUR_US,
            hours=found.hours,
            contributions=tuple(parts[:_NAMED]),
            unread=unread,
            actions=tuple(there),
            expires_us=end_us if next_us is None else min(end_us, next_us),
        )


def _loads(said: LoadForecast) -> Floats:
    assert said.forecast is not None  # noqa: S101 - asked where there is one
    return np.array([list(column) for column in said.forecast.values])


def _peak_us(hit: _Hit) -> int:
    assert hit.said.forecast is not None  # noqa: S101 - a hit has a forecast
    return int(hit.said.forecast.valid_us[hit.found.peak])


def _touched(way: Transfer) -> list[int]:
    return [way.open, *way.takers.tolist(), *way.turned.tolist()]


def _of_transformers(hit: _Hit, transformers: Sequence[int], known: Known) -> list[Contribution]:
    middle, peak = len(hit.trouble.quantiles) // 2, hit.found.peak
    there = [p for p in transformers if p in known.loads]
    used = [(float(known.loads[p][middle, peak]), known.keys[p]) for p in there]
    return _parts(hit, sorted(used, reverse=True))


def _parts(hit: _Hit, used: Sequence[tuple[float, str]]) -> list[Contribution]:
    whole = abs(float(hit.trouble.loads[len(hit.trouble.quantiles) // 2, hit.found.peak]))
    return [
        Contribution(key, watts, watts / whole if whole else 0.0)
        for watts, key in used[: remedies.MOST_NAMED]
    ]


def _check(asked: AdviceQuestion) -> None:
    if not 0 < asked.least <= 1:
        raise InvalidCall(
            f"a probability of {asked.least:g} was asked",
            subject="probability",
            hint="give a number above 0 and at most 1, such as 0.1",
        )
    if not 0 < asked.power_factor <= 1:
        raise InvalidCall(
            f"a power factor of {asked.power_factor:g} was given",
            subject="powerFactor",
            hint="give a number above 0 and at most 1, such as 0.95",
        )
    if not 0 <= asked.first <= MOST_ADVICE:
        raise InvalidCall(
            f"advice on {asked.first} places was asked",
            subject="first",
            hint=f"ask for 0 to {MOST_ADVICE}",
        )
    if len(asked.forecast.quantiles) < 2:
        raise InvalidCall(
            "one quantile does not tell how likely a limit is exceeded",
            subject="quantiles",
            hint="give at least two: 0.1, 0.5, 0.9",
        )


def _why_nothing(
    places: Sequence[Place],
    limited: Sequence[Place],
    known: Sequence[Place],
    said: Sequence[LoadForecast],
    judged: Sequence[object],
    asked: AdviceQuestion,
) -> str:
    if not places:
        return "no transformer, feeder or line section with several customers is in this scope"
    if not limited:
        return f"the model states no limit of any of the {len(places)} places in this scope"
    if not known:
        return NOT_ALL_SEEN
    if not judged:
        reasons = sorted({one.reason for one in said if one.forecast is None and one.reason})
        return reasons[0] if reasons else "no place of this scope is of the levels asked for"
    return (
        f"none of {len(judged)} places exceeds its limit with a probability of"
        f" {asked.least:g} or more"
    )
