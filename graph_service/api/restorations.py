"""Peaks after outages in the schema, and the question for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import strawberry

from graph_service.api.advice import AdviceLimit, PowerFactor
from graph_service.api.batching import in_thread
from graph_service.api.context import Info
from graph_service.api.forecasts import (
    AsOf,
    Forecast,
    ForecastBaseline,
    ForecastModel,
    KnownThen,
    place_of,
    shown_forecast,
)
from graph_service.api.scopes import ScopeInput
from graph_service.api.vocabulary import Rung
from graph_service.ports.pickup_predictor import QUANTILES
from graph_service.services.restorations import Restoration, RestorationQuestion

Minutes = Annotated[
    float, strawberry.argument(description="How long the outage lasts until supply is back.")
]
Temperature = Annotated[float, strawberry.argument(description="Outdoors, in degrees Celsius.")]
RestoreAt = Annotated[
    datetime | None,
    strawberry.argument(description="When supply is back, within 48 hours; default: `asOf`."),
]
Slope = Annotated[
    float | None,
    strawberry.argument(
        description="How many watts more the place uses for a kelvin less, where that is known."
    ),
]


@strawberry.type(description="A quantile of a number.")
class QuantileValue:
    """One quantile."""

    quantile: float
    value: float


@strawberry.type(description="The peak to be expected when a place gets supply back.")
class RestorationForecast:
    """A peak after an outage."""

    usual: Forecast = strawberry.field(description="The load as if nothing had happened.")
    usual_load: float | None = strawberry.field(description="W, in the hour of restoration.")
    peak: list[QuantileValue] = strawberry.field(description="W, the highest ten-minute mean.")
    hours: list[QuantileValue] = strawberry.field(description="Until the load is as usual.")
    rung: Rung
    model: ForecastModel | None
    baseline: ForecastBaseline | None
    limit: AdviceLimit | None
    probability: float | None = strawberry.field(description="That the peak is above the limit.")
    missing_inputs: list[str]
    reason: str = strawberry.field(description="Why it is not the rung MODEL; empty where it is.")


@strawberry.type(description="Questions about restoration.")
class RestorationQuery:
    """The part of Query that is about restoration."""

    @strawberry.field(
        description="How high the load of a place is when it gets supply back after an outage, and "
        "for how long (cold load pick-up)."
    )
    async def restoration_forecast(
        self,
        info: Info,
        scope: ScopeInput,
        minutes: Minutes,
        temperature: Temperature,
        restore_at: RestoreAt = None,
        watts_per_kelvin: Slope = None,
        power_factor: PowerFactor = 0.95,
        as_of: AsOf = None,
        known_at: KnownThen = None,
    ) -> RestorationForecast | None:
        """A peak after an outage."""
        context = info.context
        at = as_of or datetime.now(UTC)
        asked = RestorationQuestion(
            at, restore_at or at, minutes, temperature, watts_per_kelvin, power_factor, known_at
        )

        def ask() -> Restoration:
            element = place_of(context.house, scope.meant(), context.scope)
            return context.house.restorations.after(element, asked, context.scope)

        return _shown(await in_thread(ask))


def _shown(found: Restoration) -> RestorationForecast:
    said, limit = found.said, found.limit
    facts = said.model if said else None
    return RestorationForecast(
        usual=shown_forecast(found.usual),
        usual_load=found.usual_w,
        peak=_quantiles(said.peak_w if said else ()),
        hours=_quantiles(said.hours if said else ()),
        rung=said.rung if said else Rung.NOTHING,
        model=ForecastModel(
            name=facts.name, version=facts.version, trained_on=facts.trained_on, error=facts.error
        )
        if facts
        else None,
        baseline=ForecastBaseline(name=facts.baseline, error=facts.baseline_error)
        if facts
        else None,
        limit=AdviceLimit(va=limit.va, stated=limit.stated) if limit else None,
        probability=found.probability,
        missing_inputs=[*found.usual.missing, *(said.missing if said else ())],
        reason=said.reason if said else found.reason,
    )


def _quantiles(values: tuple[float, ...]) -> list[QuantileValue]:
    shares = QUANTILES[: len(values)]
    return [QuantileValue(quantile=q, value=v) for q, v in zip(shares, values, strict=True)]
