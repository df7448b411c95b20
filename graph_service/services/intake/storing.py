"""The one writer: batches that wait are addressed to elements and stored in one durable step.

All of this happens in one thread, so that linking what waited in quarantine cannot cross a batch
that still saw no element. Another process may import at the same time: where the graph has a new
revision after a step that met unknown elements, those are looked for once more.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Final

import numpy as np

from graph_service.domain import tables
from graph_service.domain.access import EVERYTHING, Scope
from graph_service.domain.arrivals import Stretch
from graph_service.domain.elements import Changes
from graph_service.domain.events import Event, EventFilter, EventsResult
from graph_service.domain.readings import (
    AppendResult,
    ReadingBlock,
    ReadingColumns,
    SeriesKey,
    Window,
    to_us,
)
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.formats.addressed import (
    Batch,
    PutAside,
)
from graph_service.services.intake.addressing import Addressed, Came, Desk
from graph_service.services.intake.quarantine import Linked, Quarantine
from graph_service.services.intake.queueing import Job
from graph_service.services.intake.receipts import Receipt
from graph_service.services.intake.resolving import Resolver
from graph_service.services.notices import TIMELINE_TOPIC, Notices, TimelineAppended

Readings = ReadingBlock | list[tuple[SeriesKey, ReadingColumns]]

_MOST_SCOPES: Final = 64
_REVISIONS_LOOKED_AT: Final = 100
_MOST_TOLD: Final = 500
"""How many events are told of that had waited for elements; all of them are in the timeline."""
_ALWAYS: Final = Window(
    to_us(datetime.min.replace(tzinfo=UTC)), to_us(datetime.max.replace(tzinfo=UTC))
)


class Writer:
    """Stores batches, and links what waits.

    Args:
        graph: where elements are found.
        timeline: where values go.
        quarantine: where what has no element is remembered.
        notices: told of what was stored.
        newest: the newest revision that is known; default: asks the graph.

    Attributes:
        accepted: How many rows were taken so far.
        rejected: How many were put aside.
    """

    def __init__(
        self,
        graph: GraphStore,
        timeline: TimelineStore,
        quarantine: Quarantine,
        notices: Notices,
        newest: Callable[[], int] | None = None,
    ):
        self._graph = graph
        self._newest = newest
        self._timeline = timeline
        self._quarantine = quarantine
        self._notices = notices
        self._desks: dict[Scope, Desk] = {}
        self._linked_at = 0
        self.accepted = 0
        self.rejected = 0

    def act(self, jobs: Sequence[Job]) -> None:
        """Do some jobs in one step and end their futures."""
        work = [(job, self._desk(job.scope).address(job.batch)) for job in jobs if job.batch]
        came = _came(addressed for _, addressed in work)
        if came:
            self._quarantine.note(came, now_us())
        readings = _together([addressed for _, addressed in work])
        events = [event for _, addressed in work for event in addressed.events]
        stored = self._timeline.append(readings) if readings else AppendResult(0, 0, 0)
        kept = self._timeline.append_events(events) if events else EventsResult(0, 0, 0)
        self._tell(readings, events, stored, kept)
        if any(map(self._may_link, jobs)) or self._came_meanwhile(came):
            self._link()
        for job, addressed in work:
            receipt = _receipt(job, addressed, stored, kept)
            self.accepted += receipt.rows
            self.rejected += len(receipt.rejected)
            job.future.set_result(receipt)
        for job in jobs:
            if job.batch is None:
                job.future.set_result(Receipt())

    def _may_link(self, job: Job) -> bool:
        """Whether a job asks for linking: a switch that moves brings no element."""
        if job.batch is not None or not self._quarantine.count():
            return False
        if job.revision is None:
            return True
        newer = self._graph.revisions(_REVISIONS_LOOKED_AT)
        changes = [row.changes for row in newer if row.number > self._linked_at]
        self._linked_at = job.revision
        return any(map(_brings, changes))

    def _link(self) -> None:
        """Give what waits to the elements that have come."""
        linked = self._quarantine.link(self._desk(EVERYTHING).resolver)
        if linked and self._notices.heard(TIMELINE_TOPIC):
            self._notices.publish(TIMELINE_TOPIC, self._given(linked))

    def _given(self, linked: Sequence[Linked]) -> TimelineAppended:
        """What elements have now that waited for them: of readings the range there is in all."""
        of_values = {one.element for one in linked if one.waited.values}
        keys = self._timeline.series(sorted(of_values)) if of_values else []
        there = self._timeline.available(keys) if keys else None
        about = EventFilter(frozenset(one.element for one in linked if one.waited.events))
        return TimelineAppended(
            events=tuple(self._timeline.events(about, _ALWAYS, _MOST_TOLD)),
            reopened=tuple(Stretch(key, *there, count=0) for key in keys) if there else (),
        )

    def _came_meanwhile(self, came: Came) -> bool:
        """Whether an unknown element may have come while its values were stored."""
        if not came or self._graph.revision() == self._desk(EVERYTHING).resolver.revision:
            return False
        self._quarantine.note(dict.fromkeys(came, (0, 0)), now_us())
        return True

    def _desk(self, scope: Scope) -> Desk:
        if len(self._desks) > _MOST_SCOPES:
            self._desks.clear()
        if scope not in self._desks:
            resolver = Resolver(self._graph, scope, self._newest)
            self._desks[scope] = Desk(resolver, may_wait=scope.everything)
        return self._desks[scope]

    def _tell(
        self,
        readings: Readings,
        events: list[Event],
        stored: AppendResult,
        kept: EventsResult,
    ) -> None:
        """Tell what was stored; a batch that was there already brings nothing."""
        new = bool(stored.stored or stored.corrected), bool(kept.stored or kept.corrected)
        if not any(new) or not self._notices.heard(TIMELINE_TOPIC):
            return
        refused = {(source, id_) for source, id_, _ in kept.rejected}
        came = ((key, columns) for key, columns in readings if len(columns) and new[0])
        appended = TimelineAppended(
            readings=tuple(_stretch(key, columns) for key, columns in came),
            events=tuple(e for e in events if new[1] and (e.source, e.id) not in refused),
            reopened=tuple(Stretch(*stretch, count=0) for stretch in stored.reopened),
        )
        self._notices.publish(TIMELINE_TOPIC, appended)


def _together(work: Sequence[Addressed]) -> Readings:
    """The readings of some batches, in one piece where they are."""
    blocks = [addressed.block for addressed in work if addressed.block is not None]
    single = [reading for addressed in work for reading in addressed.readings]
    if not single and blocks:
        return blocks[0] if len(blocks) == 1 else _joined(blocks)
    return [*chain.from_iterable(blocks), *single]


def _joined(blocks: Sequence[ReadingBlock]) -> ReadingBlock:
    """Several blocks as one; a series that is in several keeps the order in which they came."""
    places: dict[SeriesKey, int] = {}
    numbered = []
    for block in blocks:
        own = np.array([places.setdefault(key, len(places)) for key in block.keys], np.int64)
        numbered.append(own[np.frombuffer(block.series, np.int64)])
    series = np.concatenate(numbered)
    valid = np.concatenate([np.frombuffer(block.valid_us, np.int64) for block in blocks])
    values = np.concatenate([np.frombuffer(block.values, np.float64) for block in blocks])
    quality = np.concatenate([np.frombuffer(block.quality, np.uint8) for block in blocks])
    known = np.concatenate([np.frombuffer(block.known_us, np.int64) for block in blocks])
    order = np.lexsort((known, valid, series))
    return ReadingBlock(
        list(places),
        array("q", series[order].tobytes()),
        array("q", valid[order].tobytes()),
        array("d", values[order].tobytes()),
        array("B", quality[order].tobytes()),
        array("q", known[order].tobytes()),
    )


def now_us() -> int:
    """This moment, in microseconds since 1970."""
    return time.time_ns() // 1_000


def _brings(changes: Changes) -> bool:
    """Whether a revision may give an identifier a meaning: more than switches that moved."""
    if changes.added or changes.links_added or changes.by_kind is None:
        return True
    changed = (kind for kind, (_, changed, _) in changes.by_kind.items() if changed)
    return any(tables.role_of(kind) != "switch" for kind in changed)


def _came(work: Iterable[Addressed]) -> Came:
    came: Came = {}
    for addressed in work:
        for address, (values, events) in addressed.came.items():
            before = came.get(address, (0, 0))
            came[address] = (before[0] + values, before[1] + events)
    return came


def _receipt(job: Job, addressed: Addressed, stored: AppendResult, kept: EventsResult) -> Receipt:
    """What became of one job; counts are exact where it was not joined with others."""
    batch = job.batch or Batch()
    refused = _refused(addressed, batch, stored, kept)
    return Receipt(
        rows=max(0, batch.rows - addressed.lost_rows - len(refused)),
        stored=stored.stored + kept.stored,
        duplicates=stored.duplicates + kept.duplicates,
        corrected=stored.corrected + kept.corrected,
        rejected=sorted([*batch.rejected, *addressed.rejected, *refused]),
        quarantined=sum(values + events for values, events in addressed.came.values()),
    )


def _refused(
    addressed: Addressed, batch: Batch, stored: AppendResult, kept: EventsResult
) -> list[PutAside]:
    """What the store refused of this job, such as what retention would remove at once."""
    refused: list[PutAside] = []
    if stored.rejected:
        own = {key: (line, columns.valid_us) for line, key, columns in _own(addressed, batch)}
        for key, us, reason in stored.rejected:
            line, valid = own.get(key, (0, ()))
            if us in valid:
                refused.append(PutAside(line, reason))
    if kept.rejected:
        lines = {(lot.event.source, lot.event.id): lot.line for lot in batch.events}
        refused += [
            PutAside(lines[source, id_], reason)
            for source, id_, reason in kept.rejected
            if (source, id_) in lines
        ]
    return refused


def _own(addressed: Addressed, batch: Batch) -> Iterator[tuple[int, SeriesKey, ReadingColumns]]:
    """The line, series and readings of a job."""
    for line, (key, columns) in zip(addressed.lines, addressed.readings, strict=True):
        yield line, key, columns
    if addressed.block is not None and batch.block is not None:
        lines = dict(zip(addressed.block.keys, batch.block.lines, strict=True))
        for key, columns in addressed.block:
            yield lines[key], key, columns


def _stretch(key: SeriesKey, columns: ReadingColumns) -> Stretch:
    valid = columns.valid_us
    return Stretch(key, valid[0], valid[-1] + 1, len(valid))
