"""The live timeline in the schema: what is appended to a scope, while it happens.

Over a WebSocket or as server-sent events. A message holds what one write brought (a long one
comes in pieces of 500); a caller that is too slow is told in `missed` how many messages were
dropped before this one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import Final

import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Context, Info
from graph_service.api.elements import Element, show
from graph_service.api.entries import TimelineEntry, show_entry
from graph_service.api.scopes import ScopeInput
from graph_service.api.vocabulary import EventKind, Quantity
from graph_service.domain.arrivals import Stretch
from graph_service.domain.readings import from_us
from graph_service.services.entries import Entry, nearest
from graph_service.services.live import Appended

MOST_A_MESSAGE: Final = 500


@strawberry.type(description="Readings of one series that arrived, or changed what was known.")
class ReadingsArrival:
    """A stretch of readings."""

    quantity: Quantity
    source: str
    start: datetime
    stop: datetime = strawberry.field(description="Just past the last of them.")
    count: int = strawberry.field(description="How many; 0 where only known values changed.")
    key: strawberry.Private[str]

    @strawberry.field(description="What they are of.")
    async def element(self, info: Info) -> Element | None:
        """The element, looked up when it is asked for."""
        context = info.context
        ask = context.house.neighbourhood.by_keys
        [found] = await in_thread(ask, [self.key], scope=context.scope)
        return None if found is None else show(found)


@strawberry.type(description="What one write brought to a scope.")
class TimelineArrival:
    """An arrival."""

    revision: int = strawberry.field(description="The revision the scope was found in.")
    entries: list[TimelineEntry]
    readings: list[ReadingsArrival]
    reopened: list[ReadingsArrival] = strawberry.field(
        description="Stretches whose aggregates changed, by late or corrected readings."
    )
    missed: int = strawberry.field(
        description="How many messages before this one were dropped, for the caller was too slow."
    )


async def arrivals(
    context: Context, scope: ScopeInput, kinds: list[EventKind] | None, with_readings: bool
) -> AsyncIterator[TimelineArrival]:
    """Arrivals from now on."""
    wanted = None if kinds is None else frozenset(kind.name for kind in kinds)
    watched = context.house.live.watch(
        scope.meant(),
        context.scope,
        kinds=wanted,
        with_readings=with_readings,
        begun=context.begun.set,
    )
    async with aclosing(watched):
        async for told in watched:
            for piece in _pieces(told):
                yield _arrival(piece)


def _pieces(told: Appended) -> Iterator[Appended]:
    """One message, or several where a write brought more than a message may hold."""
    longest = max(len(told.events), len(told.readings), len(told.reopened))
    for begin in range(0, max(longest, 1), MOST_A_MESSAGE):
        part = slice(begin, begin + MOST_A_MESSAGE)
        yield replace(
            told,
            events=told.events[part],
            readings=told.readings[part],
            reopened=told.reopened[part],
            missed=0 if begin else told.missed,
        )


def _arrival(told: Appended) -> TimelineArrival:
    standings = told.members.standings
    return TimelineArrival(
        revision=told.members.revision,
        entries=[show_entry(Entry(event, nearest(event, standings))) for event in told.events],
        readings=[_stretch(stretch) for stretch in told.readings],
        reopened=[_stretch(stretch) for stretch in told.reopened],
        missed=told.missed,
    )


def _stretch(stretch: Stretch) -> ReadingsArrival:
    element, quantity, source = stretch.series
    return ReadingsArrival(
        quantity=Quantity[quantity],
        source=source,
        start=from_us(stretch.start_us),
        stop=from_us(stretch.stop_us),
        count=stretch.count,
        key=element,
    )
