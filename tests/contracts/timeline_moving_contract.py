"""What a TimelineStore owes to who copies it: all versions out, and days that went in and out."""

from __future__ import annotations

from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.events import Reference
from graph_service.domain.readings import Aggregate, Quality, Window
from graph_service.ports.timeline_store import TimelineStore
from tests.contracts.timeline_cases import (
    ALWAYS,
    DAY,
    HOUR,
    KNOWN,
    METER,
    MODEL,
    MONDAY,
    OTHER,
    as_rows,
    event,
    forecast,
    random_examples,
    readings,
    total,
    values,
    values_of,
)
from tests.contracts.timeline_event_model import any_event
from tests.contracts.timeline_model import batches

WEEK = Window(MONDAY - 3 * DAY, MONDAY + 4 * DAY)
BOTH = [METER, OTHER]


def histories(store: TimelineStore, first: int = 2) -> list[object]:
    """All versions of all events, asked a few at a time; those of one event together."""
    page = store.event_histories(first)
    found = list(page.versions)
    while page.end is not None:
        page = store.event_histories(first, page.end)
        found += page.versions
    by_event: dict[tuple[str, str], list[object]] = {}
    for version in found:
        by_event.setdefault((version.source, version.id), []).append(version)
    assert found == [version for versions in by_event.values() for version in versions]
    return sorted(by_event.items())


def move(source: TimelineStore, target: TimelineStore) -> None:
    """Everything a source has of both meters, into a target."""
    target.append(zip(BOTH, source.versions(BOTH, ALWAYS), strict=True))
    target.put_gone_days(zip(BOTH, source.gone_days(BOTH), strict=True))
    target.append_events([one for _, versions in histories(source) for one in versions])


def levels(store: TimelineStore) -> tuple[list[object], list[float]]:
    """What hours and days answer, and where series begin and end: what is exact, and sums."""
    exact: list[object] = [store.last(BOTH), [store.available([key]) for key in BOTH]]
    sums: list[float] = []
    for every in (HOUR, DAY, 7 * DAY):
        for within in Aggregate:
            for one in store.aggregate(BOTH, WEEK, every, within, None):
                exact.append([list(one.readings), list(one.doubtful)])
                sums += [value for value in one.values if value == value]
    return exact, sums


def alike(one: tuple[list[object], list[float]], other: tuple[list[object], list[float]]) -> bool:
    """Whether both answer alike; sums of sums may differ in the last digits."""
    return one[0] == other[0] and one[1] == pytest.approx(other[1], rel=1e-12, abs=1e-12)


