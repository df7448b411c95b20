"""The SQLite timeline keeps what the port promises, with the tail as it is and folded at once."""

from pathlib import Path

from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from tests.contracts.timeline_store_contract import TimelineStoreContract


class TestSqliteTimeline(TimelineStoreContract):
    def make_store(self, folder: Path) -> SqliteTimeline:
        return SqliteTimeline(folder)


class TestSqliteTimelineWithAShortTail(TimelineStoreContract):
    def make_store(self, folder: Path) -> SqliteTimeline:
        return SqliteTimeline(folder, fold_from=3)
