"""What can be asked of readings: a series over any scope, and the readings of one element."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Info
from graph_service.api.elements import KnownAt, Resolution
from graph_service.api.paging import check_first
from graph_service.api.scopes import Id, Ids, ScopeInput, keys_of_ids
from graph_service.api.series import (
    Chosen,
    InZone,
    MaxPoints,
    Readings,
    Series,
    SeriesQuestion,
    aggregated,
    raw_readings,
    window,
)
from graph_service.api.vocabulary import Aggregate, Quantity
from graph_service.domain.access import Scope
from graph_service.domain.errors import InvalidCall
from graph_service.services.house import Services


@strawberry.type(description="Questions about readings.")
class SeriesQuery:
    """The part of Query that is about series."""

    @strawberry.field(
        description="A series over a scope, or some elements, aggregated to intervals."
    )
    async def series(
        self,
        info: Info,
        quantity: Quantity,
        start: datetime,
        stop: datetime,
        elements: Ids | None = None,
        scope: Annotated[
            ScopeInput | None,
            strawberry.argument(description="Which elements; either this or `elements`."),
        ] = None,
        members: Annotated[
            str | None,
            strawberry.argument(
                description="The CIM class of the elements of a scope that count; default: "
                "UsagePoint, or the very elements that are named."
            ),
        ] = None,
        resolution: Resolution = "PT1H",
        aggregate: Aggregate = Aggregate.SUM,
        zone: InZone = None,
        max_points: MaxPoints = None,
        known_at: KnownAt = None,
    ) -> Series | None:
        """A series."""
        span, context = window(start, stop), info.context
        asked = SeriesQuestion(quantity, span, resolution, aggregate, known_at, zone, max_points)

        def choose() -> Chosen:
            return _chosen(context.house, context.scope, elements, scope, members)

        return await aggregated(context.house, choose, asked)

    @strawberry.field(description="The readings of one element, as they came.")
    async def readings(
        self,
        info: Info,
        element: Id,
        quantity: Quantity,
        start: datetime,
        stop: datetime,
        known_at: KnownAt = None,
        max_points: MaxPoints = None,
    ) -> Readings | None:
        """Raw readings."""
        span, context = window(start, stop), info.context
        [key] = await in_thread(keys_of_ids, context.house, context.scope, [element])
        return await raw_readings(context, key, quantity, span, known_at, max_points)


def _chosen(
    house: Services,
    scope: Scope,
    elements: list[strawberry.ID] | None,
    asked: ScopeInput | None,
    members: str | None,
) -> Chosen:
    if elements is not None and asked is None:
        check_first(len(elements))
        return Chosen(keys_of_ids(house, scope, elements))
    if asked is not None and elements is None:
        found = house.scopes.members(asked.meant(), scope)
        return Chosen(found.keys_of(members), found.truncated)
    raise InvalidCall(
        "a series is asked of either elements or a scope",
        hint='give elements: ["..."], or scope: {trace: {start: "...", kind: DOWNSTREAM}}',
    )
