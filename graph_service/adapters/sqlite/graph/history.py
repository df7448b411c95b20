"""The change log of the SQLite graph, read word for word, and done again in another file.

All functions work inside the transaction of the connection they are given.
"""
# ruff: noqa: S608 -- the text of every statement is fixed here, all values are bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from graph_service.adapters.part_encoding import decode_document, decode_part, encode_part
from graph_service.domain.history import (
    DocumentChange,
    RevisionLog,
    StatedPart,
    does_not_follow,
)
from graph_service.domain.statements import Document

COLUMNS: Final = ("to_revision", "from_revision")
"""The columns of `parts` that name the revision which closed and which opened a part."""
_BATCH: Final = 2000

Numbers = Mapping[tuple[str, str], int]
"""(model set, document) → number of the document."""


# --- reading -----------------------------------------------------------------------------------


def documents_of(connection: sqlite3.Connection, revision: int) -> tuple[DocumentChange, ...]:
    """The documents that a revision changed, or parts of which it changed."""
    rows = connection.execute(_DOCUMENTS, {"r": revision}).fetchall()
    return tuple(
        DocumentChange(
            model_set,
            name,
            _document(model_set, name, closed),
            _document(model_set, name, opened),
            fingerprint,
        )
        for model_set, name, fingerprint, closed, opened in rows
    )


_DOCUMENTS: Final = """
SELECT m.name, n.name, n.fingerprint, max(CASE WHEN d.to_revision = :r THEN d.body END),
 max(CASE WHEN d.from_revision = :r THEN d.body END)
FROM document_names n JOIN model_sets m ON m.code = n.model_set
LEFT JOIN documents d ON d.document = n.id AND :r IN (d.from_revision, d.to_revision)
WHERE n.id IN (SELECT document FROM documents WHERE :r IN (from_revision, to_revision)
 UNION SELECT document FROM parts WHERE from_revision = :r
 UNION SELECT document FROM parts WHERE to_revision = :r)
GROUP BY n.id ORDER BY m.name, n.name
"""


def _document(model_set: str, name: str, body: str | None) -> Document | None:
    return None if body is None else decode_document(model_set, name, body)


def stated(
    connection: sqlite3.Connection, column: str, revision: int, words: list[str]
) -> Iterator[StatedPart]:
    """The parts that a revision opened or closed: `column` is one of `COLUMNS`."""
    rows = connection.execute(
        "SELECT m.name, n.name, p.element, p.ordinal, p.payload, s.mrid, p.section, p.line"
        " FROM parts p CROSS JOIN subjects s ON s.number = p.element"
        " CROSS JOIN document_names n ON n.id = p.document"
        f" CROSS JOIN model_sets m ON m.code = n.model_set WHERE p.{column} = ? ORDER BY p.id",
        (revision,),
    )
    for model_set, document, number, ordinal, payload, mrid, section, line in rows:
        part = decode_part(payload, mrid, words[section], line, words)
        yield StatedPart(model_set, document, number, ordinal, part)


# --- doing it again ----------------------------------------------------------------------------


def reenact(
    connection: sqlite3.Connection, codes: dict[str, int], numbers: Numbers, log: RevisionLog
) -> None:
    """Close and open the parts that a revision of another store closed and opened.

    Raises:
        Conflict: it closes what is not open here, or numbers an element otherwise.
    """
    revision = log.revision.number
    for some in _batches(log.closed):
        rows = [(revision, *_place(one, codes, numbers)) for one in some]
        _every(revision, connection.executemany(_CLOSE, rows), len(rows))
    sets = dict(connection.execute("SELECT name, code FROM model_sets").fetchall())
    for some in _batches(log.opened):
        subjects = [(one.number, sets[one.model_set], one.part.mrid) for one in some]
        connection.executemany(_NUMBER, subjects)
        parts = [(*subject, *_row(one, codes, numbers, revision))
                 for subject, one in zip(subjects, some, strict=True)]  # fmt: skip
        _every(revision, connection.executemany(_OPEN, parts), len(parts))


_CLOSE: Final = """
UPDATE parts SET to_revision = ?1 WHERE element = ?2 AND to_revision IS NULL AND document = ?3
 AND section = ?4 AND ordinal = ?5
"""
_NUMBER: Final = """
INSERT OR IGNORE INTO subjects SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM subjects
 WHERE mrid = ?3 COLLATE NOCASE AND mrid = ?3 AND model_set = ?2)
"""
_OPEN: Final = """
INSERT INTO parts (document, element, section, ordinal, from_revision, type, line, size, payload)
SELECT ?4, number, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM subjects
WHERE number = ?1 AND model_set = ?2 AND mrid = ?3
"""


def _place(one: StatedPart, codes: dict[str, int], numbers: Numbers) -> tuple[int, ...]:
    document = numbers[one.model_set, one.document]
    return one.number, document, codes[one.part.section], one.ordinal


def _row(
    one: StatedPart, codes: dict[str, int], numbers: Numbers, revision: int
) -> tuple[object, ...]:
    part = one.part
    return (
        numbers[one.model_set, one.document],
        codes[part.section],
        one.ordinal,
        revision,
        codes[part.types[0]] if part.types else 0,
        part.line,
        len(part.types) + len(part.statements),
        encode_part(part, codes),
    )


def _every(revision: int, cursor: sqlite3.Cursor, wanted: int) -> None:
    if cursor.rowcount != wanted:
        raise does_not_follow(revision)


def _batches(stated: Iterable[StatedPart]) -> Iterator[Sequence[StatedPart]]:
    waiting = iter(stated)
    while some := list(islice(waiting, _BATCH)):
        yield some
