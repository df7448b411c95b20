"""Undo in SQLite: what a revision opened is closed, what it closed is opened again as new.

A place is (document, element, section, ordinal). Undo is possible where every place still says
what the revision left there; it need not be the very row, so that an undone undo can be undone.
"""
# ruff: noqa: S608 -- the text of every statement is fixed here, all values are bound

from __future__ import annotations

import sqlite3

from graph_service.adapters.sqlite.graph.derive import Derivation
from graph_service.domain.errors import Conflict

_SAME_PLACE = (
    "q.element = p.element AND q.document = p.document"
    " AND q.section = p.section AND q.ordinal = p.ordinal"
)


def swap(
    connection: sqlite3.Connection, revision: int, new_revision: int, derivation: Derivation
) -> None:
    """Take a revision back within the transaction of a new one.

    Raises:
        Conflict: a later revision changed the same.
    """
    sql = connection.execute
    names = {"r": revision, "new": new_revision}
    _refuse_conflicts(connection, revision)
    sql("DELETE FROM closing")
    sql(
        "INSERT INTO closing SELECT q.id FROM parts p CROSS JOIN parts q"
        f" ON {_SAME_PLACE} AND q.to_revision IS NULL WHERE p.from_revision = ?",
        (revision,),
    )
    derivation.touch(
        "SELECT element FROM parts WHERE from_revision = ? OR to_revision = ?", revision, revision
    )
    sql("UPDATE parts SET to_revision = :new WHERE id IN (SELECT part FROM closing)", names)
    sql(
        "INSERT INTO parts (document, element, section, ordinal, from_revision, type, line, size,"
        " payload) SELECT document, element, section, ordinal, :new, type, line, size, payload"
        " FROM parts WHERE to_revision = :r ORDER BY element, document",
        names,
    )
    _swap_documents(connection, revision, new_revision, derivation)


def _refuse_conflicts(connection: sqlite3.Connection, revision: int) -> None:
    names = {"r": revision}
    changed = connection.execute(
        "SELECT p.document, p.element, p.section, p.ordinal FROM parts p WHERE p.from_revision = :r"
        f" AND NOT EXISTS (SELECT 1 FROM parts q WHERE {_SAME_PLACE} AND q.to_revision IS NULL"
        "  AND q.payload = p.payload)"
        " UNION ALL"
        " SELECT p.document, p.element, p.section, p.ordinal FROM parts p WHERE p.to_revision = :r"
        f" AND NOT EXISTS (SELECT 1 FROM parts q WHERE {_SAME_PLACE} AND q.from_revision = :r)"
        f" AND EXISTS (SELECT 1 FROM parts q WHERE {_SAME_PLACE} AND q.to_revision IS NULL)"
        " LIMIT 1",
        names,
    ).fetchone()
    if changed is None:
        return
    later, mrid = connection.execute(
        "SELECT max(max(p.from_revision, coalesce(p.to_revision, 0))), s.mrid"
        " FROM parts p CROSS JOIN subjects s ON s.number = p.element"
        " WHERE document = ? AND element = ? AND section = ? AND ordinal = ?",
        changed,
    ).fetchone()
    raise _conflict(revision, later, mrid)


def _conflict(revision: int, later: int, subject: str) -> Conflict:
    return Conflict(
        f"revision {revision} cannot be undone: revision {later} changed {subject} after it",
        subject=str(later),
        hint=f"undo revision {later} first",
    )


def _swap_documents(
    connection: sqlite3.Connection, revision: int, new_revision: int, derivation: Derivation
) -> None:
    for number, before, after in _documents_of(connection, revision):
        now = _row(connection, number)
        if (now is None) != (after is None) or (now and now[1] != after):
            if now and now[1] == before:
                continue
            later = connection.execute(
                "SELECT max(max(from_revision, coalesce(to_revision, 0))), n.name FROM documents d"
                " JOIN document_names n ON n.id = d.document WHERE d.document = ?",
                (number,),
            ).fetchone()
            raise _conflict(revision, *later)
        if now and (before is not None or not _has_parts(connection, number)):
            connection.execute(
                "UPDATE documents SET to_revision = ? WHERE id = ?", (new_revision, now[0])
            )
        if before is not None:
            connection.execute(
                "INSERT INTO documents (document, from_revision, body) VALUES (?, ?, ?)",
                (number, new_revision, before),
            )
            derivation.touch(
                "SELECT element FROM parts WHERE document = ? AND to_revision IS NULL", number
            )
    connection.execute(
        "UPDATE document_names SET fingerprint = '' WHERE id IN"
        " (SELECT document FROM parts WHERE from_revision = :r OR to_revision = :r"
        "  UNION SELECT document FROM documents WHERE from_revision = :r OR to_revision = :r)",
        {"r": revision},
    )


def _documents_of(
    connection: sqlite3.Connection, revision: int
) -> list[tuple[int, str | None, str | None]]:
    """(document, body that the revision closed, body that it opened)."""
    return connection.execute(
        "SELECT document, max(CASE WHEN to_revision = :r THEN body END),"
        " max(CASE WHEN from_revision = :r THEN body END) FROM documents"
        " WHERE from_revision = :r OR to_revision = :r GROUP BY document",
        {"r": revision},
    ).fetchall()


def _row(connection: sqlite3.Connection, number: int) -> tuple[int, str] | None:
    row: tuple[int, str] | None = connection.execute(
        "SELECT id, body FROM documents WHERE document = ? AND to_revision IS NULL", (number,)
    ).fetchone()
    return row


def _has_parts(connection: sqlite3.Connection, number: int) -> bool:
    row = connection.execute(
        "SELECT 1 FROM parts WHERE document = ? AND to_revision IS NULL LIMIT 1", (number,)
    ).fetchone()
    return row is not None
