"""What a graph store owes to who doubts it: counts, checksums, and all derived anew."""

from __future__ import annotations

from pathlib import Path

from graph_service.domain.access import EVERYTHING
from graph_service.domain.filters import ElementFilter
from graph_service.ports.graph_store import GraphStore
from tests.building import document, named
from tests.contracts.graph_answers import answers
from tests.contracts.graph_cases import feeder, land, owned, switch


class GraphResyncContract:
    """The promises about drift and resync."""

    def make_store(self, folder: Path) -> GraphStore:
        raise NotImplementedError

    def test_drift__of_an_empty_store__is_none(self, store: GraphStore) -> None:
        assert store.drift().is_none
        assert store.drift(thorough=True).is_none

    def test_drift__after_writes_of_all_kinds__is_none(self, store: GraphStore) -> None:
        land(store, document(), *owned())
        switch(store, "S1", "true")
        land(store, document("GL.xml"), named("S1", "Breaker", "Other"), named("N1", "Line", "New"))
        store.undo(3, author="anna")
        with store.transaction(author="anna", message="") as transaction:
            transaction.drop_document("town", "EQ.xml")
        drift = store.drift(thorough=True)
        assert drift.is_none
        assert drift.found.elements == store.count(ElementFilter(), EVERYTHING)
        assert drift.found.checksum is not None

    def test_drift__without_being_thorough__counts_alone(self, store: GraphStore) -> None:
        land(store, document(), *feeder())
        found = store.drift().found
        assert (found.elements, found.links, found.checksum) == (3, 2, None)

    def test_resync__where_nothing_differs__writes_nothing(self, store: GraphStore) -> None:
        land(store, document(), *owned())
        switch(store, "S1", "true")
        before = answers(store)
        assert store.resync(author="anna").revision is None
        assert answers(store) == before
