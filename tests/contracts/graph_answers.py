"""Everything a graph store answers, as plain values, so that two stores can be compared."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from graph_service.domain.access import EVERYTHING, Scope
from graph_service.domain.elements import ElementKey, Revision
from graph_service.domain.errors import Conflict
from graph_service.domain.filters import (
    Comparison,
    ElementFilter,
    ElementOrder,
    PageRequest,
    PropertyTest,
)
from graph_service.domain.layers import Layer
from graph_service.ports.graph_store import GraphStore
from tests.contracts.random_operations import KINDS, LINKS, MRIDS, Operation

SETS = ("town", "village")
FILTERS = (
    ElementFilter(),
    ElementFilter(model_set="village"),
    ElementFilter(kinds=frozenset({"Breaker", "Feeder"})),
    ElementFilter(layer=Layer.OWNERSHIP),
    ElementFilter(name="true"),
    ElementFilter(text="A"),
    ElementFilter(mrids=frozenset({"A", "a", "B"})),
    ElementFilter(properties=(PropertyTest("Switch.open", Comparison.EQUALS, "true"),)),
    ElementFilter(none_of=(ElementFilter(kinds=frozenset(KINDS[:2])), ElementFilter(name="true"))),
    ElementFilter(any_of=(ElementFilter(text="c"), ElementFilter(numbers=frozenset({1, 2})))),
)


def answers(store: GraphStore) -> dict[str, object]:
    """All there is to ask, scopes of single owners included."""
    numbers = list(store.scan().numbers)
    owners = sorted({owner for owned in store.owners_of(numbers) for owner in owned})
    scopes = [EVERYTHING, *(Scope(frozenset({owner})) for owner in owners)]
    return {
        "revisions": [_timeless(one) for one in store.revisions(100)],
        "model sets": store.model_sets(),
        "documents": [store.documents(name) for name in SETS],
        "parts": {
            (name, said.name): list(store.parts(name, said.name))
            for name in SETS
            for said in store.documents(name)
        },
        "parts of": [store.parts_of(ElementKey(*key)) for key in product(SETS, MRIDS)],
        "keys": store.keys(numbers),
        "owners": store.owners_of(numbers),
        "pending": [store.pending(name) for name in (None, *SETS)],
        "scan": _scan(store),
        "seen": [_seen(store, scope, numbers) for scope in scopes],
    }


def outcome(store: GraphStore, operation: Operation, revision: int) -> object:
    """What an operation says of itself."""
    what, said, given, _ = operation
    if what == "undo":
        try:
            return _timeless(store.undo(revision, author="chance"))
        except Conflict as conflict:
            return type(conflict), conflict.message
    with store.transaction(author="chance", message=what) as transaction:
        changed: object = None
        if what == "put":
            changed = transaction.put_document(said, given)
        elif what == "edit":
            transaction.put_parts(said.model_set, said.name, given)
        else:
            transaction.drop_document(said.model_set, said.name)
        found = sorted(transaction.findings(), key=lambda one: (one.code, one.message))
        return changed, transaction.changes(), found


def _timeless(revision: Revision) -> Revision:
    return replace(revision, at=None)  # type: ignore[arg-type]


def _scan(store: GraphStore) -> dict[str, object]:
    columns = store.scan()
    names = columns.link_names
    return {
        "revision": columns.revision,
        "elements": [
            (number, columns.kind_names[kind], columns.model_set_names[name], state, phases)
            for number, kind, name, state, phases in zip(
                columns.numbers, columns.kinds, columns.model_sets, columns.states,
                columns.phases, strict=True
            )
        ],
        "links": {
            (source, names[name], target)
            for source, name, target in zip(
                columns.sources, columns.names, columns.targets, strict=True
            )
        },
        "owners": set(zip(columns.owned, columns.owner, strict=True)),
    }  # fmt: skip


def _seen(store: GraphStore, scope: Scope, numbers: list[int]) -> list[object]:
    """What a caller of this scope sees."""
    asked = [*numbers, 999]
    containers = ElementFilter(containers=frozenset(numbers[:3]))
    owned = ElementFilter(owners=frozenset(numbers))
    not_owned = ElementFilter(none_of=(owned,))
    chosen = (*FILTERS, containers, owned, not_owned)
    pages = product(ElementOrder, (False, True))
    return [
        store.elements(asked, scope),
        store.by_mrid([*MRIDS, "none"], scope),
        store.by_mrid(MRIDS, scope, "village"),
        [(store.count(one, scope), store.count_by_kind(one, scope)) for one in chosen],
        [store.find(one, PageRequest(500), scope) for one in chosen],
        [store.find(ElementFilter(), PageRequest(3, None, *way), scope) for way in pages],
        store.neighbours(asked, scope),
        store.neighbours(asked, scope, links=frozenset(LINKS[:2])),
        store.neighbours(asked, scope, layer=Layer.OWNERSHIP),
    ]
