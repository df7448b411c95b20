"""The SQLite timeline beyond the contract: the tail, its folding, its file."""

import sqlite3
from array import array
from contextlib import closing
from pathlib import Path

import pytest

from graph_service.adapters.sqlite.timeline import answers
from graph_service.adapters.sqlite.timeline.store import FILE_NAME, SqliteTimeline
from graph_service.domain.errors import StoreError, StoreTooNew
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    Aggregate,
    ReadingColumns,
    SeriesKey,
    Window,
)

HOUR = 3_600_000_000
KEYS = [SeriesKey(f"town/meter-{at}", "ENERGY_IN", "meter") for at in range(5)]


def live(at: int, keys: list[SeriesKey] = KEYS) -> list[tuple[SeriesKey, ReadingColumns]]:
    """One value of each series."""
    times = array("q", [at * HOUR])
    return [(key, ReadingColumns(times, array("d", [at]), array("B", [0]), times)) for key in keys]


def rows_in(folder: Path, table: str) -> int:
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - ours


def read_all(store: SqliteTimeline) -> list[list[float]]:
    return [list(got.values) for got in store.read(KEYS, Window(0, 1000 * MICROSECONDS_PER_DAY))]


@pytest.fixture
def store(tmp_path):
    with closing(SqliteTimeline(tmp_path, fold_from=1_000)) as store:
        yield store


def test_append__few_new_values_go_to_the_tail(store, tmp_path):
    store.append(live(1))
    assert (rows_in(tmp_path, "tail"), rows_in(tmp_path, "chunk")) == (5, 0)


def test_fold__moves_the_tail_into_chunks_and_nothing_changes(store, tmp_path):
    for at in range(1, 30):
        store.append(live(at))
    before = (read_all(store), store.last(KEYS), store.counts())
    store.fold()
    assert (rows_in(tmp_path, "tail"), rows_in(tmp_path, "chunk")) == (0, 2 * len(KEYS))
    assert (read_all(store), store.last(KEYS), store.counts()) == before


def test_append__folds_a_tail_that_is_long(tmp_path):
    with closing(SqliteTimeline(tmp_path, fold_from=12)) as store:
        lengths = []
        for at in range(1, 7):
            store.append(live(at))
            lengths.append(rows_in(tmp_path, "tail"))
        assert lengths == [5, 10, 0, 5, 10, 0]


def test_append__late_value_takes_the_day_out_of_the_tail(store, tmp_path):
    store.append(live(3))
    store.append(live(2, KEYS[:1]))
    assert rows_in(tmp_path, "tail") == len(KEYS) - 1
    assert read_all(store)[0] == [2.0, 3.0]


def test_append__fold_that_fails_does_not_take_the_batch_back(tmp_path, monkeypatch):
    def disk_is_full(*_):
        raise StoreError("the disk is full")

    with closing(SqliteTimeline(tmp_path, fold_from=1)) as store:
        monkeypatch.setattr(store, "fold", disk_is_full)
        assert store.append(live(1)).stored == len(KEYS)
        assert store.counts() == (len(KEYS), len(KEYS))


def test_append__batch_that_breaks_off_leaves_the_store_as_it_was(store, tmp_path):
    def breaks_off():
        yield from live(1)
        raise RuntimeError("the line is dead")

    with pytest.raises(RuntimeError):
        store.append(breaks_off())
    assert store.counts() == (0, 0)
    assert store.append(live(1)).stored == len(KEYS)


def test_append__columns_of_different_length_are_refused(store):
    wrong = ReadingColumns(array("q", [1, 2]), array("d", [1]), array("B", [0]), array("q", [1]))
    with pytest.raises(ValueError, match="equal length"):
        store.append([(KEYS[0], wrong)])


def test_append__of_another_store_on_the_file_is_seen(store, tmp_path):
    store.append(live(1))
    with closing(SqliteTimeline(tmp_path)) as other:
        other.append(live(2, [*KEYS, KEYS[0]._replace(source="other")]))
    store.append(live(3))
    assert read_all(store) == [[1.0, 2.0, 3.0]] * len(KEYS)
    assert store.counts() == (6, 16)


def test_aggregate__in_small_pieces_gives_the_same(store, monkeypatch):
    for at in range(1, 100):
        store.append(live(at))
    window = Window(5 * HOUR, 90 * HOUR)
    asked = (KEYS, window, 7 * HOUR, Aggregate.SUM)
    whole = [store.aggregate(*asked), store.aggregate(*asked, None)]
    monkeypatch.setattr(answers, "ROWS_AT_ONCE", 30)
    assert [store.aggregate(*asked), store.aggregate(*asked, None)] == whole


def test_open__again_finds_everything(tmp_path):
    with closing(SqliteTimeline(tmp_path)) as store:
        store.append(live(1))
    with closing(SqliteTimeline(tmp_path, read_only=True)) as store:
        assert read_all(store) == [[1.0]] * len(KEYS)


def test_open__file_of_a_newer_version_is_refused(store, tmp_path):
    store.close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreTooNew, match="99"):
        SqliteTimeline(tmp_path)


def test_open__file_that_is_no_store_is_refused(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"meter readings of 1998 " * 100)
    with pytest.raises(StoreError, match="damaged"):
        SqliteTimeline(tmp_path)
