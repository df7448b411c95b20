"""What follows from the parts: elements, links and owners, brought up to date for what was touched.

Touched elements are merged again by `domain.merging`, in one pass over one ordered join. Then all
references of these elements are looked up at once; those that meet no element wait in `pending`.
Where an element came or went, the elements that refer to it are linked again, too.
"""
# ruff: noqa: S608 -- the text of every statement is fixed here, all values are bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter

import orjson

from graph_service.adapters.part_encoding import decode_document, decode_part
from graph_service.adapters.sqlite.graph.links import Linking
from graph_service.adapters.sqlite.graph.owners import replace_owners
from graph_service.adapters.sqlite.graph.parts import Vocabulary
from graph_service.adapters.sqlite.graph.schema import LAYER_CODES
from graph_service.domain.elements import Changes
from graph_service.domain.findings import Finding
from graph_service.domain.merging import Merged, merge, ranked
from graph_service.domain.statements import Part

_BATCH = 2000

Stated = list[tuple[str, Part]]


class Derivation:
    """The derived tables of a transaction in the making."""

    def __init__(self, connection: sqlite3.Connection, vocabulary: Vocabulary):
        self._connection = connection
        self._sql = connection.execute
        self._vocabulary = vocabulary
        self._linking = Linking(connection, vocabulary)
        self._found: dict[int, list[Finding]] = {}
        self._dirty = False

    def touch(self, elements: str, *values: object) -> None:
        """Mark elements, chosen by a query for their numbers, to be merged again."""
        self._sql(
            "INSERT INTO touched SELECT t.number, e.kind, e.kind IS NOT NULL, 1 FROM"
            " (SELECT DISTINCT number FROM (SELECT NULL AS number WHERE false UNION ALL"
            f"   {elements}) ORDER BY number) t"
            " LEFT JOIN elements e ON e.number = t.number WHERE true"
            " ON CONFLICT (number) DO UPDATE SET dirty = 1, alive = excluded.alive",
            values,
        )
        self._dirty = True

    def bring_up_to_date(self) -> None:
        """Merge and link all that is marked."""
        if not self._dirty:
            return
        self._dirty = False
        self._sql("DELETE FROM work")
        self._sql("DELETE FROM refs")
        self._sql("INSERT INTO work SELECT number FROM touched WHERE dirty")
        self._merge_touched()
        self._merge_affected()
        self._linking.link()
        for model_set in self._sets_with_new_owners():
            replace_owners(self._connection, self._vocabulary, model_set)
        self._sql("UPDATE touched SET dirty = 0 WHERE dirty")

    def changes(self, revision: int) -> Changes:
        """Count what the transaction does to elements and links so far."""
        self.bring_up_to_date()
        rows = self._sql(
            "SELECT t.kind, e.kind, count(*) FROM touched t"
            " LEFT JOIN elements e ON e.number = t.number"
            " WHERE t.kind IS NULL OR e.kind IS NULL OR EXISTS (SELECT 1 FROM parts p"
            "  WHERE p.element = t.number AND (p.to_revision = :r"
            "   OR (p.to_revision IS NULL AND p.from_revision = :r)))"
            " GROUP BY t.kind, e.kind",
            {"r": revision},
        ).fetchall()
        counts: dict[str, list[int]] = {}
        for before, after, count in rows:
            if before is not None or after is not None:
                kind = self._vocabulary.words[before if after is None else after]
                which = 0 if before is None else 2 if after is None else 1
                counts.setdefault(kind, [0, 0, 0])[which] += count
        added, changed, removed = (sum(c[i] for c in counts.values()) for i in range(3))
        links_added, links_removed = self._linking.counts()
        by_kind = {kind: (c[0], c[1], c[2]) for kind, c in sorted(counts.items())}
        return Changes(added, changed, removed, links_added, links_removed, by_kind)

    def findings(self) -> list[Finding]:
        """What merging and linking found about all that was touched."""
        self.bring_up_to_date()
        merging = [one for number in sorted(self._found) for one in self._found[number]]
        return merging + self._linking.findings()

    # --- merging ---------------------------------------------------------------------------

    def _merge_touched(self) -> None:
        merged = self._merged("work")
        while batch := list(islice(merged, _BATCH)):
            self._keep_elements(batch)
            self._linking.stage(batch)
            self._remember_findings(batch)

    def _merge_affected(self) -> None:
        """Read the references again of elements that refer to what came or went."""
        if not self._linking.find_affected():
            return
        merged = self._merged("affected")
        while batch := list(islice(merged, _BATCH)):
            self._linking.stage(batch)
        self._sql("INSERT INTO work SELECT number FROM affected")

    def _merged(self, table: str) -> Iterator[tuple[int, int, Merged | None]]:
        """Merge the elements of a table of numbers: (number, model set, merged)."""
        documents = _Documents(self._connection)
        rows = self._connection.execute(
            "SELECT w.number, s.model_set, s.mrid, p.document, p.section, p.ordinal, p.line,"
            f" p.payload FROM {table} w CROSS JOIN subjects s ON s.number = w.number"
            " LEFT JOIN parts p ON p.element = w.number AND p.to_revision IS NULL"
            " ORDER BY w.number"
        )
        for number, group in groupby(rows, itemgetter(0)):
            parts = list(group)
            _, model_set, mrid, *_ = parts[0]
            merged = merge(mrid, self._stated(documents, parts))
            yield number, model_set, merged

    def _stated(self, documents: _Documents, rows: list[tuple]) -> Stated:  # type: ignore[type-arg]
        """What documents state, least precedence first, parts of one document joined."""
        words = self._vocabulary.words
        if rows[0][3] is None:
            return []
        if len(rows) > 1:
            rows.sort(key=lambda row: (documents.rank(row[3]), row[4], row[5]))
        stated: Stated = []
        for _, _, mrid, document, section, ordinal, line, payload in rows:
            part = decode_part(payload, mrid, words[section], line, words)
            if ordinal and stated:
                part = _joined(stated.pop()[1], part)
            stated.append((documents.name(document), part))
        return stated

    def _keep_elements(self, batch: Sequence[tuple[int, int, Merged | None]]) -> None:
        codes = self._vocabulary.codes
        alive = [(number, model_set, m) for number, model_set, m in batch if m is not None]
        gone = [(number,) for number, _, merged in batch if merged is None]
        self._connection.executemany(
            "INSERT OR REPLACE INTO elements VALUES (?, ?, ?, ?, ?, ?)",
            [
                (n, s, codes[m.kind], LAYER_CODES[m.layer] if m.layer else 0, m.state, m.phases)
                for n, s, m in alive
            ],
        )
        self._connection.executemany(
            "INSERT OR REPLACE INTO descriptions VALUES (?, ?, ?, ?, ?)", _descriptions(alive)
        )
        if gone:
            self._connection.executemany("DELETE FROM elements WHERE number = ?", gone)
            self._connection.executemany("DELETE FROM descriptions WHERE number = ?", gone)

    def _remember_findings(self, batch: Sequence[tuple[int, int, Merged | None]]) -> None:
        for number, _, merged in batch:
            if merged and merged.findings:
                self._found[number] = merged.findings
            else:
                self._found.pop(number, None)

    def _sets_with_new_owners(self) -> list[int]:
        return sorted(self._linking.sets_with_new_owners())


