"""One write to the graph in SQLite: parts come in as streams, only what differs is kept.

A document's parts are staged in a scratch table and compared with the open ones inside the
database, so memory does not grow with the document. What differs is closed and opened under the
revision in the making; `sqlite_graph_derive` then brings elements, links and owners up to date.
Element numbers are given in order of (model set, mRID) to all new ones that wait when they are
needed: at `changes()`, at the end, and when a document is put twice.
"""
# ruff: noqa: S608 -- the text of every statement is fixed here, all values are bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import orjson

from graph_service.adapters.sqlite_graph_derive import Derivation
from graph_service.adapters.sqlite_graph_schema import SCRATCH, SCRATCH_TABLES
from graph_service.adapters.sqlite_graph_undo import swap
from graph_service.adapters.sqlite_parts import (
    Vocabulary,
    decode_document,
    encode_document,
    encode_part,
    without_lines,
)
from graph_service.domain.elements import Changes, Revision, check_name
from graph_service.domain.errors import UnknownRevision
from graph_service.domain.findings import Finding
from graph_service.domain.merging import precedence
from graph_service.domain.statements import Document, Part

# The planner knows nothing of how large tables are: CROSS JOIN holds it to the order written.
_SUBJECT = (
    "CROSS JOIN subjects s ON s.mrid = g.mrid COLLATE NOCASE AND s.mrid = g.mrid"
    " AND s.model_set = g.model_set"
)


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
        self._staged: set[int] = set()
        self._closed: set[int] = set()
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
        self._make_way(number)
        start = self._stage(number, document.model_set, parts)
        changed = self._close_what_differs(number, start)
        if self._says_another(document, body):
            self._replace_body(number, document, body)
            changed = True
        if changed:
            self._remember_fingerprint(number, document.fingerprint)
        return changed

    def put_parts(self, model_set: str, document: str, parts: Iterable[Part]) -> None:
        """Replace single parts of a document, leaving its other parts as they are."""
        number = self._document(model_set, document)
        self._make_way(number)
        start = self._stage(number, model_set, parts)
        self._find_kept(number, start)
        self._sql(
            "INSERT OR IGNORE INTO closing SELECT p.id FROM staged g"
            f" {_SUBJECT}"
            " CROSS JOIN parts p ON p.element = s.number AND p.to_revision IS NULL"
            "  AND p.document = g.document AND p.section = g.section"
            " WHERE g.seq > ? AND p.id NOT IN (SELECT part FROM kept)",
            (start,),
        )
        self._sql("DELETE FROM staged WHERE seq > ? AND size = 0", (start,))
        if self._settle_differences(number, start):
            self._remember_fingerprint(number, "")
            if self._open_body(number) is None:
                self._open_document(number, encode_document(Document(model_set, document)))

    def drop_document(self, model_set: str, document: str) -> None:
        """Take a document and all it states out of the graph; nothing where there is none."""
        number = self._document(model_set, document)
        self._make_way(number)
        self._sql(
            "INSERT INTO closing SELECT id FROM parts WHERE document = ? AND to_revision IS NULL",
            (number,),
        )
        self._close(number)
        self._close_document(number)
        self._remember_fingerprint(number, "")

    def changes(self) -> Changes:
        """Merge what was touched and count what the transaction does so far."""
        self._settle()
        return self._derivation.changes(self._revision)

    def findings(self) -> list[Finding]:
        """What merging found."""
        self._settle()
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

    def land(self, author: str, message: str) -> None:
        """Write the revision, `landed`; none where nothing changed or nothing is to be kept."""
        changes = self.changes()
        if self._abandoned or not self._changed():
            return
        self._vocabulary.keep(self._connection, self._words_before)
        revision = Revision(
            self._revision, datetime.now(UTC), author, message, changes, self._undoes
        )
        self._sql(
            "INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)",
            (
                revision.number,
                revision.at.isoformat(),
                author,
                message,
                orjson.dumps(changes).decode(),
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
            if precedence(before) != precedence(document):
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

    # --- parts: staged, compared, closed, opened -------------------------------------------

    def _make_way(self, number: int) -> None:
        if number in self._staged:
            self._settle()
        self._sql("DELETE FROM kept")
        self._sql("DELETE FROM closing")

    def _stage(self, number: int, model_set: str, parts: Iterable[Part]) -> int:
        """Stage parts; gives the number that all their rows lie above."""
        start = int(self._one("SELECT coalesce(max(seq), 0) FROM staged"))
        code = self._one("SELECT code FROM model_sets WHERE name = ?", model_set)
        self._connection.executemany(
            "INSERT INTO staged (document, model_set, mrid, section, type, line, size, payload)"
            f" VALUES ({number:d}, {code:d}, ?, ?, ?, ?, ?, ?)",
            self._rows(parts),
        )
        self._staged.add(number)
        self._count_repeats(start)
        return start

    def _rows(self, parts: Iterable[Part]) -> Iterator[tuple[str, int, int, int, int, bytes]]:
        codes = self._vocabulary.codes
        for part in parts:
            types = part.types
            yield (
                part.mrid,
                codes[part.section],
                codes[types[0]] if types else 0,
                part.line,
                len(types) + len(part.statements),
                encode_part(part, codes),
            )

    def _count_repeats(self, start: int) -> None:
        """Tell parts apart that one document gives the same id."""
        self._sql("DELETE FROM repeats")
        self._sql(
            "INSERT INTO repeats SELECT seq, nth FROM (SELECT seq, row_number()"
            " OVER (PARTITION BY mrid, section ORDER BY seq) - 1 AS nth"
            " FROM staged WHERE seq > ?) WHERE nth > 0",
            (start,),
        )
        self._sql(
            "UPDATE staged SET ordinal = (SELECT ordinal FROM repeats r WHERE r.seq = staged.seq)"
            " WHERE seq IN (SELECT seq FROM repeats)"
        )

    def _close_what_differs(self, number: int, start: int) -> bool:
        self._sql("DELETE FROM staged WHERE seq > ? AND size = 0", (start,))
        self._find_kept(number, start)
        self._sql(
            "INSERT INTO closing SELECT id FROM parts WHERE document = ? AND to_revision IS NULL"
            " AND id NOT IN (SELECT part FROM kept)",
            (number,),
        )
        return self._settle_differences(number, start)

    def _find_kept(self, number: int, start: int) -> None:
        """Note which open parts say what comes in again."""
        row = self._sql(
            "SELECT 1 FROM parts WHERE document = ? AND to_revision IS NULL LIMIT 1", (number,)
        ).fetchone()
        if row is None:
            return
        self._sql(
            "INSERT INTO kept SELECT p.id, g.seq, g.line FROM staged g"
            f" {_SUBJECT}"
            " CROSS JOIN parts p ON p.element = s.number AND p.to_revision IS NULL"
            "  AND p.document = g.document AND p.section = g.section AND p.ordinal = g.ordinal"
            "  AND p.payload = g.payload"
            " WHERE g.seq > ?",
            (start,),
        )

    def _settle_differences(self, number: int, start: int) -> bool:
        """Close and leave staged what differs; tell whether anything does."""
        self._sql("DELETE FROM staged WHERE seq IN (SELECT seq FROM kept)")
        opened = self._sql("SELECT 1 FROM staged WHERE seq > ? LIMIT 1", (start,)).fetchone()
        closed = self._sql("SELECT 1 FROM closing LIMIT 1").fetchone()
        if not opened and not closed:
            return False
        self._close(number)
        self._sql(
            "UPDATE parts SET line = k.line FROM kept k WHERE parts.id = k.part"
            " AND parts.line <> k.line"
        )
        return True

    def _close(self, number: int) -> None:
        self._derivation.touch("SELECT element FROM parts WHERE id IN (SELECT part FROM closing)")
        self._closed.add(number)
        self._sql(
            "DELETE FROM parts WHERE from_revision = ? AND id IN (SELECT part FROM closing)",
            (self._revision,),
        )
        self._sql(
            "UPDATE parts SET to_revision = ? WHERE id IN (SELECT part FROM closing)",
            (self._revision,),
        )

    def _settle(self) -> None:
        """Number new subjects and open the staged parts."""
        if not self._staged:
            return
        self._sql(
            "INSERT INTO subjects (model_set, mrid) SELECT DISTINCT g.model_set, g.mrid"
            " FROM staged g JOIN model_sets m ON m.code = g.model_set"
            " WHERE NOT EXISTS (SELECT 1 FROM subjects s WHERE s.mrid = g.mrid COLLATE NOCASE"
            "  AND s.mrid = g.mrid AND s.model_set = g.model_set)"
            " ORDER BY m.name, g.mrid"
        )
        if self._staged & self._closed:
            self._open_again()
        self._sql(
            "INSERT INTO parts (document, element, section, ordinal, from_revision, type, line,"
            " size, payload) SELECT g.document, s.number, g.section, g.ordinal, ?, g.type, g.line,"
            " g.size, g.payload FROM staged g"
            f" {_SUBJECT}"
            " ORDER BY s.number, g.document, g.seq",
            (self._revision,),
        )
        self._derivation.touch(f"SELECT s.number FROM staged g {_SUBJECT}")
        self._sql("DELETE FROM staged")
        self._staged.clear()

    def _open_again(self) -> None:
        """Let a part that was closed and comes back in the same transaction stay as it was."""
        self._sql("DELETE FROM kept")
        self._sql(
            "INSERT INTO kept SELECT p.id, g.seq, g.line FROM staged g"
            f" {_SUBJECT}"
            " CROSS JOIN parts p ON p.element = s.number AND p.to_revision = ?"
            "  AND p.document = g.document AND p.section = g.section AND p.ordinal = g.ordinal"
            "  AND p.payload = g.payload",
            (self._revision,),
        )
        self._sql("UPDATE parts SET to_revision = NULL WHERE id IN (SELECT part FROM kept)")
        self._derivation.touch("SELECT element FROM parts WHERE id IN (SELECT part FROM kept)")
        self._sql("DELETE FROM staged WHERE seq IN (SELECT seq FROM kept)")

    def _one(self, sql: str, *values: object) -> int:
        value: int = self._sql(sql, values).fetchone()[0]
        return value


def _prepare(connection: sqlite3.Connection) -> None:
    """Make and empty the scratch tables."""
    for statement in SCRATCH.split(";\n"):
        connection.execute(statement)
    for table in SCRATCH_TABLES:
        connection.execute(f"DELETE FROM {table}")
