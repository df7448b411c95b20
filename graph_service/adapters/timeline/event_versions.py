"""What an event must be to be kept, and how another version gets into its history.

The history of an event is its versions in the order they became known; of neighbours that say the
same only the first is kept. So the same event again changes nothing, however often it comes, and
one that turns out to have been known earlier moves back in time. All functions are pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Final, NamedTuple

from graph_service.adapters.timeline.batches import END_US, FIRST_US, MOST_AHEAD_US
from graph_service.domain import tables
from graph_service.domain.events import Event

NEVER_US: Final = 2**63 - 1
"""When an event ends that still lasts; when a version is gone that holds now."""

Identity = tuple[str, str]
"""The source and the id of an event."""


class Content(NamedTuple):
    """What an event says, with numbers for kind and subjects; equal contents are one version.

    `end_us` is None for an instant and NEVER_US for what still lasts.
    """

    kind: int
    start_us: int
    end_us: int | None
    severity: int
    text: str
    subjects: tuple[int, ...]
    uri: str | None
    media_type: str | None
    sha256: str | None


class Version(NamedTuple):
    """A content and since when it is known."""

    known_us: int
    content: Content


Histories = Mapping[Identity, Sequence[Version]]
"""All versions of some events, each by known time."""


class Became(Enum):
    """What became of a version that came in."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    CORRECTED = "corrected"


def why_rejected(event: Event) -> str:
    """Why an event cannot be kept; empty where it can."""
    if not event.source:
        return "the event has no source"
    if not event.id:
        return "the event has no id"
    if tables.event_kind(event.kind) is None:
        return f"'{event.kind}' is no kind of event"
    if not all(event.subjects):
        return "a subject has no name"
    if not _is_text(event):
        return "a text of the event is no text: it has half a character"
    return _why_times_rejected(event)


def _why_times_rejected(event: Event) -> str:
    times = [
        event.start_us,
        event.known_us,
        event.start_us if event.end_us is None else event.end_us,
    ]
    if not all(FIRST_US <= time < END_US for time in times):
        return "the time is outside of the years 1 to 9999"
    if event.end_us is not None and event.end_us <= event.start_us:
        return "the end is not after the start"
    if event.start_us - event.known_us > MOST_AHEAD_US:
        return "the start is in the far future: more than a year after it was known"
    return ""


def _is_text(event: Event) -> bool:
    texts = [event.source, event.id, event.text, *event.subjects]
    if event.reference is not None:
        texts += [event.reference.uri, event.reference.media_type, event.reference.sha256]
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True


def learn(history: Sequence[Version], new: Version) -> tuple[list[Version], Became]:
    """The history with a version that came in, and what became of it.

    Of two versions known at once the one that came last counts.
    """
    before = [version for version in history if version.known_us <= new.known_us]
    after = history[len(before) :]
    repeats = any(_same(version, new) for version in [*before[-1:], *after[:1]])
    if before and before[-1].known_us == new.known_us and not _same(before[-1], new):
        del before[-1]
    learned = _without_repeats([*before, new, *after])
    if not history:
        return learned, Became.STORED
    return learned, Became.DUPLICATE if repeats else Became.CORRECTED


def _without_repeats(versions: Sequence[Version]) -> list[Version]:
    return [
        version
        for at, version in enumerate(versions)
        if at == 0 or not _same(versions[at - 1], version)
    ]


def _same(one: Version, other: Version) -> bool:
    """Whether two versions say the same; the order of subjects says nothing."""
    if one.content == other.content:
        return True
    in_any_order = set(one.content.subjects) == set(other.content.subjects)
    return in_any_order and one.content == other.content._replace(subjects=one.content.subjects)
