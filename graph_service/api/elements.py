"""Elements in the schema: one type for all CIM classes, and what stands around one.

An element's `id` is its mRID, or `model_set/mRID` where the store has it in several model sets;
both are understood wherever an id is asked for. What a caller may not see is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, cast

import strawberry

from graph_service.api.context import Context, Info
from graph_service.api.forecasts import (
    AsOf,
    Forecast,
    Horizon,
    KnownThen,
    OfPower,
    Quantiles,
    forecast_of,
    forecast_question,
)
from graph_service.api.paging import (
    After,
    First,
    PageInfo,
    check_first,
    cursor,
    fingerprint,
    page_info,
    position_of,
)
from graph_service.api.quality import (
    A_DAY,
    DataQuality,
    Deadline,
    OfQuantity,
    Zone,
    asked,
    quality_of_element,
)
from graph_service.api.series import (
    InZone,
    MaxPoints,
    Readings,
    Series,
    SeriesQuestion,
    SeriesSource,
    raw_readings,
    series_of,
    sources_of,
    window,
)
from graph_service.api.statements import StatedPart, stated
from graph_service.api.vocabulary import Aggregate, Layer, Quantity
from graph_service.domain import elements, tables

Names = Annotated[
    list[str] | None,
    strawberry.argument(description="Local names, such as `Switch.normalOpen`; default: all."),
]
KnownAt = Annotated[
    datetime | None,
    strawberry.argument(description="As it was known at this time; default: now."),
]
Resolution = Annotated[
    str, strawberry.argument(description="ISO 8601 duration of an interval: PT15M, PT1H, P1D.")
]


@strawberry.interface(description="Anything that can be fetched again by its id.")
class Node:
    """Relay's node."""

    @strawberry.field(description="For an element: its mRID, or `modelSet/mRID` if ambiguous.")
    def id(self, info: Info) -> strawberry.ID:
        """The id; each type says its own."""
        raise NotImplementedError


@strawberry.type(description="A property as all documents together have it.")
class Property:
    """A property of an element."""

    name: str
    value: str = strawberry.field(description="The first value, as text, as the file has it.")
    values: list[str]
    unit: str | None = strawberry.field(description="The unit CIM gives it, where it is known.")


