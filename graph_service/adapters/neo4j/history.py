"""The change log of the graph in Neo4j, read word for word, and done again in another database.

Packs never change, so that what a revision opened and closed is read pack after pack, outside of
any transaction, whatever lands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Final, NamedTuple

from graph_service.adapters.neo4j.cypher import reading
from graph_service.adapters.neo4j.drafts import Desk, Draft
from graph_service.adapters.neo4j.driver import Neo4jConnection
from graph_service.adapters.neo4j.packs import Pack, Place, Row, read_packs
from graph_service.adapters.neo4j.queries import Gate, Queries
from graph_service.adapters.neo4j.undo import bodies_of, standing
from graph_service.adapters.part_encoding import (
    Words,
    decode_document,
    decode_part,
    encode_document,
    encode_part,
)
from graph_service.domain.elements import ElementKey
from graph_service.domain.history import (
    DocumentChange,
    RevisionLog,
    StatedPart,
    does_not_follow,
)
from graph_service.domain.statements import Document

_PACKS_AT_ONCE: Final = 50

Rows = Mapping[int, list[int] | None]
"""Number of a pack → which of its rows are meant, in order; None for all."""


class Changed(NamedTuple):
    """What a revision changed: documents, rows of packs, and how documents are called."""

    documents: tuple[DocumentChange, ...]
    closed: Rows
    opened: Rows
    names: Mapping[int, tuple[str, str]]
    """number of a document → (model set, name)"""


# --- reading -----------------------------------------------------------------------------------


def changed_by(queries: Queries, revision: int) -> Changed:
    """What a revision changed, in the state of one transaction."""
    bodies = bodies_of(queries, revision)
    opened: Rows = {n: None for (n,) in queries.rows(reading.PACKS_OPENED, revision=revision)}
    closings = sorted(queries.rows(reading.CLOSINGS_OF_REVISION, revision=revision))
    closed: Rows = {pack: indexes for pack, indexes in closings}  # noqa: C416 -- typed
    packs = [*opened, *closed]
    spoken = {number for (number,) in queries.rows(reading.DOCUMENTS_OF_PACKS, numbers=packs)}
    rows = queries.rows(reading.DOCUMENTS_BY_NUMBER, numbers=sorted(spoken | bodies.keys()))
    names = {number: (model_set, name) for number, model_set, name, *_ in rows}
    changes = [
        _change(names[number], bodies.get(number, (None, None)), fingerprint)
        for number, _, _, _, _, fingerprint, *_ in rows
    ]
    changes.sort(key=lambda change: (change.model_set, change.name))
    return Changed(tuple(changes), closed, opened, names)


def stated(
    connection: Neo4jConnection, rows: Rows, names: Mapping[int, tuple[str, str]], words: list[str]
) -> Iterator[StatedPart]:
    """The parts in rows of packs, some packs at a time."""
    packs = list(rows)
    for at in range(0, len(packs), _PACKS_AT_ONCE):
        some = packs[at : at + _PACKS_AT_ONCE]
        found, numbers = connection.answer(partial(_read, some, names))
        for pack in found:
            wanted = rows[pack.number]
            for index in range(len(pack.rows)) if wanted is None else wanted:
                yield _stated(pack, index, names[pack.document], numbers, words)


def _read(
    packs: list[int], names: Mapping[int, tuple[str, str]], queries: Queries, _: Gate
) -> tuple[list[Pack], dict[ElementKey, int]]:
    """Packs, and the numbers of all ids in them."""
    found = read_packs(queries, packs)
    by_set: dict[str, set[str]] = {}
    for pack in found:
        by_set.setdefault(names[pack.document][0], set()).update(p.mrid for p in pack.places)
    numbers = {
        ElementKey(model_set, mrid): number
        for model_set, mrids in by_set.items()
        for mrid, number in queries.rows(reading.NUMBERS, modelSet=model_set, mrids=sorted(mrids))
    }
    return found, numbers


def _stated(
    pack: Pack,
    index: int,
    document: tuple[str, str],
    numbers: Mapping[ElementKey, int],
    words: list[str],
) -> StatedPart:
    place, row = pack.places[index], pack.rows[index]
    part = decode_part(row.payload, place.mrid, words[place.section], row.line, words)
    number = numbers[ElementKey(document[0], place.mrid)]
    return StatedPart(*document, number, place.ordinal, part)


def _change(
    name: tuple[str, str], bodies: tuple[str | None, str | None], fingerprint: str
) -> DocumentChange:
    closed, opened = (_document(name, body) for body in bodies)
    return DocumentChange(*name, closed, opened, fingerprint)


def _document(name: tuple[str, str], body: str | None) -> Document | None:
    return None if body is None else decode_document(*name, body)


# --- doing it again ----------------------------------------------------------------------------


def reenact(desk: Desk, words: Words, log: RevisionLog) -> dict[ElementKey, int]:
    """Do in drafts what a revision of another store did; gives the numbers of what it opened.

    Raises:
        Conflict: it closes what is not open here.
    """
    closed, opened = _by_document(log.closed), _by_document(log.opened)
    for change in log.documents:
        name = (change.model_set, change.name)
        draft = desk.draft(*name)
        _move_parts(desk, draft, words, (closed.get(name, []), opened.get(name, [])), log)
        _move_body(desk, draft, change)
        draft.fingerprint = change.fingerprint
    return {
        ElementKey(one.model_set, one.part.mrid): one.number
        for some in opened.values()
        for one in some
    }


def _by_document(stated: Iterable[StatedPart]) -> dict[tuple[str, str], list[StatedPart]]:
    found: dict[tuple[str, str], list[StatedPart]] = {}
    for one in stated:
        found.setdefault((one.model_set, one.document), []).append(one)
    return found


def _move_parts(
    desk: Desk,
    draft: Draft,
    words: Words,
    both: tuple[list[StatedPart], list[StatedPart]],
    log: RevisionLog,
) -> None:
    closed, opened = both
    desk.load(draft, {one.part.mrid for one in (*closed, *opened)})
    for one in closed:
        if draft.now.pop(_place(one, words), None) is None:
            raise does_not_follow(log.revision.number)
    for one in opened:
        place = _place(one, words)
        if place in draft.now:
            raise does_not_follow(log.revision.number)
        draft.now[place] = _row(one, words)


def _place(one: StatedPart, words: Words) -> Place:
    return Place(one.part.mrid, words.codes[one.part.section], one.ordinal)


def _row(one: StatedPart, words: Words) -> Row:
    part = one.part
    size = len(part.types) + len(part.statements)
    code = words.codes[part.types[0]] if part.types else 0
    return Row(encode_part(part, words.codes), code, size, part.line)


def _move_body(desk: Desk, draft: Draft, change: DocumentChange) -> None:
    if change.opened is not None:
        before = draft.body
        draft.body = encode_document(change.opened)
        if before is not None and _weighs(draft, before) != standing(change.opened):
            desk.load_whole(draft)
            draft.touched.update(place.mrid for place in draft.now)
    elif change.closed is not None:
        draft.body = None


def _weighs(draft: Draft, body: str) -> tuple[object, ...]:
    return standing(decode_document(draft.model_set, draft.name, body))
