"""The graph in Neo4j keeps what the port promises."""

from pathlib import Path

from graph_service.adapters.neo4j.graph import Neo4jGraph
from tests.contracts.graph_store_contract import GraphStoreContract
from tests.servers.neo4j_emptied import emptied


class TestNeo4jGraph(GraphStoreContract):
    def make_store(self, folder: Path) -> Neo4jGraph:
        return Neo4jGraph(emptied(folder))
