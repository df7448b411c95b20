"""The graph as plain dictionaries: what a store must answer, worked out afresh every time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graph_service.domain.access import EVERYTHING
from graph_service.domain.filters import ElementFilter, PageRequest
from graph_service.domain.merging import Merged, merge, ranked, targets
from graph_service.domain.ownership import derive_owners, relevant_links
from graph_service.domain.statements import Document, Part
from graph_service.ports.graph_store import GraphStore

Place = tuple[str, str, str, str]
"""(model set, document, mRID, section); the mRID is empty for the document itself"""
Key = tuple[str, str]
"""(model set, mRID)"""
Stated = Part | Document | None
State = dict[Place, Part | Document]
View = dict[str, object]


@dataclass
class GraphModel:
    """What is stated now, and what each revision changed: place → (before, after)."""

    state: State = field(default_factory=dict)
    log: list[dict[Place, tuple[Stated, Stated]]] = field(default_factory=list)

    def put(self, said: Document, parts: Iterable[Part]) -> None:
        """Put a whole document; each place at most once."""
        new = self._without(said)
        new[_place(said)] = said
        new.update((_place(said, part), part) for part in parts if _says(part))
        self._move_to(new)

    def edit(self, said: Document, parts: Sequence[Part]) -> None:
        """Put or remove single parts of a document."""
        replaced = {_place(said, part) for part in parts}
        new: State = {p: one for p, one in self.state.items() if p not in replaced}
        new.update((_place(said, part), part) for part in parts if _says(part))
        if any(map(_says, parts)):
            new.setdefault(_place(said), Document(said.model_set, said.name))
        self._move_to(new)

    def drop(self, said: Document) -> None:
        """Drop a document."""
        self._move_to(self._without(said))

    def undo(self, revision: int) -> bool:
        """Take a revision back; False where a later one is in the way."""
        changed = self.log[revision - 1]
        new: State = dict(self.state)
        for place, (before, after) in sorted(changed.items(), reverse=True):
            now, is_document = self.state.get(place), not place[2]
            if now != after and not (is_document and now == before):
                return False
            new.pop(place, None)
            if before:
                new[place] = before
            elif now and is_document and any(other[:2] == place[:2] for other in new):
                new[place] = now
        return self._move_to(new)

    def _without(self, said: Document) -> State:
        own = (said.model_set, said.name)
        return {place: one for place, one in self.state.items() if place[:2] != own}

    def _move_to(self, new: State) -> bool:
        places = self.state.keys() | new.keys()
        moved = {p: (self.state.get(p), new.get(p)) for p in places}
        changed = {p: both for p, both in moved.items() if both[0] != both[1]}
        if changed:
            self.log.append(changed)
            self.state = new
        return bool(changed)

    # --- what follows from it --------------------------------------------------------------

    def view(self) -> View:
        """What a store must show."""
        elements = self._merged()
        links, pending = self._links(elements)
        return {
            "revision": len(self.log),
            "elements": {
                key: (m.kind, set(m.kinds), m.name, m.properties, m.state)
                for key, m in elements.items()
            },
            "links": links,
            "pending": dict(pending),
            "owners": _owners(elements, links),
        }

    def _merged(self) -> dict[Key, Merged]:
        documents = [one for one in self.state.values() if isinstance(one, Document)]
        stated: dict[Key, list[tuple[str, Part]]] = {}
        for said in ranked(documents):
            for place, part in self.state.items():
                if place[:2] == (said.model_set, said.name) and isinstance(part, Part):
                    stated.setdefault((place[0], part.mrid), []).append((said.name, part))
        merged = {key: merge(key[1], all_parts) for key, all_parts in stated.items()}
        return {key: one for key, one in merged.items() if one}

    def _links(self, elements: dict[Key, Merged]) -> tuple[set[tuple[Key, str, Key]], Counter[str]]:
        links: set[tuple[Key, str, Key]] = set()
        pending = Counter[str]()
        for key, merged in elements.items():
            for name, target in merged.links:
                met = [_meet(elements, key[0], piece) for piece in targets("&", target)]
                if None in met:
                    pending[name] += 1
                else:
                    links.update((key, name, other) for other in met if other)
        return links, pending


def shown(store: GraphStore) -> View:
    """What a store shows."""
    page = store.find(ElementFilter(), PageRequest(500), EVERYTHING)
    columns = store.scan()
    keys = {element.number: tuple(element.key) for element in page.elements}
    bits = dict(zip(columns.numbers, columns.states, strict=True))
    names = [columns.link_names[name] for name in columns.names]
    owners = store.owners_of(list(keys))
    return {
        "revision": columns.revision,
        "elements": {
            tuple(e.key): (e.kind, set(e.kinds), e.name, e.properties, bits[e.number])
            for e in page.elements
        },
        "links": {
            (keys[source], name, keys[target])
            for source, name, target in zip(columns.sources, names, columns.targets, strict=True)
        },
        "pending": dict(store.pending()),
        "owners": {
            key: {keys[owner] for owner in owning}
            for key, owning in zip(keys.values(), owners, strict=True)
            if owning
        },
    }


def _place(said: Document, part: Part | None = None) -> Place:
    return said.model_set, said.name, part.mrid if part else "", part.section if part else ""


def _says(part: Part) -> bool:
    return bool(part.types or part.statements)


def _meet(elements: dict[Key, Merged], model_set: str, mrid: str) -> Key | None:
    if (model_set, mrid) in elements:
        return model_set, mrid
    folded = [key for key in elements if key[0] == model_set and key[1].lower() == mrid.lower()]
    return folded[0] if len(folded) == 1 and len(mrid) == 36 else None


def _owners(elements: dict[Key, Merged], links: set[tuple[Key, str, Key]]) -> dict[Key, set[Key]]:
    keys = sorted(elements)
    numbers = {key: at for at, key in enumerate(keys)}
    kinds = {numbers[key]: merged.kind for key, merged in elements.items()}
    relevant = [
        (numbers[source], name, numbers[target])
        for source, name, target in sorted(links)
        if name in relevant_links()
    ]
    owners = derive_owners(kinds, relevant)
    return {keys[at]: {keys[owner] for owner in owning} for at, owning in owners.items()}
