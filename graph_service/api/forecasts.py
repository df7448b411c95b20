"""Forecasts in the schema: what is said of a load, how sure, by whom, and how good that was.

Columns are equally long: `times`, and `values` of each quantile. What is not known is null, and
`reason` tells why.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from math import isnan
from typing import Annotated, Final

import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Context
from graph_service.api.scalars import FloatArray, TimeArray, float_array, show_time, time_array
from graph_service.api.vocabulary import Level, Quantity, Rung
from graph_service.domain import elements, scopes
from graph_service.domain.access import Scope
from graph_service.domain.durations import parse_resolution
from graph_service.domain.errors import InvalidCall
from graph_service.domain.readings import from_us
from graph_service.ports.predictor import QUANTITY, LoadForecast, ModelFacts
from graph_service.services.backtests import Backtest, BacktestQuestion
from graph_service.services.house import Services
from graph_service.services.predictions import HOUR_US, QUANTILES, ForecastQuestion

OfPower = Annotated[
    Quantity, strawberry.argument(description="Active power is what is forecast so far.")
]
Horizon = Annotated[
    str,
    strawberry.argument(
        description="How far ahead, whole hours up to PT48H; PT0S for the last whole hour."
    ),
]
Quantiles = Annotated[
    list[float] | None,
    strawberry.argument(description="Ascending, within 0 and 1; default: 0.1, 0.5, 0.9."),
]
AsOf = Annotated[
    datetime | None,
    strawberry.argument(description="The time it is asked from; default: now."),
]
KnownThen = Annotated[
    datetime | None,
    strawberry.argument(
        description="Look at readings known then, where it has to be asked for anew; default: "
        "those known at `asOf`."
    ),
]
_NOW: Final = ("PT0S", "PT0M", "PT0H", "P0D")


@strawberry.type(description="Values of one quantile.")
class QuantileColumn:
    """A column."""

    quantile: float
    values: FloatArray


@strawberry.type(description="Who said it, and how well it did in its own evaluation.")
class ForecastModel:
    """A model or a baseline that serves."""

    name: str
    version: str
    trained_on: str
    error: float | None = strawberry.field(
        description="Mean pinball loss divided by the mean load, on feeders it had not seen."
    )


@strawberry.type(description="The best other one in the same evaluation.")
class ForecastBaseline:
    """A baseline."""

    name: str
    error: float | None


@strawberry.type(description="What is said of the load supplied through a place.")
class Forecast:
    """A forecast."""

    quantity: Quantity
    unit: str
    level: Level | None = strawberry.field(description="What kind of place it is.")
    issued_at: datetime | None = strawberry.field(description="When it was said.")
    times: TimeArray = strawberry.field(description="Where each hour begins.")
    quantiles: list[QuantileColumn]
    rung: Rung
    model: ForecastModel | None
    baseline: ForecastBaseline | None
    missing_inputs: list[str]
    reason: str = strawberry.field(description="Why it is not the rung MODEL; empty where it is.")
    customers: int = strawberry.field(description="How many customers are supplied through it.")
    metered: int = strawberry.field(description="How many of them were read in the week before.")


@strawberry.type(name="Backtest", description="What was said, and what came.")
class BacktestResult:
    """A comparison."""

    unit: str
    models: list[str] = strawberry.field(description="Who said it.")
    times: TimeArray = strawberry.field(description="Where each hour begins.")
    issued_at: TimeArray = strawberry.field(
        description="When what was said of each hour was issued; null where nothing was."
    )
    measured: FloatArray = strawberry.field(
        description="The load: the sum of the usage points below; null where not all were read."
    )
    quantiles: list[QuantileColumn]
    compared: int = strawberry.field(description="How many hours have both.")
    pinball: float | None = strawberry.field(
        description="Mean pinball loss over the quantiles and the hours compared."
    )
    mean_load: float | None = strawberry.field(description="Mean load of these hours.")
    coverage80: float | None = strawberry.field(
        description="Share of these hours between the quantiles 0.1 and 0.9."
    )
    reason: str = strawberry.field(description="Why nothing is told; empty where it is.")


def forecast_question(
    quantity: Quantity,
    horizon: str,
    quantiles: list[float] | None,
    as_of: datetime | None,
    known_at: datetime | None,
) -> ForecastQuestion:
    """The question in the words of the service.

    Raises:
        InvalidCall: it is not about power, or not of whole hours.
    """
    if quantity.name != QUANTITY:
        raise InvalidCall(
            f"{quantity.name} is not forecast", subject=quantity.name, hint=f"ask for {QUANTITY}"
        )
    chosen = QUANTILES if quantiles is None else tuple(quantiles)
    return ForecastQuestion(_hours(horizon), chosen, as_of or datetime.now(UTC), known_at)


async def forecast_of(
    context: Context, find: Callable[[], elements.Element], asked: ForecastQuestion
) -> Forecast:
    """The forecast of an element that is looked up in the same thread."""

    def ask() -> LoadForecast:
        return context.house.predictions.forecast(find(), asked, context.scope)

    return shown_forecast(await in_thread(ask))


async def backtest_of(
    context: Context, find: Callable[[], elements.Element], asked: BacktestQuestion
) -> BacktestResult:
    """The comparison of an element that is looked up in the same thread."""

    def ask() -> Backtest:
        return context.house.backtests.backtest(find(), asked, context.scope)

    return _compared(await in_thread(ask))


def place_of(house: Services, asked: scopes.ScopeQuestion, scope: Scope) -> elements.Element:
    """The one place a scope is about: an element, a container, or the start of a trace.

    Raises:
        UnknownElement, AmbiguousElement: an id means none, or several.
        InvalidCall: the scope is about several places.
    """
    if isinstance(asked, scopes.OfTrace):
        return house.network.element(asked.start, scope)
    if isinstance(asked, scopes.OfContainer):
        return house.network.element(asked.container, scope)
    if isinstance(asked, scopes.OfElements) and len(asked.ids) == 1:
        return house.network.element(asked.ids[0], scope)
    raise InvalidCall(
        "a forecast is of one place",
        hint="name one element, a container, or a trace, which stands for its start",
    )


def _hours(horizon: str) -> int:
    if horizon in _NOW:
        return 0
    hours, rest = divmod(parse_resolution(horizon), HOUR_US)
    if rest:
        raise InvalidCall(
            f"a horizon of {horizon} was asked", subject=horizon, hint="give whole hours: PT24H"
        )
    return hours


def shown_forecast(found: LoadForecast) -> Forecast:
    """A forecast as the schema shows it."""
    said, facts = found.forecast, found.model
    columns = zip(said.quantiles, said.values, strict=True) if said else ()
    return Forecast(
        quantity=Quantity[QUANTITY],
        unit="W",
        level=found.level,
        issued_at=from_us(said.issued_us) if said else None,
        times=time_array(said.valid_us if said else []),
        quantiles=[QuantileColumn(quantile=q, values=float_array(v)) for q, v in columns],
        rung=found.rung,
        model=_model(facts) if facts else None,
        baseline=_baseline(facts) if facts and facts.baseline else None,
        missing_inputs=list(found.missing),
        reason=found.reason,
        customers=found.customers,
        metered=found.metered,
    )


def _model(facts: ModelFacts) -> ForecastModel:
    error = _number(facts.error)
    return ForecastModel(
        name=facts.name, version=facts.version, trained_on=facts.trained_on, error=error
    )


def _baseline(facts: ModelFacts) -> ForecastBaseline:
    return ForecastBaseline(name=facts.baseline, error=_number(facts.baseline_error))


def _number(given: float) -> float | None:
    return None if isnan(given) else given


def _compared(found: Backtest) -> BacktestResult:
    columns = zip(found.quantiles, found.said, strict=True)
    return BacktestResult(
        unit="W",
        models=list(found.sources),
        times=time_array(found.starts_us.tolist()),
        issued_at=_times_or_null(found.issued_us.tolist()),
        measured=float_array(found.measured.tolist()),
        quantiles=[QuantileColumn(quantile=q, values=float_array(v.tolist())) for q, v in columns],
        compared=found.compared,
        pinball=found.pinball,
        mean_load=found.mean_load,
        coverage80=found.coverage_80,
        reason=found.reason,
    )


def _times_or_null(microseconds: list[int]) -> TimeArray:
    return TimeArray([show_time(from_us(us)) if us else None for us in microseconds])
