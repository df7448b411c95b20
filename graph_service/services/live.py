"""Live timelines: who watches a scope is told what is appended to it, while it happens.

A watch names a scope (an element, a trace, a container, an owner) and follows it: when switching
moves elements in or out of the trace, the watch moves with them, before anything later is told.
Arrivals are matched by an index from element to watches, so that the cost of a batch is that of
its elements and not of the number of watchers.

Writers are never held up. A watcher that is too slow is told, with the next arrivals, how many
messages it missed; what it missed can be read from the timeline.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from graph_service.domain.access import Scope
from graph_service.domain.arrivals import Stretch
from graph_service.domain.errors import GridStrataError
from graph_service.domain.events import Event
from graph_service.domain.scopes import ScopeQuestion
from graph_service.services.members import Members
from graph_service.services.notices import (
    REVISIONS_TOPIC,
    TIMELINE_TOPIC,
    Notice,
    Notices,
    RevisionChanged,
    TimelineAppended,
)
from graph_service.services.scopes import Scopes

QUEUE_LENGTH: Final = 64
"""How many messages wait for a watcher before the oldest are dropped and counted."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What one arrival holds for a watcher; `missed` messages before it were dropped."""

    events: tuple[Event, ...]
    readings: tuple[Stretch, ...]
    reopened: tuple[Stretch, ...]
    members: Members
    missed: int = 0


@dataclass(eq=False, slots=True)
class _Watch:
    asked: ScopeQuestion
    scope: Scope
    kinds: frozenset[str] | None
    with_readings: bool
    members: Members
    queue: asyncio.Queue[Appended]
    missed: int = 0


@dataclass(slots=True)
class _Share:
    """What of one arrival belongs to one watch."""

    events: dict[tuple[str, str], Event] = field(default_factory=dict)
    readings: list[Stretch] = field(default_factory=list)
    reopened: list[Stretch] = field(default_factory=list)


class Live:
    """Watches over scopes, all on one event loop.

    Args:
        notices: tells of revisions and arrivals.
        scopes: finds the elements of a scope.
        heed: sees to it that what other processes write is told of, too.

    Attributes:
        missed: How many messages were dropped so far, for watchers that were too slow.
    """

    def __init__(
        self, notices: Notices, scopes: Scopes, heed: Callable[[], None] = lambda: None
    ) -> None:
        self._notices = notices
        self._scopes = scopes
        self._heed = heed
        self.missed = 0
        self._watches: set[_Watch] = set()
        self._by_element: dict[str, set[_Watch]] = defaultdict(set)
        self._listening: asyncio.Task[None] | None = None

    async def watch(
        self,
        asked: ScopeQuestion,
        scope: Scope,
        *,
        kinds: frozenset[str] | None = None,
        with_readings: bool = True,
        begun: Callable[[], None] = lambda: None,
    ) -> AsyncGenerator[Appended, None]:
        """Arrivals for a scope from now on, until the caller stops iterating.

        Args:
            asked: which elements; found again whenever the graph changes.
            scope: what the caller may see.
            kinds: kinds of events to tell of; None for all.
            with_readings: whether readings are told of, too.
            begun: called when nothing that is told from then on will be missed.

        Raises:
            InvalidCall: the scope means nothing.
            StoreError: the timeline cannot be followed.
        """
        members = await asyncio.to_thread(self._scopes.members, asked, scope)
        queue: asyncio.Queue[Appended] = asyncio.Queue(QUEUE_LENGTH)
        watch = _Watch(asked, scope, kinds, with_readings, members, queue)
        self._add(watch)
        try:
            await asyncio.sleep(0)  # lets the listener begin, if this is the first watch
            await asyncio.to_thread(self._heed)
            begun()
            while True:
                told = await queue.get()
                missed, watch.missed = watch.missed, 0
                yield replace(told, missed=missed) if missed else told
        finally:
            self._remove(watch)

    @property
    def watchers(self) -> int:
        """How many watch at the moment."""
        return len(self._watches)

    def _add(self, watch: _Watch) -> None:
        self._watches.add(watch)
        self._index(watch)
        if self._listening is None or self._listening.done():
            stream = self._notices.subscribe(REVISIONS_TOPIC, TIMELINE_TOPIC, most=None)
            self._listening = asyncio.ensure_future(self._listen(stream))

    def _remove(self, watch: _Watch) -> None:
        self._watches.discard(watch)
        self._unindex(watch)
        if not self._watches and self._listening is not None:
            self._listening.cancel()
            self._listening = None

    async def _listen(self, stream: AsyncIterator[Notice]) -> None:
        async for notice in stream:
            if isinstance(notice, RevisionChanged):
                await self._follow()
            elif isinstance(notice, TimelineAppended):
                self._deliver(notice)

    async def _follow(self) -> None:
        """Find the elements of every watch again; the same question is answered once."""
        for watch in list(self._watches):
            members = await asyncio.to_thread(self._refreshed, watch)
            if watch in self._watches and members is not watch.members:
                self._unindex(watch)
                watch.members = members
                self._index(watch)

    def _refreshed(self, watch: _Watch) -> Members:
        try:
            return self._scopes.members(watch.asked, watch.scope)
        except GridStrataError:  # its start may be gone for now: keep what is known
            return watch.members

    def _deliver(self, arrived: TimelineAppended) -> None:
        shares: dict[_Watch, _Share] = defaultdict(_Share)
        for event in arrived.events:
            for watch in self._watching(event.subjects):
                if watch.kinds is None or event.kind in watch.kinds:
                    shares[watch].events[event.source, event.id] = event
        for stretch in arrived.readings:
            for watch in self._reading(stretch):
                shares[watch].readings.append(stretch)
        for stretch in arrived.reopened:
            for watch in self._reading(stretch):
                shares[watch].reopened.append(stretch)
        for watch, share in shares.items():
            self.missed += _offer(watch, share)

    def _watching(self, elements: Iterable[str]) -> set[_Watch]:
        found: set[_Watch] = set()
        for element in elements:
            found |= self._by_element.get(element, set())
        return found

    def _reading(self, stretch: Stretch) -> Iterable[_Watch]:
        watching = self._by_element.get(stretch.series.element, ())
        return (watch for watch in watching if watch.with_readings)

    def _index(self, watch: _Watch) -> None:
        for key in watch.members.keys:
            self._by_element[key].add(watch)

    def _unindex(self, watch: _Watch) -> None:
        for key in watch.members.keys:
            watching = self._by_element[key]
            watching.discard(watch)
            if not watching:
                del self._by_element[key]


def _offer(watch: _Watch, share: _Share) -> int:
    """Hand a share over; where the watcher is slow the oldest message gives way and is counted."""
    gave_way = watch.queue.full()
    if gave_way:
        watch.queue.get_nowait()
        watch.missed += 1
    told = Appended(
        tuple(share.events.values()),
        tuple(share.readings),
        tuple(share.reopened),
        watch.members,
    )
    watch.queue.put_nowait(told)
    return int(gave_way)
