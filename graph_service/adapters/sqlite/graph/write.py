"""One write to the graph in SQLite: documents put, dropped, undone, and the revision that lands.

Parts are compared and kept by `stage.py`; `derive.py` then brings elements,
links and owners up to date, at `changes()` and at the end.
"""
# ruff: noqa: S608 -- the text of every statement is fixed here, all values are bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime

import orjson

from graph_service.adapters.part_encoding import (
    decode_document,
    encode_document,
    without_lines,
)
from graph_service.adapters.sqlite.graph import resync
from graph_service.adapters.sqlite.graph.derive import Derivation
from graph_service.adapters.sqlite.graph.history import reenact
from graph_service.adapters.sqlite.graph.parts import Vocabulary
from graph_service.adapters.sqlite.graph.schema import SCRATCH, SCRATCH_TABLES
from graph_service.adapters.sqlite.graph.stage import Staging
from graph_service.adapters.sqlite.graph.undo import swap
from graph_service.domain.drift import RESYNC, Drift, Repair
from graph_service.domain.elements import Changes, Revision, check_name
from graph_service.domain.errors import UnknownRevision
from graph_service.domain.findings import Finding
from graph_service.domain.history import RevisionLog, does_not_follow
from graph_service.domain.merging import precedence
from graph_service.domain.statements import Document, Part


