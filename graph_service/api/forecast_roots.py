"""What can be asked of forecasts: what is said of a place, and how good that was."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from graph_service.api.advice import (
    AdviceAnswer,
    AtMost,
    Levels,
    PowerFactor,
    Probability,
    advice_of,
)
from graph_service.api.context import Info
from graph_service.api.elements import KnownAt
from graph_service.api.forecasts import (
    AsOf,
    BacktestResult,
    Forecast,
    Horizon,
    KnownThen,
    OfPower,
    Quantiles,
    backtest_of,
    forecast_of,
    forecast_question,
    place_of,
)
from graph_service.api.scopes import ScopeInput
from graph_service.api.series import window
from graph_service.api.vocabulary import Quantity
from graph_service.domain.durations import parse_resolution
from graph_service.domain.elements import Element
from graph_service.services.advising import LEAST, POWER_FACTOR, AdviceQuestion
from graph_service.services.backtests import BacktestQuestion
from graph_service.services.predictions import QUANTILES

_POWER = Quantity["P"]


@strawberry.type(description="Questions about forecasts.")
class ForecastQuery:
    """The part of Query that is about forecasts."""

    @strawberry.field(
        description="What is said of the load supplied through a place: what was issued, where an "
        "issue known at `asOf` covers the question, otherwise what the predictor says."
    )
    async def forecast(
        self,
        info: Info,
        scope: ScopeInput,
        quantity: OfPower = _POWER,
        horizon: Horizon = "PT48H",
        quantiles: Quantiles = None,
        as_of: AsOf = None,
        known_at: KnownThen = None,
    ) -> Forecast | None:
        """A forecast."""
        context = info.context
        asked = forecast_question(quantity, horizon, quantiles, as_of, known_at)

        def find() -> Element:
            return place_of(context.house, scope.meant(), context.scope)

        return await forecast_of(context, find, asked)

    @strawberry.field(
        description="What was said of the load supplied through a place, and what came."
    )
    async def backtest(
        self,
        info: Info,
        scope: ScopeInput,
        start: Annotated[datetime, strawberry.argument(name="from")],
        stop: Annotated[datetime, strawberry.argument(name="to")],
        quantiles: Quantiles = None,
        lead: Annotated[
            str | None,
            strawberry.argument(
                description="How long before an hour its forecast was issued at least, `PT24H`; "
                "default: the newest issue before the hour ended counts."
            ),
        ] = None,
        known_at: KnownAt = None,
    ) -> BacktestResult | None:
        """A comparison."""
        context, chosen = info.context, QUANTILES if quantiles is None else tuple(quantiles)
        lead_us = parse_resolution(lead) if lead else 0
        asked = BacktestQuestion(window(start, stop), chosen, lead_us, known_at)

        def find() -> Element:
            return place_of(context.house, scope.meant(), context.scope)

        return await backtest_of(context, find, asked)

    @strawberry.field(
        description="What is likely to exceed its limit: how likely, when, because of what, and "
        "what could be done about it, tried in the network. Nothing is switched by asking."
    )
    async def advice(
        self,
        info: Info,
        scope: ScopeInput | None = None,
        horizon: Horizon = "PT48H",
        probability: Probability = LEAST,
        power_factor: PowerFactor = POWER_FACTOR,
        levels: Levels = None,
        first: AtMost = 20,
        as_of: AsOf = None,
        known_at: KnownThen = None,
    ) -> AdviceAnswer | None:
        """Advice."""
        asked = AdviceQuestion(
            None if scope is None else scope.meant(),
            forecast_question(_POWER, horizon, None, as_of, known_at),
            probability,
            power_factor,
            None if levels is None else frozenset(levels),
            first,
        )
        return await advice_of(info.context, asked)
