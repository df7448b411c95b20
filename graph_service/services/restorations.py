"""The peak to be expected when a place gets supply back after an outage (cold load pick-up).

The load as if nothing had happened is the forecast of the hour of restoration; an installed
predictor says from it, from the length of the outage, the temperature and who is supplied there,
how high the peak is and for how long. Beside it stands what the place carries, with the probability
that the peak is above. Who may be told a forecast may be told this.

Limits: one place at a time; when it is given supply in steps, ask for each step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from graph_service.analysis.exceedance import above
from graph_service.domain.access import Scope
from graph_service.domain.elements import Element
from graph_service.domain.errors import GridStrataError, InvalidCall
from graph_service.domain.phases import phase_bits
from graph_service.domain.readings import to_us
from graph_service.ports.pickup_predictor import (
    MOST_MINUTES,
    PICKUP,
    QUANTILES,
    Pickup,
    PickupPlace,
    PickupPredictor,
    PickupQuestion,
)
from graph_service.ports.predictor import LONGEST_HOURS, Level, LoadForecast
from graph_service.services.advice import Limit
from graph_service.services.limits import Limits
from graph_service.services.network import Network
from graph_service.services.opened import Opened
from graph_service.services.places import below_of, places_of
from graph_service.services.predictions import HOUR_US, ForecastQuestion, Predictions

COLDEST_C, HOTTEST_C = -50.0, 60.0
_ABC: Final = phase_bits("ABC")
_FEEDERS: Final = (Level.MV_FEEDER, Level.LV_FEEDER, Level.SUBSTATION)


@dataclass(frozen=True, slots=True)
class RestorationQuestion:
    """An outage and its end.

    Attributes:
        at: The time it is asked from.
        restore_at: When supply is back, within 48 hours.
        minutes: How long the outage lasts by then.
        outdoor_c: Outdoor temperature.
        slope_w_per_k: How much more the place uses for a kelvin less; None where nobody knows.
        power_factor: Active over apparent power.
        known_at: What was known then; None for `at`.
    """

    at: datetime
    restore_at: datetime
    minutes: float
    outdoor_c: float
    slope_w_per_k: float | None = None
    power_factor: float = 0.95
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Restoration:
    """What is said of one place.

    Attributes:
        usual: The forecast as if nothing had happened.
        usual_w: Its median in the hour of restoration; None where there is none.
        said: The peak; None where nothing can be said.
        limit: What the place carries; None where the model does not say.
        probability: That the peak is above it; None without a limit.
        reason: Why nothing is said; empty where something is.
    """

    usual: LoadForecast
    usual_w: float | None
    said: Pickup | None
    limit: Limit | None
    probability: float | None
    reason: str = ""


class Restorations:
    """Asks the predictor of peaks after outages.

    Args:
        find: opens it, or says with an error why there is none.
        predictions: loads as if nothing had happened.
        limits: what places carry.
        network: who is supplied where.
    """

    def __init__(
        self,
        find: Callable[[], PickupPredictor],
        predictions: Predictions,
        limits: Limits,
        network: Network,
    ) -> None:
        self._predictions = predictions
        self._limits = limits
        self._network = network
        self.predictor = Opened(PICKUP, find)

    def after(self, element: Element, asked: RestorationQuestion, scope: Scope) -> Restoration:
        """The peak of an element.

        Raises:
            InvalidCall: durations, temperatures or times are none.
            StoreError: the stores cannot be read.
        """
        hours = _hours_ahead(asked)
        forecast = ForecastQuestion(hours, QUANTILES, asked.at, asked.known_at)
        usual = self._predictions.forecast(element, forecast, scope)
        if usual.forecast is None:
            return Restoration(usual, None, None, None, None, usual.reason)
        usual_w = float(usual.forecast.values[1][-1])
        try:
            predictor = self.predictor.get()
        except GridStrataError as error:
            return Restoration(usual, usual_w, None, None, None, error.message)
        if usual_w <= 0:
            return Restoration(usual, usual_w, None, None, None, "no load is to be expected there")
        place = self._place(element, usual, usual_w, asked)
        at_us = to_us(asked.restore_at)
        hour = at_us / HOUR_US % 24
        question = PickupQuestion((place,), asked.minutes, asked.outdoor_c, hour)
        [said] = predictor.peaks(question)
        limit = self._limit(element)
        return Restoration(usual, usual_w, said, limit, _above(said, limit, asked.power_factor))

    def _place(
        self, element: Element, usual: LoadForecast, usual_w: float, asked: RestorationQuestion
    ) -> PickupPlace:
        assert usual.forecast is not None  # noqa: S101 - asked where there is one
        projection = self._network.projection()
        positions = projection.index_of([element.number])
        carriers = [p.carrier for p in places_of(projection, positions)] or positions.tolist()
        points = below_of(projection, carriers[0], None).points
        phases = projection.phases[points] & _ABC
        three = float((phases == _ABC).mean()) if len(points) else 0.0
        return PickupPlace(
            customers=max(usual.customers, 1),
            three_phase=three,
            forecast_w=usual_w,
            mean_w=float(np.mean(usual.forecast.values[1])),
            slope_w_per_k=asked.slope_w_per_k,
            is_feeder=usual.level in _FEEDERS,
        )

    def _limit(self, element: Element) -> Limit | None:
        projection = self._network.projection()
        places = places_of(projection, projection.index_of([element.number]))
        if not places:
            return None
        return self._limits.of(projection, [places[0].carrier]).get(places[0].carrier)


def _above(said: Pickup, limit: Limit | None, power_factor: float) -> float | None:
    if limit is None:
        return None
    peaks = np.array(said.peak_w)[:, None]
    return float(above(QUANTILES, peaks, limit.va * power_factor)[0])


def _hours_ahead(asked: RestorationQuestion) -> int:
    """Hours of forecast that reach to the end of the hour of restoration."""
    if not 0 < asked.minutes <= MOST_MINUTES:
        raise InvalidCall(
            f"an outage of {asked.minutes:g} minutes was asked",
            subject="minutes",
            hint=f"give more than 0 and at most {MOST_MINUTES}",
        )
    if not COLDEST_C <= asked.outdoor_c <= HOTTEST_C:
        raise InvalidCall(
            f"a temperature of {asked.outdoor_c:g} °C was given",
            subject="temperature",
            hint=f"give degrees Celsius from {COLDEST_C:g} to {HOTTEST_C:g}",
        )
    if not 0 < asked.power_factor <= 1:
        raise InvalidCall(
            f"a power factor of {asked.power_factor:g} was given",
            subject="powerFactor",
            hint="give a number above 0 and at most 1, such as 0.95",
        )
    first = to_us(asked.at) // HOUR_US
    hours = to_us(asked.restore_at) // HOUR_US - first + 1
    if not 1 <= hours <= LONGEST_HOURS:
        raise InvalidCall(
            "supply comes back before it is asked, or later than can be forecast",
            subject=asked.restore_at.isoformat(),
            hint=f"give a time within {LONGEST_HOURS} hours after the one it is asked from",
        )
    return hours
