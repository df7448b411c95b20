"""The timeline in the schema: entries with their place in the graph, page by page.

Texts, sources and references are those of whoever reported the event. Subjects are elements as far
as the caller may see them.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

import orjson
import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Context, Info
from graph_service.api.elements import Element, show
from graph_service.api.paging import (
    First,
    PageInfo,
    Position,
    check_first,
    cursor,
    fingerprint,
    page_info,
    position_of,
)
from graph_service.api.scopes import ScopeInput
from graph_service.api.series import TimeRange, time_range
from graph_service.api.vocabulary import EventKind, EventSeverity, Relation
from graph_service.domain.errors import BadCursor
from graph_service.domain.events import Event, EventPosition, entry_id, position
from graph_service.domain.readings import Window, from_us, to_us
from graph_service.services import entries

TITLE_LENGTH = 100


@strawberry.type(description="Where an image or a document is; its bytes are not kept here.")
class EventReference:
    """A reference."""

    uri: str
    media_type: str
    sha256: str = strawberry.field(description="Of its bytes, hexadecimal; empty if not known.")


@strawberry.type(description="Something that happened.")
class TimelineEntry:
    """An event, and how near it is to what was asked for."""

    id: strawberry.ID = strawberry.field(description="`source/id`; see the field `event`.")
    kind: EventKind
    start: datetime
    end: datetime | None = strawberry.field(description="Null for an instant, and while it lasts.")
    known_at: datetime = strawberry.field(description="When this version was known.")
    severity: EventSeverity
    title: str = strawberry.field(description="The first line of the text, cut short.")
    text: str
    source: str = strawberry.field(description="Who says so.")
    reference: EventReference | None
    distance: int | None = strawberry.field(
        description="Hops from the start to the nearest subject, or levels of containment."
    )
    relation: Relation | None = strawberry.field(
        description="How the nearest subject stands to the start."
    )
    keys: strawberry.Private[tuple[str, ...]]

    @strawberry.field(description="The elements it is about, those the caller may see.")
    async def subjects(self, info: Info, first: First = 20) -> list[Element]:
        """Subjects, looked up together with those of the other entries of the page."""
        check_first(first)
        context = info.context
        ask = partial(context.house.neighbourhood.by_keys, scope=context.scope)
        found = await context.batches.of("by_keys", ask).many(self.keys)
        return [show(element) for element in found if element is not None][:first]


@strawberry.type(description="A page of entries, in the order of time.")
class TimelineEntryConnection:
    """Entries."""

    nodes: list[TimelineEntry]
    page_info: PageInfo
    truncated: bool = strawberry.field(
        description="True if the scope has more elements than could be asked for."
    )
    asked: strawberry.Private[entries.EntryQuestion]

    @strawberry.field(
        description="First and last start of all entries of this question, whatever the window."
    )
    async def available_range(self, info: Info) -> TimeRange | None:
        """Asked of the store only when it is wanted."""
        return await available_of(info.context, self.asked)


async def available_of(context: Context, asked: entries.EntryQuestion) -> TimeRange | None:
    """First and last start of all events of a question, whatever its window."""
    return time_range(await in_thread(context.house.entries.available, asked, context.scope))


def question(
    scope: ScopeInput | None,
    window: Window,
    kinds: list[EventKind] | None,
    min_severity: EventSeverity,
    known_at: datetime | None,
) -> entries.EntryQuestion:
    """The arguments of a timeline in the words of the service."""
    return entries.EntryQuestion(
        window=window,
        scope=None if scope is None else scope.meant(),
        kinds=None if kinds is None else frozenset(kind.name for kind in kinds),
        min_severity=min_severity,
        known_us=None if known_at is None else to_us(known_at),
    )


async def page_of_entries(
    context: Context, asked: entries.EntryQuestion, first: int, after: str | None, descending: bool
) -> TimelineEntryConnection:
    """A page of the timeline."""
    check_first(first)
    mark = fingerprint("timeline", asked, descending)
    begin = _event_position(position_of(after, mark), after)
    ask = partial(context.house.entries.page, descending=descending)
    found = await in_thread(ask, asked, context.scope, first, begin)
    ends = [_cursor(mark, entry.event) for entry in (*found.entries[:1], *found.entries[-1:])]
    return TimelineEntryConnection(
        nodes=[show_entry(entry) for entry in found.entries],
        page_info=page_info((ends[0], ends[-1]) if ends else None, after, found.has_next),
        truncated=found.truncated,
        asked=asked,
    )


async def event_of(context: Context, id: str, known_at: datetime | None) -> TimelineEntry | None:
    """One event; None where there is none the caller may see."""
    known_us = None if known_at is None else to_us(known_at)
    found = await in_thread(context.house.entries.event, id, context.scope, known_us)
    return None if found is None else show_entry(entries.Entry(found, None))


def show_entry(entry: entries.Entry) -> TimelineEntry:
    """An entry as the schema shows it."""
    event, standing = entry.event, entry.standing
    return TimelineEntry(
        id=strawberry.ID(entry_id(event.source, event.id)),
        kind=EventKind[event.kind],
        start=from_us(event.start_us),
        end=None if event.end_us is None else from_us(event.end_us),
        known_at=from_us(event.known_us),
        severity=event.severity,
        title=_title(event.text),
        text=event.text,
        source=event.source,
        reference=_reference(event),
        distance=standing.distance if standing else None,
        relation=standing.relation if standing else None,
        keys=event.subjects,
    )


def _reference(event: Event) -> EventReference | None:
    found = event.reference
    if found is None:
        return None
    return EventReference(uri=found.uri, media_type=found.media_type, sha256=found.sha256)


def _title(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"


def _cursor(mark: str, event: Event) -> str:
    start_us, source, id = position(event)
    return cursor(mark, (orjson.dumps([source, id]).decode(), start_us))


def _event_position(found: Position | None, given: str | None) -> EventPosition | None:
    if found is None:
        return None
    try:
        source, id = orjson.loads(str(found[0]))
    except (ValueError, TypeError) as error:
        raise BadCursor(given or "") from error
    return EventPosition(found[1], source, id)
