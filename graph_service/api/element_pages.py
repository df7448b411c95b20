"""Pages of elements: chosen by a filter, in an order, counted on demand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Final

import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Context, Info
from graph_service.api.elements import Element, show
from graph_service.api.filters import ElementFilterInput
from graph_service.api.paging import (
    PageInfo,
    check_first,
    cursor,
    fingerprint,
    page_info,
    position_of,
)
from graph_service.api.vocabulary import ElementOrder
from graph_service.domain.access import Scope
from graph_service.domain.filters import ElementFilter, ElementPage, PageRequest, order_value
from graph_service.services.house import Services

ANY: Final = ElementFilter()


@strawberry.type(description="How many elements of a kind.")
class KindCount:
    """A kind, counted."""

    kind: str
    count: int


@strawberry.input(name="ElementOrder", description="Ties are broken by an order of the store.")
class ElementOrderInput:
    """What a page is ordered by."""

    field: ElementOrder = ElementOrder.NUMBER
    descending: bool = False


@strawberry.type(description="An element and the cursor that goes on behind it.")
class ElementEdge:
    """An edge."""

    node: Element
    cursor: str


@strawberry.type(description="A page of elements.")
class ElementConnection:
    """A page; counts are asked of the store only when they are wanted."""

    nodes: list[Element]
    edges: list[ElementEdge]
    page_info: PageInfo
    wanted: strawberry.Private[ElementFilter]

    @strawberry.field(description="How many there are in all, before paging.")
    async def total_count(self, info: Info) -> int:
        """All that the filter chooses."""
        network = info.context.house.network
        return await in_thread(network.count, self.wanted, info.context.scope)

    @strawberry.field(description="How many there are of each kind, before paging.")
    async def count_by_kind(self, info: Info) -> list[KindCount]:
        """All that the filter chooses, by kind."""
        network = info.context.house.network
        found = await in_thread(network.count_by_kind, self.wanted, info.context.scope)
        return kind_counts(found.items())


def kind_counts(found: Iterable[tuple[str, int]]) -> list[KindCount]:
    """Counts, by kind."""
    return [KindCount(kind=kind, count=count) for kind, count in sorted(found)]


async def page_of_elements(
    context: Context,
    given: ElementFilterInput | None,
    order_by: ElementOrderInput | None,
    first: int,
    after: str | None,
    base: ElementFilter = ANY,
) -> ElementConnection:
    """A page of the elements that a filter chooses, within `base`."""
    check_first(first)
    order = order_by or ElementOrderInput()
    mark = fingerprint("elements", given, order.field, order.descending, base)
    begin = position_of(after, mark)
    ask = partial(_find, context.house, context.scope, given, order, first, begin, base)
    wanted, found = await in_thread(ask)
    edges = [
        ElementEdge(node=show(e), cursor=cursor(mark, (order_value(e, order.field), e.number)))
        for e in found.elements
    ]
    ends = (edges[0].cursor, edges[-1].cursor) if edges else None
    return ElementConnection(
        nodes=[edge.node for edge in edges],
        edges=edges,
        page_info=page_info(ends, after, found.has_next),
        wanted=wanted,
    )


def _find(
    house: Services,
    scope: Scope,
    given: ElementFilterInput | None,
    order: ElementOrderInput,
    first: int,
    begin: tuple[str | int, int] | None,
    base: ElementFilter,
) -> tuple[ElementFilter, ElementPage]:
    """Read the filter, which may have to look up a container or owner, and find the page."""
    wanted = base
    if given is not None:
        inner = given.meant(lambda name: house.network.element(name, scope).number)
        wanted = inner if base == ANY else replace(base, all_of=(inner,))
    after = None if begin is None else (str(begin[0]), begin[1])
    request = PageRequest(first, after, order.field, order.descending)
    return wanted, house.network.find(wanted, request, scope)
