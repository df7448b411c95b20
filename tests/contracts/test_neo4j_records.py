"""The records in Neo4j keep what the port promises."""

from pathlib import Path

from graph_service.adapters.neo4j.records import Neo4jRecords
from tests.contracts.record_store_contract import RecordStoreContract
from tests.servers.neo4j_emptied import emptied


class TestNeo4jRecords(RecordStoreContract):
    def make_store(self, folder: Path) -> Neo4jRecords:
        return Neo4jRecords(emptied(folder))
