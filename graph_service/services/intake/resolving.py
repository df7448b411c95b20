"""Which element an identifier means, asked of the graph once and remembered for its revision.

An identifier means an element by its mRID, its name, one of its CIM Names, or a property; a link
may be followed from there, such as from a meter to its usage point. Two elements that an
identifier fits are none: a value of the one must not be stored with the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from graph_service.domain import tables
from graph_service.domain.access import EVERYTHING, Scope
from graph_service.domain.elements import Element
from graph_service.domain.filters import Comparison, ElementFilter, PageRequest, PropertyTest
from graph_service.domain.statements import normalise
from graph_service.ports.graph_store import GraphStore
from graph_service.services.formats.addressed import Address, Lookup

ASKED_AT_ONCE: Final = 500
_SEVERAL: Final = 3  # as many as are needed to see that there are several
_NAMES: Final = frozenset({"Name"})


class Found(NamedTuple):
    """The element's key (`model_set/mRID`); or `""`, and a reason where it is not just unknown."""

    key: str = ""
    reason: str = ""


UNKNOWN: Final = Found()


class Resolver:
    """Finds elements; what it found is forgotten when the graph has a new revision.

    Args:
        graph: where the elements are.
        scope: what may be found.
        newest: the newest revision that is known; default: asks the graph.
    """

    def __init__(
        self,
        graph: GraphStore,
        scope: Scope = EVERYTHING,
        newest: Callable[[], int] | None = None,
    ):
        self._graph = graph
        self._scope = scope
        self._newest = newest or graph.revision
        self._known: dict[Address, Found] = {}
        self.revision = -1

    def find(self, addresses: Iterable[Address]) -> dict[Address, Found]:
        """What each address means."""
        self.follow()
        wanted = dict.fromkeys(addresses)
        missing: dict[Lookup, list[Address]] = {}
        for address in wanted:
            if address not in self._known:
                missing.setdefault(address.lookup, []).append(address)
        for lookup, asked in missing.items():
            for start in range(0, len(asked), ASKED_AT_ONCE):
                self._ask(lookup, asked[start : start + ASKED_AT_ONCE])
        return {address: self._known[address] for address in wanted}

    def follow(self) -> None:
        """Forget what belongs to an older revision."""
        revision = self._newest()
        if revision != self.revision:
            self._known.clear()
            self.revision = revision

    def _ask(self, lookup: Lookup, asked: Sequence[Address]) -> None:
        elements = [self._fitting(lookup, found) for found in self._elements(lookup, asked)]
        if lookup.follow:
            elements = [self._across(lookup.follow, found) for found in elements]
        self._known.update(zip(asked, map(_found, asked, elements), strict=True))

    def _elements(self, lookup: Lookup, asked: Sequence[Address]) -> list[list[Element]]:
        """The elements that each address fits."""
        if lookup.by in ("mrid", "any"):
            found = self._by_mrid(asked)
            if lookup.by == "mrid":
                return found
            return [
                elements or self._named(lookup, address) or self._by_names(address)
                for address, elements in zip(asked, found, strict=True)
            ]
        if lookup.by == "names":
            return [self._by_names(address) for address in asked]
        return [self._named(lookup, address) for address in asked]

    def _by_mrid(self, asked: Sequence[Address]) -> list[list[Element]]:
        by_set: dict[str, list[str]] = {}
        for address in asked:
            by_set.setdefault(address.model_set, []).append(normalise(address.value))
        found: dict[tuple[str, str], list[Element]] = {}
        for name, mrids in by_set.items():
            answers = self._graph.by_mrid(mrids, self._scope, name)
            found.update(zip([(name, mrid) for mrid in mrids], answers, strict=True))
        return [found[address.model_set, normalise(address.value)] for address in asked]

    def _named(self, lookup: Lookup, address: Address) -> list[Element]:
        """Elements by name or another property."""
        by_property = lookup.by == "property"
        test = PropertyTest(lookup.property, Comparison.EQUALS, address.value)
        return self._find(
            ElementFilter(
                model_set=address.model_set,
                kinds=tables.subclasses(lookup.kind) if lookup.kind else None,
                name=None if by_property else address.value,
                properties=(test,) if by_property else (),
            )
        )

    def _by_names(self, address: Address) -> list[Element]:
        """Elements that have a CIM Name; the Name is an element, too."""
        test = PropertyTest("Name.name", Comparison.EQUALS, address.value)
        names = self._find(ElementFilter(address.model_set, kinds=_NAMES, properties=(test,)))
        named = [
            element for name in names for element in self._across_all("Name.IdentifiedObject", name)
        ]
        return list({element.number: element for element in named}.values())

    def _find(self, wanted: ElementFilter) -> list[Element]:
        page = self._graph.find(wanted, PageRequest(first=_SEVERAL), self._scope)
        return list(page.elements)

    def _fitting(self, lookup: Lookup, found: list[Element]) -> list[Element]:
        if not lookup.kind:
            return found
        return [element for element in found if tables.is_a(element.kind, lookup.kind)]

    def _across(self, link: str, found: list[Element]) -> list[Element]:
        across = [other for element in found for other in self._across_all(link, element)]
        return list({element.number: element for element in across}.values())

    def _across_all(self, link: str, element: Element) -> list[Element]:
        [neighbours] = self._graph.neighbours(
            [element.number], self._scope, links=frozenset({link})
        )
        return [neighbour.element for neighbour in neighbours if neighbour.outgoing]


def _found(address: Address, elements: list[Element]) -> Found:
    if not elements:
        return UNKNOWN
    if len(elements) > 1:
        return Found(reason=f"'{address.value}' ({address.lookup}) means several elements")
    return Found(str(elements[0].key))
