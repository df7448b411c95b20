"""The SQLite records keep what the port promises."""

from pathlib import Path

from graph_service.adapters.sqlite.records import SqliteRecords
from tests.contracts.record_store_contract import RecordStoreContract


class TestSqliteRecords(RecordStoreContract):
    def make_store(self, folder: Path) -> SqliteRecords:
        return SqliteRecords(folder)
