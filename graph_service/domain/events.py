"""Events: what happened, when, to what, and how bad it was; with two clocks, like readings.

Alarms, device events, switching, outages, messages, images, work: one shape for all, so that one
timeline can hold them in order. Images and documents are referred to, never kept: their bytes
stay where they are, with a checksum here.

An event is identified by (source, id). The same event again is dropped and counted; the same id
with other content is a new version, and what was known before is found by `known_us`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple


class EventSeverity(IntEnum):
    """How much an event matters, in ascending order; INFO matters to nobody in particular."""

    INFO = 0
    WARNING = 1
    MINOR = 2
    MAJOR = 3
    CRITICAL = 4


@dataclass(frozen=True, slots=True)
class Reference:
    """Where an image or document is: `sha256` in hexadecimal of its bytes, empty if not known."""

    uri: str
    media_type: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        source: Who says so, such as `scada` or `storm-desk`.
        id: The source's own id of it.
        kind: A kind of the table's family `event`, such as `OUTAGE`.
        start_us: When it began, microseconds since 1970.
        end_us: When it ended, later than its start; None for an instant, and while an event of a
            kind that lasts (`tables.EventRow.lasts`) has not ended.
        known_us: When we knew it.
        severity: How much it matters.
        text: What a person reads.
        subjects: The elements it is about, `model_set/mRID`.
        reference: The image or document it is about.
    """

    source: str
    id: str
    kind: str
    start_us: int
    known_us: int
    text: str
    severity: EventSeverity = EventSeverity.INFO
    end_us: int | None = None
    subjects: tuple[str, ...] = ()
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events: every condition given must hold; None means not asked.

    `subjects` keeps events about at least one of these elements (`model_set/mRID`).
    """

    subjects: frozenset[str] | None = None
    kinds: frozenset[str] | None = None
    min_severity: EventSeverity = EventSeverity.INFO
    known_us: int | None = None


@dataclass(frozen=True, slots=True)
class EventsResult:
    """What became of events: `stored` new ones, `duplicates` equal to what was there,
    `corrected` new versions of known ones, `rejected` (source, id, reason)."""

    stored: int
    duplicates: int
    corrected: int
    rejected: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class EventCount:
    """How many events of a kind and severity began in one interval."""

    start_us: int
    kind: str
    severity: EventSeverity
    count: int


@dataclass(frozen=True, slots=True)
class EventHistories:
    """Some events with all their versions, those of one event together, by known time.

    `end` is what to go on from; None where there are no more.
    """

    versions: tuple[Event, ...]
    end: str | None


class EventPosition(NamedTuple):
    """Where an event stands in the order of a timeline: by start, then source, then id."""

    start_us: int
    source: str
    id: str


def position(event: Event) -> EventPosition:
    """The place of an event in the order of time."""
    return EventPosition(event.start_us, event.source, event.id)


def entry_id(source: str, id: str) -> str:
    """One text that names an event among those of all sources: `source/id`.

    A `/` or `%` within the source is written `%2F` and `%25`, so that it can be parted again.
    """
    return f"{source.replace('%', '%25').replace('/', '%2F')}/{id}"


def source_and_id(text: str) -> tuple[str, str]:
    """Part what `entry_id` joined; the id is empty where there is no `/`."""
    source, _, id = text.partition("/")
    return source.replace("%2F", "/").replace("%25", "%"), id
