"""Filters as Cypher: which elements are meant, with every value a parameter and none in the text.

A condition is put together from the fixed pieces of `cypher.filters`; the only thing that is made
here is the names of parameters. Containers and owners are looked up first, so that what remains
can be seen at an element alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from graph_service.adapters.neo4j.cypher import filters, reading
from graph_service.adapters.neo4j.elements import SORT_LENGTH, property_key
from graph_service.adapters.neo4j.labels import LAYER_LABELS
from graph_service.adapters.neo4j.queries import Queries
from graph_service.domain.access import Scope
from graph_service.domain.errors import BadFilter
from graph_service.domain.filters import (
    Comparison,
    ElementFilter,
    ElementOrder,
    PageRequest,
    PropertyTest,
)


class Where:
    """A condition in the making, with the values of its parameters."""

    def __init__(self, queries: Queries):
        self.values: dict[str, object] = {}
        self._queries = queries

    def of(self, wanted: ElementFilter, scope: Scope, page: PageRequest | None = None) -> str:
        """The text of the condition.

        Raises:
            BadFilter: a value is to be compared as a number and is none.
        """
        conditions = [] if scope.everything else [self._seen(scope)]
        conditions += self._conditions(wanted)
        if page is not None:
            conditions.append(self._beyond(page))
        return _joined(filters.AND, conditions) if conditions else filters.TRUE

    def _seen(self, scope: Scope) -> str:
        return self._put(filters.SEEN, owner_sets(self._queries, scope))

    def _beyond(self, page: PageRequest) -> str:
        if page.after is None:
            return filters.FROM_START[page.order.value]
        return self._put(filters.BEYOND[page.order.value, page.descending], *page.after)

    def _conditions(self, wanted: ElementFilter) -> list[str]:
        conditions = list(self._own(wanted))
        conditions += [self._property(test) for test in wanted.properties]
        conditions += [self._whole(one) for one in wanted.all_of]
        if wanted.any_of:
            conditions.append(_joined(filters.OR, [self._whole(one) for one in wanted.any_of]))
        conditions += [filters.NOT.format(self._whole(one)) for one in wanted.none_of]
        return conditions

    def _whole(self, wanted: ElementFilter) -> str:
        conditions = self._conditions(wanted)
        return _joined(filters.AND, conditions) if conditions else filters.TRUE

    def _own(self, wanted: ElementFilter) -> Iterable[str]:
        if wanted.model_set is not None:
            yield self._put(filters.MODEL_SET, wanted.model_set)
        if wanted.kinds is not None:
            yield self._put(filters.KINDS, sorted(wanted.kinds))
        if wanted.layer is not None:
            yield filters.LAYERS[LAYER_LABELS[wanted.layer]]
        if wanted.name is not None:
            yield self._put(filters.NAME, wanted.name.casefold()[:SORT_LENGTH], wanted.name)
        if wanted.text:
            yield self._put(filters.TEXT, wanted.text.casefold())
        if wanted.mrids is not None:
            yield self._put(filters.MRIDS, sorted(wanted.mrids))
        if wanted.numbers is not None:
            yield self._put(filters.NUMBERS, sorted(wanted.numbers))
        if wanted.containers is not None:
            yield self._put(filters.NUMBERS, sorted(_inside(self._queries, wanted.containers)))
        if wanted.owners is not None:
            sets = owner_sets(self._queries, Scope(wanted.owners))
            yield self._put(filters.OWNED, sets)

    def _property(self, test: PropertyTest) -> str:
        """Some value of the property passes; one that is absent passes nothing."""
        key = property_key(test.name)
        if test.comparison is Comparison.PRESENT:
            return self._put(filters.PRESENT, key)
        if test.comparison in _AS_NUMBERS:
            return self._put(_COMPARISONS[test.comparison], key, _bound(test), float("inf"))
        return self._put(_COMPARISONS[test.comparison], key, test.value)

    def _put(self, piece: str, *values: object) -> str:
        """A piece of text with names of parameters in it."""
        names = [f"p{len(self.values) + at}" for at in range(len(values))]
        self.values.update(zip(names, values, strict=True))
        return filters.GROUP.format(_named(piece, names))


def owner_sets(queries: Queries, scope: Scope) -> list[list[int]]:
    """The sets of owners, as elements keep them, that one of the scope's is in."""
    if not scope.owners:
        return []
    rows = queries.rows(reading.OWNER_SETS, owners=sorted(scope.owners))
    return [owners for (owners,) in rows]


def order(page: PageRequest) -> str:
    """What a page is ordered by."""
    return filters.ORDERS[page.order.value, page.descending]


def position(node: dict[str, object], wanted: ElementOrder) -> str:
    """What an element is ordered by, as a page tells it."""
    return str(node[_POSITIONS[wanted]])


_POSITIONS: Final = {
    ElementOrder.NUMBER: "number",
    ElementOrder.NAME: "sortName",
    ElementOrder.KIND: "kind",
}
_COMPARISONS: Final = {
    Comparison.EQUALS: filters.EQUALS,
    Comparison.CONTAINS: filters.CONTAINS,
    Comparison.LESS: filters.LESS,
    Comparison.GREATER: filters.GREATER,
}
_AS_NUMBERS: Final = (Comparison.LESS, Comparison.GREATER)


def _inside(queries: Queries, containers: frozenset[int]) -> set[int]:
    """All that lies in the containers, through containers of containers, these left out."""
    seen, front = set(containers), sorted(containers)
    while front:
        rows = queries.rows(reading.INSIDE, numbers=front)
        front = sorted({number for (number,) in rows} - seen)
        seen.update(front)
    return seen - containers


def _bound(test: PropertyTest) -> float:
    try:
        return float(test.value)
    except ValueError:
        raise BadFilter(
            f"{test.name} was to be compared with '{test.value}', which is no number",
            subject=test.name,
            hint="give a number, or compare text with EQUALS or CONTAINS",
        ) from None


def _named(piece: str, names: Sequence[str]) -> str:
    """Put names of parameters where `{0}`, `{1}` stand."""
    for at, name in enumerate(names):
        piece = piece.replace("{" + str(at) + "}", name)
    return piece


def _joined(word: str, conditions: Sequence[str]) -> str:
    return filters.GROUP.format(word.join(conditions))
