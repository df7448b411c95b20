"""The SQLite graph keeps what the port promises."""

from pathlib import Path

from graph_service.adapters.sqlite.graph.store import SqliteGraph
from tests.contracts.graph_store_contract import GraphStoreContract


class TestSqliteGraph(GraphStoreContract):
    def make_store(self, folder: Path) -> SqliteGraph:
        return SqliteGraph(folder)
