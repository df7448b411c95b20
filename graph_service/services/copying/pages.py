"""A timeline taken piece by piece: elements some at a time, readings some windows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

from graph_service.domain.events import Event
from graph_service.domain.readings import MICROSECONDS_PER_DAY, ReadingColumns, Window
from graph_service.ports.timeline_store import TimelineStore

ALWAYS: Final = Window(-(2**62), 2**62)

ELEMENTS_AT_ONCE: Final = 100
_NAMES_AT_ONCE: Final = 10_000
_EVENTS_AT_ONCE: Final = 2_000
_DAYS: Final = 31
_MOST_DAYS: Final = 100_000
_FEW, _MANY = 100_000, 1_000_000  # readings of one window

T = TypeVar("T")


def elements(timeline: TimelineStore, after: str = "") -> Iterator[list[str]]:
    """All elements that have series, in order, some at a time."""
    while names := timeline.elements(after, _NAMES_AT_ONCE):
        for at in range(0, len(names), ELEMENTS_AT_ONCE):
            yield names[at : at + ELEMENTS_AT_ONCE]
        after = names[-1]


def elements_of_both(one: TimelineStore, other: TimelineStore) -> Iterator[list[str]]:
    """All elements that either has, in order, some at a time."""
    after = ""
    while True:
        both = [store.elements(after, _NAMES_AT_ONCE) for store in (one, other)]
        full = [names[-1] for names in both if len(names) == _NAMES_AT_ONCE]
        upto = min(full) if full else None
        names = sorted({name for some in both for name in some if upto is None or name <= upto})
        for at in range(0, len(names), ELEMENTS_AT_ONCE):
            yield names[at : at + ELEMENTS_AT_ONCE]
        if upto is None:
            return
        after = upto


def stretches(
    extent: tuple[int, int] | None, read: Callable[[Window], T], size: Callable[[T], int]
) -> Iterator[T]:
    """What is read of whole days from the first time to the last, window after window.

    Args:
        extent: first time and the end; None gives nothing.
        read: reads a window.
        size: how many readings were read, so that the next window is as long as it may be.
    """
    if extent is None:
        return
    start_us, days = extent[0] // MICROSECONDS_PER_DAY * MICROSECONDS_PER_DAY, _DAYS
    while start_us < extent[1]:
        window = Window(start_us, start_us + days * MICROSECONDS_PER_DAY)
        found = read(window)
        yield found
        start_us = window.stop_us
        if size(found) < _FEW:
            days = min(2 * days, _MOST_DAYS)
        elif size(found) > _MANY:
            days = max(1, days // 2)


def count(columns: Sequence[ReadingColumns]) -> int:
    """How many readings there are in columns."""
    return sum(map(len, columns))


def histories(
    timeline: TimelineStore, after: str | None = None
) -> Iterator[tuple[Sequence[Event], str | None]]:
    """All versions of all events, some at a time, each with where to go on."""
    while True:
        page = timeline.event_histories(_EVENTS_AT_ONCE, after)
        yield page.versions, page.end
        if page.end is None:
            return
        after = page.end
