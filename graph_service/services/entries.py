"""The timeline: everything that happened to a set of elements, in the order of time.

Events of all kinds are merged in one order that pages can rely on: by start, then source, then id.
Each entry says how far its nearest subject is from what was asked for, and in which relation.

What a caller may see: events about at least one element it may see. An event that is about no
element is seen by who sees everything only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph_service.domain.access import Scope
from graph_service.domain.calendars import cut
from graph_service.domain.events import (
    Event,
    EventFilter,
    EventPosition,
    EventSeverity,
    source_and_id,
)
from graph_service.domain.readings import Window
from graph_service.domain.scopes import Relation, ScopeQuestion
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.members import Members, Standing
from graph_service.services.neighbourhood import Neighbourhood
from graph_service.services.scopes import Scopes

MOST_BUCKETS: Final = 10_000

_ORDER: Final = {relation: at for at, relation in enumerate(Relation)}


@dataclass(frozen=True, slots=True)
class EntryQuestion:
    """Which entries.

    Attributes:
        window: what they must overlap.
        scope: which elements they are about; None for all the caller may see.
        kinds: kinds of events; None for all.
        min_severity: how severe they are at least.
        known_us: as it was known then; None for now.
    """

    window: Window
    scope: ScopeQuestion | None = None
    kinds: frozenset[str] | None = None
    min_severity: EventSeverity = EventSeverity.INFO
    known_us: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An event, and how its nearest subject stands to what was asked for; None where no element
    was asked for."""

    event: Event
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Entries in order; `truncated` where the scope has more elements than could be asked for."""

    entries: tuple[Entry, ...]
    has_next: bool
    truncated: bool


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many events began in each interval.

    Attributes:
        starts_us: Where each interval begins.
        by_kind: Kind → one count an interval, int32; kinds without an event are left out.
        by_severity: The same by severity.
        truncated: True where the scope has more elements than could be asked for.
    """

    starts_us: Sequence[int]
    by_kind: Mapping[str, NDArray[np.int32]]
    by_severity: Mapping[EventSeverity, NDArray[np.int32]]
    truncated: bool


class Entries:
    """Questions about what happened.

    Args:
        store: where events are.
        scopes: finds the elements of a scope.
        around: looks elements up.
    """

    def __init__(self, store: TimelineStore, scopes: Scopes, around: Neighbourhood) -> None:
        self._store = store
        self._scopes = scopes
        self._around = around

    def page(
        self,
        asked: EntryQuestion,
        scope: Scope,
        first: int,
        after: EventPosition | None = None,
        *,
        descending: bool = False,
    ) -> EntryPage:
        """Entries in the order of time, those beyond `after`; one call to the timeline.

        Raises:
            InvalidCall: the scope means nothing.
        """
        members = self.members(asked, scope)
        found = self._store.events(
            event_filter(asked, members),
            asked.window,
            first + 1,
            after=after,
            descending=descending,
        )
        standings = None if asked.scope is None or members is None else members.standings
        entries = tuple(Entry(event, nearest(event, standings)) for event in found[:first])
        return EntryPage(entries, len(found) > first, members is not None and members.truncated)

    def available(self, asked: EntryQuestion, scope: Scope) -> tuple[int, int] | None:
        """First start and the end (exclusive) of all entries of this question, at any time."""
        return self._store.events_available(event_filter(asked, self.members(asked, scope)))

    def event(self, id: str, scope: Scope, known_us: int | None = None) -> Event | None:
        """One event by its `entry_id`; None where there is none the caller may see."""
        found = self._store.event(*source_and_id(id), known_us)
        if found is None or scope.everything:
            return found
        return found if self.seen(found.subjects, scope) else None

    def seen(self, subjects: Sequence[str], scope: Scope) -> list[str]:
        """Those of some elements that exist and that the caller may see, `model_set/mRID`."""
        found = self._around.by_keys(subjects, scope)
        return [key for key, element in zip(subjects, found, strict=True) if element is not None]

    def histogram(
        self, asked: EntryQuestion, scope: Scope, bucket: str, zone: str | None = None
    ) -> Histogram:
        """How many events began in each interval, by kind and by severity.

        One call to the timeline where all intervals are equally long; days with a clock change
        make it a few.

        Args:
            asked: which events.
            scope: what the caller may see.
            bucket: length of an interval, see `domain.calendars`.
            zone: the time zone of its days, weeks and months.

        Raises:
            BadResolution, BadZone, TooManyIntervals: the window cannot be cut so.
        """
        intervals = cut(asked.window, bucket, zone, MOST_BUCKETS)
        members = self.members(asked, scope)
        wanted = event_filter(asked, members)
        place = {start_us: at for at, start_us in enumerate(intervals.starts_us)}
        by_kind: dict[str, NDArray[np.int32]] = defaultdict(_noughts(len(intervals)))
        by_severity: dict[EventSeverity, NDArray[np.int32]] = defaultdict(_noughts(len(intervals)))
        for run in intervals.runs():
            for counted in self._store.event_counts(wanted, run.window, run.every_us):
                at = place[counted.start_us]
                by_kind[counted.kind][at] += counted.count
                by_severity[counted.severity][at] += counted.count
        return Histogram(
            intervals.starts_us,
            dict(sorted(by_kind.items())),
            dict(sorted(by_severity.items())),
            members is not None and members.truncated,
        )

    def members(self, asked: EntryQuestion, scope: Scope) -> Members | None:
        """The elements of a question; None for all there are."""
        if asked.scope is None:
            return self._scopes.visible(scope)
        return self._scopes.members(asked.scope, scope)


def event_filter(asked: EntryQuestion, members: Members | None) -> EventFilter:
    """A question as the store is asked it."""
    subjects = None if members is None else members.subjects
    return EventFilter(subjects, asked.kinds, asked.min_severity, asked.known_us)


def nearest(event: Event, standings: Mapping[str, Standing] | None) -> Standing | None:
    """How the nearest subject of an event stands; None where none of them was asked for."""
    known = standings or {}
    found: Iterable[Standing] = (known[name] for name in event.subjects if name in known)
    return min(found, key=lambda s: (s.distance, _ORDER[s.relation]), default=None)


def _noughts(length: int) -> Callable[[], NDArray[np.int32]]:
    return lambda: np.zeros(length, dtype=np.int32)
