"""Filters and pages: how elements are chosen, ordered and cut, the same on every store."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from graph_service.domain.elements import Element
from graph_service.domain.layers import Layer

MOST_PER_PAGE: Final = 500


class Comparison(Enum):
    """How a property is compared; text compares as text, the numeric ones as numbers."""

    EQUALS = "eq"
    CONTAINS = "contains"
    LESS = "lt"
    GREATER = "gt"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class PropertyTest:
    """A test on one property; `name` is its local CIM name, such as `Switch.normalOpen`."""

    name: str
    comparison: Comparison
    value: str = ""


@dataclass(frozen=True, slots=True)
class ElementFilter:
    """Every given condition must hold. None or empty means not asked.

    `kinds` are exact CIM classes (superclasses are expanded before a store sees them); `text`
    is looked for, ignoring case, in name and mRID; `name` is compared whole; `containers` are
    numbers of containers the element lies in, directly or through other containers; `owners`
    are numbers of organisations.
    """

    model_set: str | None = None
    kinds: frozenset[str] | None = None
    layer: Layer | None = None
    text: str | None = None
    name: str | None = None
    mrids: frozenset[str] | None = None
    numbers: frozenset[int] | None = None
    containers: frozenset[int] | None = None
    owners: frozenset[int] | None = None
    properties: tuple[PropertyTest, ...] = ()
    all_of: tuple[ElementFilter, ...] = ()
    any_of: tuple[ElementFilter, ...] = ()
    none_of: tuple[ElementFilter, ...] = ()


class ElementOrder(Enum):
    """The order of a page; ties fall to the element's number, so that cursors are stable."""

    NUMBER = "number"
    NAME = "name"
    KIND = "kind"


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`first` elements after the position `after` (order value and number), or from the start."""

    first: int = 50
    after: tuple[str, int] | None = None
    order: ElementOrder = ElementOrder.NUMBER
    descending: bool = False


@dataclass(frozen=True, slots=True)
class ElementPage:
    """A page with the position of its last element and whether more follow."""

    elements: tuple[Element, ...]
    end: tuple[str, int] | None
    has_next: bool


def order_value(element: Element, order: ElementOrder) -> str:
    """What an element is ordered by: its name without regard to case, its kind, or its number."""
    if order is ElementOrder.NAME:
        return element.name.casefold()
    return element.kind if order is ElementOrder.KIND else str(element.number)
