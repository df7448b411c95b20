"""What a data folder may be like: full, read-only, of a newer version, damaged, in use."""

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import StoreError, StoreFull, StoreReadOnly, StoreTooNew
from graph_service.domain.filters import ElementFilter
from tests.building import document, part

NOBODY = 65534


def land(store: SqliteGraph, elements: int, name: str = "EQ.xml") -> None:
    with store.transaction(author="anna", message="") as transaction:
        parts = (part(f"S{at}", "Breaker", {"IdentifiedObject.name": "x" * 200})
                 for at in range(elements))  # fmt: skip
        transaction.put_document(document(name), parts)


def count(store: SqliteGraph) -> int:
    return store.count(ElementFilter(), EVERYTHING)


@contextmanager
def files_no_larger_than(most_bytes: int) -> Iterator[None]:
    """What a full disk does: writes beyond the limit fail."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def somebody_without_rights() -> Iterator[None]:
    """Root may write everywhere; so be nobody for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder with a store that others may read and not write."""
    folder = Path(tempfile.mkdtemp())
    with closing(SqliteGraph(folder)) as store, closing(SqliteRecords(folder)) as records:
        land(store, 3)
        records.put("runs", [("a", {})])
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_disk_full__nothing_of_the_import_is_kept_and_the_next_one_lands(tmp_path):
    with closing(SqliteGraph(tmp_path)) as store:
        land(store, 10)
        with files_no_larger_than(400_000), pytest.raises(StoreFull) as refused:
            land(store, 20_000)
        assert refused.value.subject == str(tmp_path / "graph.sqlite")
        assert (store.revision(), count(store)) == (1, 10)
        land(store, 500)
        assert (store.revision(), count(store)) == (2, 500)


def test_disk_full__no_store_can_be_made(tmp_path):
    with files_no_larger_than(1000), pytest.raises(StoreFull):
        SqliteGraph(tmp_path)


def test_disk_full__records_are_kept_all_or_none(tmp_path):
    with closing(SqliteRecords(tmp_path)) as records:
        many = ((str(at), {"text": "x" * 1000}) for at in range(2000))
        with files_no_larger_than(400_000), pytest.raises(StoreFull):
            records.put("runs", many)
        assert records.count("runs") == 0


def test_read_only_folder__is_read_and_not_written(shared_folder):
    with somebody_without_rights(), closing(SqliteGraph(shared_folder)) as store:
        assert count(store) == 3
        with pytest.raises(StoreReadOnly) as refused:
            land(store, 5)
    assert refused.value.subject == str(shared_folder / "graph.sqlite")
    assert refused.value.hint is not None


def test_read_only_folder__refuses_records(shared_folder):
    with somebody_without_rights(), closing(SqliteRecords(shared_folder)) as records:
        assert records.count("runs") == 1
        with pytest.raises(StoreReadOnly):
            records.put("runs", [("b", {})])


def test_read_only_folder__no_store_can_be_made(shared_folder):
    with somebody_without_rights(), pytest.raises(StoreReadOnly):
        SqliteGraph(shared_folder / "below")


def test_read_only_store__answers_refuses_and_leaves_no_file(tmp_path):
    with closing(SqliteGraph(tmp_path)) as store:
        land(store, 3)
    with closing(SqliteGraph(tmp_path, read_only=True)) as store:
        assert count(store) == 3
        with pytest.raises(StoreReadOnly):
            land(store, 5)
    with pytest.raises(StoreError, match="no store"):
        SqliteGraph(tmp_path / "elsewhere", read_only=True)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(("store", "file"), [(SqliteGraph, "graph"), (SqliteRecords, "records")])
def test_newer_version__is_refused_and_left_alone(tmp_path, store, file):
    store(tmp_path).close()
    path = tmp_path / f"{file}.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(StoreTooNew) as refused:
        store(tmp_path)
    assert refused.value.subject == str(path)
    assert path.read_bytes() == before


def test_foreign_database__is_refused_and_left_alone(tmp_path):
    with closing(sqlite3.connect(tmp_path / "graph.sqlite")) as connection:
        connection.execute("CREATE TABLE mine (x)")
    with pytest.raises(StoreError, match="not a store"):
        SqliteGraph(tmp_path)


def test_damaged_file__is_said_to_be_damaged(tmp_path):
    (tmp_path / "graph.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(StoreError, match="damaged"):
        SqliteGraph(tmp_path)


def test_folder__is_made_and_may_have_any_name(tmp_path):
    folder = tmp_path / "new" / "100% #1? ä"
    with closing(SqliteGraph(folder)) as store:
        land(store, 1)
    assert (folder / "graph.sqlite").exists()


def test_file_whose_maker_was_killed_before_it_had_tables__is_made(tmp_path):
    with closing(sqlite3.connect(tmp_path / "graph.sqlite")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    with closing(SqliteGraph(tmp_path)) as store:
        assert store.revision() == 0


def test_making__by_several_processes_at_once_makes_one(tmp_path):
    program = (
        "import sys, pathlib; from graph_service.adapters.sqlite.graph.store import SqliteGraph;"
        "SqliteGraph(pathlib.Path(sys.argv[1])).close()"
    )
    makers = [subprocess.Popen([sys.executable, "-c", program, tmp_path]) for _ in range(3)]
    assert [maker.wait(60) for maker in makers] == [0, 0, 0]


def test_reader__never_writes(tmp_path):
    with (
        closing(SqliteGraph(tmp_path)) as store,
        pytest.raises(StoreReadOnly),
        store._file.reading() as connection,
    ):
        connection.execute("DELETE FROM vocabulary")


def test_close__lets_go_of_every_file(tmp_path):
    store = SqliteGraph(tmp_path)
    land(store, 1)
    assert count(store) == 1
    assert _open_files_in(tmp_path)
    store.close()
    assert _open_files_in(tmp_path) == []


def _open_files_in(folder: Path) -> list[str]:
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [str(link) for link in links if link.resolve().is_relative_to(folder)]
