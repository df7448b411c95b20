"""Resync in SQLite: elements, links and owners made again from the parts, whatever others wrote.

All of it happens within a transaction of the writer, so that what is in the tables before and after
can be compared by the tables themselves.
"""
# ruff: noqa: S608 -- the text of every statement is fixed here, all values are bound

from __future__ import annotations

import sqlite3
from typing import Final
from zlib import crc32

from graph_service.adapters.sqlite.graph.derive import Derivation
from graph_service.adapters.sqlite.graph.owners import replace_owners
from graph_service.adapters.sqlite.graph.parts import Vocabulary
from graph_service.domain.drift import Drift, Repair, Tally

_ELEMENTS: Final = (
    "SELECT e.*, d.name, d.folded, d.kinds, d.properties,"
    " (SELECT group_concat(o.owner) FROM owners o WHERE o.element = e.number) AS owned"
    " FROM elements e LEFT JOIN descriptions d ON d.number = e.number"
)
_LINKS: Final = "SELECT source, name, target FROM links"
_BEFORE: Final = {"elements_before": _ELEMENTS, "links_before": _LINKS}


def counts(connection: sqlite3.Connection) -> Drift:
    """What all revisions together came to, beside what is there."""
    revision, elements, links = connection.execute(
        "SELECT coalesce(max(number), 0),"
        " coalesce(sum(changes ->> 'added' - changes ->> 'removed'), 0),"
        " coalesce(sum(changes ->> 'links_added' - changes ->> 'links_removed'), 0)"
        " FROM revisions"
    ).fetchone()
    there = connection.execute(
        "SELECT (SELECT count(*) FROM elements), (SELECT count(*) FROM links)"
    ).fetchone()
    return Drift(revision, Tally(elements, links), Tally(*there))


def checksum(connection: sqlite3.Connection) -> int:
    """A sum over all that elements and links say."""
    return sum(
        crc32(repr(row).encode()) for sql in (_ELEMENTS, _LINKS) for row in connection.execute(sql)
    )


def thorough(connection: sqlite3.Connection, vocabulary: Vocabulary, drift: Drift) -> Drift:
    """Counts and checksums of what is there beside those of what the parts say.

    It derives all anew: the caller rolls the transaction back.
    """
    before = checksum(connection)
    found = Tally(drift.found.elements, drift.found.links, checksum=before)
    derive_all(connection, vocabulary)
    kept = Tally(drift.kept.elements, drift.kept.links, checksum=checksum(connection))
    return Drift(drift.revision, kept, found)


def repair(connection: sqlite3.Connection, vocabulary: Vocabulary, revision: int) -> Repair:
    """Derive all anew and tell what is other than before; the caller makes it a revision."""
    for table, rows in _BEFORE.items():
        connection.execute(f"CREATE TEMP TABLE {table} AS {rows}")
    try:
        derive_all(connection, vocabulary)
        differs = _differs(connection)
    finally:
        for table in _BEFORE:
            connection.execute(f"DROP TABLE {table}")
    return Repair(revision if any(differs) else None, *differs)


def derive_all(connection: sqlite3.Connection, vocabulary: Vocabulary) -> None:
    """Make elements, links, pending references and owners what the open parts say."""
    sql = connection.execute
    for table, column in (
        ("elements", "number"),
        ("descriptions", "number"),
        ("links", "source"),
        ("pending", "source"),
    ):
        sql(f"DELETE FROM {table} WHERE {column} NOT IN (SELECT number FROM subjects)")
    derivation = Derivation(connection, vocabulary)
    derivation.touch("SELECT number FROM subjects")
    derivation.bring_up_to_date()
    sql("DELETE FROM link_counts")
    sql(
        "INSERT INTO link_counts SELECT s.model_set, l.name, count(*) FROM links l"
        " CROSS JOIN subjects s ON s.number = l.source GROUP BY 1, 2"
    )
    sql("DELETE FROM owners WHERE element NOT IN (SELECT number FROM subjects)")
    for (model_set,) in sql("SELECT code FROM model_sets").fetchall():
        replace_owners(connection, vocabulary, model_set)


def _differs(connection: sqlite3.Connection) -> tuple[int, int, int, int, int]:
    """Elements added, changed, removed; links added, removed."""
    count = "SELECT count(*) FROM"
    added = f"{count} elements WHERE number NOT IN (SELECT number FROM elements_before)"
    removed = f"{count} elements_before WHERE number NOT IN (SELECT number FROM elements)"
    other = f"{count} ({_ELEMENTS} EXCEPT SELECT * FROM elements_before)"
    links = (
        f"{count} ({_LINKS} EXCEPT SELECT * FROM links_before)",
        f"{count} (SELECT * FROM links_before EXCEPT {_LINKS})",
    )
    a, o, r, *both = (
        connection.execute(one).fetchone()[0] for one in (added, other, removed, *links)
    )
    return a, o - a, r, both[0], both[1]
