"""The whole graph out of SQLite as columns: one pass over the narrow rows, no object a row.

SQLite packs the small columns of an element into one integer, and the codes of a link likewise, so
that a row crosses into Python as few numbers; numpy takes them apart.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph_service.domain.columns import GraphColumns

Ints = NDArray[np.int64]


def scan(connection: sqlite3.Connection, words: Sequence[str]) -> GraphColumns:
    """Read all elements, links and owners of the connection's state.

    Args:
        connection: Within a read transaction.
        words: The vocabulary, by code.
    """
    revision = connection.execute("SELECT coalesce(max(number), 0) FROM revisions").fetchone()[0]
    sets = connection.execute("SELECT code, name FROM model_sets ORDER BY name").fetchall()
    elements = _rows(
        connection,
        "SELECT number, kind, model_set, state, phases FROM elements ORDER BY number",
        "SELECT count(*) FROM elements",
        5,
    )
    links = _rows(
        connection, "SELECT source, target, name FROM links", "SELECT count(*) FROM links", 3
    )
    owners = _rows(
        connection, "SELECT element, owner FROM owners", "SELECT count(*) FROM owners", 2
    )
    kinds, kind_codes = _compact(elements[:, 1])
    names, name_codes = _compact(links[:, 2])
    return GraphColumns(
        revision=revision,
        kind_names=[words[code] for code in kind_codes],
        link_names=[words[code] for code in name_codes],
        model_set_names=[name for _, name in sets],
        numbers=_array(elements[:, 0]),
        kinds=_array(kinds),
        model_sets=_array(_places([code for code, _ in sets])[elements[:, 2]]),
        states=_array(elements[:, 3]),
        phases=_array(elements[:, 4]),
        sources=_array(links[:, 0]),
        targets=_array(links[:, 1]),
        names=_array(names),
        owned=_array(owners[:, 0]),
        owner=_array(owners[:, 1]),
    )


def _rows(connection: sqlite3.Connection, sql: str, count_sql: str, columns: int) -> Ints:
    count = connection.execute(count_sql).fetchone()[0]
    rows = chain.from_iterable(connection.execute(sql))
    return np.fromiter(rows, np.int64, count * columns).reshape(count, columns)


def _compact(codes: Ints) -> tuple[Ints, list[int]]:
    """Codes counted up from 0 without gaps, and which code each stands for."""
    used = np.flatnonzero(np.bincount(codes)) if len(codes) else np.zeros(0, np.int64)
    return _places(used.tolist())[codes] if len(codes) else codes, used.tolist()


def _places(codes: Sequence[int]) -> Ints:
    """code → place in the sequence."""
    places = np.zeros(max(codes, default=0) + 1, np.int64)
    places[list(codes)] = np.arange(len(codes))
    return places


def _array(column: NDArray[Any]) -> array[int]:
    result = array("i")
    result.frombytes(np.ascontiguousarray(column, np.int32).tobytes())
    return result
