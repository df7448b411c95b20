"""Data folders of an older version open, and answer as before."""

import sqlite3
from array import array
from contextlib import closing
from pathlib import Path

import pytest

from graph_service.adapters.sqlite.timeline.store import FILE_NAME, SqliteTimeline
from graph_service.domain.errors import StoreReadOnly
from graph_service.domain.events import Event, EventFilter
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    Aggregate,
    ReadingColumns,
    SeriesKey,
    Window,
)

DAY = MICROSECONDS_PER_DAY
KEYS = [SeriesKey(f"town/meter-{at}", "ENERGY_IN", "meter") for at in range(3)]
ALL = Window(0, 40 * DAY)

# What version 1 had; chunks, tail and series are as they were.
BACK_TO_1 = """
DROP TABLE event; DROP TABLE event_place; DROP TABLE event_subject; DROP TABLE event_kind;
DROP TABLE forecast; DROP TABLE forecast_series; DROP TABLE level; DROP TABLE state;
DROP TABLE arrival;
ALTER TABLE chunk DROP COLUMN hours; ALTER TABLE last DROP COLUMN forgotten_us;
PRAGMA user_version = 1;
"""


def day(number: int, count: int) -> ReadingColumns:
    times = [number * DAY + at * (DAY // count) for at in range(count)]
    return ReadingColumns(
        array("q", times),
        array("d", [float(at % 50) for at in range(count)]),
        array("B", bytes(count)),
        array("q", [99 * DAY] * count),
    )


def answers(store: SqliteTimeline) -> list[object]:
    daily = store.aggregate(KEYS, ALL, DAY, Aggregate.SUM, None)
    hourly = store.aggregate(KEYS, ALL, DAY // 24, Aggregate.MAX, None)
    texts = [str(columns.values) for columns in (*daily, *hourly)]
    return [texts, store.read(KEYS, ALL), store.last(KEYS), store.counts()]


@pytest.fixture
def old(tmp_path) -> tuple[Path, list[object]]:
    """A folder of version 1 with dense and sparse days and a tail, and what it answers."""
    with closing(SqliteTimeline(tmp_path)) as store:
        for number in range(30, 36):
            store.append([(KEYS[0], day(number, 24)), (KEYS[1], day(number, 1_440))])
        store.append([(KEYS[0], day(36, 2)), (KEYS[2], day(36, 1))])
        expected = answers(store)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.executescript(BACK_TO_1)
    return tmp_path, expected


def test_opening__file_of_version_1_answers_as_before_and_has_its_levels(old):
    folder, expected = old
    with closing(SqliteTimeline(folder)) as store:
        assert answers(store) == expected
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        assert connection.execute("SELECT count(*) FROM level").fetchone()[0] > 0
        hours = connection.execute("SELECT count(*) FROM chunk WHERE hours IS NOT NULL")
        assert hours.fetchone() == (6,)


def test_opening__file_of_version_1_takes_what_is_new(old):
    folder, _ = old
    with closing(SqliteTimeline(folder)) as store:
        store.append_events([Event("desk", "1", "NOTE", 5, 5, "seen")])
        assert store.forget("ENERGY_IN", 33 * DAY) == 3 * (24 + 1_440)
        assert len(store.events(EventFilter(), ALL, 9)) == 1


def test_opening__file_of_version_1_read_only_says_what_to_do(old):
    with pytest.raises(StoreReadOnly, match="older version") as raised:
        SqliteTimeline(old[0], read_only=True)
    assert "once" in raised.value.hint


def test_opening__renewal_that_breaks_off_leaves_the_old_file(old, monkeypatch):
    folder, expected = old

    def breaks(*_):
        raise RuntimeError("the power fails")

    with monkeypatch.context() as patched:
        patched.setattr("graph_service.adapters.sqlite.timeline.renewal.put_days", breaks)
        with pytest.raises(RuntimeError):
            SqliteTimeline(folder)
    with closing(SqliteTimeline(folder)) as store:
        assert answers(store) == expected
