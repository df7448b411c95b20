"""Addressing: whose readings and events a batch holds, by what is known of the graph.

What has no element goes under a placeholder and waits, where whoever brought it sees everything;
for all others it does not exist, and is refused like an element that is hidden from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, cast

from graph_service.domain.events import Event
from graph_service.domain.readings import ReadingBlock, ReadingColumns, SeriesKey
from graph_service.services.formats.addressed import (
    Address,
    Batch,
    Block,
    EventLot,
    Lot,
    PutAside,
    Target,
)
from graph_service.services.intake.quarantine import placeholder
from graph_service.services.intake.resolving import Found, Resolver

Came = dict[Address, tuple[int, int]]
"""Of which unknown identifiers how many values and events came."""

_MOST_TARGETS: Final = 1_000_000


@dataclass(slots=True)
class Addressed:
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


class Desk:
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

    def address(self, batch: Batch) -> Addressed:
        """Find the elements of a batch."""
        self._follow()
        made, lots = Addressed(), batch.lots
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

    def _add_unknown(self, lot: Lot, found: Found, made: Addressed) -> None:
        address, quantity, source = lot.target
        count = len(lot.columns)
        if found.reason or not self._may_wait:
            reason = found.reason or f"no element is known as '{address.value}'"
            made.reject(lot.line, reason if count == 1 else f"{reason} ({count} values)", count)
            return
        made.keep(SeriesKey(made.wait(address, count, 0), quantity, source), lot)

    def _add_events(
        self, lots: Iterable[EventLot], found: dict[Address, Found], made: Addressed
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
