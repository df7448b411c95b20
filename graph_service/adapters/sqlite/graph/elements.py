"""Elements out of SQLite: their rows joined, and what lies at the other ends of their links."""
# ruff: noqa: S608 -- the text of every statement is fixed here, all values are bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from graph_service.adapters.sqlite.graph.filters import in_scope
from graph_service.adapters.sqlite.graph.schema import LAYER_CODES, LAYERS
from graph_service.domain.access import Scope
from graph_service.domain.elements import Element, ElementKey
from graph_service.domain.layers import Layer

_COLUMNS = "e.number, m.name, s.mrid, e.kind, e.layer, d.name, d.kinds, d.properties"


def elements_by_number(
    connection: sqlite3.Connection, numbers: Iterable[int], scope: Scope, words: Sequence[str]
) -> dict[int, Element]:
    """number → element, for those that exist in the scope."""
    seen = in_scope(scope)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM json_each(?) j CROSS JOIN elements e ON e.number = j.value"
        " CROSS JOIN subjects s ON s.number = e.number"
        " CROSS JOIN descriptions d ON d.number = e.number"
        f" CROSS JOIN model_sets m ON m.code = e.model_set WHERE {seen.sql}",
        (listed(dict.fromkeys(numbers)), *seen.values),
    )
    return {row[0]: _element(row, words) for row in rows}


def elements_by_mrid(
    connection: sqlite3.Connection,
    mrids: Iterable[str],
    scope: Scope,
    model_set: str | None,
    words: Sequence[str],
) -> dict[str, list[Element]]:
    """mRID → elements that have it in the scope, by model set."""
    seen = in_scope(scope)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM json_each(?) j CROSS JOIN subjects s"
        "  ON s.mrid = j.value COLLATE NOCASE AND s.mrid = j.value"
        " CROSS JOIN elements e ON e.number = s.number"
        " CROSS JOIN descriptions d ON d.number = e.number"
        " CROSS JOIN model_sets m ON m.code = e.model_set"
        f" WHERE m.name = coalesce(?, m.name) AND {seen.sql} ORDER BY m.name",
        (listed(dict.fromkeys(mrids)), model_set, *seen.values),
    )
    found: dict[str, list[Element]] = {}
    for row in rows:
        found.setdefault(row[2], []).append(_element(row, words))
    return found


def ends_of_links(
    connection: sqlite3.Connection,
    numbers: Iterable[int],
    scope: Scope,
    names: Sequence[int] | None,
    layer: Layer | None,
) -> list[tuple[int, int, int, int]]:
    """(element asked, code of the link, 1 if incoming, other element), both in the scope."""
    this, other = in_scope(scope, "x.this"), in_scope(scope, "x.other")
    asked = listed(dict.fromkeys(numbers))
    return connection.execute(
        "SELECT x.* FROM (SELECT l.source AS this, l.name AS name, 0, l.target AS other"
        "  FROM json_each(?) j CROSS JOIN links l ON l.source = j.value"
        " UNION ALL SELECT l.target, l.name, 1, l.source"
        "  FROM json_each(?) j CROSS JOIN links l ON l.target = j.value) x"
        " CROSS JOIN elements e ON e.number = x.other"
        f" WHERE {this.sql} AND {other.sql}"
        " AND (? IS NULL OR x.name IN (SELECT value FROM json_each(?)))"
        " AND e.layer = coalesce(?, e.layer)",
        (
            asked,
            asked,
            *this.values,
            *other.values,
            None if names is None else 1,
            listed(names or []),
            LAYER_CODES[layer] if layer else None,
        ),
    ).fetchall()


def listed(values: Iterable[object]) -> str:
    """Values as one JSON list, so that one mark in SQL takes any number of them."""
    return orjson.dumps(list(values)).decode()


def _element(row: tuple[Any, ...], words: Sequence[str]) -> Element:
    number, model_set, mrid, kind, layer, name, kinds, properties = row
    return Element(
        number,
        ElementKey(model_set, mrid),
        words[kind],
        tuple(orjson.loads(kinds)),
        LAYERS.get(layer),
        name,
        {
            key: value if isinstance(value, str) else tuple(value)
            for key, value in orjson.loads(properties).items()
        },
    )
