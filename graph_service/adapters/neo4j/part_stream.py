"""The parts of a document as a stream, in the order of their export.

Which packs have open parts is seen at the beginning; packs never change, so they can be read one
after another, each when its first part is due.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from typing import Any, NamedTuple

from graph_service.adapters.neo4j.cypher import reading
from graph_service.adapters.neo4j.driver import Neo4jConnection
from graph_service.adapters.neo4j.packs import Pack, order, read_packs
from graph_service.adapters.neo4j.queries import Queries
from graph_service.adapters.part_encoding import decode_part
from graph_service.domain.statements import Part


class OpenPack(NamedTuple):
    """A pack: where its first part stands in the order, its number, which of its parts closed."""

    first: tuple[Any, ...]
    number: int
    closed: frozenset[int]


def open_packs(queries: Queries, model_set: str, document: str) -> list[OpenPack]:
    """The packs of a document that have open parts, in order."""
    heads = queries.rows(reading.OPEN_PACKS_BY_NAME, modelSet=model_set, name=document)
    closed: dict[int, set[int]] = {}
    numbers = [number for number, _ in heads]
    for pack, _, indexes in queries.rows(reading.CLOSINGS, numbers=numbers):
        closed.setdefault(pack, set()).update(indexes)
    found = [OpenPack(tuple(first), n, frozenset(closed.get(n, ()))) for n, first in heads]
    return sorted(found, key=lambda head: head[:2])


def parts_in_order(
    connection: Neo4jConnection, packs: Sequence[OpenPack], words: list[str]
) -> Iterator[Part]:
    """Parts of packs, merged."""
    waiting = deque(packs)
    at_work: list[tuple[tuple[str, str, str, int], int, Iterator[Any], Part]] = []
    while waiting or at_work:
        while waiting and (not at_work or waiting[0].first <= at_work[0][0][:3]):
            pack = waiting.popleft()
            _push(at_work, pack.number, _open_parts(connection, pack, words))
        if at_work:
            _, number, rows, part = heappop(at_work)
            yield part
            _push(at_work, number, rows)


def _push(at_work: list[Any], number: int, rows: Iterator[Any]) -> None:
    following = next(rows, None)
    if following is not None:
        heappush(at_work, (following[0], number, rows, following[1]))


def _open_parts(connection: Neo4jConnection, head: OpenPack, words: list[str]) -> Iterator[Any]:
    pack: Pack = connection.answer(lambda queries, _: read_packs(queries, [head.number])[0])
    for index, (place, row) in enumerate(zip(pack.places, pack.rows, strict=True)):
        if index not in head.closed:
            section = words[place.section]
            part = decode_part(row.payload, place.mrid, section, row.line, words)
            yield order(place, row, words), part
