"""Events in the timeline file: alarms, outages, messages, images, in the order of time.

Guarantees: those of `store.py`, whose file it shares: `append` is one transaction, on the
disk when it returns; every call reads one state and never waits for the writer.

How: see `event_tables.py` for what is kept, `event_search.py` for how events of many elements are
found, `timeline/event_versions.py` for what is rejected and what makes a new version.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import orjson

from graph_service.adapters.sqlite.connection import SqliteFile
from graph_service.adapters.sqlite.timeline import event_search as search
from graph_service.adapters.sqlite.timeline import event_tables as tables
from graph_service.adapters.sqlite.timeline.arrivals import SqliteArrivals
from graph_service.adapters.timeline.arrivals import of_events
from graph_service.adapters.timeline.event_versions import (
    NEVER_US,
    Became,
    Content,
    Identity,
    Version,
    learn,
    why_rejected,
)
from graph_service.domain.events import (
    Event,
    EventCount,
    EventFilter,
    EventHistories,
    EventPosition,
    EventSeverity,
    EventsResult,
    Reference,
    entry_id,
    source_and_id,
)
from graph_service.domain.readings import Window
from graph_service.domain.tables import event_kind

_FORGOTTEN_AT_ONCE: Final = 10_000
_SEVERITIES: Final = tuple(EventSeverity)


class SqliteEvents:
    """The events of a timeline file; the methods of `TimelineStore` without their `events_`."""

    def __init__(self, file: SqliteFile, arrivals: SqliteArrivals):
        self._file = file
        self._arrivals = arrivals

    def append(self, events: Iterable[Event]) -> EventsResult:
        """Keep events in one durable step."""
        good, rejected = _checked(events)
        became: Counter[Became] = Counter()
        if good:
            with self._file.writing() as db, self._file.translated():
                became = _keep(db, good)
                self._arrivals.leave(db, lambda: of_events(good))
        return EventsResult(
            became[Became.STORED], became[Became.DUPLICATE], became[Became.CORRECTED], rejected
        )

    def find(
        self,
        wanted: EventFilter,
        window: Window,
        first: int,
        after: EventPosition | None,
        descending: bool,
    ) -> list[Event]:
        """Events that overlap the window, in order."""
        with self._file.reading() as db:
            found = search.nearest(db, _asked(db, wanted), window, first, after, descending)
            return _events(db, [(place.source, place.id, place.known_us) for place in found])

    def get(self, source: str, id: str, known_us: int | None) -> Event | None:
        """One event, its newest version."""
        with self._file.reading() as db:
            at = tables.known_at(db, (source, id), NEVER_US if known_us is None else known_us)
            return None if at is None else _events(db, [(source, id, at)])[0]

    def counts(self, wanted: EventFilter, window: Window, every_us: int) -> list[EventCount]:
        """How many events began in each interval, by kind and severity."""
        with self._file.reading() as db:
            names = {number: name for name, number in tables.kinds(db).items()}
            found = search.counts(db, _asked(db, wanted), window, every_us)
        counted = [
            EventCount(window.start_us + at * every_us, names[kind], EventSeverity(severity), count)
            for at, kind, severity, count in found
        ]
        return sorted(counted, key=lambda one: (one.start_us, one.kind, one.severity))

    def available(self, wanted: EventFilter) -> tuple[int, int] | None:
        """First start and the one just past the last."""
        with self._file.reading() as db:
            ends = search.extent(db, _asked(db, wanted))
        return None if ends is None else (ends[0], ends[1] + 1)

    def histories(self, first: int, after: str | None) -> EventHistories:
        """All versions of some events, by source and id; `after` names the last one before."""
        begun = ("", "") if after is None else source_and_id(after)
        with self._file.reading() as db:
            found = tables.identities_after(db, begun, first)
            wanted = [
                (*identity, version.known_us)
                for identity in found
                for version in tables.history_of(db, identity)
            ]
            versions = tuple(_events(db, wanted))
        return EventHistories(versions, entry_id(*found[-1]) if len(found) == first else None)

    def forget(self, kinds: frozenset[str], before_us: int, *, dry_run: bool = False) -> int:
        """Take events of these kinds that began before a time away; gives how many."""
        if dry_run:
            with self._file.reading() as db:
                asked = _asked(db, EventFilter(kinds=kinds))
                return len(search.begun_before(db, asked, before_us))
        with self._file.writing() as db, self._file.translated():
            gone = search.begun_before(db, _asked(db, EventFilter(kinds=kinds)), before_us)
            for at in range(0, len(gone), _FORGOTTEN_AT_ONCE):
                some = gone[at : at + _FORGOTTEN_AT_ONCE]
                tables.take(db, {identity: tables.history_of(db, identity) for identity in some})
        return len(gone)


def _checked(events: Iterable[Event]) -> tuple[list[Event], tuple[tuple[str, str, str], ...]]:
    good, rejected = [], []
    for event in events:
        if reason := why_rejected(event):
            rejected.append((event.source, event.id, reason))
        else:
            good.append(event)
    return good, tuple(rejected)


# --- in ----------------------------------------------------------------------------------------


def _keep(db: sqlite3.Connection, events: Sequence[Event]) -> Counter[Became]:
    """Bring events into the histories of their identities, and write those that changed."""
    kinds, subjects = _numbered(db, events)
    before: dict[Identity, list[Version]] = {}
    now: dict[Identity, list[Version]] = {}
    became: Counter[Became] = Counter()
    for event in events:
        identity = (event.source, event.id)
        if identity not in now:
            now[identity] = before[identity] = tables.history_of(db, identity)
        now[identity], what = learn(now[identity], _version(event, kinds, subjects))
        became[what] += 1
    changed = {identity: now[identity] for identity in now if now[identity] != before[identity]}
    tables.take(db, {identity: before[identity] for identity in changed if before[identity]})
    tables.put(db, changed)
    return became


def _numbered(
    db: sqlite3.Connection, events: Sequence[Event]
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """The numbers of all kinds and subjects of events, new ones among them."""
    tables.add_kinds(db, sorted({event.kind for event in events}))
    names = dict.fromkeys(name for event in events for name in event.subjects)
    numbers = {name: tables.find_subject(db, name) for name in names}
    new = tables.add_subjects(db, [name for name, number in numbers.items() if number is None])
    found = {name: number for name, number in numbers.items() if number is not None}
    return tables.kinds(db), found | new


def _version(event: Event, kinds: Mapping[str, int], subjects: Mapping[str, int]) -> Version:
    row = event_kind(event.kind)
    lasts = row is not None and row.lasts and event.end_us is None
    reference = event.reference
    content = Content(
        kind=kinds[event.kind],
        start_us=event.start_us,
        end_us=NEVER_US if lasts else event.end_us,
        severity=int(event.severity),
        text=event.text,
        subjects=tuple(dict.fromkeys(subjects[name] for name in event.subjects)),
        uri=reference.uri if reference else None,
        media_type=reference.media_type if reference else None,
        sha256=reference.sha256 if reference else None,
    )
    return Version(event.known_us, content)


# --- out ---------------------------------------------------------------------------------------


def _asked(db: sqlite3.Connection, wanted: EventFilter) -> search.Asked:
    kinds = -1
    if wanted.kinds is not None:
        kinds = sum(
            1 << number for name, number in tables.kinds(db).items() if name in wanted.kinds
        )
    known_us = NEVER_US - 1 if wanted.known_us is None else wanted.known_us
    return search.Asked(wanted.subjects, known_us, int(wanted.min_severity), kinds)


def _events(db: sqlite3.Connection, versions: Sequence[tuple[str, str, int]]) -> list[Event]:
    """Versions of events, each by source, id and known time, in this order."""
    rows = [(row, orjson.loads(row[8])) for row in tables.rows(db, versions)]
    names = tables.subject_names(db, {number for _, subjects in rows for number in subjects})
    kinds = {number: name for name, number in tables.kinds(db).items()}
    return [_event(row, [names[number] for number in own], kinds) for row, own in rows]


def _event(row: tables.Row, subjects: Sequence[str], kinds: Mapping[int, str]) -> Event:
    source, id, known_us, kind, start_us, end_us, severity, text, _, uri, media_type, sha256 = row
    return Event(
        source=source,
        id=id,
        kind=kinds[kind],
        start_us=start_us,
        known_us=known_us,
        text=text,
        severity=_SEVERITIES[severity],
        end_us=None if end_us == NEVER_US else end_us,
        subjects=tuple(subjects),
        reference=None if uri is None else Reference(uri, media_type or "", sha256 or ""),
    )
