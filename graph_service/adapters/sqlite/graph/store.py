"""The layered graph in one SQLite file: what it answers, always of one revision at a time.

`SqliteGraph` implements `ports.graph_store.GraphStore`; see there for what it promises and
`sqlite/connection.py` for how it keeps it durable. Reads never wait for a writer. How a write comes
about is in `write.py`, the tables in `schema.py`.
"""
# ruff: noqa: S608 -- the text of every statement is fixed here, all values are bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from graph_service.adapters.part_encoding import decode_document, decode_part
from graph_service.adapters.revisions import WritesRevisions, revision_of
from graph_service.adapters.sqlite.connection import PATIENCE_S, SqliteFile
from graph_service.adapters.sqlite.graph import history
from graph_service.adapters.sqlite.graph.elements import (
    elements_by_mrid,
    elements_by_number,
    ends_of_links,
    listed,
)
from graph_service.adapters.sqlite.graph.filters import condition, fold, number_of
from graph_service.adapters.sqlite.graph.parts import Vocabulary
from graph_service.adapters.sqlite.graph.resync import counts
from graph_service.adapters.sqlite.graph.scan import scan
from graph_service.adapters.sqlite.graph.schema import SCHEMA, VERSION
from graph_service.adapters.sqlite.graph.write import SqliteGraphTransaction
from graph_service.domain.access import EVERYTHING, Scope
from graph_service.domain.columns import GraphColumns
from graph_service.domain.drift import Drift, Repair
from graph_service.domain.elements import (
    Element,
    ElementKey,
    ModelSet,
    Neighbour,
    Revision,
)
from graph_service.domain.errors import UnknownRevision
from graph_service.domain.filters import ElementFilter, ElementOrder, ElementPage, PageRequest
from graph_service.domain.history import RevisionLog, StatedPart
from graph_service.domain.layers import Layer
from graph_service.domain.statements import Document, Part