def _descriptions(
    alive: Iterable[tuple[int, int, Merged]],
) -> Iterator[tuple[int, str, str, str, str]]:
    for number, _, merged in alive:
        yield (
            number,
            merged.name,
            merged.name.casefold(),
            orjson.dumps(merged.kinds).decode(),
            orjson.dumps(merged.properties).decode(),
        )


def _joined(first: Part, second: Part) -> Part:
    types = tuple(dict.fromkeys(first.types + second.types))
    statements = first.statements + second.statements
    return Part(first.mrid, types, statements, first.identified_by, first.section, first.line)


class _Documents:
    """Names and precedence of the open documents, by their number."""

    def __init__(self, connection: sqlite3.Connection):
        rows = connection.execute(
            "SELECT n.id, m.name, n.name, d.body FROM document_names n"
            " JOIN model_sets m ON m.code = n.model_set"
            " JOIN documents d ON d.document = n.id AND d.to_revision IS NULL"
        ).fetchall()
        self._names: dict[int, str] = {number: name for number, _, name, _ in rows}
        numbers = {(model_set, name): number for number, model_set, name, _ in rows}
        order = ranked(decode_document(*row[1:]) for row in rows)
        self._ranks = {numbers[one.model_set, one.name]: rank for rank, one in enumerate(order)}

    def name(self, number: int) -> str:
        return self._names[number]

    def rank(self, number: int) -> int:
        return self._ranks[number]
