"""Owners in SQLite: derived again for a model set where links that decide about them change."""
# ruff: noqa: S608 -- the text of every statement is fixed here, all values are bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from graph_service.adapters.sqlite.graph.parts import Vocabulary
from graph_service.domain import tables
from graph_service.domain.ownership import Link, derive_owners, relevant_links

_TO_ORGANISATIONS = ("OrganisationRole.Organisation", "Organisation.Roles")


def replace_owners(connection: sqlite3.Connection, vocabulary: Vocabulary, model_set: int) -> None:
    """Bring the owners of a model set up to date; cheap where it has neither had nor has any."""
    connection.execute("DELETE FROM new_owners")
    if _has_owners(connection, vocabulary, model_set):
        kinds = _kinds(connection, vocabulary, model_set)
        owners = derive_owners(kinds, _links(connection, vocabulary, model_set))
        connection.executemany(
            "INSERT INTO new_owners VALUES (?, ?)",
            ((number, owner) for number in sorted(owners) for owner in owners[number]),
        )
    connection.execute(
        "DELETE FROM owners WHERE ? = (SELECT model_set FROM subjects s WHERE s.number = element)"
        " AND NOT EXISTS (SELECT 1 FROM new_owners n"
        "  WHERE n.element = owners.element AND n.owner = owners.owner)",
        (model_set,),
    )
    connection.execute("INSERT OR IGNORE INTO owners SELECT element, owner FROM new_owners")


def _has_owners(connection: sqlite3.Connection, vocabulary: Vocabulary, model_set: int) -> bool:
    codes = [vocabulary.known(name) for name in _TO_ORGANISATIONS]
    row = connection.execute(
        "SELECT 1 FROM link_counts WHERE model_set = ? AND links > 0 AND name IN (?, ?)",
        (model_set, *codes),
    ).fetchone()
    return row is not None


def _kinds(
    connection: sqlite3.Connection, vocabulary: Vocabulary, model_set: int
) -> dict[int, str]:
    """The kinds of owners and organisations."""
    found: dict[int, str] = {}
    for kind in tables.subclasses("OrganisationRole") | tables.subclasses("Organisation"):
        rows = connection.execute(
            "SELECT number FROM elements WHERE kind = ? AND model_set = ?",
            (vocabulary.known(kind), model_set),
        )
        found.update((number, kind) for (number,) in rows)
    return found


def _links(
    connection: sqlite3.Connection, vocabulary: Vocabulary, model_set: int
) -> Iterator[Link]:
    names = {code: name for name in relevant_links() if (code := vocabulary.known(name)) >= 0}
    marks = ",".join("?" * len(names))
    rows = connection.execute(
        "SELECT l.source, l.name, l.target FROM elements e"
        " CROSS JOIN links l ON l.source = e.number"
        f" WHERE e.model_set = ? AND l.name IN ({marks})",
        (model_set, *names),
    )
    return ((source, names[name], target) for source, name, target in rows)
