"""Filters: how a caller says which elements are meant, and what it means to the stores.

Every condition given must hold. Limits: a filter may have 50 conditions in all, nested 5 deep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import strawberry

from graph_service.domain.errors import BadFilter
from graph_service.domain.filters import Comparison, ElementFilter, PropertyTest
from graph_service.domain.layers import Layer

MOST_CONDITIONS: Final = 50
MOST_DEPTH: Final = 5

Numbers = Callable[[str], int]
"""Gives the number of the element an id means."""


@strawberry.input(
    description="A test on one property; give exactly one comparison. `lessThan` and "
    "`greaterThan` compare as numbers."
)
class PropertyTestInput:
    """A test on one property."""

    name: str = strawberry.field(description="The local CIM name, such as `Switch.normalOpen`.")
    equals: str | None = None
    contains: str | None = None
    less_than: float | None = None
    greater_than: float | None = None
    present: bool | None = None

    def meant(self) -> PropertyTest:
        """The test in the words of the domain.

        Raises:
            BadFilter: not exactly one comparison is given.
        """
        given = [(c, v) for c, v in self._comparisons() if v is not None]
        if len(given) != 1:
            raise BadFilter(
                f"the test on '{self.name}' has {len(given)} comparisons",
                subject=self.name,
                hint="give exactly one of equals, contains, lessThan, greaterThan, present",
            )
        comparison, value = given[0]
        return PropertyTest(self.name, comparison, value)

    def _comparisons(self) -> Iterable[tuple[Comparison, str | None]]:
        yield Comparison.EQUALS, self.equals
        yield Comparison.CONTAINS, self.contains
        yield Comparison.LESS, _text(self.less_than)
        yield Comparison.GREATER, _text(self.greater_than)
        yield Comparison.PRESENT, None if self.present is None else ""


@strawberry.input(
    name="ElementFilter",
    description="Which elements: every condition given must hold. `and` needs all of its filters, "
    "`or` at least one, `not` none.",
)
class ElementFilterInput:
    """A filter as a caller writes it."""

    model_set: str | None = None
    kinds: list[str] | None = strawberry.field(
        default=None, description="CIM classes; a superclass means all its kinds."
    )
    layer: Layer | None = None
    text: str | None = strawberry.field(
        default=None, description="Found in name or mRID, in any case."
    )
    name: str | None = strawberry.field(default=None, description="The whole name.")
    mrids: list[strawberry.ID] | None = strawberry.field(name="mRIDs", default=None)
    container: strawberry.ID | None = strawberry.field(
        default=None, description="Lies in this one, directly or through other containers."
    )
    owner: strawberry.ID | None = strawberry.field(
        default=None, description="Belongs to this organisation, stated or inherited."
    )
    properties: list[PropertyTestInput] | None = None
    all_of: list[ElementFilterInput] | None = strawberry.field(name="and", default=None)
    any_of: list[ElementFilterInput] | None = strawberry.field(name="or", default=None)
    none_of: list[ElementFilterInput] | None = strawberry.field(name="not", default=None)

    def meant(self, number_of: Numbers) -> ElementFilter:
        """The filter in the words of the domain.

        Raises:
            BadFilter: it has too many conditions, or one that cannot be compared.
            UnknownElement: the container or owner does not exist.
        """
        self._check()
        return self._meant(number_of)

    def _meant(self, number_of: Numbers) -> ElementFilter:
        return ElementFilter(
            model_set=self.model_set,
            kinds=_set(self.kinds),
            layer=self.layer,
            text=self.text,
            name=self.name,
            mrids=_set(self.mrids),
            containers=_number(self.container, number_of),
            owners=_number(self.owner, number_of),
            properties=tuple(t.meant() for t in self.properties or () if t.present is not False),
            all_of=tuple(inner._meant(number_of) for inner in self.all_of or ()),
            any_of=tuple(inner._meant(number_of) for inner in self.any_of or ()),
            none_of=(
                *(inner._meant(number_of) for inner in self.none_of or ()),
                *(ElementFilter(properties=(t.meant(),)) for t in self._absent()),
            ),
        )

    def _absent(self) -> list[PropertyTestInput]:
        return [test for test in self.properties or () if test.present is False]

    def _check(self) -> None:
        front, conditions, depth = [self], 0, 0
        while front:
            depth += 1
            conditions += sum(1 + len(inner.properties or ()) for inner in front)
            front = [i for one in front for i in one._inner()]
        if conditions > MOST_CONDITIONS or depth > MOST_DEPTH:
            raise BadFilter(
                f"the filter has {conditions} conditions, nested {depth} deep",
                hint=f"at most {MOST_CONDITIONS} conditions are taken, nested {MOST_DEPTH} deep",
            )

    def _inner(self) -> list[ElementFilterInput]:
        return [*(self.all_of or ()), *(self.any_of or ()), *(self.none_of or ())]


def _set(values: Iterable[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)


def _number(given: str | None, number_of: Numbers) -> frozenset[int] | None:
    return None if given is None else frozenset({number_of(given)})


def _text(value: float | None) -> str | None:
    return None if value is None else repr(value)
