"""Somebody writes to graph.sqlite past the service: noticed, and put right from the parts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from graph_service.adapters.sqlite.graph.store import SqliteGraph
from tests.building import document
from tests.contracts.graph_answers import answers
from tests.contracts.graph_cases import land, owned

HARM = {
    "an element more": "INSERT INTO elements VALUES (4711, 1, 1, 1, 0, 0)",
    "an element less": "DELETE FROM elements WHERE number = 2",
    "another property": "UPDATE descriptions SET name = 'X' WHERE number = 2",
    "a link less": "DELETE FROM links WHERE source = (SELECT min(source) FROM links)",
    "a link more": "INSERT INTO links VALUES (1, 1, 2)",
    "other owners": "DELETE FROM owners WHERE element = 3",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteGraph]:
    with closing(SqliteGraph(tmp_path)) as store:
        land(store, document(), *owned())
        yield store


def said(store: SqliteGraph) -> dict[str, object]:
    """All answers but those about revisions."""
    found = answers(store)
    found["scan"]["revision"] = found["revisions"] = None  # type: ignore[index]
    return found


def harm(folder: Path, what: str) -> None:
    with closing(sqlite3.connect(folder / "graph.sqlite")) as connection, connection:
        connection.execute(HARM[what])


@pytest.mark.parametrize("what", HARM)
def test_resync__after_a_foreign_write__brings_back_what_the_parts_say(
    store: SqliteGraph, tmp_path: Path, what: str
) -> None:
    before = said(store)
    harm(tmp_path, what)
    assert not store.drift(thorough=True).is_none
    assert store.resync(author="anna").revision == 2
    assert said(store) == before
    assert store.drift(thorough=True).is_none


@pytest.mark.parametrize(
    ("what", "elements", "links"),
    [("an element more", 1, 0), ("an element less", -1, 0), ("a link more", 0, 1)],
)
def test_drift__after_a_foreign_write__counts(
    store: SqliteGraph, tmp_path: Path, what: str, elements: int, links: int
) -> None:
    harm(tmp_path, what)
    kept, found = store.drift().kept, store.drift().found
    assert (found.elements - kept.elements, found.links - kept.links) == (elements, links)
