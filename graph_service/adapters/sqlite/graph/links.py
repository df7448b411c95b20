"""Links in SQLite: references of touched elements looked up at once, and what to do with the rest.

A reference meets the element of its model set with exactly this mRID. Where there is none, a UUID
may meet the one element whose mRID differs in case only. Ids written one after another in one
reference are linked where every one is known. All else waits in `pending` under each id it names,
so that an element that comes finds who waits for it; what met in another case waits there, too,
with the element it met.
"""
# ruff: noqa: S608 -- the text of every statement is fixed here, all values are bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from graph_service.adapters.sqlite.graph.parts import Vocabulary
from graph_service.domain.findings import Finding, finding
from graph_service.domain.merging import Merged, targets
from graph_service.domain.ownership import relevant_links

_ALIVE = "EXISTS (SELECT 1 FROM elements e WHERE e.number = s.number)"
_IS_UUID = f"piece GLOB '{'?' * 8}-????-????-????-{'?' * 12}'"


class Linking:
    """The links and pending references of a transaction in the making."""

    def __init__(self, connection: sqlite3.Connection, vocabulary: Vocabulary):
        self._connection = connection
        self._sql = connection.execute
        self._vocabulary = vocabulary
        self._step = 0
        self._several = False
        self._found: list[Finding] = []
        self._kinds_changed = False

    def stage(self, batch: Sequence[tuple[int, int, Merged | None]]) -> None:
        """Take the references of merged elements: (number, model set, merged)."""
        self._connection.executemany(
            "INSERT INTO refs (source, model_set, name, target, piece) VALUES (?, ?, ?, ?, ?)",
            self._references(batch),
        )

    def find_affected(self) -> bool:
        """Find who refers to elements that came or went, beside those already at work."""
        self._sql("CREATE TEMP TABLE IF NOT EXISTS affected (number INTEGER PRIMARY KEY)")
        self._sql("DELETE FROM affected")
        self._sql(
            "INSERT OR IGNORE INTO affected SELECT l.source FROM touched t"
            " CROSS JOIN links l ON l.target = t.number"
            " WHERE t.dirty AND t.alive AND l.source NOT IN (SELECT number FROM work)"
            "  AND NOT EXISTS (SELECT 1 FROM elements e WHERE e.number = t.number)"
        )
        if self._sql("SELECT 1 FROM pending LIMIT 1").fetchone():
            self._sql(
                "INSERT OR IGNORE INTO affected SELECT p.source FROM touched t"
                " CROSS JOIN subjects s ON s.number = t.number"
                " CROSS JOIN pending p ON p.piece = s.mrid COLLATE NOCASE"
                " CROSS JOIN subjects w ON w.number = p.source AND w.model_set = s.model_set"
                " WHERE t.dirty AND p.source NOT IN (SELECT number FROM work)"
                "  AND t.alive <> EXISTS (SELECT 1 FROM elements e WHERE e.number = t.number)"
            )
        return self._sql("SELECT 1 FROM affected LIMIT 1").fetchone() is not None

    def link(self) -> None:
        """Replace links and pending references of all elements at work."""
        self._step += 1
        self._meet()
        if self._several:
            self._all_or_none()
        self._replace_links()
        self._replace_pending()

    def counts(self) -> tuple[int, int]:
        """How many links the transaction adds and removes so far."""
        row = self._sql(
            "SELECT coalesce(sum(n > 0), 0), coalesce(sum(n < 0), 0) FROM"
            " (SELECT sum(delta) AS n FROM link_log GROUP BY source, name, target)"
            if self._step > 1
            else "SELECT coalesce(sum(delta > 0), 0), coalesce(sum(delta < 0), 0) FROM link_log"
        ).fetchone()
        return row[0], row[1]

    def sets_with_new_owners(self) -> set[int]:
        """Model sets where links that decide about ownership, or kinds, changed in this step."""
        names = [self._vocabulary.known(name) for name in relevant_links()]
        marks = ",".join("?" * len(names))
        rows = self._sql(
            "SELECT DISTINCT s.model_set FROM link_log l"
            " CROSS JOIN subjects s ON s.number = l.source"
            f" WHERE l.step = ? AND l.name IN ({marks})"
            " UNION SELECT e.model_set FROM touched t CROSS JOIN elements e ON e.number = t.number"
            "  WHERE t.dirty AND t.alive AND t.kind <> e.kind",
            (self._step, *names),
        )
        return {model_set for (model_set,) in rows}

    def findings(self) -> list[Finding]:
        """Dangling references and those that met in another case, one a property; id chains."""
        return [*self._by_property(), *self._chains()]

    # --- looking up ------------------------------------------------------------------------

    def _references(
        self, batch: Iterable[tuple[int, int, Merged | None]]
    ) -> Iterator[tuple[int, int, int, str, str]]:
        codes = self._vocabulary.codes
        for number, model_set, merged in batch:
            for name, target in merged.links if merged else ():
                if "#" not in target:
                    yield number, model_set, codes[name], target, target
                    continue
                self._several = True
                for piece in dict.fromkeys(targets("&", target)):
                    yield number, model_set, codes[name], target, piece

    def _meet(self) -> None:
        exact = (
            "SELECT s.number FROM subjects s WHERE s.mrid = refs.piece COLLATE NOCASE"
            f" AND s.mrid = refs.piece AND s.model_set = refs.model_set AND {_ALIVE}"
        )
        self._sql(f"UPDATE refs SET met = ({exact})")
        in_any_case = (
            "FROM subjects s WHERE s.mrid = refs.piece COLLATE NOCASE"
            f" AND s.model_set = refs.model_set AND {_ALIVE}"
        )
        self._sql(
            f"UPDATE refs SET folded = 1, met = (SELECT min(s.number) {in_any_case})"
            f" WHERE met IS NULL AND {_IS_UUID} AND (SELECT count(*) {in_any_case}) = 1"
        )

    def _all_or_none(self) -> None:
        self._sql(
            "UPDATE refs SET met = NULL, folded = 0 WHERE target <> piece"
            " AND (source, name, target) IN"
            " (SELECT source, name, target FROM refs WHERE target <> piece AND met IS NULL)"
        )

    # --- replacing -------------------------------------------------------------------------

    def _replace_links(self) -> None:
        old = (
            "SELECT l.source, l.name, l.target"
            " FROM work w CROSS JOIN links l ON l.source = w.number"
        )
        new = "SELECT source, name, met FROM refs WHERE met IS NOT NULL"
        self._sql(f"INSERT INTO link_log SELECT :s, -1, * FROM ({old} EXCEPT {new})", self._at)
        self._sql(f"INSERT INTO link_log SELECT :s, 1, * FROM ({new} EXCEPT {old})", self._at)
        self._sql(
            "DELETE FROM links WHERE (source, name, target) IN"
            " (SELECT source, name, target FROM link_log WHERE step = :s AND delta < 0)",
            self._at,
        )
        self._sql(
            "INSERT INTO links SELECT source, name, target FROM link_log"
            " WHERE step = :s AND delta > 0 ORDER BY 1, 2, 3",
            self._at,
        )
        self._sql(
            "INSERT INTO link_counts SELECT s.model_set, l.name, sum(l.delta) FROM link_log l"
            " CROSS JOIN subjects s ON s.number = l.source WHERE l.step = :s GROUP BY 1, 2"
            " ON CONFLICT (model_set, name) DO UPDATE SET links = links + excluded.links",
            self._at,
        )

    def _replace_pending(self) -> None:
        if self._sql("SELECT 1 FROM pending LIMIT 1").fetchone():
            self._sql("DELETE FROM pending WHERE source IN (SELECT number FROM work)")
        self._sql(
            "INSERT OR IGNORE INTO pending SELECT source, name, target, piece, met FROM refs"
            " WHERE met IS NULL OR folded"
        )

    @property
    def _at(self) -> dict[str, int]:
        return {"s": self._step}

    # --- findings --------------------------------------------------------------------------

    def _by_property(self) -> Iterator[Finding]:
        rows = self._sql(
            "SELECT p.name, p.met IS NOT NULL, count(*), min(p.source), p.target, s.mrid"
            " FROM (SELECT DISTINCT source, name, target, met FROM pending) p"
            " CROSS JOIN touched t ON t.number = p.source"
            " CROSS JOIN subjects s ON s.number = p.source"
            " GROUP BY 1, 2"
        ).fetchall()
        named = ((self._vocabulary.words[row[0]], *row[1:]) for row in rows)
        for name, met, count, source, target, mrid in sorted(named):
            file, line = self._place(source)
            code = "CASE_DIFFERS" if met else "DANGLING_REFERENCE"
            what = "met in another case" if met else "met no element"
            message = f"{count} {name} {what}, first {mrid} → {target}"
            yield finding(code, message, subject=name, file=file, line=line)

    def _chains(self) -> Iterator[Finding]:
        if not self._several:
            return
        rows = self._sql(
            "SELECT r.source, r.name, count(*), s.mrid FROM refs r"
            " CROSS JOIN touched t ON t.number = r.source"
            " CROSS JOIN subjects s ON s.number = r.source"
            " WHERE r.target <> r.piece AND r.met IS NOT NULL GROUP BY r.source, r.name, r.target"
        ).fetchall()
        for source, name, count, mrid in rows:
            file, line = self._place(source)
            message = f"{self._vocabulary.words[name]} of {mrid} names {count} elements at once"
            yield finding("CONCATENATED_REFERENCE", message, subject=mrid, file=file, line=line)

    def _place(self, number: int) -> tuple[str, int]:
        """A file and line where an element is stated."""
        row = self._sql(
            "SELECT n.name, p.line FROM parts p JOIN document_names n ON n.id = p.document"
            " WHERE p.element = ? AND p.to_revision IS NULL ORDER BY p.id DESC LIMIT 1",
            (number,),
        ).fetchone()
        return (row[0], row[1]) if row else ("", 0)
