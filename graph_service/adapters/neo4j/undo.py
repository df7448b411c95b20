"""Undo in Neo4j: what a revision opened is closed, what it closed is opened again as new.

A place is a document with (mRID, section, ordinal). Undo is possible where every place still says
what the revision left there; it need not be the very part, so that an undone undo can be undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from graph_service.adapters.neo4j.cypher import reading
from graph_service.adapters.neo4j.drafts import Desk, Draft, Rows
from graph_service.adapters.neo4j.packs import Place, Row, Shelf
from graph_service.adapters.neo4j.queries import Queries
from graph_service.adapters.part_encoding import decode_document
from graph_service.domain.errors import Conflict
from graph_service.domain.merging import precedence
from graph_service.domain.statements import Document

Both = tuple[Rows, Rows]
"""What a revision opened in a document, and what it closed."""


def swap(queries: Queries, shelf: Shelf, desk: Desk, revision: int) -> None:
    """Take a revision back in the drafts.

    Raises:
        Conflict: a later revision changed the same.
    """
    changed = _parts_of(queries, shelf, revision)
    bodies = bodies_of(queries, revision)
    drafts = desk.by_number([*changed, *bodies])
    for number, (opened, closed) in changed.items():
        desk.load(drafts[number], {place.mrid for place in (*opened, *closed)})
    for number, both in changed.items():
        _refuse_conflicts(queries, shelf, drafts[number], both, revision)
    for number, (opened, closed) in changed.items():
        draft = drafts[number]
        for place in opened:
            draft.now.pop(place, None)
        draft.now.update((place, _again(row)) for place, row in closed.items())
    for number, (before, after) in sorted(bodies.items()):
        _swap_body(queries, desk, drafts[number], before, after, revision)
    for draft in drafts.values():
        draft.fingerprint = ""


def standing(document: Document) -> tuple[object, ...]:
    """All of a document that decides how much its word counts."""
    return (*precedence(document), document.model_id, document.supersedes)


def _parts_of(queries: Queries, shelf: Shelf, revision: int) -> dict[int, Both]:
    """Number of a document → parts that the revision opened, and parts that it closed."""
    found: dict[int, Both] = {}
    opened = [number for (number,) in queries.rows(reading.PACKS_OPENED, revision=revision)]
    closings = queries.rows(reading.CLOSINGS_OF_REVISION, revision=revision)
    for pack in shelf.packs(opened):
        rows = zip(pack.places, pack.rows, strict=True)
        found.setdefault(pack.document, ({}, {}))[0].update(rows)
    for pack, (_, indexes) in zip(shelf.packs([n for n, _ in closings]), closings, strict=True):
        rows = ((pack.places[at], pack.rows[at]) for at in indexes)  # type: ignore[assignment]
        found.setdefault(pack.document, ({}, {}))[1].update(rows)
    return dict(sorted(found.items()))


def _again(row: Row) -> Row:
    return replace(row, pack=-1, index=-1, revision=-1)


def _refuse_conflicts(
    queries: Queries, shelf: Shelf, draft: Draft, both: Both, revision: int
) -> None:
    opened, closed = both
    for place, row in sorted(opened.items()):
        now = draft.now.get(place)
        if now is None or now.payload != row.payload:
            raise _conflict(revision, _latest(queries, shelf, draft, place), place.mrid)
    for place in sorted(closed.keys() - opened.keys()):
        if place in draft.now:
            raise _conflict(revision, _latest(queries, shelf, draft, place), place.mrid)


def _latest(queries: Queries, shelf: Shelf, draft: Draft, place: Place) -> int:
    """The newest revision that changed a place."""
    rows = queries.rows(reading.PACKS_OF_DOCUMENT, document=draft.number)
    revisions = [0]
    for pack in shelf.packs([number for (number,) in rows]):
        for at, other in enumerate(pack.places):
            if other == place:
                revisions += [pack.revision, pack.closed.get(at, 0)]
    return max(revisions)


def _conflict(revision: int, later: int, subject: str) -> Conflict:
    return Conflict(
        f"revision {revision} cannot be undone: revision {later} changed {subject} after it",
        subject=str(later),
        hint=f"undo revision {later} first",
    )


# --- headers of documents ----------------------------------------------------------------------


def bodies_of(queries: Queries, revision: int) -> dict[int, tuple[str | None, str | None]]:
    """Number of a document → the body that the revision closed, and the one that it opened."""
    found: dict[int, list[str | None]] = {}
    for document, since, until, body in queries.rows(
        reading.VERSIONS_OF_REVISION, revision=revision
    ):
        both = found.setdefault(document, [None, None])
        if until == revision:
            both[0] = body
        if since == revision:
            both[1] = body
    for document, body in queries.rows(reading.DOCUMENTS_OPENED, revision=revision):
        found.setdefault(document, [None, None])[1] = body
    return {document: (before, after) for document, (before, after) in found.items()}


def _swap_body(
    queries: Queries,
    desk: Desk,
    draft: Draft,
    before: str | None,
    after: str | None,
    revision: int,
) -> None:
    now = draft.body
    if (now is None) != (after is None) or (now is not None and now != after):
        if now is not None and now == before:
            return
        rows = queries.rows(reading.VERSIONS_OF_DOCUMENT, document=draft.number)
        raise _conflict(revision, _newest(rows, draft.since), draft.name)
    if now is not None and (before is not None or not draft.open_parts):
        draft.body = None
    if before is not None:
        draft.body = before
        if now is None or _weighs(draft, now) != _weighs(draft, before):
            desk.load_whole(draft)
            draft.touched.update(place.mrid for place in draft.now)


def _newest(versions: Sequence[Iterable[int]], since: int | None) -> int:
    return max([since or 0, *(revision for version in versions for revision in version)])


def _weighs(draft: Draft, body: str) -> tuple[object, ...]:
    return standing(decode_document(draft.model_set, draft.name, body))
