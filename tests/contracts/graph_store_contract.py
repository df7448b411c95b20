"""The promises of `ports.graph_store.GraphStore`, one test each; every adapter runs them all.

An adapter's test is a subclass of `GraphStoreContract` that supplies `make_store` alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.domain.access import EVERYTHING, NOTHING, Scope
from graph_service.domain.elements import Element, ElementKey
from graph_service.domain.errors import BadFilter, BadName, Conflict, UnknownRevision
from graph_service.domain.filters import (
    Comparison,
    ElementFilter,
    ElementOrder,
    ElementPage,
    PageRequest,
    PropertyTest,
)
from graph_service.domain.layers import Layer
from graph_service.domain.statements import Document, Part, Statement
from graph_service.domain.switching import OPERATIONS_DOCUMENT, StateBits
from graph_service.ports.graph_store import GraphStore
from tests.building import CIM, document, named, part
from tests.contracts.graph_model import GraphModel, shown
from tests.contracts.random_operations import Operation, apply, operations

CONTAINER = "Equipment.EquipmentContainer"
UUID = "2b1f1c5a-0000-4000-8000-00000000abcd"


def land(store: GraphStore, said: Document, *parts: Part) -> None:
    """Put one document in a transaction of its own."""
    with store.transaction(author="anna", message="delivery") as transaction:
        transaction.put_document(said, parts)


def switch(store: GraphStore, mrid: str, is_open: str) -> None:
    """Set a present state the way an operator does."""
    with store.transaction(author="olaf", message="switching") as transaction:
        transaction.put_parts(
            "town", OPERATIONS_DOCUMENT, [part(mrid, properties={"Switch.open": is_open})]
        )


def feeder() -> tuple[Part, ...]:
    """A feeder F1 with a breaker S1 and a load L1."""
    return (
        named("F1", "Feeder", "North"),
        part("S1", "Breaker", {"Switch.normalOpen": "false"}, links={CONTAINER: "F1"}),
        part("L1", "EnergyConsumer", {"EnergyConsumer.p": "12.5"}, links={CONTAINER: "F1"}),
    )


def owned() -> tuple[Part, ...]:
    """Two organisations, A owning feeder F1 and what is on it, B owning S9."""
    return (
        *feeder(),
        named("S9", "Breaker", "Other"),
        named("A", "Organisation", "Grid A"),
        named("B", "Organisation", "Grid B"),
        part("RA", "AssetOwner", links={"OrganisationRole.Organisation": "A"}),
        part("RB", "AssetOwner", links={"OrganisationRole.Organisation": "B"}),
        _asset("PA", "F1", "RA"),
        _asset("PB", "S9", "RB"),
    )


def _asset(mrid: str, resource: str, role: str) -> Part:
    links = {"Asset.PowerSystemResources": resource, "Asset.OrganisationRoles": role}
    return part(mrid, "Asset", links=links)


def number(store: GraphStore, mrid: str) -> int:
    """The number of the only element with this mRID."""
    ((element,),) = store.by_mrid([mrid], EVERYTHING)
    return element.number


def scope_of(store: GraphStore, *mrids: str) -> Scope:
    """The scope of a caller who may see what these organisations own."""
    return Scope(frozenset(number(store, mrid) for mrid in mrids))


def chosen(store: GraphStore, scope: Scope = EVERYTHING, **wanted: object) -> list[str]:
    """The mRIDs a filter chooses, in order of number; checked against the counts."""
    asked = ElementFilter(**wanted)  # type: ignore[arg-type]
    found = store.find(asked, PageRequest(500), scope).elements
    assert store.count(asked, scope) == len(found)
    assert sum(store.count_by_kind(asked, scope).values()) == len(found)
    return [element.mrid for element in found]


def links_of(store: GraphStore) -> set[tuple[int, str, int]]:
    """All links, as the scan gives them."""
    columns = store.scan()
    names = (columns.link_names[name] for name in columns.names)
    return set(zip(columns.sources, names, columns.targets, strict=True))


class GraphStoreContract:
    """The promises. A subclass supplies `make_store` and nothing else."""

    def make_store(self, folder: Path) -> GraphStore:
        """An empty store that keeps what it is given in this folder."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[GraphStore]:
        with closing(self.make_store(tmp_path)) as store:
            yield store

    # --- an empty store, and one transaction one revision ----------------------------------

    def test_empty__has_no_revision_and_answers(self, store: GraphStore) -> None:
        assert store.revision() == 0
        assert store.revisions(10) == []
        assert store.model_sets() == []
        assert store.documents("town") == []
        assert list(store.parts("town", "EQ.xml")) == []
        assert store.find(ElementFilter(), PageRequest(), EVERYTHING).elements == ()
        assert len(store.scan().numbers) == 0

    def test_transaction__is_one_revision_with_author_message_and_counts(
        self, store: GraphStore
    ) -> None:
        land(store, document(), *feeder())
        (revision,) = store.revisions(10)
        assert (revision.number, revision.author, revision.message) == (1, "anna", "delivery")
        assert (revision.changes.added, revision.changes.links_added) == (3, 2)
        assert revision.at.utcoffset() is not None
        assert store.revision() == 1

    def test_transaction__that_raises_leaves_nothing(self, store: GraphStore) -> None:
        def fail() -> None:
            with store.transaction(author="anna", message="") as transaction:
                transaction.put_document(document(), feeder())
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert store.revision() == 0
        assert store.model_sets() == []

    def test_transaction__stream_that_fails_half_way_leaves_nothing(
        self, store: GraphStore
    ) -> None:
        def stream() -> Iterator[Part]:
            yield part("S1", "Breaker")
            raise EOFError

        with (
            pytest.raises(EOFError),
            store.transaction(author="anna", message="") as transaction,
        ):
            transaction.put_document(document(), stream())
        assert store.revision() == 0
        land(store, document(), part("S1", "Disconnector"))
        assert store.count_by_kind(ElementFilter(), EVERYTHING) == {"Disconnector": 1}

    def test_transaction__abandoned_counts_but_leaves_nothing(self, store: GraphStore) -> None:
        with store.transaction(author="anna", message="") as transaction:
            transaction.put_document(document(), feeder())
            assert transaction.changes().added == 3
            transaction.abandon()
        assert store.revision() == 0
        assert chosen(store) == []

    def test_transaction__without_change_makes_no_revision(self, store: GraphStore) -> None:
        with store.transaction(author="anna", message=""):
            pass
        assert store.revision() == 0

    def test_transaction__that_takes_its_own_change_back_makes_no_revision(
        self, store: GraphStore
    ) -> None:
        land(store, document(), *feeder())
        with store.transaction(author="anna", message="") as transaction:
            transaction.put_document(document(), feeder()[:1])
            assert transaction.changes().removed == 2
            transaction.put_document(document(), feeder())
            assert transaction.changes().nothing
        assert store.revision() == 1
        assert store.model_sets()[0].links == 2

    def test_transaction__reads_see_the_revision_before_until_it_ends(
        self, store: GraphStore
    ) -> None:
        land(store, document(), *feeder())
        with store.transaction(author="anna", message="") as transaction:
            transaction.drop_document("town", "EQ.xml")
            transaction.changes()
            assert chosen(store) == ["F1", "L1", "S1"]
        assert chosen(store) == []

    def test_revisions__come_newest_first_and_page_by_before(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        for state in ("true", "false", "true"):
            switch(store, "S1", state)
        assert [r.number for r in store.revisions(2)] == [4, 3]
        assert [r.number for r in store.revisions(10, before=3)] == [2, 1]

    # --- documents and parts ---------------------------------------------------------------

    def test_put_document__gives_back_what_was_put_word_for_word(self, store: GraphStore) -> None:
        header = Part("m1", (CIM + "Model",), (Statement("created", "", " 2026 "),), "about urn:")
        said = Document(
            "town", "a/EQ.xml", (header,), {"cim": CIM}, "http://base#", "m1", ("EQ", "OP"),
            "north", "2026-01-01T00:00:00Z", "7", ("m0",), 7, 2, "abc",
        )  # fmt: skip
        odd = Part(
            "x+ä%20",
            ("http://odd#A", "http://odd#B"),
            (
                Statement("http://odd#p", "", "  inf "),
                Statement("http://odd#p", "@no", ""),
                Statement("http://odd#p", "^http://t", "1.50"),
                Statement("http://odd#r", "&urn:uuid:", "gone"),
                Statement("http://odd#e", "<", "http://odd#E.v"),
            ),
            "about urn:uuid:",
            line=12,
        )
        bare = Part("x", (), ())
        land(store, said, odd, bare)
        assert store.documents("town") == [replace(said, part_count=1)]
        assert list(store.parts("town", "a/EQ.xml")) == [odd]

    def test_put_document__counts_parts_and_statements_with_types(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        (kept,) = store.documents("town")
        assert (kept.part_count, kept.statement_count) == (3, 3 + 1 + 2 + 2)

    def test_put_document__again_changes_nothing(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        with store.transaction(author="anna", message="again") as transaction:
            assert transaction.put_document(document(), reversed(feeder())) is False
            assert transaction.changes().nothing
        assert store.revision() == 1

    def test_put_document__equal_fingerprint_is_not_even_read(self, store: GraphStore) -> None:
        land(store, document(fingerprint="abc"), *feeder())
        with store.transaction(author="anna", message="again") as transaction:
            unread = iter(feeder())
            assert transaction.put_document(document(fingerprint="abc"), unread) is False
            assert next(unread).mrid == "F1"

    def test_put_document__fingerprint_does_not_count_after_single_parts_changed(
        self, store: GraphStore
    ) -> None:
        land(store, document(fingerprint="abc"), *feeder())
        with store.transaction(author="anna", message="edit") as transaction:
            transaction.put_parts("town", "EQ.xml", [part("L1")])
        land(store, document(fingerprint="abc"), *feeder())
        assert chosen(store) == ["F1", "L1", "S1"]

    def test_put_document__replaces_the_one_of_the_same_name(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        with store.transaction(author="anna", message="new") as transaction:
            new = [feeder()[0], part("S1", "Fuse"), part("N1", "Junction")]
            assert transaction.put_document(document(), new) is True
            changes = transaction.changes()
        assert (changes.added, changes.changed, changes.removed) == (1, 1, 1)
        assert changes.by_kind is not None
        assert changes.by_kind["EnergyConsumer"] == (0, 0, 1)
        assert chosen(store) == ["F1", "S1", "N1"]

    def test_put_document__another_header_alone_is_a_change(self, store: GraphStore) -> None:
        land(store, document(version="1"), *feeder())
        land(store, document(version="2"), *feeder())
        assert store.revision() == 2
        assert store.documents("town")[0].version == "2"

    def test_put_document__keeps_several_parts_of_one_id_and_joins_them(
        self, store: GraphStore
    ) -> None:
        twice = [part("L1", "EnergyConsumer", {"EnergyConsumer.p": p}) for p in ("1", "2")]
        land(store, document(), *twice)
        assert list(store.parts("town", "EQ.xml")) == twice
        ((element,),) = store.by_mrid(["L1"], EVERYTHING)
        assert element.properties == {"EnergyConsumer.p": ("1", "2")}

    def test_put_document__refuses_a_model_set_that_is_no_name(self, store: GraphStore) -> None:
        with pytest.raises(BadName):
            land(store, document(model_set="no/name"), *feeder())

    def test_put_parts__replaces_and_removes_single_parts(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        with store.transaction(author="anna", message="edit") as transaction:
            transaction.put_parts("town", "EQ.xml", [part("L1"), part("S1", "Fuse")])
        assert chosen(store, kinds=frozenset({"Fuse", "Feeder"})) == ["F1", "S1"]
        assert chosen(store, kinds=frozenset({"EnergyConsumer"})) == []

    def test_put_parts__makes_the_document(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        switch(store, "S1", "true")
        names = [kept.name for kept in store.documents("town")]
        assert names == ["EQ.xml", OPERATIONS_DOCUMENT]

    def test_drop_document__takes_its_statements_out(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        land(store, document("SSH.xml"), part("S1", "", {"Switch.open": "true"}))
        with store.transaction(author="anna", message="drop") as transaction:
            transaction.drop_document("town", "EQ.xml")
            transaction.drop_document("town", "never.xml")
        assert [kept.name for kept in store.documents("town")] == ["SSH.xml"]
        assert chosen(store) == ["S1"]

    def test_parts__are_ordered_by_class_section_and_mrid(self, store: GraphStore) -> None:
        delta = part("A1", "Breaker", section="forwardDifferences")
        land(store, document(), part("Z", "Breaker"), delta, part("B", "Breaker"), part("Y", "Bay"))
        order = [(p.mrid, p.section) for p in store.parts("town", "EQ.xml")]
        assert order == [("Y", ""), ("B", ""), ("Z", ""), ("A1", "forwardDifferences")]

    def test_parts__stream_stays_on_its_revision_while_a_write_lands(
        self, store: GraphStore
    ) -> None:
        land(store, document(), *feeder())
        stream = store.parts("town", "EQ.xml")
        first = next(stream)
        land(store, document(), part("N1", "Junction"))
        assert {first.mrid, *(p.mrid for p in stream)} == {"F1", "S1", "L1"}

    def test_parts_of__tells_what_each_document_states(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        switch(store, "S1", "true")
        stated = store.parts_of(ElementKey("town", "S1"))
        assert [(name, len(p.statements)) for name, p in stated] == [
            ("EQ.xml", 2),
            (OPERATIONS_DOCUMENT, 1),
        ]
        assert store.parts_of(ElementKey("town", "s1")) == []

    def test_model_sets__count_what_they_hold(self, store: GraphStore) -> None:
        land(store, document(model_set="b"), *feeder(), part("X", links={"Terminal.T": "gone"}))
        land(store, document(model_set="a"), part("S1", "Breaker"))
        assert [(s.name, s.documents, s.elements, s.links, s.pending)
                for s in store.model_sets()] == [("a", 1, 1, 0, 0), ("b", 1, 4, 2, 1)]  # fmt: skip

    # --- merging ---------------------------------------------------------------------------

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

    # --- numbers ---------------------------------------------------------------------------

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

    # --- links and pending references ------------------------------------------------------

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

    # --- undo ------------------------------------------------------------------------------

    def test_undo__takes_a_revision_back_as_a_new_one(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        switch(store, "S1", "true")
        revision = store.undo(2, author="olaf")
        assert (revision.number, revision.undoes, revision.author) == (3, 2, "olaf")
        assert [kept.name for kept in store.documents("town")] == ["EQ.xml"]
        ((element,),) = store.by_mrid(["S1"], EVERYTHING)
        assert element.text("Switch.open") is None
        assert store.revisions(1) == [revision]

    def test_undo__of_an_undo_does_it_again(self, store: GraphStore) -> None:
        land(store, document(version="1"), *feeder())
        land(store, document(version="2"), *feeder()[:2], part("N1", "Junction"))
        store.undo(2, author="olaf")
        assert chosen(store) == ["F1", "L1", "S1"]
        assert store.documents("town")[0].version == "1"
        store.undo(3, author="olaf")
        assert chosen(store) == ["F1", "S1", "N1"]
        assert store.documents("town")[0].version == "2"

    def test_undo__of_one_switching_leaves_another(self, store: GraphStore) -> None:
        land(store, document(), *feeder(), part("S2", "Breaker"))
        switch(store, "S1", "true")
        switch(store, "S2", "true")
        store.undo(2, author="olaf")
        (s1,), (s2,) = store.by_mrid(["S1", "S2"], EVERYTHING)
        assert (s1.text("Switch.open"), s2.text("Switch.open")) == (None, "true")

    def test_undo__names_the_later_revision_that_changed_the_same(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        switch(store, "S1", "true")
        switch(store, "S1", "false")
        with pytest.raises(Conflict) as refused:
            store.undo(2, author="olaf")
        assert refused.value.subject == "3"
        assert store.revision() == 3

    def test_undo__twice_is_a_conflict(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        store.undo(1, author="olaf")
        with pytest.raises(Conflict) as refused:
            store.undo(1, author="olaf")
        assert refused.value.subject == "2"

    def test_undo__works_again_where_the_later_revision_was_undone(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        switch(store, "S1", "true")
        switch(store, "S1", "false")
        store.undo(3, author="olaf")
        store.undo(2, author="olaf")
        ((element,),) = store.by_mrid(["S1"], EVERYTHING)
        assert element.text("Switch.open") is None

    def test_undo__delivery_can_be_imported_again(self, store: GraphStore) -> None:
        land(store, document(fingerprint="abc"), *feeder())
        store.undo(1, author="olaf")
        land(store, document(fingerprint="abc"), *feeder())
        assert chosen(store) == ["F1", "L1", "S1"]

    def test_undo__knows_which_revisions_exist(self, store: GraphStore) -> None:
        for unknown in (0, 1, -1):
            with pytest.raises(UnknownRevision):
                store.undo(unknown, author="olaf")

    # --- looking elements up ---------------------------------------------------------------

    def test_elements__come_in_the_order_asked_with_gaps(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        f1, s1 = number(store, "F1"), number(store, "S1")
        found = store.elements([s1, 999, f1, s1], EVERYTHING)
        assert [e.mrid if e else None for e in found] == ["S1", None, "F1", "S1"]

    def test_by_mrid__comes_in_the_order_asked_and_keeps_case(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        found = store.by_mrid(["S1", "s1", "F1", "S1"], EVERYTHING)
        assert [[e.mrid for e in one] for one in found] == [["S1"], [], ["F1"], ["S1"]]

    def test_find__by_kind_layer_name_and_model_set(self, store: GraphStore) -> None:
        land(store, document(), *feeder(), part("O", "Organisation"))
        land(store, document(model_set="b"), named("B1", "Breaker", "North"))
        assert chosen(store, kinds=frozenset({"Breaker", "Nothing"})) == ["S1", "B1"]
        assert chosen(store, layer=Layer.OWNERSHIP) == ["O"]
        assert chosen(store, name="North") == ["F1", "B1"]
        assert chosen(store, name="north") == []
        assert chosen(store, model_set="b") == ["B1"]
        assert chosen(store, model_set="c") == []

    def test_find__an_empty_set_chooses_nothing(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        for name in ("kinds", "mrids", "numbers", "containers", "owners"):
            assert chosen(store, EVERYTHING, **{name: frozenset()}) == []

    def test_find__text_ignores_case_in_name_and_mrid(self, store: GraphStore) -> None:
        land(store, document(), named("S1", "Breaker", "Große Ähre 100%"), part("xs1y", "Bay"))
        assert chosen(store, text="s1") == ["S1", "xs1y"]
        assert chosen(store, text="GROSSE äHRE") == ["S1"]
        assert chosen(store, text="%") == ["S1"]
        assert chosen(store, text="_") == []

    def test_find__by_numbers_and_mrids(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        assert chosen(store, mrids=frozenset({"S1", "l1", "F1"})) == ["F1", "S1"]
        assert chosen(store, numbers=frozenset({number(store, "L1"), 999})) == ["L1"]

    def test_find__a_container_is_meant_with_containers_in_it(self, store: GraphStore) -> None:
        land(
            store,
            document(),
            part("SUB", "Substation"),
            part("VL", "VoltageLevel", links={"VoltageLevel.Substation": "SUB"}),
            part("BAY", "Bay", links={"Bay.VoltageLevel": "VL"}),
            part("S1", "Breaker", links={CONTAINER: "BAY"}),
            part("T1", "Terminal", links={"Terminal.ConductingEquipment": "S1"}),
            part("VL2", "VoltageLevel"),
        )
        inside = chosen(store, containers=frozenset({number(store, "SUB")}))
        assert inside == ["BAY", "S1", "VL"]

    def test_find__a_container_may_be_written_from_its_own_end(self, store: GraphStore) -> None:
        vl = part("VL", "VoltageLevel", links={"EquipmentContainer.Equipments": ("S1", "S2")})
        land(store, document(), vl, part("S1", "Breaker"), part("S2", "Breaker"))
        assert chosen(store, containers=frozenset({number(store, "VL")})) == ["S1", "S2"]

    @pytest.mark.parametrize(
        ("comparison", "value", "expected"),
        [
            (Comparison.EQUALS, "12.5", ["L1"]),
            (Comparison.EQUALS, "7", ["L2"]),
            (Comparison.CONTAINS, "2.", ["L1"]),
            (Comparison.LESS, "12.5", ["L2"]),
            (Comparison.GREATER, "1e1", ["L1", "L2", "L3"]),
            (Comparison.PRESENT, "", ["L1", "L2", "L3", "L4"]),
        ],
    )
    def test_find__tests_properties_as_text_or_number(
        self, store: GraphStore, comparison: Comparison, value: str, expected: list[str]
    ) -> None:
        texts = {"L1": "12.5", "L2": ("7", "40"), "L3": "inf", "L4": "much", "L5": ()}
        land(
            store,
            document(),
            *(part(m, "EnergyConsumer", {"EnergyConsumer.p": t}) for m, t in texts.items()),  # type: ignore[dict-item]
        )
        test = PropertyTest("EnergyConsumer.p", comparison, value)
        assert chosen(store, properties=(test,)) == expected

    def test_find__refuses_a_number_that_is_none(self, store: GraphStore) -> None:
        test = PropertyTest("EnergyConsumer.p", Comparison.LESS, "few")
        with pytest.raises(BadFilter):
            store.count(ElementFilter(properties=(test,)), EVERYTHING)

    def test_find__property_names_are_values_not_language(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        for name in ("$", '"', "a.b", "'; DROP TABLE parts; --", 'EnergyConsumer.p" OR 1'):
            test = PropertyTest(name, Comparison.PRESENT)
            assert chosen(store, properties=(test,)) == []

    def test_find__combines_filters(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        breaker, load = (
            ElementFilter(kinds=frozenset({kind})) for kind in ("Breaker", "EnergyConsumer")
        )
        assert chosen(store, any_of=(breaker, load)) == ["L1", "S1"]
        assert chosen(store, all_of=(breaker, load)) == []
        assert chosen(store, none_of=(breaker, load)) == ["F1"]
        assert chosen(store, none_of=(ElementFilter(any_of=(breaker, load)),)) == ["F1"]

    @pytest.mark.parametrize("order", list(ElementOrder))
    @pytest.mark.parametrize("descending", [False, True])
    def test_find__pages_follow_each_other_without_gap_or_repetition(
        self, store: GraphStore, order: ElementOrder, descending: bool
    ) -> None:
        kinds, names = ("Breaker", "Bay", "Fuse"), ("b", "A", "a", "")
        parts = [named(f"E{i}", kinds[i % 3], names[i % 4]) for i in range(11)]
        land(store, document(), *parts)
        whole = store.find(ElementFilter(), PageRequest(11, None, order, descending), EVERYTHING)
        seen: list[Element] = []
        page = ElementPage((), None, True)
        while page.has_next:
            asked = PageRequest(3, page.end, order, descending)
            page = store.find(ElementFilter(), asked, EVERYTHING)
            seen += page.elements
        assert seen == list(whole.elements)
        assert len(seen) == 11

    def test_find__orders_by_name_ignoring_case_and_by_kind(self, store: GraphStore) -> None:
        land(store, document(), named("1", "Fuse", "b"), named("2", "Bay", "C"),
             named("3", "Breaker", "A"), named("4", "Bay", "a"))  # fmt: skip
        by_name = store.find(ElementFilter(), PageRequest(order=ElementOrder.NAME), EVERYTHING)
        by_kind = store.find(ElementFilter(), PageRequest(order=ElementOrder.KIND), EVERYTHING)
        assert [e.mrid for e in by_name.elements] == ["3", "4", "1", "2"]
        assert [e.mrid for e in by_kind.elements] == ["2", "4", "3", "1"]

    def test_find__a_page_of_nothing_tells_whether_there_is_more(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        page = store.find(ElementFilter(), PageRequest(0), EVERYTHING)
        assert (page.elements, page.end, page.has_next) == ((), None, True)

    def test_count_by_kind__counts_what_the_filter_chooses(self, store: GraphStore) -> None:
        land(store, document(), *feeder(), part("L2", "EnergyConsumer"))
        wanted = ElementFilter(containers=frozenset({number(store, "F1")}))
        assert store.count_by_kind(wanted, EVERYTHING) == {"Breaker": 1, "EnergyConsumer": 1}

    def test_neighbours__come_by_link_name_direction_and_number(self, store: GraphStore) -> None:
        land(store, document(), *feeder(),
             part("T1", "Terminal", links={"Terminal.ConductingEquipment": "S1"}))  # fmt: skip
        f1, s1 = number(store, "F1"), number(store, "S1")
        of_f1, of_s1, none = store.neighbours([f1, s1, 999], EVERYTHING)
        assert [(n.link, n.outgoing, n.element.mrid) for n in of_f1] == [
            (CONTAINER, False, "L1"),
            (CONTAINER, False, "S1"),
        ]
        assert [(n.link, n.outgoing, n.element.mrid) for n in of_s1] == [
            (CONTAINER, True, "F1"),
            ("Terminal.ConductingEquipment", False, "T1"),
        ]
        assert none == []

    def test_neighbours__keep_links_by_name_and_neighbours_by_layer(
        self, store: GraphStore
    ) -> None:
        meter = part("M", "Meter", links={"EndDevice.UsagePoint": "S1", CONTAINER: "S1"})
        land(store, document(), part("S1", "UsagePoint"), meter, part("X", links={CONTAINER: "S1"}))
        s1 = [number(store, "S1")]
        (by_link,) = store.neighbours(s1, EVERYTHING, links=frozenset({CONTAINER, "No.link"}))
        (by_layer,) = store.neighbours(s1, EVERYTHING, layer=Layer.PHYSICAL)
        assert [n.element.mrid for n in by_link] == ["M", "X"]
        assert all(n.element.layer is Layer.PHYSICAL for n in by_layer)
        assert store.neighbours(s1, EVERYTHING, links=frozenset()) == [[]]

    # --- owners and scope ------------------------------------------------------------------

    def test_owners__are_stated_for_assets_and_inherited(self, store: GraphStore) -> None:
        land(store, document(), *owned())
        a, b = number(store, "A"), number(store, "B")
        asked = [number(store, mrid) for mrid in ("F1", "S1", "L1", "S9", "A")]
        assert store.owners_of([*asked, 999]) == [(a,), (a,), (a,), (b,), (a,), ()]

    def test_owners__follow_when_an_asset_is_sold_or_undone(self, store: GraphStore) -> None:
        land(store, document(), *owned())
        with store.transaction(author="anna", message="sold") as transaction:
            transaction.put_parts("town", "EQ.xml", [_asset("PA", "F1", "RB")])
        a, b, s1 = (number(store, mrid) for mrid in ("A", "B", "S1"))
        assert store.owners_of([s1]) == [(b,)]
        store.undo(2, author="anna")
        assert store.owners_of([s1]) == [(a,)]
        land(store, document(), *feeder())
        assert store.owners_of([s1]) == [()]

    def test_scope__hides_in_pages_counts_and_look_ups(self, store: GraphStore) -> None:
        land(store, document(), *owned())
        scope = scope_of(store, "A")
        assert chosen(store, scope) == ["A", "F1", "L1", "PA", "RA", "S1"]
        assert chosen(store, scope, kinds=frozenset({"Breaker"})) == ["S1"]
        s1, s9 = number(store, "S1"), number(store, "S9")
        assert [e and e.mrid for e in store.elements([s1, s9], scope)] == ["S1", None]
        assert [len(one) for one in store.by_mrid(["S1", "S9"], scope)] == [1, 0]
        assert chosen(store, scope_of(store, "A", "B"), kinds=frozenset({"Breaker"})) == [
            "S1",
            "S9",
        ]

    def test_scope__hides_in_front_of_the_page(self, store: GraphStore) -> None:
        land(store, document(), *owned())
        page = store.find(ElementFilter(), PageRequest(6), scope_of(store, "A"))
        assert (len(page.elements), page.has_next) == (6, False)

    def test_scope__hides_neighbours_and_those_of_the_hidden(self, store: GraphStore) -> None:
        tie = part("TIE", "ACLineSegment", links={CONTAINER: "S9"})
        land(store, document(), *owned(), part("M", "Meter", links={"Some.link": ("S9", "S1")}),
             tie)  # fmt: skip
        asked = [number(store, mrid) for mrid in ("S1", "S9")]
        of_s1, of_s9 = store.neighbours(asked, scope_of(store, "A"))
        assert [n.element.mrid for n in of_s1] == ["F1"]
        assert of_s9 == []

    def test_scope__of_nobody_sees_nothing(self, store: GraphStore) -> None:
        land(store, document(), *owned())
        assert chosen(store, NOTHING) == []
        assert store.elements([number(store, "S1")], NOTHING) == [None]

    # --- the scan --------------------------------------------------------------------------

    def test_scan__gives_the_whole_graph_as_columns(self, store: GraphStore) -> None:
        land(store, document(), *owned())
        columns = store.scan()
        assert columns.revision == 1
        assert list(columns.numbers) == sorted(columns.numbers)
        kinds = [columns.kind_names[kind] for kind in columns.kinds]
        assert dict(zip(columns.numbers, kinds, strict=True))[number(store, "S1")] == "Breaker"
        assert {columns.model_set_names[code] for code in columns.model_sets} == {"town"}
        assert len(links_of(store)) == len(columns.sources) == 8
        assert (number(store, "S1"), number(store, "A")) in set(
            zip(columns.owned, columns.owner, strict=True)
        )

    def test_scan__carries_states_and_phases(self, store: GraphStore) -> None:
        terminal = part("T", "Terminal", {"ACDCTerminal.connected": "false"})
        phases = Part("T", (), (Statement(CIM + "Terminal.phases", "<", CIM + "PhaseCode.AB"),))
        land(store, document(), terminal, phases, part("S", "Breaker", {"Switch.open": "true"}))
        columns = store.scan()
        given = StateBits.OPEN | StateBits.PRESENT_GIVEN
        assert list(columns.states) == [given, StateBits.DISCONNECTED]
        assert list(columns.phases) == [0, 3]

    # --- chance ----------------------------------------------------------------------------

    @settings(max_examples=60, deadline=None)
    @given(chance=st.lists(operations, max_size=12))
    def test_random_operations__show_what_a_fresh_merge_shows(
        self, chance: list[Operation], tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        model = GraphModel()
        with closing(self.make_store(tmp_path_factory.mktemp("chance"))) as store:
            for operation in chance:
                apply(operation, store, model)
                assert shown(store) == model.view()

    # --- several at once -------------------------------------------------------------------

    def test_writers__take_turns(self, store: GraphStore) -> None:
        def write(name: str) -> None:
            for round_ in range(5):
                land(store, document(name), named(name, "Breaker", str(round_)))

        threads = [threading.Thread(target=write, args=(f"d{i}",)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.revision() == 20
        assert [e.name for (e,) in store.by_mrid(["d0", "d3"], EVERYTHING)] == ["4", "4"]

    def test_readers__do_not_wait_for_a_writer(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        seen: list[int] = []
        with store.transaction(author="anna", message="") as transaction:
            transaction.drop_document("town", "EQ.xml")
            transaction.changes()
            reader = threading.Thread(
                target=lambda: seen.append(store.count(ElementFilter(), EVERYTHING))
            )
            reader.start()
            reader.join(5)
            assert seen == [3]