class SqliteGraphTransaction:
    """The write in the making; see `ports.graph_store.GraphTransaction`."""

    def __init__(self, connection: sqlite3.Connection, vocabulary: Vocabulary):
        self._connection = connection
        self._vocabulary = vocabulary
        self._sql = connection.execute
        _prepare(connection)
        vocabulary.refresh(connection)
        self._words_before = len(vocabulary.words)
        self._revision = self._one("SELECT coalesce(max(number), 0) + 1 FROM revisions")
        self._derivation = Derivation(connection, vocabulary)
        self._staging = Staging(connection, vocabulary, self._revision, self._derivation)
        self._undoes: int | None = None
        self._abandoned = False
        self.landed: Revision | None = None

    # --- what the port offers --------------------------------------------------------------

    def put_document(self, document: Document, parts: Iterable[Part]) -> bool:
        """Keep a document, replacing what stood under the same model set and name."""
        number = self._document(document.model_set, document.name)
        body = self._open_body(number)
        if body is not None and self._has_fingerprint(number, document.fingerprint):
            return False
        self._staging.make_way(number)
        changed = self._staging.replace_all(number, parts)
        if self._says_another(document, body):
            self._replace_body(number, document, body)
            changed = True
        if changed:
            self._remember_fingerprint(number, document.fingerprint)
        return changed

    def put_parts(self, model_set: str, document: str, parts: Iterable[Part]) -> None:
        """Replace single parts of a document, leaving its other parts as they are."""
        number = self._document(model_set, document)
        self._staging.make_way(number)
        if self._staging.replace_some(number, parts):
            self._remember_fingerprint(number, "")
            if self._open_body(number) is None:
                self._open_document(number, encode_document(Document(model_set, document)))

    def drop_document(self, model_set: str, document: str) -> None:
        """Take a document and all it states out of the graph; nothing where there is none."""
        number = self._document(model_set, document)
        self._staging.make_way(number)
        self._staging.close_all(number)
        self._close_document(number)
        self._remember_fingerprint(number, "")

    def changes(self) -> Changes:
        """Merge what was touched and count what the transaction does so far."""
        self._staging.settle()
        return self._derivation.changes(self._revision)

    def findings(self) -> list[Finding]:
        """What merging found."""
        self._staging.settle()
        return self._derivation.findings()

    def abandon(self) -> None:
        """Leave the store as it was when the block ends."""
        self._abandoned = True

    # --- what the store asks ---------------------------------------------------------------

    def undo(self, revision: int) -> None:
        """Close what a revision opened, open again what it closed.

        Raises:
            UnknownRevision: there is no such revision.
            Conflict: a later revision changed the same.
        """
        if not 1 <= revision < self._revision:
            raise UnknownRevision(revision, self._revision - 1)
        self._undoes = revision
        swap(self._connection, revision, self._revision, self._derivation)

    def replay(self, log: RevisionLog) -> None:
        """Do what a revision of another store did, and land it as it is there.

        Raises:
            Conflict: it does not follow what is here.
        """
        if log.revision.number != self._revision:
            raise does_not_follow(log.revision.number)
        numbers = {
            (c.model_set, c.name): self._document(c.model_set, c.name) for c in log.documents
        }
        reenact(self._connection, self._vocabulary.codes, numbers, log)
        for change in log.documents:
            number = numbers[change.model_set, change.name]
            if change.opened is not None:
                self._replace_body(number, change.opened, self._open_body(number))
            elif change.closed is not None:
                self._close_document(number)
            self._remember_fingerprint(number, change.fingerprint)
        for column in ("from_revision", "to_revision"):
            elements = f"SELECT element FROM parts WHERE {column} = ?"
            self._derivation.touch(elements, self._revision)
        self.changes()
        self._keep(log.revision)

    def drift(self) -> Drift:
        """Counts and checksums beside what the parts say; to be rolled back."""
        return resync.thorough(self._connection, self._vocabulary, resync.counts(self._connection))

    def resync(self, author: str) -> Repair:
        """Derive all anew; `landed` where that made a difference."""
        repair = resync.repair(self._connection, self._vocabulary, self._revision)
        if repair.revision is not None:
            at = datetime.now(UTC)
            self._keep(Revision(repair.revision, at, author, RESYNC, Changes()))
        return repair

    def land(self, author: str, message: str) -> None:
        """Write the revision, `landed`; none where nothing changed or nothing is to be kept."""
        changes = self.changes()
        if self._abandoned or not self._changed():
            return
        at = datetime.now(UTC)
        self._keep(Revision(self._revision, at, author, message, changes, self._undoes))

    def _keep(self, revision: Revision) -> None:
        self._vocabulary.keep(self._connection, self._words_before)
        self._sql(
            "INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)",
            (
                revision.number,
                revision.at.isoformat(),
                revision.author,
                revision.message,
                orjson.dumps(revision.changes).decode(),
                revision.undoes,
            ),
        )
        self.landed = revision

    def forget(self) -> None:
        """Drop what was learned in memory: the transaction did not land."""
        self._vocabulary.forget(self._words_before)

    def _changed(self) -> bool:
        row = self._sql(
            "SELECT 1 FROM parts WHERE from_revision = :r"
            " UNION ALL SELECT 1 FROM parts WHERE to_revision = :r"
            " UNION ALL SELECT 1 FROM documents WHERE :r IN (from_revision, to_revision) LIMIT 1",
            {"r": self._revision},
        ).fetchone()
        return row is not None

    # --- documents -------------------------------------------------------------------------

    def _document(self, model_set: str, name: str) -> int:
        check_name(model_set)
        self._sql("INSERT OR IGNORE INTO model_sets (name) VALUES (?)", (model_set,))
        code = self._one("SELECT code FROM model_sets WHERE name = ?", model_set)
        self._sql(
            "INSERT OR IGNORE INTO document_names (model_set, name) VALUES (?, ?)", (code, name)
        )
        return int(
            self._one("SELECT id FROM document_names WHERE model_set = ? AND name = ?", code, name)
        )

    def _has_fingerprint(self, number: int, fingerprint: str) -> bool:
        row = self._sql(
            "SELECT 1 FROM document_names WHERE id = ? AND fingerprint = ?", (number, fingerprint)
        ).fetchone()
        return bool(fingerprint) and row is not None

    def _open_body(self, number: int) -> str | None:
        row = self._sql(
            "SELECT body FROM documents WHERE document = ? AND to_revision IS NULL", (number,)
        ).fetchone()
        return row[0] if row else None

    def _says_another(self, document: Document, body: str | None) -> bool:
        if body is None:
            return True
        before = decode_document(document.model_set, document.name, body)
        return encode_document(without_lines(before)) != encode_document(without_lines(document))

    def _replace_body(self, number: int, document: Document, body: str | None) -> None:
        if body is not None:
            before = decode_document(document.model_set, document.name, body)
            if _standing(before) != _standing(document):
                self._derivation.touch("SELECT element FROM parts WHERE document = ?", number)
            self._close_document(number)
        self._open_document(number, encode_document(document))

    def _open_document(self, number: int, body: str) -> None:
        again = self._sql(
            "UPDATE documents SET to_revision = NULL"
            " WHERE document = ? AND to_revision = ? AND body = ?",
            (number, self._revision, body),
        )
        if again.rowcount:
            return
        self._sql(
            "INSERT INTO documents (document, from_revision, body) VALUES (?, ?, ?)",
            (number, self._revision, body),
        )

    def _close_document(self, number: int) -> None:
        self._sql(
            "DELETE FROM documents WHERE document = ? AND from_revision = ?",
            (number, self._revision),
        )
        self._sql(
            "UPDATE documents SET to_revision = ? WHERE document = ? AND to_revision IS NULL",
            (self._revision, number),
        )

    def _remember_fingerprint(self, number: int, fingerprint: str) -> None:
        self._sql("UPDATE document_names SET fingerprint = ? WHERE id = ?", (fingerprint, number))

    def _one(self, sql: str, *values: object) -> int:
        value: int = self._sql(sql, values).fetchone()[0]
        return value


def _prepare(connection: sqlite3.Connection) -> None:
    """Make and empty the scratch tables."""
    for statement in SCRATCH.split(";\n"):
        connection.execute(statement)
    for table in SCRATCH_TABLES:
        connection.execute(f"DELETE FROM {table}")


def _standing(document: Document) -> tuple[object, ...]:
    """All of a document that decides how much its word counts."""
    return (*precedence(document), document.model_id, document.supersedes)
