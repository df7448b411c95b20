"""Somebody writes to Neo4j past the service: it is noticed, and a resync brings back what was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from graph_service.adapters.neo4j.graph import Neo4jGraph
from graph_service.domain.access import EVERYTHING
from graph_service.domain.drift import RESYNC, LostParts
from graph_service.domain.filters import ElementFilter
from tests.building import document
from tests.contracts.graph_answers import answers
from tests.contracts.graph_cases import feeder, land, links_of, number, owned, scope_of
from tests.servers.neo4j_emptied import emptied

Cypher = Callable[..., Any]
NOTICED_BY_CHECKSUM = {
    "a property": "MATCH (e:EnergyConsumer) SET e.`EnergyConsumer.p` = '99'",
    "a property more": "MATCH (e {mRID: 'S1'}) SET e.note = 7.5",
    "a label": "MATCH (e {mRID: 'S1'}) SET e:Important",
    "a label less": "MATCH (e {mRID: 'S1'}) REMOVE e:Switch",
    "the model set": "MATCH (e {mRID: 'L1'}) SET e.modelSet = 'other'",
    "a number": "MATCH (e {mRID: 'L1'}) REMOVE e.number",
    "the code": "MATCH (e {mRID: 'S1'}) SET e.code = 1",
    "another link": "MATCH (a {mRID: 'S1'})-[r]->() MATCH (b {mRID: 'S9'}) CREATE (a)-[:`A.b`]->(b)"
    " DELETE r",
}
NOTICED_BY_COUNT = {
    "a node more": "CREATE (:Element:Breaker {mRID: 'X1', modelSet: 'town', number: 4711})",
    "a node without anything": "CREATE (:Element)",
    "a node less": "MATCH (e:Element {mRID: 'S1'}) DETACH DELETE e",
    "a node that is none": "MATCH (e {mRID: 'S1'}) REMOVE e:Element",
    "a link more": "MATCH (a {mRID: 'S1'}), (b {mRID: 'S9'}) CREATE (a)-[:`A.b`]->(b)",
    "a link twice": "MATCH (a {mRID: 'S1'}), (b {mRID: 'F1'})"
    " CREATE (a)-[:`Equipment.EquipmentContainer`]->(b)",
    "a link to a stranger": "MATCH (a {mRID: 'S1'}) CREATE (a)-[:SEEN_BY]->(:Visitor)",
    "a link less": "MATCH ({mRID: 'S1'})-[r:`Equipment.EquipmentContainer`]->() DELETE r",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Neo4jGraph]:
    with closing(Neo4jGraph(emptied(tmp_path))) as store:
        land(store, document(), *owned())
        yield store


@pytest.fixture
def cypher(store: Neo4jGraph) -> Cypher:
    """What somebody with the password of the database does."""
    return store._connection.do


def said(store: Neo4jGraph) -> dict[str, object]:
    """All answers but the revisions; elements by id, as one that was deleted is numbered anew."""
    found = {key: value for key, value in answers(store).items() if key != "revisions"}
    names = {at: str(key) for at, key in _keys(store).items()}
    links = {(names[s], name, names[t]) for s, name, t in links_of(store)}
    owners = {names[at]: [names[one] for one in store.owners_of([at])[0]] for at in names}
    elements = {
        e.key: (e.kind, e.kinds, e.layer, e.name, e.properties)
        for e in store.elements(list(names), EVERYTHING)
        if e
    }
    return {
        "model sets": found["model sets"],
        "documents": found["documents"],
        "parts": found["parts"],
        "links": links,
        "owners": owners,
        "elements": elements,
    }


def _keys(store: Neo4jGraph) -> dict[int, object]:
    numbers = list(store.scan().numbers)
    return dict(zip(numbers, store.keys(numbers), strict=True))


@pytest.mark.parametrize("what", NOTICED_BY_COUNT | NOTICED_BY_CHECKSUM)
def test_resync__after_a_foreign_write_that_is_noticed__brings_back_what_the_parts_say(
    store: Neo4jGraph, cypher: Cypher, what: str
) -> None:
    before = said(store)
    cypher((NOTICED_BY_COUNT | NOTICED_BY_CHECKSUM)[what])
    assert store.drift().is_none == (what in NOTICED_BY_CHECKSUM)
    noticed = store.drift(thorough=True)
    assert noticed.found.checksum != noticed.kept.checksum or what in NOTICED_BY_COUNT
    assert store.resync(author="anna").revision == 2
    assert said(store) == before
    assert store.drift(thorough=True).is_none
    assert store.revisions(1)[0].message == RESYNC
    assert store.resync(author="anna").revision is None


def test_resync__tells_what_it_did(store: Neo4jGraph, cypher: Cypher) -> None:
    for one in ("a node more", "a link less", "a property"):
        cypher((NOTICED_BY_COUNT | NOTICED_BY_CHECKSUM)[one])
    repair = store.resync(author="anna")
    assert (repair.added, repair.changed, repair.removed) == (0, 1, 1)
    assert (repair.links_added, repair.links_removed, repair.lost) == (1, 0, ())


def test_resync__after_owners_were_changed__gives_back_who_may_see_what(
    store: Neo4jGraph, cypher: Cypher
) -> None:
    scope = scope_of(store, "B")
    seen = store.count(ElementFilter(), scope)
    cypher("MATCH (e {mRID: 'L1'}) SET e.owners = [$b]", b=next(iter(scope.owners)))
    assert store.count(ElementFilter(), scope) == seen + 1
    assert store.resync(author="anna").changed == 1
    assert store.count(ElementFilter(), scope) == seen


def test_write__after_a_resync__goes_on_and_keeps_count(store: Neo4jGraph, cypher: Cypher) -> None:
    cypher(NOTICED_BY_COUNT["a node less"])
    cypher(NOTICED_BY_CHECKSUM["a label less"])
    store.resync(author="anna")
    land(store, document(), *feeder())
    assert store.drift(thorough=True).is_none
    assert store.count(ElementFilter(), EVERYTHING) == 3


@pytest.mark.parametrize(
    "harm", ["MATCH (p:StorePack) DELETE p", "MATCH (p:StorePack) SET p.data = 'nothing'"]
)
def test_resync__where_statements_are_lost__says_so_and_an_import_brings_them_back(
    store: Neo4jGraph, cypher: Cypher, harm: str
) -> None:
    before = said(store)
    cypher(harm)
    repair = store.resync(author="anna")
    assert repair.lost == (LostParts("town", "EQ.xml", len(owned())),)
    assert store.count(ElementFilter(), EVERYTHING) == 0
    land(store, document(), *owned())
    assert said(store)["elements"] == before["elements"]
    assert number(store, "S1") > len(owned())
