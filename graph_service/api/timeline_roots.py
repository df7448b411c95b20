"""What can be asked of the timeline: entries, one of them, how many, and what came around it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from graph_service.api.context import Info
from graph_service.api.elements import KnownAt
from graph_service.api.entries import (
    TimelineEntry,
    TimelineEntryConnection,
    event_of,
    page_of_entries,
    question,
)
from graph_service.api.occurrences import Around, TimelineHistogram, around_entry, histogram_of
from graph_service.api.paging import After, First
from graph_service.api.scopes import ScopeInput
from graph_service.api.series import InZone, window
from graph_service.api.vocabulary import EventKind, EventSeverity
from graph_service.domain.readings import to_us
from graph_service.services.around import HOPS

Scope = Annotated[
    ScopeInput | None,
    strawberry.argument(description="Which elements; default: all that the caller may see."),
]
EventKinds = Annotated[
    list[EventKind] | None, strawberry.argument(description="Kinds of events; default: all.")
]
MinSeverity = Annotated[
    EventSeverity, strawberry.argument(description="How severe an event is at least.")
]
EntryId = Annotated[strawberry.ID, strawberry.argument(description="`source/id` of an event.")]
Duration = Annotated[str, strawberry.argument(description="ISO 8601 duration: PT30M, PT1H, P1D.")]


@strawberry.type(description="Questions about what happened.")
class TimelineQuery:
    """The part of Query that is about events."""

    @strawberry.field(description="What happened, in the order of time.")
    async def timeline(
        self,
        info: Info,
        start: datetime,
        stop: datetime,
        scope: Scope = None,
        kinds: EventKinds = None,
        min_severity: MinSeverity = EventSeverity.INFO,
        first: First = 50,
        after: After = None,
        known_at: KnownAt = None,
        descending: bool = False,
    ) -> TimelineEntryConnection | None:
        """Entries that overlap the window."""
        asked = question(scope, window(start, stop), kinds, min_severity, known_at)
        return await page_of_entries(info.context, asked, first, after, descending)

    @strawberry.field(description="One event; null where there is none.")
    async def event(
        self, info: Info, id: EntryId, known_at: KnownAt = None
    ) -> TimelineEntry | None:
        """An event by its id."""
        return await event_of(info.context, id, known_at)

    @strawberry.field(description="How many events began in each interval.")
    async def timeline_histogram(
        self,
        info: Info,
        start: datetime,
        stop: datetime,
        bucket: Duration = "PT1H",
        zone: InZone = None,
        scope: Scope = None,
        kinds: EventKinds = None,
        min_severity: MinSeverity = EventSeverity.INFO,
        known_at: KnownAt = None,
    ) -> TimelineHistogram | None:
        """Counts by kind and by severity."""
        asked = question(scope, window(start, stop), kinds, min_severity, known_at)
        return await histogram_of(info.context, asked, bucket, zone)

    @strawberry.field(
        description="What else happened around an entry, in the graph and in time, the most "
        "surprising first; null where there is no such entry."
    )
    async def around(
        self,
        info: Info,
        entry: EntryId,
        before: Duration = "PT1H",
        after: Duration = "PT1H",
        scope: Annotated[
            ScopeInput | None,
            strawberry.argument(description="Which elements; default: what is around its own."),
        ] = None,
        hops: Annotated[
            int, strawberry.argument(description="How far the network is walked around it.")
        ] = HOPS,
        baseline: Annotated[
            str, strawberry.argument(description="How long before the window rates come from.")
        ] = "P28D",
        first: First = 50,
        known_at: KnownAt = None,
    ) -> Around | None:
        """The neighbourhood of an entry."""
        known_us = None if known_at is None else to_us(known_at)
        lengths = (before, after, baseline)
        return await around_entry(info.context, entry, lengths, scope, hops, known_us, first)
