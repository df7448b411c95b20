"""How events stand in InfluxDB, and how they are read back.

    events         a point a version, at its start: for people, and to look through in order
    event_about    the same point once more for each subject (tag `element`)
    event_history  a point an event: all its versions, at a time made of its source and id

Tags: `kind`, `severity`, `source`; `span`, the longest that it may last; `lane`, where more than a
thousand versions begin within one microsecond. Fields: `id`, `text`, `uri`, `subjects`, `known_us`,
`gone_us` (when another version took its place), `end_us`, and `event`, all of it as JSON.

A version keeps its point for good; that it does not hold any more is said by `gone_us`. Versions
that begin in the same microsecond stand a nanosecond apart.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from graph_service.adapters.influx.lines import text_field, written_tag
from graph_service.adapters.timeline.event_versions import NEVER_US, Content, Identity, Version
from graph_service.domain.events import Event, EventSeverity, Reference
from graph_service.domain.tables import event_kind

HASHES: Final = 7 * 86_400 * 10**9
"""Histories stand in the first week of 1970."""
SPANS: Final = {
    "instant": 0,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "month": 32 * 86_400_000_000,
    "any": NEVER_US,
}
"""The longest that an event of each span lasts."""

_LANE: Final = 1000  # nanoseconds within a microsecond


class Kept(NamedTuple):
    """A version and its number among those that begin in the same microsecond."""

    version: Version
    number: int


History = list[Kept]
"""The versions of an event, by known time."""


class Names:
    """Numbers for names, as `Content` has them, within one call."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []

    def number(self, name: str) -> int:
        """The number of a name."""
        number = self._numbers.setdefault(name, len(self._names))
        if number == len(self._names):
            self._names.append(name)
        return number

    def name(self, number: int) -> str:
        """The name of a number."""
        return self._names[number]

    def version(self, event: Event) -> Version:
        """What an event says."""
        row = event_kind(event.kind)
        lasts = row is not None and row.lasts and event.end_us is None
        reference = event.reference
        return Version(
            event.known_us,
            Content(
                kind=self.number(event.kind),
                start_us=event.start_us,
                end_us=NEVER_US if lasts else event.end_us,
                severity=int(event.severity),
                text=event.text,
                subjects=tuple(dict.fromkeys(map(self.number, event.subjects))),
                uri=reference.uri if reference else None,
                media_type=reference.media_type if reference else None,
                sha256=reference.sha256 if reference else None,
            ),
        )

    def said(self, version: Version) -> list[Any]:
        """A version as JSON has it."""
        kind, start_us, end_us, severity, text, subjects, *reference = version.content
        return [
            *(version.known_us, self.name(kind), start_us, end_us, severity, text),
            *([self.name(one) for one in subjects], *reference),
        ]

    def heard(self, said: Sequence[Any]) -> Version:
        """The version that `said` wrote."""
        known_us, kind, start_us, end_us, severity, text, subjects, *reference = said
        numbers = tuple(map(self.number, subjects))
        return Version(
            known_us,
            Content(self.number(kind), start_us, end_us, severity, text, numbers, *reference),
        )


def event_of(source: str, id: str, said: Sequence[Any]) -> Event:
    """The event that a version, as JSON has it, tells of."""
    known_us, kind, start_us, end_us, severity, text, subjects, uri, media_type, sha256 = said
    return Event(
        source=source,
        id=id,
        kind=kind,
        start_us=start_us,
        known_us=known_us,
        text=text,
        severity=EventSeverity(severity),
        end_us=None if end_us == NEVER_US else end_us,
        subjects=tuple(subjects),
        reference=None if uri is None else Reference(uri, media_type or "", sha256 or ""),
    )


class Point(NamedTuple):
    """A version as it stands: whose it is, what it says, and when it is gone."""

    source: str
    id: str
    gone_us: int
    said: list[Any]

    def event(self) -> Event:
        """The event."""
        return event_of(self.source, self.id, self.said)

    def holds(self, known_us: int | None) -> bool:
        """Whether it is the version that was known at a time."""
        if known_us is None:
            return self.gone_us == NEVER_US
        return int(self.said[0]) <= known_us < self.gone_us


def read_point(text: str) -> Point:
    """The point whose field `event` this is."""
    return Point(*json.loads(text))


# --- lines -------------------------------------------------------------------------------------


def history_lines(identity: Identity, history: History, names: Names) -> Iterator[str]:
    """The points of all versions of an event."""
    gone = [*(kept.version.known_us for kept in history[1:]), NEVER_US][: len(history)]
    for kept, gone_us in zip(history, gone, strict=True):
        yield from lines(identity, kept, gone_us, names)


def lines(identity: Identity, kept: Kept, gone_us: int, names: Names) -> Iterator[str]:
    """The points of one version; `gone_us` at its known time makes one that never held."""
    (known_us, content), number = kept
    said = names.said(kept.version)
    subjects = said[6]
    tags = (
        f"kind={written_tag(said[1])},severity={EventSeverity(content.severity).name}"
        f",source={written_tag(identity[0])},span={span_of(content)}"
        f"{f',lane={number // _LANE}' if number >= _LANE else ''}"
    )
    fields = [
        f"id={text_field(identity[1])},text={text_field(content.text)}",
        f"known_us={known_us}i,gone_us={gone_us}i,subjects={text_field(' '.join(subjects))}",
        f"event={text_field(json.dumps([*identity, gone_us, said]))}",
    ]
    if content.end_us not in (None, NEVER_US):
        fields.append(f"end_us={content.end_us}i")
    if content.uri is not None:
        fields.append(f"uri={text_field(content.uri)}")
    rest = f" {','.join(fields)} {content.start_us * 1000 + number % _LANE}"
    yield f"events,{tags}{rest}"
    for name in dict.fromkeys(subjects):
        yield f"event_about,element={written_tag(name)},{tags}{rest}"


def span_of(content: Content) -> str:
    """The name of the shortest span that an event fits into."""
    if content.end_us is None:
        return "instant"
    lasts_us = NEVER_US if content.end_us == NEVER_US else content.end_us - content.start_us
    return next(name for name, most_us in SPANS.items() if lasts_us <= most_us)


# --- histories ---------------------------------------------------------------------------------


def hash_of(identity: Identity) -> int:
    """The nanosecond at which the history of an event stands; rarely two share one."""
    source, id = identity
    digest = hashlib.blake2b(f"{source}\0{id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % HASHES


def record_line(hash: int, record: Mapping[Identity, History], names: Names) -> str:
    """The point of the histories that share a hash."""
    said = [
        [*identity, [[kept.number, names.said(kept.version)] for kept in history]]
        for identity, history in record.items()
        if history
    ]
    return f"event_history events={len(said)}i,history={text_field(json.dumps(said))} {hash}"


def read_record(text: str, names: Names) -> dict[Identity, History]:
    """The histories that `record_line` wrote."""
    return {
        (source, id): [Kept(names.heard(said), number) for number, said in versions]
        for source, id, versions in json.loads(text)
    }
