"""The one writer: batches that wait are addressed to elements and stored in one durable step.

All of this happens in one thread, so that linking what waited in quarantine cannot cross a batch
that still saw no element. Another process may import at the same time: where the graph has a new
revision after a step that met unknown elements, those are looked for once more.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final, cast

import numpy as np

from graph_service.domain.access import EVERYTHING, Scope
from graph_service.domain.events import Event, EventsResult
from graph_service.domain.readings import AppendResult, ReadingBlock, ReadingColumns, SeriesKey
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.formats.addressed import (
    Address,
    Batch,
    Block,
    EventLot,
    Lot,
    PutAside,
    Target,
)
from graph_service.services.intake.quarantine import Quarantine, placeholder
from graph_service.services.intake.queueing import Job
from graph_service.services.intake.receipts import Receipt
from graph_service.services.intake.resolving import Found, Resolver
from graph_service.services.notices import TIMELINE_TOPIC, Notices, Stretch, TimelineAppended

Readings = ReadingBlock | list[tuple[SeriesKey, ReadingColumns]]

Came = dict[Address, tuple[int, int]]
"""Of which unknown identifiers how many values and events came."""

_MOST_SCOPES: Final = 64
_MOST_TARGETS: Final = 1_000_000
_REVISIONS_LOOKED_AT: Final = 100


class Writer:
    """Stores batches, and links what waits.

    Args:
        graph: where elements are found.
        timeline: where values go.
        quarantine: where what has no element is remembered.
        notices: told of what was stored.
    """

    def __init__(
        self,
        graph: GraphStore,
        timeline: TimelineStore,
        quarantine: Quarantine,
        notices: Notices,
    ):
        self._graph = graph
        self._timeline = timeline
        self._quarantine = quarantine
        self._notices = notices
        self._desks: dict[Scope, _Desk] = {}
        self._linked_at = 0

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
        self._tell(readings, events, stored)
        if any(map(self._may_link, jobs)) or self._came_meanwhile(came):
            self._link()
        for job, addressed in work:
            job.future.set_result(_receipt(job, addressed, stored, kept))
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
        return any(one.added or one.links_added or one.changed > 1 for one in changes)

    def _link(self) -> None:
        """Give what waits to the elements that have come."""
        self._quarantine.link(self._desk(EVERYTHING).resolver)

    def _came_meanwhile(self, came: Came) -> bool:
        """Whether an unknown element may have come while its values were stored."""
        if not came or self._graph.revision() == self._desk(EVERYTHING).resolver.revision:
            return False
        self._quarantine.note(dict.fromkeys(came, (0, 0)), now_us())
        return True

    def _desk(self, scope: Scope) -> _Desk:
        if len(self._desks) > _MOST_SCOPES:
            self._desks.clear()
        if scope not in self._desks:
            self._desks[scope] = _Desk(Resolver(self._graph, scope), may_wait=scope.everything)
        return self._desks[scope]

    def _tell(
        self,
        readings: Readings,
        events: list[Event],
        stored: AppendResult,
    ) -> None:
        if not self._notices.heard(TIMELINE_TOPIC):
            return
        appended = TimelineAppended(
            readings=tuple(_stretch(key, columns) for key, columns in readings if len(columns)),
            events=tuple(events),
            reopened=tuple(Stretch(*stretch, count=0) for stretch in stored.reopened),
        )
        self._notices.publish(TIMELINE_TOPIC, appended)


@dataclass(slots=True)
class _Addressed:
    """A batch with the elements found: what is to be stored, and what cannot be."""

    readings: list[tuple[SeriesKey, ReadingColumns]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    block: ReadingBlock | None = None
    events: list[Event] = field(default_factory=list)
    rejected: list[PutAside] = field(default_factory=list)
    came: Came = field(default_factory=dict)
    lost_rows: int = 0

    def wait(self, address: Address, values: int, events: int) -> str:
        """Count what waits for an element, and give its placeholder."""
        before = self.came.get(address, (0, 0))
        self.came[address] = (before[0] + values, before[1] + events)
        return placeholder(address)

    def keep(self, key: SeriesKey, lot: Lot) -> None:
        """Store a lot under this key."""
        self.readings.append((key, lot.columns))
        self.lines.append(lot.line)

    def reject(self, line: int, reason: str, rows: int) -> None:
        """Put something aside after all."""
        self.rejected.append(PutAside(line, reason))
        self.lost_rows += rows


class _Desk:
    """Addresses the batches of callers with one scope.

    Args:
        resolver: finds elements in that scope.
        may_wait: whether what has no element may wait for it; else it is refused.
    """

    def __init__(self, resolver: Resolver, *, may_wait: bool):
        self.resolver = resolver
        self._may_wait = may_wait
        self._revision = -1
        self._keys: dict[Target, SeriesKey] = {}

    def address(self, batch: Batch) -> _Addressed:
        """Find the elements of a batch."""
        self._follow()
        made, lots = _Addressed(), batch.lots
        if batch.block is not None:
            keys = self._block_keys(batch.block)
            if None in keys:
                lots = [*lots, *batch.block.lots()]
            else:
                made.block = batch.block.under(cast(list[SeriesKey], keys))
        found = self._find(lots, batch.events)
        for lot in lots:
            key = self._keys.get(lot.target)
            if key is not None:
                made.keep(key, lot)
            else:
                self._add_unknown(lot, found[lot.target.address], made)
        self._add_events(batch.events, found, made)
        return made

    def _block_keys(self, block: Block) -> list[SeriesKey | None]:
        """The series of a block, as far as their elements are known; most are by heart."""
        known = self._keys
        keys = [known.get(target) for target in block.targets]
        if None not in keys:
            return keys
        missing = [target for target in block.targets if target not in known]
        self._learn(missing, self.resolver.find(target.address for target in missing))
        return [known.get(target) for target in block.targets]

    def _follow(self) -> None:
        self.resolver.follow()
        if self._revision != self.resolver.revision or len(self._keys) > _MOST_TARGETS:
            self._keys.clear()
            self._revision = self.resolver.revision

    def _find(self, lots: Sequence[Lot], events: Sequence[EventLot]) -> dict[Address, Found]:
        """The elements of what is not known by heart; their series are, from now on."""
        targets = [lot.target for lot in lots if lot.target not in self._keys]
        subjects = (address for lot in events for address in lot.subjects)
        found = self.resolver.find([*(target.address for target in targets), *subjects])
        self._learn(targets, found)
        return found

    def _learn(self, targets: Iterable[Target], found: dict[Address, Found]) -> None:
        for target in targets:
            if element := found[target.address].key:
                self._keys[target] = SeriesKey(element, target.quantity, target.source)

    def _add_unknown(self, lot: Lot, found: Found, made: _Addressed) -> None:
        address, quantity, source = lot.target
        count = len(lot.columns)
        if found.reason or not self._may_wait:
            reason = found.reason or f"no element is known as '{address.value}'"
            made.reject(lot.line, reason if count == 1 else f"{reason} ({count} values)", count)
            return
        made.keep(SeriesKey(made.wait(address, count, 0), quantity, source), lot)

    def _add_events(
        self, lots: Iterable[EventLot], found: dict[Address, Found], made: _Addressed
    ) -> None:
        for lot in lots:
            wrong = [a for a in lot.subjects if found[a].reason or not self._allowed(found[a])]
            if wrong or not (lot.subjects or self._may_wait):
                made.reject(lot.line, self._why(wrong, found), 1)
                continue
            subjects = (found[a].key or made.wait(a, 0, 1) for a in lot.subjects)
            made.events.append(replace(lot.event, subjects=tuple(dict.fromkeys(subjects))))

    def _allowed(self, found: Found) -> bool:
        return bool(found.key) or self._may_wait

    def _why(self, wrong: list[Address], found: dict[Address, Found]) -> str:
        if not wrong:
            return "an event about nobody is for those who see everything"
        first = wrong[0]
        return found[first].reason or f"no element is known as '{first.value}'"


def _together(work: Sequence[_Addressed]) -> Readings:
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


def _came(work: Iterable[_Addressed]) -> Came:
    came: Came = {}
    for addressed in work:
        for address, (values, events) in addressed.came.items():
            before = came.get(address, (0, 0))
            came[address] = (before[0] + values, before[1] + events)
    return came


def _receipt(job: Job, addressed: _Addressed, stored: AppendResult, kept: EventsResult) -> Receipt:
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
    addressed: _Addressed, batch: Batch, stored: AppendResult, kept: EventsResult
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


def _own(addressed: _Addressed, batch: Batch) -> Iterator[tuple[int, SeriesKey, ReadingColumns]]:
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
