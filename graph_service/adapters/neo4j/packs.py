"""Packs: up to some hundred parts of one document and one revision in one node, never changed.

A pack is cut from parts in the order they are exported in, so that an export reads packs one
after another. What a later revision closes stands in closings beside the pack; a part is open
where no closing names it. A part has its place: mRID, section, and an ordinal where one document
gives the same id several times.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import orjson

from graph_service.adapters.neo4j.cypher import reading
from graph_service.adapters.neo4j.queries import Queries
from graph_service.domain.statements import Part

PACK_ROWS: Final = 250
_PACK_BYTES: Final = 1_000_000
_BATCH: Final = 200


class Place(NamedTuple):
    """Where in its document a part stands; `section` is the code of its word."""

    mrid: str
    section: int
    ordinal: int


@dataclass(slots=True)
class Row:
    """A part: its payload, the code of its first class, how many statements and classes it has.

    `pack` and `index` tell where it is kept, `revision` since when; -1 for one that is new.
    `new_pack` is where a new one goes.
    """

    payload: bytes
    type: int
    size: int
    line: int
    pack: int = -1
    index: int = -1
    revision: int = -1
    new_pack: int = -1


@dataclass(slots=True)
class Pack:
    """A pack that was read."""

    number: int
    document: int
    revision: int
    places: list[Place]
    rows: list[Row]
    closed: dict[int, int] = field(default_factory=dict)
    """index → the revision that closed it"""

    def open_rows(self) -> Iterator[tuple[Place, Row]]:
        """The parts that are open."""
        for index, place in enumerate(self.places):
            if index not in self.closed:
                yield place, self.rows[index]


class Shelf:
    """The packs that a transaction reads, each once."""

    def __init__(self, queries: Queries):
        self._queries = queries
        self._packs: dict[int, Pack] = {}
        self._by_mrid: dict[int, dict[str, list[int]]] = {}

    def of_document(self, document: int) -> list[Pack]:
        """The packs of a document with open parts in them."""
        rows = self._queries.rows(reading.OPEN_PACKS, document=document)
        return self.packs([number for number, _ in rows])

    def packs(self, numbers: Iterable[int]) -> list[Pack]:
        """Packs by number."""
        wanted = list(numbers)
        missing = sorted({number for number in wanted if number not in self._packs})
        for start in range(0, len(missing), _BATCH):
            for pack in read_packs(self._queries, missing[start : start + _BATCH]):
                self._packs[pack.number] = pack
        return [self._packs[number] for number in wanted]

    def open_of(self, pack: Pack, mrid: str) -> Iterator[tuple[Place, Row]]:
        """The open parts of one id in a pack."""
        index = self._by_mrid.get(pack.number)
        if index is None:
            index = self._by_mrid[pack.number] = {}
            for at, place in enumerate(pack.places):
                index.setdefault(place.mrid, []).append(at)
        for at in index.get(mrid, ()):
            if at not in pack.closed:
                yield pack.places[at], pack.rows[at]


def read_packs(queries: Queries, numbers: Sequence[int]) -> list[Pack]:
    """Packs by number, with what is closed in them."""
    packs = [_unpack(*row) for row in queries.rows(reading.PACKS, numbers=list(numbers))]
    found = {pack.number: pack for pack in packs}
    for pack, revision, indexes in queries.rows(reading.CLOSINGS, numbers=list(numbers)):
        found[pack].closed.update(dict.fromkeys(indexes, revision))
    return packs


def cut(
    rows: Iterable[tuple[Place, Row]], words: Sequence[str]
) -> Iterator[list[tuple[Place, Row]]]:
    """Sort the new parts of a document as they are exported, and cut them into packs."""
    pack: list[tuple[Place, Row]] = []
    size = 0
    for place, row in sorted(rows, key=lambda one: order(one[0], one[1], words)):
        if pack and (len(pack) == PACK_ROWS or size + len(row.payload) > _PACK_BYTES):
            yield pack
            pack, size = [], 0
        pack.append((place, row))
        size += len(row.payload)
    if pack:
        yield pack


def order(place: Place, row: Row, words: Sequence[str]) -> tuple[str, str, str, int]:
    """What parts are exported in order of: first class, section, mRID."""
    return words[row.type], words[place.section], place.mrid, place.ordinal


def packed(pack: Sequence[tuple[Place, Row]]) -> bytes:
    """The content of a pack."""
    columns = [
        [place.mrid for place, _ in pack],
        [place.section for place, _ in pack],
        [place.ordinal for place, _ in pack],
        [row.type for _, row in pack],
        [row.size for _, row in pack],
    ]
    payloads = (row.payload for _, row in pack)  # JSON has no line breaks in it
    return zlib.compress(b"\n".join((orjson.dumps(columns), *payloads)), 1)


def joined(first: Part, second: Part) -> Part:
    """Two parts that one document gives the same id."""
    types = tuple(dict.fromkeys(first.types + second.types))
    statements = first.statements + second.statements
    return Part(first.mrid, types, statements, first.identified_by, first.section, first.line)


def deltas(rows: Mapping[Place, Row]) -> tuple[int, int]:
    """How many parts there are, and how many statements in them."""
    return len(rows), sum(row.size for row in rows.values())


def _unpack(number: int, document: int, revision: int, lines: list[int], data: Any) -> Pack:
    columns, *payloads = zlib.decompress(bytes(data)).split(b"\n")
    mrids, sections, ordinals, types, sizes = orjson.loads(columns)
    places = list(map(Place, mrids, sections, ordinals))
    rows = [
        Row(payload, kind, size, line, number, index, revision)
        for index, (payload, kind, size, line) in enumerate(
            zip(payloads, types, sizes, lines, strict=True)
        )
    ]
    return Pack(number, document, revision, places, rows)
