from __future__ import annotations

import io
import json
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from graph_service.adapters.sqlite.backup import SqliteBackup
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.errors import Conflict, StoreBusy, StoreError, UnreadableInput
from graph_service.services.backups import MANIFEST, Backups
from tests.drawing import draw


def make_data(folder: Path, mark: str = "first") -> Backups:
    """A data folder with a small network and one record."""
    drawing = draw("S1 -l1- M2")
    graph = SqliteGraph(folder)
    with closing(graph), graph.transaction(author="test", message="draw") as change:
        change.put_document(drawing.document, drawing.parts)
    with closing(SqliteRecords(folder)) as records:
        records.put("marks", [("mark", {"is": mark})])
    SqliteTimeline(folder).close()
    return Backups(SqliteBackup(folder, patience_s=0.2))


def mark(folder: Path) -> str:
    with closing(SqliteRecords(folder)) as records:
        [record] = records.get("marks", ["mark"])
    return record["is"]


@pytest.mark.parametrize("name", ["b.tar", "b.tar.gz", "b"])
def test_backup__as_tar_compressed_or_folder_comes_back(tmp_path, name) -> None:
    made = make_data(tmp_path / "data").make(tmp_path / name)
    back = Backups(SqliteBackup(tmp_path / "back")).restore(tmp_path / name)
    assert (back.revision, back.counts, back.before) == (1, made.counts, None)
    assert made.counts["elements"] > 3
    assert mark(tmp_path / "back") == "first"


def test_backup__leaves_nothing_beside_itself(tmp_path) -> None:
    make_data(tmp_path / "data").make(tmp_path / "b.tar")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar", "data"]
    with tarfile.open(tmp_path / "b.tar") as tar:
        assert [name for name in tar.getnames() if not name.endswith(".sqlite")] == [MANIFEST]


def test_backup__over_something_is_refused(tmp_path) -> None:
    with pytest.raises(Conflict, match="there is something"):
        make_data(tmp_path / "data").make(tmp_path / "data")


def test_backup__of_a_folder_without_stores_is_refused_and_leaves_nothing(tmp_path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        Backups(SqliteBackup(tmp_path / "data")).make(tmp_path / "b.tar")
    assert list(tmp_path.iterdir()) == []


def test_backup__that_writers_do_not_let_in_gives_up(tmp_path) -> None:
    backups = make_data(tmp_path / "data")
    graph = SqliteGraph(tmp_path / "data")
    writing = graph.transaction(author="test", message="long")
    with closing(graph), writing, pytest.raises(StoreBusy):
        backups.make(tmp_path / "b.tar")
    backups.make(tmp_path / "b.tar")


def test_restore__over_data_is_refused_unless_they_may_go(tmp_path) -> None:
    backups = make_data(tmp_path / "data")
    backups.make(tmp_path / "b.tar")
    with closing(SqliteRecords(tmp_path / "data")) as records:
        records.put("marks", [("mark", {"is": "second"})])
    with pytest.raises(Conflict, match="not empty"):
        backups.restore(tmp_path / "b.tar")
    assert mark(tmp_path / "data") == "second"
    done = backups.restore(tmp_path / "b.tar", replace=True)
    assert mark(tmp_path / "data") == "first"
    assert done.before is not None
    assert mark(Path(done.before)) == "second"


def flip_a_byte(backup: Path) -> None:
    data = bytearray((backup / "graph.sqlite").read_bytes())
    data[5000] ^= 1
    (backup / "graph.sqlite").write_bytes(data)


def lose_a_file(backup: Path) -> None:
    (backup / "records.sqlite").unlink()


def lose_the_manifest(backup: Path) -> None:
    (backup / MANIFEST).unlink()


def say_another_revision(backup: Path) -> None:
    said = json.loads((backup / MANIFEST).read_text())
    (backup / MANIFEST).write_text(json.dumps(said | {"revision": 7}))


def be_of_a_later_format(backup: Path) -> None:
    said = json.loads((backup / MANIFEST).read_text())
    (backup / MANIFEST).write_text(json.dumps(said | {"format": 2}))


@pytest.mark.parametrize(
    "how",
    [flip_a_byte, lose_a_file, lose_the_manifest, say_another_revision, be_of_a_later_format],
)
def test_restore__of_a_spoiled_backup_is_refused_and_touches_nothing(tmp_path, how) -> None:
    backups = make_data(tmp_path / "data")
    backups.make(tmp_path / "b")
    how(tmp_path / "b")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(UnreadableInput, match="cannot be restored"):
        backups.restore(tmp_path / "b", replace=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert mark(tmp_path / "data") == "first"


def test_restore__of_a_tar_that_leads_elsewhere_is_refused(tmp_path) -> None:
    with tarfile.open(tmp_path / "b.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("../outside.sqlite"), io.BytesIO())
    with pytest.raises(UnreadableInput, match="does not belong"):
        Backups(SqliteBackup(tmp_path / "data")).restore(tmp_path / "b.tar")
    assert [path.name for path in tmp_path.iterdir()] == ["b.tar"]


@pytest.mark.parametrize("name", ["none.tar", "text.tar"])
def test_restore__of_what_is_no_backup_says_so(tmp_path, name) -> None:
    (tmp_path / "text.tar").write_text("not a tar")
    with pytest.raises(UnreadableInput, match="cannot be restored"):
        Backups(SqliteBackup(tmp_path / "data")).restore(tmp_path / name)
