"""What we ask of a predictor of peaks after an outage (cold load pick-up).

It is found like a predictor of loads (`ports.predictor`), in the same entry point group under the
name `pickup`; it needs no store, everything it may use is in the question:

    [project.entry-points."gridstrata.predictors"]
    pickup = "gnn.predict.pickup:open_predictor"

Every one owes: the same question gives the same numbers; one answer a place, in the order asked; it
may be asked from several threads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from graph_service.ports.predictor import Rung

PICKUP: Final = "pickup"
"""The name of a pick-up predictor in the group `ports.predictor.GROUP`."""

QUANTILES: Final = (0.1, 0.5, 0.9)
"""What is said of peaks and hours."""

MOST_MINUTES: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class PickupPlace:
    """A place that gets supply back.

    Attributes:
        customers: How many are supplied through it.
        three_phase: Share of them with three phases.
        forecast_w: Its load in the hour of restoration as if nothing had happened.
        mean_w: Its mean load.
        slope_w_per_k: How much more it uses for a kelvin less; None where nobody knows.
        is_feeder: Whether it is a feeder, and no transformer.
    """

    customers: int
    three_phase: float
    forecast_w: float
    mean_w: float
    slope_w_per_k: float | None = None
    is_feeder: bool = False


@dataclass(frozen=True, slots=True)
class PickupQuestion:
    """An outage of some minutes that ends at an hour of the day (UTC), at a temperature."""

    places: tuple[PickupPlace, ...]
    minutes: float
    outdoor_c: float
    hour: float


@dataclass(frozen=True, slots=True)
class PickupModel:
    """Who answers: name, version, data, error of the peak over the mean peak on unseen places."""

    name: str
    version: str
    trained_on: str
    error: float
    baseline: str
    baseline_error: float


@dataclass(frozen=True, slots=True)
class Pickup:
    """What is said of a place.

    Attributes:
        peak_w: The highest ten-minute mean after restoration, at `QUANTILES`.
        hours: Until the load is within a tenth of what is usual, at `QUANTILES`.
        rung: Which step of the ladder this is.
        model: Who says it.
        missing: Inputs that were not there, in words.
        reason: Why it is not the rung MODEL; empty where it is.
    """

    peak_w: tuple[float, ...]
    hours: tuple[float, ...]
    rung: Rung
    model: PickupModel
    missing: tuple[str, ...] = ()
    reason: str = ""


class PickupPredictor(Protocol):
    """Peaks after outages."""

    def peaks(self, question: PickupQuestion) -> list[Pickup]:
        """Answer a question, one answer a place."""
        ...


PickupPredictorFactory = Callable[[], PickupPredictor]
"""Makes a predictor; raises a GridStrataError where its bundle is damaged or foreign."""
