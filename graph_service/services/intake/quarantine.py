"""Quarantine: values of elements that nobody has imported yet wait until one comes.

They are in the timeline already, under a placeholder; beside it is remembered what was written
and how it is to be looked up. When a revision brings the element, its values become the
element's. An identifier that is an mRID needs no other name meanwhile, only to be remembered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from graph_service.domain.readings import from_us
from graph_service.ports.record_store import Record, RecordStore
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.formats.addressed import BY_MRID, Address, Lookup
from graph_service.services.intake.resolving import Resolver

QUARANTINE: Final = "quarantine"
_PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """An identifier whose element is not known.

    Attributes:
        key: The placeholder that its values are under.
        address: What was written, and how it is to be looked up.
        first_seen, last_seen: When values of it came.
        values, events: How many came, repeated ones included.
    """

    key: str
    address: Address
    first_seen: datetime
    last_seen: datetime
    values: int
    events: int


class Linked(NamedTuple):
    """An element that came, and what had waited for it."""

    element: str
    waited: Waiting


def placeholder(address: Address) -> str:
    """The element that values are kept under until theirs is known."""
    if address.lookup == BY_MRID:
        return f"{address.model_set}/{address.value}"
    return f"?{address.model_set}/{address.lookup}/{address.value}"


class Quarantine:
    """What waits; all that changes it happens in the one thread that writes."""

    def __init__(self, records: RecordStore, timeline: TimelineStore):
        self._records = records
        self._timeline = timeline

    def note(self, came: Mapping[Address, tuple[int, int]], now_us: int) -> None:
        """Remember identifiers, with how many values and events of each came."""
        keys = {placeholder(address): address for address in came}
        known = dict(zip(keys, self._records.get(QUARANTINE, list(keys)), strict=True))
        at = from_us(now_us).isoformat()
        self._records.put(
            QUARANTINE,
            [
                (key, _record(address, known[key], came[address], at))
                for key, address in keys.items()
            ],
        )

    def count(self) -> int:
        """How many identifiers wait."""
        return self._records.count(QUARANTINE)

    def page(self, first: int, after: str | None = None) -> list[Waiting]:
        """Those that wait, by key, beyond `after`."""
        rows = self._records.page(QUARANTINE, first, after=after)
        return [_waiting(key, record) for key, record in rows]

    def link(self, resolver: Resolver) -> list[Linked]:
        """Give what waits to the elements that have come."""
        linked: list[Linked] = []
        for waiting in self._pages():
            found = resolver.find(one.address for one in waiting)
            arrived = {one.key: found[one.address].key for one in waiting}
            for key, element in arrived.items():
                if element and key != element:
                    self._timeline.rename(key, element)
            gone = [Linked(arrived[one.key], one) for one in waiting if arrived[one.key]]
            if gone:
                self._records.delete(QUARANTINE, [one.waited.key for one in gone])
            linked += gone
        return linked

    def _pages(self) -> Iterator[list[Waiting]]:
        after = None
        while page := self.page(_PAGE, after):
            after = page[-1].key
            yield page


def _record(
    address: Address, known: Record | None, came: tuple[int, int], at: str
) -> dict[str, Any]:
    before = known or {"first_seen": at, "values": 0, "events": 0}
    return {
        "model_set": address.model_set,
        "identifier": address.value,
        "lookup": address.lookup._asdict(),
        "first_seen": before["first_seen"],
        "last_seen": at,
        "values": before["values"] + came[0],
        "events": before["events"] + came[1],
    }


def _waiting(key: str, record: Record) -> Waiting:
    address = Address(record["model_set"], record["identifier"], Lookup(**record["lookup"]))
    return Waiting(
        key,
        address,
        datetime.fromisoformat(record["first_seen"]),
        datetime.fromisoformat(record["last_seen"]),
        record["values"],
        record["events"],
    )
