"""Parts on their way into the graph: staged, compared with what is open, closed, opened.

A stream of parts goes to a scratch table and is compared inside the database, so memory does not
grow with the document. What says the same stays as it is; what differs or is missing is closed,
what is new waits until it is settled: then new subjects get their numbers, in order of (model
set, mRID), and the parts are opened in order of number.
"""
# ruff: noqa: S608 -- the text of every statement is fixed here, all values are bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from graph_service.adapters.part_encoding import encode_part
from graph_service.adapters.sqlite.graph.derive import Derivation
from graph_service.adapters.sqlite.graph.parts import Vocabulary
from graph_service.domain.statements import Part

# The planner knows nothing of how large tables are: CROSS JOIN holds it to the order written.
_SUBJECT = (
    "CROSS JOIN subjects s ON s.mrid = g.mrid COLLATE NOCASE AND s.mrid = g.mrid"
    " AND s.model_set = g.model_set"
)


class Staging:
    """The parts of a transaction in the making, by number of their document."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        vocabulary: Vocabulary,
        revision: int,
        derivation: Derivation,
    ):
        self._connection = connection
        self._sql = connection.execute
        self._vocabulary = vocabulary
        self._revision = revision
        self._derivation = derivation
        self._staged: set[int] = set()
        self._closed: set[int] = set()

    def make_way(self, number: int) -> None:
        """Settle what a document put before in this transaction, before it is put again."""
        if number in self._staged:
            self.settle()
        self._sql("DELETE FROM kept")
        self._sql("DELETE FROM closing")

    def replace_all(self, number: int, parts: Iterable[Part]) -> bool:
        """Let a document state these parts and no others; tell whether that is a change."""
        start = self._stage(number, parts)
        self._sql("DELETE FROM staged WHERE seq > ? AND size = 0", (start,))
        self._find_kept(number, start)
        self._sql(
            "INSERT INTO closing SELECT id FROM parts WHERE document = ? AND to_revision IS NULL"
            " AND id NOT IN (SELECT part FROM kept)",
            (number,),
        )
        return self._settle_differences(number, start)

    def replace_some(self, number: int, parts: Iterable[Part]) -> bool:
        """Let a document state these parts beside its others; tell whether that is a change."""
        start = self._stage(number, parts)
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
        return self._settle_differences(number, start)

    def close_all(self, number: int) -> None:
        """Let a document state nothing."""
        self._sql(
            "INSERT INTO closing SELECT id FROM parts WHERE document = ? AND to_revision IS NULL",
            (number,),
        )
        self._close(number)

    def settle(self) -> None:
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

    # --- staging and comparing -------------------------------------------------------------

    def _stage(self, number: int, parts: Iterable[Part]) -> int:
        """Stage parts; gives the number that all their rows lie above."""
        start: int = self._sql("SELECT coalesce(max(seq), 0) FROM staged").fetchone()[0]
        self._connection.executemany(
            "INSERT INTO staged (document, model_set, mrid, section, type, line, size, payload)"
            " SELECT id, model_set, ?2, ?3, ?4, ?5, ?6, ?7 FROM document_names WHERE id = ?1",
            self._rows(number, parts),
        )
        self._staged.add(number)
        self._count_repeats(start)
        return start

    def _rows(
        self, number: int, parts: Iterable[Part]
    ) -> Iterator[tuple[int, str, int, int, int, int, bytes]]:
        codes = self._vocabulary.codes
        for part in parts:
            types = part.types
            yield (
                number,
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