class SqliteGraph(WritesRevisions[SqliteGraphTransaction]):
    """The graph in `graph.sqlite` of a data folder.

    Args:
        folder: The data folder; made when it does not exist, unless `read_only`.
        read_only: Answer only; nothing is created or written in the folder.
        patience_s: How long a write waits for another one before StoreBusy.

    Raises:
        StoreReadOnly, StoreFull, StoreTooNew, StoreError: the folder cannot be used.
    """

    def __init__(self, folder: Path, *, read_only: bool = False, patience_s: float = PATIENCE_S):
        self._file = SqliteFile(
            folder / "graph.sqlite",
            SCHEMA,
            VERSION,
            read_only=read_only,
            functions={"number_of": number_of, "fold": fold},
            patience_s=patience_s,
        )
        self._vocabulary = Vocabulary()
        self._writing = Vocabulary()

    # --- revisions and writing -------------------------------------------------------------

    def revision(self) -> int:
        """The number of the newest revision; 0 for an empty store."""
        with self._file.reading() as connection:
            return _newest(connection)

    def revisions(self, first: int, before: int | None = None) -> list[Revision]:
        """Revisions, newest first, older than `before`."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM revisions WHERE number < coalesce(?, number + 1)"
                " ORDER BY number DESC LIMIT ?",
                (before, first),
            ).fetchall()
        return [revision_of(row) for row in rows]

    @contextmanager
    def _landing(self) -> Iterator[SqliteGraphTransaction]:
        """A write that is kept at the end of the block where it has landed."""
        with self._file.writing() as connection:
            transaction = SqliteGraphTransaction(connection, self._writing)
            try:
                yield transaction
                connection.execute("COMMIT" if transaction.landed else "ROLLBACK")
            except BaseException:
                transaction.forget()
                raise
            if transaction.landed is None:
                transaction.forget()

    def log(self, revision: int) -> RevisionLog:
        """What a revision changed, word for word."""
        with self._file.reading() as connection:
            row = connection.execute(
                "SELECT * FROM revisions WHERE number = ?", (revision,)
            ).fetchone()
            if row is None:
                raise UnknownRevision(revision, _newest(connection))
            documents = history.documents_of(connection, revision)
        closed, opened = (self._stated(column, revision) for column in history.COLUMNS)
        return RevisionLog(revision_of(row), documents, closed, opened)

    def _stated(self, column: str, revision: int) -> Iterator[StatedPart]:
        with self._file.streaming() as connection:
            yield from history.stated(connection, column, revision, self._words(connection))

    def drift(self, *, thorough: bool = False) -> Drift:
        """What all revisions came to beside what is there; thorough: what the parts say."""
        if thorough:
            with self._landing() as transaction:
                return transaction.drift()
        with self._file.reading() as connection:
            return counts(connection)

    def resync(self, *, author: str) -> Repair:
        """Make elements and links again what the documents say, as a revision of its own."""
        with self._landing() as transaction:
            return transaction.resync(author)

    # --- documents and parts ---------------------------------------------------------------

    def model_sets(self) -> list[ModelSet]:
        """The model sets, by name."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT m.name, (SELECT count(*) FROM documents d JOIN document_names n"
                "  ON n.id = d.document WHERE n.model_set = m.code AND d.to_revision IS NULL)"
                " AS documents,"
                " (SELECT count(*) FROM elements e WHERE e.model_set = m.code),"
                " (SELECT coalesce(sum(links), 0) FROM link_counts c WHERE c.model_set = m.code)"
                " FROM model_sets m WHERE documents > 0 ORDER BY m.name"
            ).fetchall()
            return [
                ModelSet(name, documents, elements, links, sum(self.pending(name).values()))
                for name, documents, elements, links in rows
            ]

    def documents(self, model_set: str) -> list[Document]:
        """The documents of a model set, by name; empty where the model set is unknown."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT n.name, d.body, n.fingerprint,"
                " (SELECT coalesce(sum(size), 0) FROM parts p WHERE p.document = n.id"
                "  AND p.to_revision IS NULL),"
                " (SELECT count(*) FROM parts p WHERE p.document = n.id"
                "  AND p.to_revision IS NULL)"
                " FROM model_sets m JOIN document_names n ON n.model_set = m.code"
                " JOIN documents d ON d.document = n.id AND d.to_revision IS NULL"
                " WHERE m.name = ? ORDER BY n.name",
                (model_set,),
            ).fetchall()
        return [
            replace(
                decode_document(model_set, name, body),
                fingerprint=fingerprint,
                statement_count=statements,
                part_count=parts,
            )
            for name, body, fingerprint, statements, parts in rows
        ]

    def parts(self, model_set: str, document: str) -> Iterator[Part]:
        """The parts of a document, ordered by first class URI, section and mRID; a stream."""
        with self._file.streaming() as connection:
            words = self._words(connection)
            rows = connection.execute(
                "SELECT p.payload, s.mrid, p.section, p.line FROM model_sets m"
                " JOIN document_names n ON n.model_set = m.code AND n.name = ?"
                " CROSS JOIN parts p ON p.document = n.id AND p.to_revision IS NULL"
                " CROSS JOIN subjects s ON s.number = p.element"
                " JOIN vocabulary t ON t.code = p.type JOIN vocabulary x ON x.code = p.section"
                " WHERE m.name = ? ORDER BY t.text, x.text, s.mrid, p.ordinal",
                (document, model_set),
            )
            for payload, mrid, section, line in rows:
                yield decode_part(payload, mrid, words[section], line, words)

    def parts_of(self, key: ElementKey) -> list[tuple[str, Part]]:
        """What each document states about one element: (document name, part)."""
        with self._file.reading() as connection:
            words = self._words(connection)
            rows = connection.execute(
                "SELECT n.name, p.payload, p.section, p.line FROM subjects s"
                " JOIN model_sets m ON m.code = s.model_set"
                " CROSS JOIN parts p ON p.element = s.number AND p.to_revision IS NULL"
                " JOIN document_names n ON n.id = p.document"
                " WHERE s.mrid = ? COLLATE NOCASE AND s.mrid = ? AND m.name = ?"
                " ORDER BY n.name, p.section, p.ordinal",
                (key.mrid, key.mrid, key.model_set),
            ).fetchall()
        return [
            (name, decode_part(payload, key.mrid, words[section], line, words))
            for name, payload, section, line in rows
        ]

    # --- elements --------------------------------------------------------------------------

    def elements(self, numbers: Sequence[int], scope: Scope) -> list[Element | None]:
        """Elements by number, in the order asked; None where there is none."""
        with self._file.reading() as connection:
            found = elements_by_number(connection, numbers, scope, self._words(connection))
        return [found.get(number) for number in numbers]

    def keys(self, numbers: Sequence[int]) -> list[ElementKey]:
        """The keys of existing elements by number, in the order asked."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT e.number, m.name, s.mrid FROM json_each(?) j"
                " CROSS JOIN elements e ON e.number = j.value"
                " CROSS JOIN subjects s ON s.number = e.number"
                " JOIN model_sets m ON m.code = e.model_set",
                (listed(numbers),),
            ).fetchall()
        found = {number: ElementKey(model_set, mrid) for number, model_set, mrid in rows}
        return [found[number] for number in numbers]

    def by_mrid(
        self, mrids: Sequence[str], scope: Scope, model_set: str | None = None
    ) -> list[list[Element]]:
        """Elements by mRID, in the order asked, one list each (several model sets may use it)."""
        with self._file.reading() as connection:
            found = elements_by_mrid(connection, mrids, scope, model_set, self._words(connection))
        return [list(found.get(mrid, ())) for mrid in mrids]

    def find(self, wanted: ElementFilter, page: PageRequest, scope: Scope) -> ElementPage:
        """A page of the elements a filter chooses."""
        with self._file.reading() as connection:
            words = self._words(connection)
            chosen = condition(connection, wanted, scope, self._vocabulary)
            key, tables = _ORDERS[page.order]
            sign, way = ("<", "DESC") if page.descending else (">", "ASC")
            after: str = "true"
            position: tuple[object, ...] = ()
            if page.after is not None and page.order is ElementOrder.NUMBER:
                after, position = f"e.number {sign} ?", page.after[1:]
            elif page.after is not None:
                after, position = f"({key}, e.number) {sign} (?, ?)", page.after
            rows = connection.execute(
                f"SELECT e.number, {key} FROM {tables} WHERE {after} AND {chosen.sql}"
                f" ORDER BY {key} {way}, e.number {way} LIMIT ?",
                (*position, *chosen.values, page.first + 1),
            ).fetchall()
            shown = rows[: page.first]
            found = elements_by_number(
                connection, [number for number, _ in shown], EVERYTHING, words
            )
        return ElementPage(
            tuple(found[number] for number, _ in shown),
            (str(shown[-1][1]), shown[-1][0]) if shown else None,
            len(rows) > page.first,
        )

    def count(self, wanted: ElementFilter, scope: Scope) -> int:
        """How many elements a filter chooses."""
        with self._file.reading() as connection:
            self._words(connection)
            chosen = condition(connection, wanted, scope, self._vocabulary)
            sql = f"SELECT count(*) FROM elements e WHERE {chosen.sql}"
            return int(connection.execute(sql, chosen.values).fetchone()[0])

    def count_by_kind(self, wanted: ElementFilter, scope: Scope) -> dict[str, int]:
        """How many of each kind a filter chooses."""
        with self._file.reading() as connection:
            words = self._words(connection)
            chosen = condition(connection, wanted, scope, self._vocabulary)
            rows = connection.execute(
                f"SELECT e.kind, count(*) FROM elements e WHERE {chosen.sql} GROUP BY e.kind",
                chosen.values,
            ).fetchall()
        return dict(sorted((words[kind], count) for kind, count in rows))

    # --- links and owners ------------------------------------------------------------------

    def neighbours(
        self,
        numbers: Sequence[int],
        scope: Scope,
        *,
        links: frozenset[str] | None = None,
        layer: Layer | None = None,
    ) -> list[list[Neighbour]]:
        """The elements linked with each of these, ordered by link name, direction and number."""
        with self._file.reading() as connection:
            words = self._words(connection)
            codes = None if links is None else [self._vocabulary.known(name) for name in links]
            rows = ends_of_links(connection, numbers, scope, codes, layer)
            others = elements_by_number(connection, {row[3] for row in rows}, EVERYTHING, words)
        found: dict[int, list[Neighbour]] = {}
        for number, name, incoming, other in sorted(
            (row[0], words[row[1]], row[2], row[3]) for row in rows
        ):
            neighbour = Neighbour(name, not incoming, others[other])
            found.setdefault(number, []).append(neighbour)
        return [list(found.get(number, ())) for number in numbers]

    def owners_of(self, numbers: Sequence[int]) -> list[tuple[int, ...]]:
        """The numbers of the organisations that own each of these, stated or inherited."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT o.element, o.owner FROM json_each(?) j"
                " CROSS JOIN owners o ON o.element = j.value ORDER BY o.element, o.owner",
                (listed(dict.fromkeys(numbers)),),
            ).fetchall()
        found: dict[int, list[int]] = {}
        for element, owner in rows:
            found.setdefault(element, []).append(owner)
        return [tuple(found.get(number, ())) for number in numbers]

    def pending(self, model_set: str | None = None) -> Mapping[str, int]:
        """References that wait for their element, counted by link name."""
        with self._file.reading() as connection:
            words = self._words(connection)
            rows = connection.execute(
                "SELECT p.name, count(*) FROM (SELECT DISTINCT source, name, target FROM pending"
                " WHERE met IS NULL) p CROSS JOIN subjects s ON s.number = p.source"
                " JOIN model_sets m ON m.code = s.model_set WHERE m.name = coalesce(?, m.name)"
                " GROUP BY p.name",
                (model_set,),
            ).fetchall()
        return dict(sorted((words[name], count) for name, count in rows))

    def scan(self) -> GraphColumns:
        """The whole graph as columns of one revision, for the projection."""
        with self._file.reading() as connection:
            return scan(connection, self._words(connection))

    def close(self) -> None:
        """Let go of files and connections."""
        self._file.close()

    # --- helpers ---------------------------------------------------------------------------

    def _words(self, connection: sqlite3.Connection) -> list[str]:
        self._vocabulary.refresh(connection)
        return self._vocabulary.words


_ORDERS = {
    ElementOrder.NUMBER: ("e.number", "elements e"),
    ElementOrder.NAME: (
        "d.folded",
        "descriptions d CROSS JOIN elements e ON e.number = d.number",
    ),
    ElementOrder.KIND: ("k.text", "vocabulary k CROSS JOIN elements e ON e.kind = k.code"),
}


def _newest(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT coalesce(max(number), 0) FROM revisions").fetchone()
    return int(row[0])
