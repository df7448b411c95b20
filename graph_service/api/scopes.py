"""How a caller says which elements are meant: by ids, or in one of the five ways of a scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import strawberry

from graph_service.api.vocabulary import Layer, State, TraceKind
from graph_service.domain.access import Scope
from graph_service.domain.elements import ElementKey
from graph_service.domain.errors import AmbiguousElement, InvalidCall, UnknownElement
from graph_service.domain.scopes import OfContainer, OfElements, OfOwner, OfTrace, ScopeQuestion
from graph_service.services.house import Services

Id = Annotated[strawberry.ID, strawberry.argument(description="An mRID, or `modelSet/mRID`.")]
Ids = Annotated[list[strawberry.ID], strawberry.argument(description="mRIDs, at most 500 of them.")]


@strawberry.input(description="All that a walk meets from an element.")
class TraceScopeInput:
    """A trace as a scope."""

    start: strawberry.ID
    kind: TraceKind
    state: State = State.PRESENT
    layers: list[Layer] | None = strawberry.field(
        default=None, description="Layers to walk; default: that of the start."
    )
    hops: int | None = strawberry.field(
        default=None, description="How far at most; default: however far it goes."
    )


@strawberry.input(
    name="ScopeInput",
    one_of=True,
    description="Which elements are meant: exactly one of these. Ids are mRIDs or `modelSet/mRID`.",
)
class ScopeInput:
    """A scope as a caller writes it."""

    element: strawberry.ID | None = strawberry.UNSET
    elements: list[strawberry.ID] | None = strawberry.UNSET
    trace: TraceScopeInput | None = strawberry.UNSET
    container: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="A container, what lies in it, and what hangs on that.",
    )
    owner: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="An organisation and all that belongs to it."
    )

    def meant(self) -> ScopeQuestion:
        """The scope in the words of the domain."""
        if self.element:
            return OfElements((str(self.element),))
        if self.elements:
            return OfElements(tuple(map(str, self.elements)))
        if self.trace:
            return _trace(self.trace)
        if self.container:
            return OfContainer(str(self.container))
        if self.owner:
            return OfOwner(str(self.owner))
        hint = "name an element, elements, a trace, a container or an owner"
        raise InvalidCall("the scope names nothing", hint=hint)


def _trace(given: TraceScopeInput) -> OfTrace:
    if given.kind is TraceKind.SHORTEST_PATH:
        hint = "give the elements of the path as `elements`"
        raise InvalidCall("a shortest path cannot be a scope", hint=hint)
    layers = None if given.layers is None else tuple(given.layers)
    return OfTrace(str(given.start), given.kind, given.state, layers, given.hops)


def keys_of_ids(house: Services, scope: Scope, ids: Sequence[str]) -> list[ElementKey]:
    """The keys of elements, in the order asked.

    Raises:
        UnknownElement, AmbiguousElement: an id means none, or several.
    """
    found = house.neighbourhood.by_ids(ids, scope)
    for given, meant in zip(ids, found, strict=True):
        if not meant:
            raise UnknownElement(given)
        if len(meant) > 1:
            raise AmbiguousElement(given, sorted(element.key.model_set for element in meant))
    return [meant[0].key for meant in found]
