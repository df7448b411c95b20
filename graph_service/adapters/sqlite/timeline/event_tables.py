"""The tables of events in the timeline file: what each version says, and where it stands in time.

    event          every version of every event, by (source, id, known time)
    event_place    where each version stands in the time of each of its subjects, and of everything
    event_subject  element → number, and the spans in which it has places; number 0 is everything
    event_kind     kind → number

A place's span says how long its event may last, so that those that began before a window and
reach into it are found without going through all that was before. Places carry what filters ask
for, so that only events that are answered are looked up.

Limits: 63 kinds in one file. All functions work inside the transaction of the connection they are
given.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from typing import Final

import orjson

from graph_service.adapters.timeline.event_versions import (
    NEVER_US,
    Content,
    Histories,
    Identity,
    Version,
)

SCHEMA: Final = """
CREATE TABLE event_kind (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE event_subject (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, spans INTEGER NOT NULL
);
INSERT INTO event_subject VALUES (0, '', 0);
CREATE TABLE event (
    source TEXT NOT NULL, id TEXT NOT NULL, known_us INTEGER NOT NULL,
    kind INTEGER NOT NULL, start_us INTEGER NOT NULL, end_us INTEGER, severity INTEGER NOT NULL,
    text TEXT NOT NULL, subjects TEXT NOT NULL,
    uri TEXT, media_type TEXT, sha256 TEXT,
    PRIMARY KEY (source, id, known_us)
) WITHOUT ROWID;
CREATE TABLE event_place (
    subject INTEGER NOT NULL, span INTEGER NOT NULL,
    start_us INTEGER NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL, known_us INTEGER NOT NULL,
    gone_us INTEGER NOT NULL, end_us INTEGER, kind INTEGER NOT NULL, severity INTEGER NOT NULL,
    PRIMARY KEY (subject, span, start_us, source, id, known_us)
) WITHOUT ROWID"""

EVERYTHING: Final = 0
"""The subject that every event has."""
SPANS_US: Final = (3_600_000_000, 86_400_000_000, 32 * 86_400_000_000, NEVER_US)
"""The longest that an event of each span lasts: an hour, a day, a month, any time."""


def history_of(db: sqlite3.Connection, identity: Identity) -> list[Version]:
    """All versions of an event, by known time."""
    rows = db.execute("SELECT * FROM event WHERE source = ? AND id = ?", identity)
    return [_version(row) for row in rows]


def identities_after(db: sqlite3.Connection, after: Identity, first: int) -> list[Identity]:
    """So many events beyond one, by source and id."""
    return db.execute(
        "SELECT DISTINCT source, id FROM event WHERE (source, id) > (?, ?)"
        " ORDER BY source, id LIMIT ?",
        (*after, first),
    ).fetchall()


Row = tuple[str, str, int, int, int, int | None, int, str, str, str | None, str | None, str | None]
"""A row of `event`."""


def rows(db: sqlite3.Connection, versions: Sequence[tuple[str, str, int]]) -> list[Row]:
    """Versions of events, each by source, id and known time, in this order."""
    found: list[Row] = []
    for at in range(0, len(versions), _ROWS_AT_ONCE):
        lot = versions[at : at + _ROWS_AT_ONCE]
        # bound one by one: a text within JSON would end at a NUL
        statement = _ROWS.format(", ".join(["(?, ?, ?)"] * len(lot)))
        found += db.execute(statement, [value for one in lot for value in one]).fetchall()
    return found


_ROWS_AT_ONCE: Final = 100
_ROWS: Final = """SELECT event.* FROM (VALUES {}) AS wanted CROSS JOIN event
ON source = wanted.column1 AND id = wanted.column2 AND known_us = wanted.column3"""


def known_at(db: sqlite3.Connection, identity: Identity, known_us: int) -> int | None:
    """When the version of an event that holds at a time became known; None where none does."""
    [found] = db.execute(
        "SELECT max(known_us) FROM event WHERE source = ? AND id = ? AND known_us <= ?",
        (*identity, known_us),
    ).fetchone()
    return None if found is None else int(found)


def _version(row: Row) -> Version:
    _, _, known_us, kind, start_us, end_us, severity, text, subjects, *reference = row
    numbers = tuple(orjson.loads(subjects))
    return Version(known_us, Content(kind, start_us, end_us, severity, text, numbers, *reference))


def take(db: sqlite3.Connection, histories: Histories) -> None:
    """Take events away, all versions and places of them."""
    db.executemany("DELETE FROM event WHERE source = ? AND id = ?", histories)
    db.executemany(
        "DELETE FROM event_place WHERE subject = ? AND span = ? AND start_us = ? AND source = ?"
        " AND id = ? AND known_us = ?",
        (place[:6] for place in _places(histories)),
    )


def put(db: sqlite3.Connection, histories: Histories) -> None:
    """Keep events that have nothing in the tables, all versions of them."""
    db.executemany(
        "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _rows(histories)
    )
    places = sorted(_places(histories))
    db.executemany("INSERT INTO event_place VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", places)
    db.executemany(
        "UPDATE event_subject SET spans = spans | (1 << ?2)"
        " WHERE number = ?1 AND spans & (1 << ?2) = 0",
        {place[:2] for place in places},
    )


def _rows(histories: Histories) -> Iterator[tuple[object, ...]]:
    for identity, versions in histories.items():
        for known_us, content in versions:
            *head, subjects, uri, media_type, sha256 = content
            yield (*identity, known_us, *head, json.dumps(subjects), uri, media_type, sha256)


Place = tuple[int, int, int, str, str, int, int, int | None, int, int]
"""A row of `event_place`."""


def _places(histories: Histories) -> Iterator[Place]:
    for identity, versions in histories.items():
        gone = [version.known_us for version in versions[1:]] + [NEVER_US]
        for (known_us, content), gone_us in zip(versions, gone, strict=True):
            when = (_span(content), content.start_us, *identity, known_us, gone_us, content.end_us)
            for subject in (EVERYTHING, *content.subjects):
                yield (subject, *when, content.kind, content.severity)


def _span(content: Content) -> int:
    lasts_us = 0 if content.end_us is None else content.end_us - content.start_us
    return next(span for span, most_us in enumerate(SPANS_US) if lasts_us <= most_us)


# --- names and numbers -------------------------------------------------------------------------


def kinds(db: sqlite3.Connection) -> dict[str, int]:
    """The number of each kind that the file has had an event of."""
    return dict(db.execute("SELECT name, number FROM event_kind").fetchall())


def add_kinds(db: sqlite3.Connection, names: Sequence[str]) -> None:
    """Give kinds numbers, those that have none."""
    for name in names:
        db.execute("INSERT OR IGNORE INTO event_kind SELECT count(*), ? FROM event_kind", (name,))


def find_subject(db: sqlite3.Connection, name: str) -> int | None:
    """The number of an element that events are about."""
    row = db.execute("SELECT number FROM event_subject WHERE name = ?", (name,)).fetchone()
    return None if row is None else int(row[0])


def add_subjects(db: sqlite3.Connection, names: Sequence[str]) -> dict[str, int]:
    """Give elements that have none the next numbers."""
    [highest] = db.execute("SELECT max(number) FROM event_subject").fetchone()
    added = {name: highest + 1 + at for at, name in enumerate(names)}
    db.executemany("INSERT INTO event_subject VALUES (?2, ?1, 0)", added.items())
    return added


def subject_names(db: sqlite3.Connection, numbers: Collection[int]) -> dict[int, str]:
    """The elements of these numbers."""
    return dict(
        db.execute(
            "SELECT number, name FROM event_subject"
            " WHERE number IN (SELECT value FROM json_each(?))",
            (json.dumps(list(numbers)),),
        ).fetchall()
    )


def rename_subject(db: sqlite3.Connection, old: str, new: str) -> None:
    """Give the events of one element to another."""
    number, heir = find_subject(db, old), find_subject(db, new)
    if number is None:
        return
    if heir is None:
        db.execute("UPDATE event_subject SET name = ? WHERE number = ?", (new, number))
        return
    histories = {identity: history_of(db, identity) for identity in _identities(db, number)}
    take(db, histories)
    put(db, {at: [_given(version, number, heir) for version in histories[at]] for at in histories})
    db.execute("DELETE FROM event_subject WHERE number = ?", (number,))


def _identities(db: sqlite3.Connection, subject: int) -> list[Identity]:
    return db.execute(
        "SELECT DISTINCT source, id FROM event_place WHERE subject = ?", (subject,)
    ).fetchall()


def _given(version: Version, number: int, heir: int) -> Version:
    subjects = (heir if one == number else one for one in version.content.subjects)
    return version._replace(
        content=version.content._replace(subjects=tuple(dict.fromkeys(subjects)))
    )
