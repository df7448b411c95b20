from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph_service.adapters.sqlite_graph import SqliteGraph
from tests.contracts.graph_store_contract import GraphStoreContract


class TestSqliteGraph(GraphStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqliteGraph]:
        graph = SqliteGraph(tmp_path)
        yield graph
        graph.close()
