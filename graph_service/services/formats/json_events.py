"""Events as JSON: one object a line, or one document with an object or a list of them.

    {"source": "scada", "id": "4711", "kind": "FAULT", "start": "2026-01-05T15:10:00Z",
     "severity": "MAJOR", "text": "Earth fault", "subjects": ["7c6b…"]}

`source`, `id`, `kind`, `start` and `text` must be there; `end`, `severity` (INFO), `subjects`,
`reference` {uri, mediaType, sha256} and `knownAt` (now) may be. An object that cannot be taken is
put aside with the reason; a member nobody knows is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

import orjson

from graph_service.domain import tables
from graph_service.domain.errors import UnreadableInput
from graph_service.domain.events import Event, EventSeverity, Reference
from graph_service.services.formats import checks
from graph_service.services.formats.addressed import (
    BadLine,
    Batch,
    EventLot,
    PutAside,
    Reading,
)
from graph_service.services.formats.long_csv import element_address
from graph_service.services.formats.text import Lines

EVENTS_A_BATCH: Final = 2_000
MOST_BYTES: Final = 256_000_000
"""The largest document that is no list of lines."""

_NEEDED: Final = ("source", "id", "kind", "start", "text")
_MEMBERS: Final = frozenset({*_NEEDED, "end", "severity", "subjects", "reference", "knownAt"})
_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}")
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+|\S*[/.]\S*")


def read(file: BinaryIO, reading: Reading, position: int = 0, line: int = 0) -> Iterator[Batch]:
    """The events of a file, some thousand at a time, from a position on.

    Raises:
        UnreadableInput: it is no JSON.
    """
    if _is_lines(file):
        return _read_lines(file, reading, position, line)
    return _read_document(file, reading, position)


def event_of(members: Mapping[str, Any], reading: Reading, line: int) -> EventLot:
    """One event.

    Raises:
        BadLine: it cannot be taken.
    """
    if not isinstance(members, Mapping):
        raise BadLine("an event is a JSON object")
    for name in members.keys() - _MEMBERS:
        raise BadLine(f"nothing is called '{name}' in an event")
    source, id_, kind, start, text = (_text(members, name) for name in _NEEDED)
    if tables.event_kind(kind) is None:
        raise BadLine(f"no kind of event is called '{kind}'")
    start_us = checks.time_us(start)
    if start_us > reading.now_us + checks.FUTURE_OF_EVENTS_US:
        raise BadLine(f"{checks.said(start_us)} lies more than ten years in the future")
    event = Event(
        source=source,
        id=id_,
        kind=kind,
        start_us=start_us,
        end_us=_end(members, start_us),
        known_us=_known(members, reading),
        severity=_severity(members),
        text=text,
        reference=_reference(members),
    )
    subjects = _list(members, "subjects")
    addresses = (element_address(str(subject), reading.model_set) for subject in subjects)
    return EventLot(event, tuple(dict.fromkeys(addresses)), line)


def _read_lines(file: BinaryIO, reading: Reading, position: int, line: int) -> Iterator[Batch]:
    lines = Lines(file, position, line)
    events: list[EventLot] = []
    for text in lines:
        if not text.strip():
            continue
        try:
            events.append(event_of(orjson.loads(text), reading, lines.number))
        except orjson.JSONDecodeError as error:
            lines.put_aside(f"the line is no JSON: {error.msg}")
        except BadLine as error:
            lines.put_aside(str(error))
        if len(events) == EVENTS_A_BATCH:
            yield lines.batch(Batch(events=events, rows=len(events)))
            events = []
    if events or lines.rejected:
        yield lines.batch(Batch(events=events, rows=len(events)))


def _read_document(file: BinaryIO, reading: Reading, position: int) -> Iterator[Batch]:
    items = _items(file, reading)
    for start in range(position, len(items), EVENTS_A_BATCH):
        stop = min(start + EVENTS_A_BATCH, len(items))
        batch = Batch(position=stop, line=stop)
        events = []
        for at, item in enumerate(items[start:stop], start=start + 1):
            try:
                events.append(event_of(item, reading, at))
            except BadLine as error:
                batch.rejected.append(PutAside(at, str(error)))
        batch.events, batch.rows = events, len(events)
        yield batch


def _items(file: BinaryIO, reading: Reading) -> list[Any]:
    file.seek(0)
    text = file.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise _unreadable(reading, f"one document of more than {MOST_BYTES:,} bytes")
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _unreadable(reading, str(error)) from error
    return found if isinstance(found, list) else [found]


def _is_lines(file: BinaryIO) -> bool:
    """Whether the first line is an object by itself."""
    file.seek(0)
    first = next((line for line in Lines(file) if line.strip()), "")
    file.seek(0)
    try:
        return isinstance(orjson.loads(first), dict)
    except orjson.JSONDecodeError:
        return False


def _unreadable(reading: Reading, reason: str) -> UnreadableInput:
    return UnreadableInput(
        f"{reading.name} cannot be read as events: {reason}",
        subject=reading.name,
        hint="give one JSON object a line, or a list of them",
    )


def _text(members: Mapping[str, Any], name: str) -> str:
    found = members.get(name)
    if not isinstance(found, str) or not found:
        raise BadLine(f"'{name}' is missing" if found is None else f"'{name}' is no text")
    return found


def _end(members: Mapping[str, Any], start_us: int) -> int | None:
    if members.get("end") is None:
        return None
    end_us = checks.time_us(_text(members, "end"))
    if end_us <= start_us:
        raise BadLine("it ends before it begins; leave 'end' out of an instant")
    return end_us


def _known(members: Mapping[str, Any], reading: Reading) -> int:
    if members.get("knownAt") is None:
        return reading.now_us
    known_us = checks.time_us(_text(members, "knownAt"))
    if known_us > reading.now_us:
        raise BadLine(f"it cannot be known yet what is known at {checks.said(known_us)}")
    return known_us


def _severity(members: Mapping[str, Any]) -> EventSeverity:
    name = members.get("severity") or "INFO"
    try:
        return EventSeverity[str(name).upper()]
    except KeyError:
        known = ", ".join(EventSeverity.__members__)
        raise BadLine(f"'{name}' is no severity; one of {known}") from None


def _reference(members: Mapping[str, Any]) -> Reference | None:
    given = members.get("reference")
    if given is None:
        return None
    if not isinstance(given, Mapping) or not _URI.fullmatch(str(given.get("uri", ""))):
        raise BadLine("a reference is {uri, mediaType, sha256} with an address as uri")
    sha256 = str(given.get("sha256") or "")
    if sha256 and not _SHA256.fullmatch(sha256):
        raise BadLine(f"'{sha256[:70]}' is no SHA-256 in hexadecimal")
    return Reference(given["uri"], str(given.get("mediaType") or ""), sha256.lower())


def _list(members: Mapping[str, Any], name: str) -> list[Any]:
    found = members.get(name) or []
    if not isinstance(found, list):
        raise BadLine(f"'{name}' is no list")
    return found
