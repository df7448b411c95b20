"""The promises of `ports.graph_store.GraphStore`, one test each; every adapter runs them all.

An adapter's test is a subclass of `GraphStoreContract` that supplies `make_store` alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.domain.access import EVERYTHING
from graph_service.domain.filters import (
    ElementFilter,
)
from graph_service.ports.graph_store import GraphStore
from tests.building import document, named
from tests.contracts.graph_cases import feeder, land
from tests.contracts.graph_history_contract import GraphHistoryContract
from tests.contracts.graph_merging_contract import GraphMergingContract
from tests.contracts.graph_model import GraphModel, shown
from tests.contracts.graph_reading_contract import GraphReadingContract
from tests.contracts.graph_resync_contract import GraphResyncContract
from tests.contracts.graph_scope_contract import GraphScopeContract
from tests.contracts.graph_writing_contract import GraphWritingContract
from tests.contracts.random_operations import Operation, apply, operations


class GraphStoreContract(
    GraphWritingContract,
    GraphMergingContract,
    GraphReadingContract,
    GraphScopeContract,
    GraphHistoryContract,
    GraphResyncContract,
):
    """The promises. A subclass supplies `make_store` and nothing else."""

    def make_store(self, folder: Path) -> GraphStore:
        """An empty store that keeps what it is given in this folder."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[GraphStore]:
        with closing(self.make_store(tmp_path)) as store:
            yield store

    def test_random_operations__show_what_a_fresh_merge_shows(
        self, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        # Made anew for each adapter: Hypothesis keeps its examples by function.
        @settings(max_examples=60, deadline=None)
        @given(chance=st.lists(operations, max_size=12))
        def holds(chance: list[Operation]) -> None:
            model = GraphModel()
            with closing(self.make_store(tmp_path_factory.mktemp("chance"))) as store:
                for operation in chance:
                    apply(operation, store, model)
                    assert shown(store) == model.view()
                assert store.drift(thorough=True).is_none

        holds()

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
