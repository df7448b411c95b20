"""The whole graph out of Neo4j as columns: a few thousand elements or links in each row.

A row of a hundred thousand numbers crosses many times faster than as many rows of one number, and
the numbers of elements come out of their index.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from graph_service.adapters.neo4j import elements
from graph_service.adapters.neo4j.cypher import reading
from graph_service.adapters.neo4j.queries import Queries
from graph_service.domain.columns import GraphColumns

Ints = NDArray[np.integer[Any]]

_ELEMENTS_PER_ROW: Final = 20_000
_LINKS_PER_ROW: Final = 10_000
"""Elements whose links come together, a row for each link name."""


def scan(queries: Queries, revision: int, words: Sequence[str]) -> GraphColumns:
    """Read all elements, links and owners."""
    sets = queries.rows(reading.MODEL_SET_CODES)
    ((last,),) = queries.rows(reading.LAST_NUMBER) or [[0]]
    numbers, codes = _elements(queries, last)
    link_names, sources, names, targets = _links(queries, last)
    owned, owner = _owners(queries)
    kinds, kind_words = _compact(elements.kind_words(codes))
    return GraphColumns(
        revision=revision,
        kind_names=[words[word] for word in kind_words],
        link_names=link_names,
        model_set_names=[name for _, name in sets],
        numbers=_array(numbers),
        kinds=_array(kinds),
        model_sets=_array(_places([code for code, _ in sets])[elements.model_sets(codes)]),
        states=_array(elements.states(codes)),
        phases=_array(elements.phases(codes)),
        sources=_array(sources),
        targets=_array(targets),
        names=_array(names),
        owned=_array(owned),
        owner=_array(owner),
    )


def _elements(queries: Queries, last: int) -> tuple[Ints, Ints]:
    """Numbers, ascending, and what is kept with them."""
    numbers, codes = [_EMPTY], [_EMPTY]
    for after in range(0, last, _ELEMENTS_PER_ROW):
        upto = after + _ELEMENTS_PER_ROW
        ((found, code),) = queries.rows(reading.SCAN_ELEMENTS, after=after, upto=upto)
        numbers.append(np.array(found, np.int64))
        codes.append(np.array(code, np.int64))
    all_numbers, all_codes = np.concatenate(numbers), np.concatenate(codes)
    ascending = np.argsort(all_numbers, kind="stable")
    return all_numbers[ascending], all_codes[ascending]


def _links(queries: Queries, last: int) -> tuple[list[str], Ints, Ints, Ints]:
    """Link names, and of each link its source, the place of its name, its target."""
    places: dict[str, int] = {}
    sources, names, targets = [_EMPTY], [_EMPTY], [_EMPTY]
    for after in range(0, last, _LINKS_PER_ROW):
        upto = after + _LINKS_PER_ROW
        for name, source, target in queries.stream(reading.SCAN_LINKS, after=after, upto=upto):
            place = places.setdefault(name, len(places))
            sources.append(np.array(source, np.int64))
            targets.append(np.array(target, np.int64))
            names.append(np.full(len(source), place, np.int64))
    return list(places), np.concatenate(sources), np.concatenate(names), np.concatenate(targets)


def _owners(queries: Queries) -> tuple[Ints, Ints]:
    owned, owner = [_EMPTY], [_EMPTY]
    for owners, numbers in queries.stream(reading.SCAN_OWNERS):
        for one in owners:
            owned.append(np.array(numbers, np.int64))
            owner.append(np.full(len(numbers), one, np.int64))
    return np.concatenate(owned), np.concatenate(owner)


def _compact(codes: Ints) -> tuple[Ints, list[int]]:
    """Codes counted up from 0 without gaps, and which code each stands for."""
    used = np.flatnonzero(np.bincount(codes)).tolist() if len(codes) else []
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


_EMPTY: Final = np.zeros(0, np.int64)