@strawberry.type(description="Anything with an mRID, in any layer.")
class Element(Node):
    """An element; `source` is the domain's."""

    mrid: strawberry.ID = strawberry.field(name="mRID")
    kind: str = strawberry.field(description="Its most specific CIM class.")
    name: str
    layer: Layer | None
    model_set: str
    kinds: list[str] = strawberry.field(description="All classes that documents give it.")
    source: strawberry.Private[elements.Element]

    @strawberry.field(description="Its mRID, or `modelSet/mRID` where several sets use the mRID.")
    def id(self, info: Info) -> strawberry.ID:
        """The id; looks for namesakes only where there can be any."""
        context = info.context
        if len(context.house.network.projection().model_set_names) < 2:
            return self.mrid
        return cast("strawberry.ID", _unambiguous(context, self.source.key))

    @strawberry.field(description="Its properties, by name.")
    def properties(self, names: Names = None) -> list[Property]:
        """Properties, all or some."""
        given = self.source.properties
        wanted = sorted(given) if names is None else [name for name in names if name in given]
        return [_property(name, given[name]) for name in wanted]

    @strawberry.field(description="The elements linked with it, by link name.")
    async def neighbours(
        self,
        info: Info,
        links: Annotated[
            list[str] | None,
            strawberry.argument(description="Names of links, from either end; default: all."),
        ] = None,
        layer: Layer | None = None,
        first: First = 50,
        after: After = None,
    ) -> NeighbourConnection:
        """A page of neighbours."""
        check_first(first)
        mark = fingerprint("neighbours", self.source.key, links, layer)
        begin = position_of(after, mark)
        context, names = info.context, None if links is None else frozenset(links)
        ask = partial(
            context.house.neighbourhood.neighbours, scope=context.scope, links=names, layer=layer
        )
        found = await context.batches.of(("neighbours", names, layer), ask).one(self.source.number)
        return _neighbours(found, mark, first, begin[1] if begin else 0, after)

    @strawberry.field(description="The containers it lies in, the nearest first, to its region.")
    async def containers(self, info: Info) -> list[Element]:
        """Containers."""
        context = info.context
        ask = partial(context.house.neighbourhood.containers, scope=context.scope)
        return list(map(show, await context.batches.of("containers", ask).one(self.source)))

    @strawberry.field(description="The organisations it belongs to, stated or inherited.")
    async def owners(self, info: Info) -> list[Element]:
        """Owners."""
        context = info.context
        ask = partial(context.house.neighbourhood.owners, scope=context.scope)
        return list(map(show, await context.batches.of("owners", ask).one(self.source.number)))

    @strawberry.field(description="What each document states about it, word for word.")
    async def statements(self, info: Info) -> list[StatedPart]:
        """Parts, one for each document and section."""
        ask = info.context.house.neighbourhood.statements
        found = await info.context.batches.of("statements", ask).one(self.source.key)
        return [stated(document, part) for document, part in found]

    @strawberry.field(description="Which series it has.")
    async def series_sources(self, info: Info) -> list[SeriesSource]:
        """Quantities and where they come from."""
        return await sources_of(info.context, self.source.key)

    @strawberry.field(description="A series of it, aggregated to equal intervals.")
    async def series(
        self,
        info: Info,
        quantity: Quantity,
        start: datetime,
        stop: datetime,
        resolution: Resolution = "PT1H",
        aggregate: Aggregate = Aggregate.SUM,
        known_at: KnownAt = None,
        zone: InZone = None,
        max_points: MaxPoints = None,
    ) -> Series | None:
        """The element's own series."""
        span = window(start, stop)
        asked = SeriesQuestion(quantity, span, resolution, aggregate, known_at, zone, max_points)
        return await series_of(info.context, self.source.key, asked)

    @strawberry.field(description="Its readings as they came, newest version of each.")
    async def readings(
        self,
        info: Info,
        quantity: Quantity,
        start: datetime,
        stop: datetime,
        known_at: KnownAt = None,
        max_points: MaxPoints = None,
    ) -> Readings | None:
        """Readings of the first source by name."""
        span, key = window(start, stop), self.source.key
        return await raw_readings(info.context, key, quantity, span, known_at, max_points)

    @strawberry.field(
        description="How good its readings are, by day; of a container those of what lies in it."
    )
    async def quality(
        self,
        info: Info,
        start: datetime,
        stop: datetime,
        zone: Zone = "UTC",
        quantity: OfQuantity = None,
        deadline: Deadline = A_DAY,
        known_at: KnownAt = None,
    ) -> DataQuality | None:
        """Completeness, timeliness, validity, gaps."""
        question = asked(start, stop, zone, quantity, deadline, known_at)
        return await quality_of_element(info.context, self.source, question)

    @strawberry.field(description="What is said of the load supplied through it.")
    async def forecast(
        self,
        info: Info,
        quantity: OfPower = Quantity["P"],
        horizon: Horizon = "PT48H",
        quantiles: Quantiles = None,
        as_of: AsOf = None,
        known_at: KnownThen = None,
    ) -> Forecast | None:
        """The forecast of the element itself."""
        question = forecast_question(quantity, horizon, quantiles, as_of, known_at)
        return await forecast_of(info.context, lambda: self.source, question)


@strawberry.type(description="An element at the other end of a link.")
class Neighbour:
    """A neighbour."""

    link: str
    outgoing: bool = strawberry.field(description="True if the link was written on this side.")
    element: Element


@strawberry.type(description="A page of neighbours.")
class NeighbourConnection:
    """Neighbours, counted."""

    nodes: list[Neighbour]
    total_count: int
    page_info: PageInfo


def show(element: elements.Element) -> Element:
    """An element as the schema shows it."""
    return Element(
        mrid=strawberry.ID(element.key.mrid),
        kind=element.kind,
        name=element.name,
        layer=element.layer,
        model_set=element.key.model_set,
        kinds=list(element.kinds),
        source=element,
    )


async def elements_by_number(context: Context, numbers: Sequence[int]) -> list[Element | None]:
    """Elements in the order asked; None for one that is gone or out of scope."""
    ask = partial(context.house.network.elements, scope=context.scope)
    found: Sequence[elements.Element | None]
    found = await context.batches.of("elements", ask).many(numbers)
    return [None if element is None else show(element) for element in found]


async def _unambiguous(context: Context, key: elements.ElementKey) -> str:
    ask = partial(context.house.neighbourhood.shared_mrids, scope=context.scope)
    shared = await context.batches.of("shared", ask).one(key)
    return str(key) if shared else key.mrid


def _property(name: str, given: str | tuple[str, ...]) -> Property:
    values = [given] if isinstance(given, str) else list(given)
    row = tables.property_row(name)
    unit = row.unit if row else None
    return Property(name=name, value=values[0] if values else "", values=values, unit=unit)


def _neighbours(
    found: Sequence[elements.Neighbour], mark: str, first: int, begin: int, after: str | None
) -> NeighbourConnection:
    shown = found[begin : begin + first]
    ends = (cursor(mark, ("", begin)), cursor(mark, ("", begin + len(shown)))) if shown else None
    return NeighbourConnection(
        nodes=[Neighbour(link=n.link, outgoing=n.outgoing, element=show(n.element)) for n in shown],
        total_count=len(found),
        page_info=page_info(ends, after, begin + first < len(found)),
    )
