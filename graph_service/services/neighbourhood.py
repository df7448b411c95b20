"""The neighbourhood of elements: what they are linked with, lie in, belong to, and who says so.

Every question is asked for many elements at once and answered in their order, with one call to
the store; climbing through containers takes a few for each level, statements one an element.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from graph_service.domain import tables
from graph_service.domain.access import Scope
from graph_service.domain.containers import CONTAINMENT, inverse_containment
from graph_service.domain.elements import Element, ElementKey, Neighbour
from graph_service.domain.layers import Layer
from graph_service.domain.statements import Part
from graph_service.ports.graph_store import GraphStore

MOST_LEVELS: Final = 12
"""How far containers of containers are climbed; a region is six above a terminal's node."""


class Neighbourhood:
    """Answers what stands around elements."""

    def __init__(self, graph: GraphStore) -> None:
        self._graph = graph

    def neighbours(
        self,
        numbers: Sequence[int],
        scope: Scope,
        *,
        links: frozenset[str] | None = None,
        layer: Layer | None = None,
    ) -> list[list[Neighbour]]:
        """The elements linked with each, ordered by link name, direction and number."""
        return self._graph.neighbours(numbers, scope, links=links, layer=layer)

    def containers(self, elements: Sequence[Element], scope: Scope) -> list[list[Element]]:
        """The containers each lies in, the nearest first, up to its region."""
        found: dict[int, list[Element]] = {}
        front = list({element.number: element for element in elements}.values())
        for _ in range(MOST_LEVELS):
            front = [element for element in front if element.number not in found]
            if not front:
                break
            found |= self._directly_around(front, scope)
            front = [container for element in front for container in found[element.number]]
        return [_climb(element.number, found) for element in elements]

    def owners(self, numbers: Sequence[int], scope: Scope) -> list[list[Element]]:
        """The organisations each belongs to, stated or inherited, as far as the scope shows."""
        owned = self._graph.owners_of(numbers)
        wanted = sorted({number for owners in owned for number in owners})
        shown = dict(zip(wanted, self._graph.elements(wanted, scope), strict=True))
        return [[e for n in owners if (e := shown[n]) is not None] for owners in owned]

    def statements(self, keys: Sequence[ElementKey]) -> list[list[tuple[str, Part]]]:
        """What each document states about each element: (document name, part)."""
        return [self._graph.parts_of(key) for key in keys]

    def pending(self, model_set: str | None = None) -> Mapping[str, int]:
        """References that wait for their element, by link name."""
        return self._graph.pending(model_set)

    def by_ids(self, ids: Sequence[str], scope: Scope) -> list[list[Element]]:
        """The elements each id can mean (an mRID, or `model_set/mRID`); empty for an unknown id."""
        found = self._graph.by_mrid(ids, scope)
        by_set: dict[str, list[int]] = defaultdict(list)
        for i, given in enumerate(ids):
            if not found[i] and "/" in given:
                by_set[given.partition("/")[0]].append(i)
        for model_set, places in by_set.items():
            mrids = [ids[i].partition("/")[2] for i in places]
            within = self._graph.by_mrid(mrids, scope, model_set)
            for i, elements in zip(places, within, strict=True):
                found[i] = elements
        return found

    def by_keys(self, keys: Sequence[str], scope: Scope) -> list[Element | None]:
        """Elements by `model_set/mRID`, in the order asked; one call for each model set."""
        by_set: dict[str, list[int]] = defaultdict(list)
        for at, key in enumerate(keys):
            by_set[key.partition("/")[0]].append(at)
        found: list[Element | None] = [None] * len(keys)
        for model_set, places in by_set.items():
            mrids = [keys[at].partition("/")[2] for at in places]
            for at, meant in zip(places, self._graph.by_mrid(mrids, scope, model_set), strict=True):
                found[at] = meant[0] if meant else None
        return found

    def shared_mrids(self, keys: Sequence[ElementKey], scope: Scope) -> list[bool]:
        """Which mRIDs are used in more than one model set."""
        if len(self._graph.model_sets()) < 2:
            return [False] * len(keys)
        return [len(found) > 1 for found in self._graph.by_mrid([k.mrid for k in keys], scope)]

    def _directly_around(self, front: Iterable[Element], scope: Scope) -> dict[int, list[Element]]:
        by_links: dict[frozenset[str], list[int]] = defaultdict(list)
        for element in front:
            by_links[_containment_of(element.kind)].append(element.number)
        found: dict[int, list[Element]] = {}
        for links, numbers in by_links.items():
            around = self._graph.neighbours(numbers, scope, links=links) if links else ()
            for number, neighbours in zip(numbers, around or [[]] * len(numbers), strict=True):
                found[number] = [n.element for n in neighbours if _leads_up(n)]
        return found


@cache
def _containment_of(kind: str) -> frozenset[str]:
    """Containment links an element of this kind can be the contained end of.

    Asking for these only keeps a container's whole content out of the answer.
    """
    classes = {kind, *tables.superclasses(kind)}
    own = {name for name in CONTAINMENT if name.partition(".")[0] in classes}
    inverse = {row.inverse for name in own if (row := tables.link_row(name)) and row.inverse}
    return frozenset(own | inverse)


def _leads_up(neighbour: Neighbour) -> bool:
    if neighbour.outgoing:
        return neighbour.link in CONTAINMENT
    return neighbour.link in inverse_containment()


def _climb(number: int, found: Mapping[int, list[Element]]) -> list[Element]:
    """Everything above one element, the nearest first, each once."""
    above: dict[int, Element] = {}
    front = found.get(number, [])
    while front:
        new = [element for element in front if element.number not in above]
        above |= {element.number: element for element in new}
        front = [up for element in new for up in found.get(element.number, ())]
    above.pop(number, None)
    return list(above.values())
