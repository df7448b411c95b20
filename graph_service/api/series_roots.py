"""What can be asked of readings: aggregated or as they came, of one element or over any scope."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Info
from graph_service.api.elements import KnownAt, Resolution
from graph_service.api.paging import After, First, check_first
from graph_service.api.raw_readings import (
    ReadingsQuestion,
    SeriesReadingsConnection,
    readings_over,
)
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

InsteadOfElements = Annotated[
    ScopeInput | None,
    strawberry.argument(description="Which elements; either this or `elements`."),
]
OfClass = Annotated[
    str | None,
    strawberry.argument(
        description="The CIM class of the elements of a scope that count; default: "
        "UsagePoint, or the very elements that are named."
    ),
]


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
        scope: InsteadOfElements = None,
        members: OfClass = None,
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

    @strawberry.field(
        description="The readings of all series over a scope, or of some elements, as they came."
    )
    async def readings_over(
        self,
        info: Info,
        quantity: Quantity,
        start: datetime,
        stop: datetime,
        elements: Ids | None = None,
        scope: InsteadOfElements = None,
        members: OfClass = None,
        known_at: KnownAt = None,
        max_points: MaxPoints = None,
        first: First = 50,
        after: After = None,
    ) -> SeriesReadingsConnection | None:
        """Raw readings of many series."""
        span, context = window(start, stop), info.context
        asked = ReadingsQuestion(quantity, span, known_at, max_points, first, after)

        def choose() -> Chosen:
            return _chosen(context.house, context.scope, elements, scope, members)

        return await readings_over(context, choose, asked, elements, scope, members)


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
