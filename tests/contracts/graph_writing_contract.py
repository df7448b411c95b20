"""What a graph store owes to who writes: transactions, revisions, documents, parts, undo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from graph_service.domain.access import EVERYTHING
from graph_service.domain.elements import ElementKey
from graph_service.domain.errors import BadName, Conflict, UnknownRevision
from graph_service.domain.filters import (
    ElementFilter,
    PageRequest,
)
from graph_service.domain.statements import Document, Part, Statement
from graph_service.domain.switching import OPERATIONS_DOCUMENT
from graph_service.ports.graph_store import GraphStore
from tests.building import CIM, document, part
from tests.contracts.graph_cases import chosen, feeder, land, switch


class GraphWritingContract:
    """Transactions, documents, undo."""

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

    def test_transaction__abandoned_at_its_beginning_counts_all_the_same(
        self, store: GraphStore
    ) -> None:
        with store.transaction(author="anna", message="") as transaction:
            transaction.abandon()
            transaction.put_document(document(), feeder())
            assert transaction.changes().added == 3
        assert store.revision() == 0
        assert chosen(store) == []

    def test_transaction__that_changes_its_mind_keeps_what_it_said_last(
        self, store: GraphStore
    ) -> None:
        with store.transaction(author="anna", message="") as transaction:
            transaction.put_document(document(), feeder())
            assert transaction.changes().added == 3
            transaction.put_document(document(), [*feeder()[:2], part("L2", "ACLineSegment")])
            assert transaction.changes().added == 3
        assert sorted(chosen(store)) == ["F1", "L2", "S1"]
        assert {one.mrid for one in store.parts("town", "EQ.xml")} == {"F1", "L2", "S1"}
        assert store.drift(thorough=True).is_none

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
