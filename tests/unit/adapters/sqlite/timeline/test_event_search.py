"""Events of many elements are found without reading all that happened."""

import sqlite3
from contextlib import closing

import pytest

from graph_service.adapters.sqlite.timeline.store import FILE_NAME, SqliteTimeline
from graph_service.domain.events import Event, EventFilter
from graph_service.domain.readings import Window

ELEMENTS = [f"town/element-{at}" for at in range(40)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("events")
    with closing(SqliteTimeline(folder)) as store:
        store.append_events(
            Event("desk", f"{at:05}", "MESSAGE", at, at, "", subjects=(ELEMENTS[at % 40],))
            for at in range(8_000)
        )
    return folder


def steps(folder, wanted: EventFilter, **asked) -> int:
    """How many steps SQLite's machine takes for the first 10 of these events, in hundreds."""
    with closing(SqliteTimeline(folder, read_only=True)) as store:
        counted = []
        with store._file.reading() as db:  # the connection of this thread
            db.set_progress_handler(lambda: counted.append(1), 100)
            assert len(store.events(wanted, Window(0, 10_000), 10, **asked)) == 10
            db.set_progress_handler(None, 0)
    return len(counted)


@pytest.mark.parametrize("descending", [False, True])
def test_events__of_many_elements_read_little_of_all_there_is(folder, descending):
    wanted = EventFilter(subjects=frozenset(ELEMENTS))
    assert steps(folder, wanted, descending=descending) < 100
    assert steps(folder, EventFilter(), descending=descending) < 20


def test_event_place__is_searched_by_place_and_never_scanned(folder):
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        plan = db.execute(
            "EXPLAIN QUERY PLAN SELECT id FROM event_place WHERE subject = 1 AND span = 0"
            " AND (start_us, source, id) > (5, '', '') ORDER BY start_us, source, id"
        ).fetchall()
    assert "SEARCH event_place USING PRIMARY KEY (subject=? AND span=? AND (" in plan[0][3]
    assert len(plan) == 1
