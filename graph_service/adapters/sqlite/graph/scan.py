"""The whole graph out of SQLite as columns: one pass over the narrow rows, no object a row.

A column crosses into Python as one text of numbers (`group_concat`), which numpy reads; this takes
a third of the time that rows of integers take. Limit: a text holds 10^9 bytes, about 10^8 rows.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graph_service.domain.columns import GraphColumns

Ints = NDArray[np.integer[Any]]


def scan(connection: sqlite3.Connection, words: Sequence[str]) -> GraphColumns:
    """Read all elements, links and owners of the connection's state.

    Args:
        connection: Within a read transaction.
        words: The vocabulary, by code.
    """
    revision = connection.execute("SELECT coalesce(max(number), 0) FROM revisions").fetchone()[0]
    sets = connection.execute("SELECT code, name FROM model_sets ORDER BY name").fetchall()
    numbers, kinds, set_codes, states, phases = _columns(
        connection, "SELECT number, kind, model_set, state, phases FROM elements ORDER BY number"
    )
    sources, names, targets = _columns(connection, "SELECT source, name, target FROM links")
    owned, owner = _columns(connection, "SELECT element, owner FROM owners")
    kinds, kind_codes = _compact(kinds)
    names, name_codes = _compact(names)
    return GraphColumns(
        revision=revision,
        kind_names=[words[code] for code in kind_codes],
        link_names=[words[code] for code in name_codes],
        model_set_names=[name for _, name in sets],
        numbers=_array(numbers),
        kinds=_array(kinds),
        model_sets=_array(_places([code for code, _ in sets])[set_codes]),
        states=_array(states),
        phases=_array(phases),
        sources=_array(sources),
        targets=_array(targets),
        names=_array(names),
        owned=_array(owned),
        owner=_array(owner),
    )


def _columns(connection: sqlite3.Connection, select: str) -> list[Ints]:
    """The columns of a query for integers, each as the array of its rows."""
    names = select.removeprefix("SELECT ").partition(" FROM ")[0].split(", ")
    lists = ", ".join(f"group_concat({name})" for name in names)
    row = connection.execute(f"SELECT {lists} FROM ({select})").fetchone()  # noqa: S608 -- ours
    return [np.fromstring(text or "", np.int32, sep=",") for text in row]


def _compact(codes: Ints) -> tuple[Ints, list[int]]:
    """Codes counted up from 0 without gaps, and which code each stands for."""
    used = np.flatnonzero(np.bincount(codes)).tolist()
    return _places(used)[codes], used


def _places(codes: Sequence[int]) -> Ints:
    """code → place in the sequence."""
    places = np.zeros(max(codes, default=0) + 1, np.int32)
    places[np.array(codes, np.intp)] = np.arange(len(codes))
    return places


def _array(column: Ints) -> array[int]:
    result = array("i")
    result.frombytes(np.ascontiguousarray(column, np.int32).tobytes())
    return result
