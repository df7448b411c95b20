"""Filters as SQL: which elements are meant, with every value bound and none in the text.

A condition is SQL over `elements e` with its values. What an element says in wide rows (names,
properties) is reached through its number, so that narrow questions read narrow rows.
"""
# ruff: noqa: S608 -- the text of every statement is fixed here, all values are bound

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import orjson

from graph_service.adapters.sqlite.graph.parts import Vocabulary
from graph_service.adapters.sqlite.graph.schema import LAYER_CODES
from graph_service.domain.access import Scope
from graph_service.domain.containers import CONTAINMENT, inverse_containment
from graph_service.domain.errors import BadFilter
from graph_service.domain.filters import Comparison, ElementFilter, PropertyTest

_FEW: Final = 10_000
"""A scope of so many elements is small."""


class Condition(NamedTuple):
    """SQL that is true or false of `elements e`, and the values for its marks in order."""

    sql: str
    values: tuple[object, ...] = ()


def condition(
    connection: sqlite3.Connection, wanted: ElementFilter, scope: Scope, vocabulary: Vocabulary
) -> Condition:
    """What chooses the elements of a filter within a scope.

    Raises:
        BadFilter: a value is to be compared as a number and is none.
    """
    return _all([_scope(connection, scope), _filter(wanted, vocabulary)])


def in_scope(scope: Scope, column: str = "e.number") -> Condition:
    """What keeps elements of a scope, for queries that name their elements otherwise."""
    if scope.owners is None:
        return Condition("true")
    return Condition(
        f"EXISTS (SELECT 1 FROM owners o WHERE o.element = {column}"
        " AND o.owner IN (SELECT value FROM json_each(?)))",
        (_listed(scope.owners),),
    )


def number_of(value: object) -> float | None:
    """A property's text as a number, None where it is none; the SQL function `number_of`."""
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def fold(value: object) -> str:
    """Text without regard to case; the SQL function `fold`."""
    return str(value).casefold()


def _filter(wanted: ElementFilter, vocabulary: Vocabulary) -> Condition:
    conditions = list(_own(wanted, vocabulary))
    conditions += [_property(test) for test in wanted.properties]
    conditions += [_filter(one, vocabulary) for one in wanted.all_of]
    if wanted.any_of:
        conditions.append(_any([_filter(one, vocabulary) for one in wanted.any_of]))
    for one in wanted.none_of:
        sql, values = _filter(one, vocabulary)
        conditions.append(Condition(f"NOT {sql}", values))
    return _all(conditions)


def _own(wanted: ElementFilter, vocabulary: Vocabulary) -> Iterable[Condition]:
    if wanted.model_set is not None:
        sql = "e.model_set = (SELECT code FROM model_sets WHERE name = ?)"
        yield Condition(f"coalesce({sql}, false)", (wanted.model_set,))
    if wanted.kinds is not None:
        codes = sorted(map(vocabulary.known, wanted.kinds))
        yield Condition(f"e.kind IN ({','.join('?' * len(codes))})", tuple(codes))
    if wanted.layer is not None:
        yield Condition("e.layer = ?", (LAYER_CODES[wanted.layer],))
    if wanted.name is not None:
        yield Condition(
            "e.number IN (SELECT number FROM descriptions WHERE folded = ? AND name = ?)",
            (wanted.name.casefold(), wanted.name),
        )
    if wanted.text:
        yield _text(wanted.text.casefold())
    if wanted.mrids is not None:
        yield Condition(
            "e.number IN (SELECT s.number FROM json_each(?) j CROSS JOIN subjects s"
            " ON s.mrid = j.value COLLATE NOCASE AND s.mrid = j.value)",
            (_listed(wanted.mrids),),
        )
    if wanted.numbers is not None:
        yield Condition("e.number IN (SELECT value FROM json_each(?))", (_listed(wanted.numbers),))
    if wanted.containers is not None:
        yield _inside(wanted.containers, vocabulary)
    if wanted.owners is not None:
        yield in_scope(Scope(wanted.owners))


def _scope(connection: sqlite3.Connection, scope: Scope) -> Condition:
    """Begin with the elements of a small scope; of a large one, look at each element."""
    if scope.owners is None:
        return in_scope(scope)
    owned = "FROM owners WHERE owner IN (SELECT value FROM json_each(?))"
    listed = _listed(scope.owners)
    few = f"SELECT count(*) FROM (SELECT 1 {owned} LIMIT {_FEW + 1})"
    if connection.execute(few, (listed,)).fetchone()[0] > _FEW:
        return in_scope(scope)
    return Condition(f"e.number IN (SELECT element {owned})", (listed,))


def _text(folded: str) -> Condition:
    fold_mrid = "lower" if folded.isascii() else "fold"
    return Condition(
        "e.number IN (SELECT number FROM descriptions WHERE instr(folded, ?)"
        f" UNION ALL SELECT number FROM subjects WHERE instr({fold_mrid}(mrid), ?))",
        (folded, folded),
    )


def _inside(containers: Iterable[int], vocabulary: Vocabulary) -> Condition:
    written = sorted(map(vocabulary.known, CONTAINMENT))
    inverse = sorted(map(vocabulary.known, inverse_containment()))
    return Condition(
        "e.number IN (WITH RECURSIVE inside(number) AS (SELECT value FROM json_each(?) UNION"
        " SELECT l.source FROM inside i CROSS JOIN links l ON l.target = i.number"
        f"  AND l.name IN ({','.join('?' * len(written))}) UNION"
        " SELECT l.target FROM inside i CROSS JOIN links l ON l.source = i.number"
        f"  AND l.name IN ({','.join('?' * len(inverse))}))"
        " SELECT number FROM inside EXCEPT SELECT value FROM json_each(?))",
        (_listed(containers), *written, *inverse, _listed(containers)),
    )


_COMPARISONS = {
    Comparison.EQUALS: "v.value = ?",
    Comparison.CONTAINS: "instr(v.value, ?)",
    Comparison.LESS: "number_of(v.value) < ?",
    Comparison.GREATER: "number_of(v.value) > ?",
    Comparison.PRESENT: "true",
}


def _property(test: PropertyTest) -> Condition:
    """Some value of the property passes; one that is absent passes nothing."""
    if '"' in test.name:
        return Condition("false")
    values: tuple[object, ...] = (f'$."{test.name}"',)
    if test.comparison in (Comparison.LESS, Comparison.GREATER):
        values += (_bound(test),)
    elif test.comparison is not Comparison.PRESENT:
        values += (test.value,)
    return Condition(
        "EXISTS (SELECT 1 FROM descriptions d, json_each(d.properties, ?) v"
        f" WHERE d.number = e.number AND {_COMPARISONS[test.comparison]})",
        values,
    )


def _bound(test: PropertyTest) -> float:
    bound = number_of(test.value)
    if bound is None:
        raise BadFilter(
            f"{test.name} was to be compared with '{test.value}', which is no number",
            subject=test.name,
            hint="give a number, or compare text with EQUALS or CONTAINS",
        )
    return bound


def _listed(values: Iterable[object]) -> str:
    return orjson.dumps(sorted(values)).decode()


def _all(conditions: Sequence[Condition]) -> Condition:
    return _joined(" AND ", "true", conditions)


def _any(conditions: Sequence[Condition]) -> Condition:
    return _joined(" OR ", "false", conditions)


def _joined(word: str, empty: str, conditions: Sequence[Condition]) -> Condition:
    sql = word.join(one.sql for one in conditions) or empty
    return Condition(f"({sql})", tuple(value for one in conditions for value in one.values))
