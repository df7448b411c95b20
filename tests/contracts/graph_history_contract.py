"""What a graph store owes to who copies it: a log of every revision, and revisions done again."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.domain.errors import Conflict, UnknownRevision
from graph_service.domain.history import DocumentChange, RevisionLog, StatedPart
from graph_service.domain.switching import OPERATIONS_DOCUMENT
from graph_service.ports.graph_store import GraphStore
from tests.building import document, part
from tests.contracts.graph_answers import answers, outcome
from tests.contracts.graph_cases import feeder, land, number, switch
from tests.contracts.random_operations import Operation, operations


def replay(source: GraphStore, target: GraphStore) -> None:
    """Do all that the target lacks of the source's revisions."""
    for revision in range(target.revision() + 1, source.revision() + 1):
        target.replay(source.log(revision))


def logs(store: GraphStore) -> list[object]:
    """Every revision of a store with all it changed, streams in no order."""
    found = [store.log(revision + 1) for revision in range(store.revision())]
    return [
        (
            log.revision,
            log.documents,
            *(sorted(part, key=repr) for part in (log.closed, log.opened)),
        )
        for log in found
    ]


class GraphHistoryContract:
    """Logs and replays. The other store of each test is an embedded one."""

    @pytest.fixture
    def embedded(self, tmp_path: Path):
        with closing(SqliteGraph(tmp_path / "embedded")) as embedded:
            yield embedded

    def test_log__is_what_a_revision_opened(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        log = store.log(1)
        said = document()
        assert log.revision == store.revisions(1)[0]
        assert log.documents == (DocumentChange("town", "EQ.xml", None, said, ""),)
        assert (list(log.closed), len(list(log.opened))) == ([], 3)

    def test_log__is_what_a_revision_closed_word_for_word(self, store: GraphStore) -> None:
        land(store, document(version="1"), *feeder())
        breaker = number(store, "S1")
        land(store, document(version="2"), *feeder()[::2])
        log = store.log(2)
        (change,) = log.documents
        assert [one.version for one in (change.closed, change.opened)] == ["1", "2"]
        assert list(log.closed) == [StatedPart("town", "EQ.xml", breaker, 0, feeder()[1])]
        assert list(log.opened) == []

    def test_log__of_parts_alone_names_their_document(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        for state in ("true", "false"):
            switch(store, "S1", state)
        log = store.log(3)
        bare = DocumentChange("town", OPERATIONS_DOCUMENT, None, None, "")
        assert log.documents == (bare,)
        values = [[one.part.statements[0].value for one in stated] for stated in _streams(log)]
        assert values == [["true"], ["false"]]

    def test_log__tells_parts_with_the_same_id_apart(self, store: GraphStore) -> None:
        land(store, document(), part("x", "Breaker"), part("x", "Breaker"))
        assert [one.ordinal for one in sorted(store.log(1).opened)] == [0, 1]

    def test_log__of_what_never_was_is_refused(self, store: GraphStore) -> None:
        with pytest.raises(UnknownRevision):
            store.log(1)

    def test_replay__keeps_numbers_times_authors_and_what_can_be_undone(
        self, store: GraphStore, embedded: SqliteGraph
    ) -> None:
        with embedded.transaction(author="anna", message="gap") as transaction:
            transaction.put_document(document(), [part("gone", "Breaker")])
            transaction.changes()
            transaction.put_document(document(), feeder())
        switch(embedded, "S1", "true")
        embedded.undo(2, author="olaf")
        replay(embedded, store)
        assert store.revisions(9) == embedded.revisions(9)
        assert number(store, "S1") == number(embedded, "S1")
        assert store.undo(1, author="anna").undoes == 1
        assert store.scan().numbers.tolist() == []

    def test_replay__of_a_revision_that_does_not_follow_is_refused(
        self, store: GraphStore, embedded: SqliteGraph
    ) -> None:
        land(embedded, document(), *feeder())
        switch(embedded, "S1", "true")
        with pytest.raises(Conflict, match="not made on what is in this store"):
            store.replay(embedded.log(2))
        land(store, document(), part("S1", "Breaker"))
        with pytest.raises(Conflict):
            store.replay(embedded.log(1))
        land(embedded, document(), part("F1", "Feeder"))
        late = embedded.log(3)
        with pytest.raises(Conflict):
            store.replay(replace(late, revision=replace(late.revision, number=2)))
        assert store.revision() == 1

    def test_replay__that_numbers_an_element_otherwise_is_refused(
        self, store: GraphStore, embedded: SqliteGraph
    ) -> None:
        land(store, document(), *feeder())
        land(embedded, document("other.xml"), part("S1", "Breaker"))
        log = embedded.log(1)
        with pytest.raises(Conflict):
            store.replay(replace(log, revision=replace(log.revision, number=2)))
        assert store.revision() == 1

    def test_random_operations__answer_alike_wherever_they_were_done_again(
        self, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        @settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(chance=st.lists(operations, min_size=1, max_size=8), undone=st.integers(1, 8))
        def holds(chance: list[Operation], undone: int) -> None:
            folder = tmp_path_factory.mktemp("history")
            with (
                closing(SqliteGraph(folder / "first")) as first,
                closing(self.make_store(folder / "store")) as store,
                closing(SqliteGraph(folder / "last")) as last,
            ):
                for operation in chance:
                    _do(operation, first)
                replay(first, store)
                replay(store, last)
                assert logs(store) == logs(last) == logs(first)
                assert answers(store) == answers(last) == answers(first)
                again = chance[0]._replace(what="undo", revision=undone)
                assert _kind(again, store) == _kind(again, last) == _kind(again, first)
                assert answers(store) == answers(first)

        holds()


def _do(operation: Operation, store: GraphStore) -> object:
    """What an operation says; an undo of a revision there is."""
    newest = store.revision()
    if operation.what == "undo" and not newest:
        return None
    return outcome(store, operation, 1 + operation.revision % newest if newest else 0)


def _kind(operation: Operation, store: GraphStore) -> object:
    """What an operation says; of several conflicts a store may name any."""
    said = _do(operation, store)
    return said[0] if isinstance(said, tuple) and said[0] is Conflict else said


def _streams(log: RevisionLog) -> tuple[list[StatedPart], list[StatedPart]]:
    return list(log.closed), list(log.opened)
