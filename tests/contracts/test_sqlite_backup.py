"""The backup of SQLite files runs the contract."""

from __future__ import annotations

from array import array
from contextlib import closing
from pathlib import Path

from graph_service.adapters.sqlite.backup import SqliteBackup
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.access import EVERYTHING
from graph_service.domain.readings import ReadingColumns, SeriesKey
from tests.building import document, named
from tests.contracts.backup_contract import BackupContract

METER = SeriesKey("town/M", "P", "meter")


class TestSqliteBackup(BackupContract):
    def make_store(self, folder: Path) -> SqliteBackup:
        return SqliteBackup(folder)

    def write(self, folder: Path, number: int) -> None:
        graph = SqliteGraph(folder)
        with closing(graph), graph.transaction(author="test", message="write") as change:
            change.put_document(document(), iter([named("M", "UsagePoint", str(number))]))
        with closing(SqliteRecords(folder)) as records:
            records.put("numbers", [("number", {"is": number})])
        at = array("q", [number])
        with closing(SqliteTimeline(folder)) as timeline:
            columns = ReadingColumns(at, array("d", [number]), array("B", [0]), at)
            timeline.append([(METER, columns)])

    def written(self, folder: Path) -> tuple[int, int, int]:
        with closing(SqliteGraph(folder)) as graph:
            [[element]] = graph.by_mrid(["M"], EVERYTHING)
        with closing(SqliteRecords(folder)) as records:
            [record] = records.get("numbers", ["number"])
        with closing(SqliteTimeline(folder)) as timeline:
            [reading] = timeline.last([METER])
        return int(element.name), record["is"], int(reading.value)