class TimelineMovingContract:
    """Promises of `gone_days`, `put_gone_days`, `event_histories`, `forecast_history`."""

    # --- days that went ------------------------------------------------------------------------

    def test_gone_days__are_none_where_nothing_went(self, store):
        store.append([(METER, readings([1.0]))])
        assert [len(days) for days in store.gone_days([METER, OTHER])] == [0, 0]
        assert store.put_gone_days([]) == 0

    def test_gone_days__tell_of_their_hours_and_their_last_reading(self, store):
        store.append([(METER, readings([1.0, 2.0, 4.0], step=HOUR // 2, quality=1))])
        store.append([(OTHER, readings([5.0], start=MONDAY + 2 * DAY))])
        store.forget("ENERGY_IN", MONDAY + 2 * DAY)
        [days, none] = store.gone_days([METER, OTHER])
        assert (list(days.start_us), list(days.known_us), len(none)) == ([MONDAY], [KNOWN], 0)
        assert (list(days.first_us), list(days.last_us)) == ([MONDAY], [MONDAY + HOUR])
        assert (list(days.values), list(days.quality)) == ([4.0], [Quality.ESTIMATED])
        assert list(days.hours.start_us) == [MONDAY, MONDAY + HOUR]
        assert (list(days.hours.sums), list(days.hours.most)) == ([3.0, 4.0], [2.0, 4.0])
        assert (list(days.hours.readings), list(days.hours.doubtful)) == ([2, 1], [2, 1])

    def test_put_gone_days__answer_as_where_they_went(self, store, tmp_path):
        with closing(self.make_store(tmp_path / "other")) as other:
            other.append([(METER, readings([1.0] * 30 + [7.0] * 30))])
            other.append([(OTHER, readings([0.5], quality=Quality.INVALID))])
            other.forget("ENERGY_IN", MONDAY + 2 * DAY)
            before = levels(other)
            assert store.put_gone_days(zip(BOTH, other.gone_days(BOTH), strict=True)) == 3
            store.append(zip(BOTH, other.versions(BOTH, ALWAYS), strict=True))
        assert alike(levels(store), before)
        assert (store.elements(), store.counts()[1]) == ([METER.element, OTHER.element], 12)

    def test_put_gone_days__readings_of_these_days_are_rejected(self, store, tmp_path):
        with closing(self.make_store(tmp_path / "other")) as other:
            other.append([(METER, readings([1.0, 2.0]))])
            other.forget("ENERGY_IN", MONDAY + DAY)
            store.put_gone_days(zip([METER], other.gone_days([METER]), strict=True))
        result = store.append([(METER, readings([7.0, 8.0], start=MONDAY + 23 * HOUR))])
        assert (result.stored, len(result.rejected)) == (1, 1)
        assert (values(store), store.forget("ENERGY_IN", MONDAY + DAY)) == ([8.0], 0)

    def test_put_gone_days__days_that_are_there_stay(self, store, tmp_path):
        with closing(self.make_store(tmp_path / "other")) as other:
            other.append([(METER, readings([9.0] * 72))])
            other.forget("ENERGY_IN", MONDAY + 3 * DAY)
            days = other.gone_days([METER])
        store.append([(METER, readings([1.0])), (METER, readings([2.0], start=MONDAY + DAY))])
        store.forget("ENERGY_IN", MONDAY + DAY)
        assert store.put_gone_days(zip([METER], days, strict=True)) == 1
        assert store.put_gone_days(zip([METER], days, strict=True)) == 0
        whole = total(store, [METER], window=Window(MONDAY, MONDAY + 3 * DAY))
        assert values_of(whole) == [1.0, 2.0, 24 * 9.0]

    # --- events and forecasts ------------------------------------------------------------------

    def test_event_histories__are_all_versions_of_each_event(self, store):
        image = Reference("file:///a.jpg", "image/jpeg", "00ff")
        told = [
            event("1", subjects=("town/a", "town/b"), reference=image, end_us=MONDAY + HOUR),
            event("1", known_us=MONDAY + 5, text="it was dark"),
            event("2", source="a/b", kind="OUTAGE"),
            event("3"),
        ]
        store.append_events(told)
        expected = [(("a/b", "2"), told[2:3]), (("desk", "1"), told[:2]), (("desk", "3"), told[3:])]
        for first in (1, 2, 3, 100):
            assert histories(store, first) == expected

    def test_event_histories__of_no_events_end_at_once(self, store):
        assert (store.event_histories(5).versions, store.event_histories(5).end) == ((), None)

    def test_forecast_history__is_every_issue_whole(self, store):
        other = MODEL._replace(element=OTHER.element)
        issues = [forecast(MONDAY), forecast(MONDAY + HOUR, 2.0), forecast(MONDAY, key=other)]
        store.append_forecasts(issues)
        assert store.forecast_history([MODEL, other], ALWAYS) == issues
        late = Window(MONDAY + 1, MONDAY + DAY)
        assert store.forecast_history([other, MODEL], late) == issues[1:2]
        assert store.forecast_history([METER], ALWAYS) == []

    # --- all together --------------------------------------------------------------------------

    def test_any_batches__moved_to_an_embedded_store_and_back_answer_alike(self, tmp_path_factory):
        @random_examples(self.examples)
        @given(data=st.data(), day=st.integers(-1, 2))
        def answer_alike(data, day):
            folder = tmp_path_factory.mktemp("moved")
            with (
                closing(self.make_store(folder / "first")) as first,
                closing(SqliteTimeline(folder / "between")) as between,
                closing(self.make_store(folder / "last")) as last,
            ):
                for batch in data.draw(st.lists(batches(), min_size=1, max_size=3)):
                    first.append(batch)
                first.append_events(data.draw(st.lists(any_event(), max_size=6)))
                first.forget("ENERGY_IN", MONDAY + day * DAY)
                move(first, between)
                move(between, last)
                before = levels(first)
                assert alike(before, levels(between))
                assert alike(before, levels(last))
                assert histories(first) == histories(between) == histories(last)
                kept, moved = (store.versions(BOTH, ALWAYS) for store in (first, last))
                assert [as_rows(one) for one in kept] == [as_rows(one) for one in moved]
                assert (first.elements(), first.counts()) == (last.elements(), last.counts())

        answer_alike()
