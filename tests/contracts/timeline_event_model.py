"""Events in a plain list: what any store must find, and events to try it with."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from graph_service.domain.events import Event, EventFilter, EventSeverity, position
from graph_service.domain.readings import Window
from graph_service.domain.tables import event_kind
from tests.contracts.timeline_cases import A_DAY, ALWAYS, DAY, HOUR, MONDAY, event

NOON = Window(MONDAY + 12 * HOUR, MONDAY + 13 * HOUR)
WINDOWS = [A_DAY, NOON, ALWAYS, Window(MONDAY + 1, MONDAY + 2), Window(MONDAY - DAY, MONDAY)]


@st.composite
def any_event(draw) -> Event:
    """Few ids, so that many are versions; few starts, so that many tie."""
    start = MONDAY + draw(st.sampled_from([-40 * DAY, -DAY, 0, 1, 12 * HOUR, 2 * DAY]))
    lasts = draw(st.sampled_from([None, None, 1, HOUR, DAY, 90 * DAY]))
    return event(
        draw(st.sampled_from("1234567")),
        start,
        kind=draw(st.sampled_from(["OUTAGE", "MESSAGE"])),
        end_us=None if lasts is None else start + lasts,
        known_us=MONDAY + 3 * DAY + draw(st.integers(0, 30)),
        severity=draw(st.sampled_from(EventSeverity)),
        subjects=draw(st.sampled_from([(), ("town/a",), ("town/b",), ("town/a", "town/b")])),
    )


@st.composite
def filters(draw) -> EventFilter:
    subjects = draw(st.sampled_from([None, ["town/a"], ["town/a", "town/b"], ["town/x"]]))
    kinds = draw(st.sampled_from([None, ["OUTAGE"], ["MESSAGE", "OUTAGE"]]))
    return EventFilter(
        subjects=None if subjects is None else frozenset(subjects),
        kinds=None if kinds is None else frozenset(kinds),
        min_severity=draw(st.sampled_from(EventSeverity)),
        known_us=draw(st.sampled_from([None, MONDAY + 3 * DAY + 15])),
    )


def found_in(told: list[Event], wanted: EventFilter, window: Window) -> list[Event]:
    """The same promise said with a list: newest versions that overlap, in order."""
    known = [one for one in told if wanted.known_us is None or one.known_us <= wanted.known_us]
    newest: dict[tuple[str, str], list[Event]] = {}
    for one in sorted(known, key=lambda one: one.known_us):
        versions = newest.setdefault((one.source, one.id), [])
        if versions and versions[-1].known_us == one.known_us and versions[-1] != one:
            versions.pop()  # of two known at once the one that came last counts
        if not versions or replace(versions[-1], known_us=one.known_us) != one:
            versions.append(one)
    return sorted(
        (one[-1] for one in newest.values() if is_wanted(one[-1], wanted, window)), key=position
    )


def is_wanted(one: Event, wanted: EventFilter, window: Window) -> bool:
    return (
        (wanted.subjects is None or not wanted.subjects.isdisjoint(one.subjects))
        and (wanted.kinds is None or one.kind in wanted.kinds)
        and one.severity >= wanted.min_severity
        and one.start_us < window.stop_us
        and (is_in(one.start_us, window) or end_of(one) > window.start_us)
    )


def end_of(one: Event) -> int:
    if one.end_us is not None:
        return one.end_us
    row = event_kind(one.kind)
    return 2**62 if row is not None and row.lasts else one.start_us


def is_in(at_us: int, window: Window) -> bool:
    return window.start_us <= at_us < window.stop_us
