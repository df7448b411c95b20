"""What a TimelineStore owes of events: identity, versions, order, overlap, filters, counts."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.domain.events import (
    Event,
    EventCount,
    EventFilter,
    EventPosition,
    EventSeverity,
    EventsResult,
    Reference,
    position,
)
from graph_service.domain.readings import Window
from tests.contracts.timeline_cases import (
    A_DAY,
    ALWAYS,
    DAY,
    EVERYTHING,
    HOUR,
    MONDAY,
    about,
    event,
    ids,
    random_examples,
)
from tests.contracts.timeline_event_model import WINDOWS, any_event, filters, found_in, is_in

PICTURE = Reference("s3://drone/17.jpg", "image/jpeg", "ab" * 32)
NOON = Window(MONDAY + 12 * HOUR, MONDAY + 13 * HOUR)


class TimelineEventsContract:
    """Promises of `append_events`, `events`, `event`, `event_counts`, `events_available`."""

    examples = 20

    # --- in and out ----------------------------------------------------------------------------

    @pytest.mark.parametrize(
        "given_event",
        [
            event(),
            event(kind="OUTAGE", end_us=MONDAY + HOUR, severity=EventSeverity.CRITICAL),
            event(kind="IMAGE", reference=PICTURE, subjects=("town/a", "town/b")),
            event(kind="IMAGE", reference=Reference("file:///a")),
            event("ein Ä, ein 😀", source="melde stelle", text="", known_us=MONDAY - 300 * DAY),
        ],
    )
    def test_event__comes_back_as_it_was_given(self, store, given_event):
        assert store.append_events([given_event]) == EventsResult(1, 0, 0)
        assert store.event(given_event.source, given_event.id) == given_event
        assert store.events(EVERYTHING, ALWAYS, 10) == [given_event]

    def test_event__that_nobody_told_is_none(self, store):
        store.append_events([event()])
        assert store.event("desk", "2") is None
        assert store.event("radio", "1") is None

    def test_append_events__of_nothing_stores_nothing(self, store):
        assert store.append_events([]) == EventsResult(0, 0, 0)
        assert ids(store) == []

    def test_append_events__the_same_id_of_another_source_is_another_event(self, store):
        result = store.append_events([event(), event(source="radio")])
        assert result == EventsResult(2, 0, 0)

    # --- versions ------------------------------------------------------------------------------

    def test_append_events__same_event_again_is_dropped_and_counted(self, store):
        store.append_events([event(subjects=("town/a", "town/b"))])
        again = event(known_us=MONDAY + 5, subjects=("town/b", "town/a"))
        assert store.append_events([again, again]) == EventsResult(0, 2, 0)
        assert store.event("desk", "1").known_us == MONDAY

    @pytest.mark.parametrize(
        "other",
        [
            {"text": "it is light"},
            {"kind": "NOTE"},
            {"severity": EventSeverity.MINOR},
            {"end_us": MONDAY + HOUR},
            {"start_us": MONDAY + 1},
            {"subjects": ("town/b",)},
            {"reference": PICTURE},
        ],
    )
    def test_append_events__other_content_is_a_new_version(self, store, other):
        store.append_events([event()])
        now = replace(event(), known_us=MONDAY + 10, **other)
        assert store.append_events([now]) == EventsResult(0, 0, 1)
        assert store.events(EVERYTHING, ALWAYS, 10) == [now]
        assert store.event("desk", "1", MONDAY + 9) == event()
        assert store.events(EventFilter(known_us=MONDAY + 9), ALWAYS, 10) == [event()]

    def test_events__before_anything_was_known_are_none(self, store):
        store.append_events([event()])
        assert ids(store, EventFilter(known_us=MONDAY - 1)) == []
        assert store.event("desk", "1", MONDAY - 1) is None

    def test_events__of_a_version_are_found_where_it_stood_then(self, store):
        moved = event(start=MONDAY + DAY, known_us=MONDAY + 10, subjects=("town/b",))
        store.append_events([event(subjects=("town/a",)), moved])
        assert ids(store, about("town/a")) == []
        assert ids(store, about("town/a", known_us=MONDAY), window=A_DAY) == ["1"]
        assert ids(store, about("town/b"), window=Window(MONDAY + DAY, MONDAY + 2 * DAY)) == ["1"]
        assert ids(store, about("town/b", known_us=MONDAY)) == []

    def test_append_events__knowledge_that_comes_late_takes_its_place(self, store):
        told = [
            event(known_us=MONDAY + at, text=text) for at, text in ((9, "c"), (1, "a"), (5, "b"))
        ]
        assert store.append_events(told) == EventsResult(1, 0, 2)
        then = [store.event("desk", "1", MONDAY + at).text for at in (1, 4, 5, 8, 9)]
        assert then == ["a", "a", "b", "b", "c"]

    def test_append_events__same_event_known_earlier_moves_back_in_time(self, store):
        store.append_events([event(known_us=MONDAY + 9)])
        assert store.append_events([event()]) == EventsResult(0, 1, 0)
        assert store.event("desk", "1") == event()

    def test_append_events__two_versions_known_at_once_the_one_that_came_last_counts(self, store):
        store.append_events([event(text="first"), event(text="second")])
        assert store.event("desk", "1").text == "second"

    def test_append_events__an_end_that_becomes_known_ends_what_lasted(self, store):
        store.append_events([event(kind="OUTAGE")])
        assert ids(store, window=NOON) == ["1"]
        store.append_events([event(kind="OUTAGE", end_us=MONDAY + HOUR, known_us=MONDAY + HOUR)])
        assert ids(store, window=NOON) == []
        assert ids(store, EventFilter(known_us=MONDAY), window=NOON) == ["1"]

    # --- rejected ------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            (event(""), "no id"),
            (event(source=""), "no source"),
            (event(kind="EARTHQUAKE"), "EARTHQUAKE"),
            (event(end_us=MONDAY - 1), "end"),
            (event(end_us=MONDAY), "end"),
            (event(start=2**62, known_us=2**62), "years"),
            (event(known_us=MONDAY - 400 * DAY), "future"),
            (event(subjects=("town/a", "")), "subject"),
            (event(text="\ud800"), "text"),
        ],
    )
    def test_append_events__what_cannot_be_is_rejected_alone(self, store, bad, reason):
        result = store.append_events([event("2"), bad, event("3")])
        [(source, id, said)] = result.rejected
        assert (source, id, reason in said) == (bad.source, bad.id, True), said
        assert (result.stored, ids(store)) == (2, ["2", "3"])

    # --- order and pages -----------------------------------------------------------------------

    def test_events__are_ordered_by_start_source_and_id(self, store):
        places = [(at, source, id) for at in (0, 1) for source in "ab" for id in ("1", "10", "9")]
        told = [event(f"{at}-{id}", MONDAY + at, source=source) for at, source, id in places]
        store.append_events(reversed(told))
        assert store.events(EVERYTHING, ALWAYS, 99) == told
        assert store.events(EVERYTHING, ALWAYS, 99, descending=True) == told[::-1]

    @pytest.mark.parametrize("descending", [False, True])
    @pytest.mark.parametrize("wanted", [EVERYTHING, about("town/a", "town/b", "town/c")])
    def test_events__pages_after_a_position_are_whole(self, store, descending, wanted):
        subjects = (("town/a",), ("town/b",), ("town/a", "town/b"), ("town/c", "town/b"))
        told = [event(f"{at:02}", MONDAY + at // 7, subjects=subjects[at % 4]) for at in range(30)]
        store.append_events(told)
        found, after = [], None
        while page := store.events(wanted, A_DAY, 4, after=after, descending=descending):
            found += page
            after = position(page[-1])
        assert found == (told[::-1] if descending else told)

    def test_events__after_a_position_that_nothing_has(self, store):
        store.append_events([event("1"), event("3")])
        after = EventPosition(MONDAY, "desk", "2")
        assert ids(store, after=after) == ["3"]
        assert ids(store, after=after, descending=True) == ["1"]

    def test_events__none_asked_are_none(self, store):
        store.append_events([event()])
        assert ids(store, first=0) == []

    # --- overlap -------------------------------------------------------------------------------

    def test_events__instant_on_the_edge_of_the_window(self, store):
        store.append_events([event("1", MONDAY), event("2", MONDAY + DAY)])
        assert ids(store, window=A_DAY) == ["1"]

    @pytest.mark.parametrize("lasts", [1, HOUR, HOUR + 1, DAY, 31 * DAY, 40 * DAY, 500 * DAY])
    def test_events__that_began_before_and_reach_into_the_window_are_in_it(self, store, lasts):
        start = NOON.start_us + 1 - lasts
        store.append_events([event("in", start, end_us=start + lasts, subjects=("town/a",))])
        store.append_events([event("out", start - 1, end_us=start - 1 + lasts)])
        assert ids(store, window=NOON) == ["in"]
        assert ids(store, about("town/a"), window=NOON, descending=True) == ["in"]

    def test_events__of_a_kind_that_lasts_go_on_until_their_end_is_known(self, store):
        store.append_events([event("1", kind="OUTAGE"), event("2", kind="MESSAGE")])
        assert ids(store, window=NOON) == ["1"]

    def test_events__that_began_before_come_first_and_pages_go_on_behind_them(self, store):
        store.append_events([event("9", MONDAY, kind="WORK"), event("1", NOON.start_us)])
        assert ids(store, window=NOON) == ["9", "1"]
        [first] = store.events(EVERYTHING, NOON, 1)
        assert ids(store, window=NOON, after=position(first)) == ["1"]

    # --- filters -------------------------------------------------------------------------------

    def test_events__of_subjects_are_about_any_of_them_and_once_each(self, store):
        store.append_events(
            [
                event("1", subjects=("town/a", "town/b")),
                event("2", subjects=("town/c",)),
                event("3", subjects=("town/b",)),
                event("4"),
            ]
        )
        assert ids(store, about("town/a", "town/b", "town/nobody")) == ["1", "3"]
        assert ids(store, about()) == []
        assert ids(store, about("")) == []

    def test_events__of_kinds(self, store):
        store.append_events([event("1"), event("2", kind="OUTAGE"), event("3", kind="NOTE")])
        assert ids(store, EventFilter(kinds=frozenset({"NOTE", "MESSAGE", "WORK"}))) == ["1", "3"]
        assert ids(store, EventFilter(kinds=frozenset())) == []

    def test_events__of_a_severity_and_worse(self, store):
        store.append_events([event(str(int(s)), severity=s) for s in EventSeverity])
        assert ids(store, EventFilter(min_severity=EventSeverity.MAJOR)) == ["3", "4"]

    # --- counts and range ----------------------------------------------------------------------

    def test_event_counts__are_those_that_began_by_kind_and_severity(self, store):
        told = [event(str(at), MONDAY + at * HOUR // 2) for at in range(5)]
        loud = event("x", MONDAY + 5, severity=EventSeverity.MAJOR)
        before = event("y", MONDAY - HOUR, kind="OUTAGE")
        store.append_events([*told, loud, before])
        assert store.event_counts(EVERYTHING, A_DAY, HOUR) == [
            EventCount(MONDAY, "MESSAGE", EventSeverity.INFO, 2),
            EventCount(MONDAY, "MESSAGE", EventSeverity.MAJOR, 1),
            EventCount(MONDAY + HOUR, "MESSAGE", EventSeverity.INFO, 2),
            EventCount(MONDAY + 2 * HOUR, "MESSAGE", EventSeverity.INFO, 1),
        ]

    def test_event_counts__an_event_of_two_subjects_counts_once(self, store):
        store.append_events([event(subjects=("town/a", "town/b"))])
        [counted] = store.event_counts(about("town/a", "town/b"), A_DAY, DAY)
        assert counted.count == 1

    def test_event_counts__a_corrected_event_counts_once(self, store):
        store.append_events([event(), event(text="other", known_us=MONDAY + 1)])
        assert [one.count for one in store.event_counts(EVERYTHING, A_DAY, DAY)] == [1]

    def test_events_available__is_from_the_first_to_just_past_the_last_start(self, store):
        store.append_events([event("1", MONDAY + 5, kind="OUTAGE"), event("2", MONDAY - DAY)])
        assert store.events_available(EVERYTHING) == (MONDAY - DAY, MONDAY + 6)
        outages = EventFilter(kinds=frozenset({"OUTAGE"}))
        assert store.events_available(outages) == (MONDAY + 5, MONDAY + 6)

    def test_events_available__is_none_without_events(self, store):
        assert store.events_available(EVERYTHING) is None
        store.append_events([event()])
        assert store.events_available(about("town/a")) is None

    # --- anything at all -----------------------------------------------------------------------

    def test_any_events__are_found_as_a_plain_list_says(self, tmp_path_factory):
        @random_examples(2 * self.examples)
        @given(data=st.data())
        def are_found(data):
            with closing(self.make_store(tmp_path_factory.mktemp("any"))) as store:
                told: list[Event] = []
                for lot in data.draw(st.lists(st.lists(any_event(), max_size=8), max_size=4)):
                    store.append_events(lot)
                    told += lot
                wanted, window = data.draw(filters()), data.draw(st.sampled_from(WINDOWS))
                expected = found_in(told, wanted, window)
                assert store.events(wanted, window, 99) == expected
                assert store.events(wanted, window, 3, descending=True) == expected[::-1][:3]
                all_told = found_in(told, wanted, ALWAYS)
                begun = [one for one in all_told if is_in(one.start_us, window)]
                counted = store.event_counts(wanted, window, HOUR)
                assert sum(one.count for one in counted) == len(begun)

        are_found()
