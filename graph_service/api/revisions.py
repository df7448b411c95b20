"""Revisions in the schema: what changed the graph, taking it back, switching, being told.

Revisions name everybody's elements by count, so only who sees everything is shown them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Context
from graph_service.api.elements import Element, show
from graph_service.api.imports import require_all
from graph_service.api.paging import (
    PageInfo,
    check_first,
    cursor,
    fingerprint,
    page_info,
    position_of,
)
from graph_service.domain import elements
from graph_service.services.notices import REVISIONS_TOPIC
from graph_service.services.notices import RevisionChanged as Changed


@strawberry.type(description="What a revision did to elements of a kind.")
class KindChanges:
    """Counts of one kind."""

    kind: str
    added: int
    changed: int
    removed: int


@strawberry.type(description="One transaction that landed.")
class Revision:
    """A revision."""

    number: int
    at: datetime
    author: str
    message: str
    added: int
    changed: int
    removed: int
    links_added: int
    links_removed: int
    by_kind: list[KindChanges]
    undoes: int | None = strawberry.field(description="The revision that it takes back.")


@strawberry.type(description="A page of revisions, the newest first.")
class RevisionConnection:
    """Revisions."""

    nodes: list[Revision]
    page_info: PageInfo


@strawberry.type(description="The graph has a new revision.")
class RevisionChanged:
    """An event."""

    revision: int


async def page_of_revisions(context: Context, first: int, after: str | None) -> RevisionConnection:
    """A page of revisions; empty for who sees only some owners."""
    check_first(first)
    mark = fingerprint("revisions")
    begin = position_of(after, mark)
    ask = context.house.network.revisions
    allowed = context.scope.everything
    rows = await in_thread(ask, first + 1, begin and begin[1]) if allowed else []
    shown = rows[:first]
    ends = [cursor(mark, ("", row.number)) for row in (*shown[:1], *shown[-1:])]
    return RevisionConnection(
        nodes=[_revision(row) for row in shown],
        page_info=page_info((ends[0], ends[-1]) if ends else None, after, len(rows) > first),
    )


async def switch(context: Context, mrid: str, is_open: bool) -> Element:
    """Open or close a switch in the present state."""
    network, caller = context.house.network, context.asker

    def act() -> elements.Element:
        return network.set_switch(network.element(mrid, caller.scope), is_open, caller)

    return show(await in_thread(act))


async def undone(context: Context, revision: int) -> Revision:
    """Take a revision back."""
    require_all(context.asker)
    return _revision(await in_thread(context.house.network.undo, revision, context.asker))


async def changes(context: Context) -> AsyncIterator[RevisionChanged]:
    """New revisions from now on."""
    _ = context.asker
    context.begun.set()  # true before anybody hears of it: the loop subscribes in this very step
    async for event in context.house.notices.subscribe(REVISIONS_TOPIC):
        if isinstance(event, Changed):
            yield RevisionChanged(revision=event.revision)


def _revision(row: elements.Revision) -> Revision:
    made = row.changes
    return Revision(
        number=row.number,
        at=row.at,
        author=row.author,
        message=row.message,
        added=made.added,
        changed=made.changed,
        removed=made.removed,
        links_added=made.links_added,
        links_removed=made.links_removed,
        by_kind=[
            KindChanges(kind=kind, added=added, changed=changed, removed=removed)
            for kind, (added, changed, removed) in sorted((made.by_kind or {}).items())
        ],
        undoes=row.undoes,
    )
