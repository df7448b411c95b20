"""What a graph store owes to the data: elements merged, numbers kept, references linked."""

from __future__ import annotations

from graph_service.domain.access import EVERYTHING
from graph_service.domain.filters import (
    ElementFilter,
    PageRequest,
)
from graph_service.domain.layers import Layer
from graph_service.ports.graph_store import GraphStore
from tests.building import document, named, part
from tests.contracts.graph_cases import (
    CONTAINER,
    UUID,
    chosen,
    feeder,
    land,
    links_of,
    number,
    switch,
)


class GraphMergingContract:
    """Elements, numbers, links."""

    def test_elements__are_merged_from_all_documents(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        land(store, document("SSH.xml"), part("S1", "Equipment", {"Switch.open": "true"}))
        ((element,),) = store.by_mrid(["S1"], EVERYTHING)
        assert element.kind == "Breaker"
        assert set(element.kinds) == {"Breaker", "Equipment"}
        assert element.layer is Layer.PHYSICAL
        assert element.properties == {"Switch.normalOpen": "false", "Switch.open": "true"}

    def test_elements__operations_outrank_documents_put_later(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        switch(store, "S1", "true")
        land(
            store,
            document("SSH.xml", scenario_time="2030"),
            part("S1", "", {"Switch.open": "false"}),
        )
        ((element,),) = store.by_mrid(["S1"], EVERYTHING)
        assert element.text("Switch.open") == "true"

    def test_elements__follow_a_document_whose_precedence_changes(self, store: GraphStore) -> None:
        land(store, document("a.xml", scenario_time="2026"), named("S1", "Breaker", "a"))
        land(store, document("b.xml", scenario_time="2027"), named("S1", "Breaker", "b"))
        land(store, document("a.xml", scenario_time="2028"), named("S1", "Breaker", "a"))
        ((element,),) = store.by_mrid(["S1"], EVERYTHING)
        assert element.name == "a"

    def test_elements__sections_of_differences_make_none(self, store: GraphStore) -> None:
        land(store, document(), part("S1", "Breaker", section="forwardDifferences"))
        assert chosen(store) == []
        assert len(list(store.parts("town", "EQ.xml"))) == 1

    def test_elements__same_id_in_two_model_sets_do_not_meet(self, store: GraphStore) -> None:
        land(store, document(model_set="a"), named("S1", "Breaker", "one"))
        land(store, document(model_set="b"), part("L1", "Line", links={CONTAINER: "S1"}))
        land(store, document(model_set="b"), named("S1", "Fuse", "two"))
        (both, (only,)) = store.by_mrid(["S1"], EVERYTHING), store.by_mrid(["S1"], EVERYTHING, "b")
        assert [e.name for e in both[0]] == ["one", "two"]
        assert [e.name for e in only] == ["two"]

    def test_findings__tell_conflicts_of_what_was_touched(self, store: GraphStore) -> None:
        land(store, document("a.xml"), named("S1", "Breaker", "a"))
        with store.transaction(author="anna", message="") as transaction:
            transaction.put_document(document("b.xml"), [named("S1", "Breaker", "b")])
            (found,) = transaction.findings()
        assert (found.code, found.subject, found.file) == ("CONFLICTING_VALUES", "S1", "b.xml")

    def test_numbers__follow_model_set_and_mrid_within_a_transaction(
        self, store: GraphStore
    ) -> None:
        with store.transaction(author="anna", message="") as transaction:
            transaction.put_document(document(model_set="z"), [part("A", "Bay")])
            transaction.put_document(document("2", "a"), [part("C", "Bay"), part("b", "Bay")])
            transaction.put_document(document("1", "a"), [part("B", "Bay")])
        page = store.find(ElementFilter(), PageRequest(), EVERYTHING)
        assert [str(e.key) for e in page.elements] == ["a/B", "a/C", "a/b", "z/A"]

    def test_numbers__are_never_given_to_another(self, store: GraphStore) -> None:
        land(store, document(), part("S1", "Breaker"), part("S2", "Breaker"))
        before = number(store, "S2")
        land(store, document(), part("S1", "Breaker"))
        land(store, document(), part("A", "Breaker"))
        assert number(store, "A") > before
        land(store, document(), part("S2", "Breaker"))
        assert number(store, "S2") == before

    def test_links__are_the_references_of_all_documents_once(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        land(store, document("DL.xml"), part("S1", links={CONTAINER: "F1"}))
        f1, s1, l1 = (number(store, mrid) for mrid in ("F1", "S1", "L1"))
        assert links_of(store) == {(s1, CONTAINER, f1), (l1, CONTAINER, f1)}

    def test_pending__waits_and_links_when_the_element_comes(self, store: GraphStore) -> None:
        with store.transaction(author="anna", message="") as transaction:
            transaction.put_document(document(), feeder()[1:])
            (found,) = transaction.findings()
        assert store.pending() == store.pending("town") == {CONTAINER: 2}
        assert (found.code, found.subject) == ("DANGLING_REFERENCE", CONTAINER)
        assert "2" in found.message
        land(store, document("F.xml"), feeder()[0])
        assert store.pending() == {}
        assert len(links_of(store)) == 2

    def test_pending__waits_again_when_the_element_goes(self, store: GraphStore) -> None:
        land(store, document(), *feeder()[1:])
        land(store, document("F.xml"), feeder()[0])
        with store.transaction(author="anna", message="") as transaction:
            transaction.drop_document("town", "F.xml")
            assert transaction.changes().links_removed == 2
        assert store.pending() == {CONTAINER: 2}
        assert links_of(store) == set()

    def test_links__follow_a_reference_that_changes(self, store: GraphStore) -> None:
        land(store, document(), *feeder(), named("F2", "Feeder", "South"))
        with store.transaction(author="anna", message="") as transaction:
            moved = part("S1", "Breaker", links={CONTAINER: "F2"})
            transaction.put_parts("town", "EQ.xml", [moved])
            changes = transaction.changes()
        assert (changes.changed, changes.links_added, changes.links_removed) == (1, 1, 1)
        assert (number(store, "S1"), CONTAINER, number(store, "F2")) in links_of(store)

    def test_links__a_uuid_meets_in_another_case_only_where_it_would_dangle(
        self, store: GraphStore
    ) -> None:
        with store.transaction(author="anna", message="") as transaction:
            to_upper = part("S1", "Breaker", links={CONTAINER: UUID.upper()})
            transaction.put_document(document(), [to_upper, part(UUID, "Feeder")])
            assert [found.code for found in transaction.findings()] == ["CASE_DIFFERS"]
        assert links_of(store) == {(number(store, "S1"), CONTAINER, number(store, UUID))}
        land(store, document("exact.xml"), part(UUID.upper(), "Feeder"))
        assert links_of(store) == {(number(store, "S1"), CONTAINER, number(store, UUID.upper()))}
        assert store.pending() == {}

    def test_links__other_ids_do_not_meet_in_another_case(self, store: GraphStore) -> None:
        land(store, document(), part("S1", "Breaker", links={CONTAINER: "f1"}), feeder()[0])
        assert links_of(store) == set()

    def test_links__ids_in_one_reference_link_where_all_are_known(self, store: GraphStore) -> None:
        node, nodes = "TopologicalIsland.TopologicalNodes", [part("A", "Bay"), part("B", "Bay")]
        island = part("I", "TopologicalIsland", links={node: "A#_B#_C"})
        land(store, document(), island, *nodes)
        assert (store.pending(), links_of(store)) == ({node: 1}, set())
        with store.transaction(author="anna", message="") as transaction:
            transaction.put_document(document("C.xml"), [part("C", "Bay")])
            assert transaction.changes().links_added == 3
        assert store.pending() == {}
        land(store, document(), island, nodes[0])
        assert (store.pending(), links_of(store)) == ({node: 1}, set())
