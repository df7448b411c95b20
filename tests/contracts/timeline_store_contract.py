"""What every TimelineStore owes: each promise of the port is a test here.

An adapter's test class inherits from `TimelineStoreContract` and supplies `make_store`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.domain.readings import Aggregate, Window
from graph_service.ports.timeline_store import TimelineStore
from tests.contracts.timeline_aggregates_contract import TimelineAggregatesContract
from tests.contracts.timeline_cases import (
    ALWAYS,
    DAY,
    HOUR,
    KNOWN,
    METER,
    MONDAY,
    OTHER,
    as_rows,
    random_examples,
)
from tests.contracts.timeline_events_contract import TimelineEventsContract
from tests.contracts.timeline_following_contract import TimelineFollowingContract
from tests.contracts.timeline_forecasts_contract import TimelineForecastsContract
from tests.contracts.timeline_keeping_contract import TimelineKeepingContract
from tests.contracts.timeline_model import TimelineModel, aggregated, batches
from tests.contracts.timeline_moving_contract import TimelineMovingContract
from tests.contracts.timeline_readings_contract import TimelineReadingsContract
from tests.contracts.timeline_versions_contract import TimelineVersionsContract

BOTH = [METER, OTHER]
GRIDS = [
    (Window(MONDAY - 2 * DAY, MONDAY + 3 * DAY), DAY),
    (Window(MONDAY - 2 * DAY, MONDAY + 3 * DAY), HOUR),
    (Window(MONDAY - 3 * DAY, MONDAY + 3 * DAY), 2 * DAY),
    (Window(MONDAY - 7 * HOUR, MONDAY + 9 * HOUR), 5 * HOUR),
    (Window(MONDAY - 7 * HOUR, MONDAY + 9 * HOUR), HOUR // 2),
    (Window(MONDAY - DAY + HOUR // 3, MONDAY + DAY), HOUR),
]
"""Windows and lengths of intervals: whole days, whole hours, and what is neither."""


class TimelineStoreContract(
    TimelineReadingsContract,
    TimelineVersionsContract,
    TimelineAggregatesContract,
    TimelineKeepingContract,
    TimelineEventsContract,
    TimelineForecastsContract,
    TimelineMovingContract,
    TimelineFollowingContract,
):
    """The promises. A subclass supplies `make_store` and nothing else.

    A store behind a network may do with fewer random `examples`.
    """

    MAY_SUPPLY = frozenset({"examples"})

    examples = 20

    def make_store(self, folder: Path) -> TimelineStore:
        """An empty store; `folder` is one of its own."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, tmp_path) -> Iterator[TimelineStore]:
        store = self.make_store(tmp_path)
        yield store
        store.close()

    def test_any_batches__read_as_plain_dictionaries_say(self, tmp_path_factory):
        @random_examples(self.examples)
        @given(data=st.data())
        def read_as_said(data):
            with closing(self.make_store(tmp_path_factory.mktemp("any"))) as store:
                model = TimelineModel()
                for batch in data.draw(st.lists(batches(), min_size=1, max_size=6)):
                    check_append(store, model, batch)
                check(store, model, data.draw(st.integers(KNOWN - 1, KNOWN + 4)))

        read_as_said()

    def test_any_batches__with_renames_between_read_as_dictionaries_say(self, tmp_path_factory):
        @random_examples(self.examples)
        @given(data=st.data())
        def read_as_said(data):
            with closing(self.make_store(tmp_path_factory.mktemp("any"))) as store:
                model = TimelineModel()
                for batch in data.draw(st.lists(batches(), min_size=1, max_size=4)):
                    check_append(store, model, batch)
                    old, new = data.draw(st.permutations([METER.element, OTHER.element]))
                    if data.draw(st.booleans()):
                        assert store.rename(old, new) == model.rename(old, new)
                check(store, model, data.draw(st.integers(KNOWN - 1, KNOWN + 4)))

        read_as_said()

    def test_any_batches__with_days_forgotten_answer_from_what_stayed(self, tmp_path_factory):
        @random_examples(self.examples)
        @given(data=st.data(), levels=st.booleans(), day=st.integers(-1, 2))
        def answer_from_what_stayed(data, levels, day):
            with closing(self.make_store(tmp_path_factory.mktemp("any"))) as store:
                model = TimelineModel()
                before_us = MONDAY + day * DAY
                for batch in data.draw(st.lists(batches(), min_size=1, max_size=3)):
                    check_append(store, model, batch)
                expected = model.forget(before_us, levels=levels)
                assert store.forget("ENERGY_IN", before_us + 7, dry_run=True) == expected
                assert store.forget("ENERGY_IN", before_us + 7, levels=levels) == expected
                check(store, model, data.draw(st.integers(KNOWN - 1, KNOWN + 4)))
                check_append(store, model, data.draw(batches()))
                check(store, model, KNOWN + 4)

        answer_from_what_stayed()


def check_append(store: TimelineStore, model: TimelineModel, batch: object) -> None:
    got, expected = store.append(batch), model.append(batch)
    assert sorted(place[:2] for place in got.rejected) == sorted(
        place[:2] for place in expected.rejected
    )
    assert sorted(got.reopened) == sorted(expected.reopened)
    bare = {"rejected": (), "reopened": ()}
    assert replace(got, **bare) == replace(expected, **bare)


def check(store: TimelineStore, model: TimelineModel, known_us: int) -> None:
    """All questions about readings, now and with the knowledge of a time."""
    for at in (None, known_us):
        then = 2**60 if at is None else at
        got = store.read(BOTH, ALWAYS, at)
        assert [as_rows(columns) for columns in got] == [model.read(key, then) for key in BOTH]
        for grid in GRIDS:
            check_aggregates(store, model, grid, at)
    check_ends(store, model)


def check_aggregates(
    store: TimelineStore, model: TimelineModel, grid: tuple[Window, int], at: int | None
) -> None:
    usable = [model.usable(key, *grid, 2**60 if at is None else at) for key in BOTH]
    for within in Aggregate:
        answers = store.aggregate(BOTH, *grid, within, None, at)
        for columns, intervals in zip(answers, usable, strict=True):
            expected = {place: aggregated(intervals[place], within) for place in intervals}
            found = {
                place: (columns.values[place], columns.readings[place], columns.doubtful[place])
                for place, count in enumerate(columns.readings)
                if count
            }
            assert [one[1:] for one in found.values()] == [one[1:] for one in expected.values()]
            assert {place: one[0] for place, one in found.items()} == pytest.approx(
                {place: one[0] for place, one in expected.items()}, rel=1e-12, abs=1e-12
            )


def check_ends(store: TimelineStore, model: TimelineModel) -> None:
    for key in BOTH:
        expected = [
            (valid, versions[-1]) for valid, versions in sorted(model.series.get(key, {}).items())
        ]
        last = store.last([key])[0]
        found = None if last is None else (last.valid_us, (last.known_us, last.value, last.quality))
        assert found == (expected[-1] if expected else None)
        ends = (expected[0][0], expected[-1][0] + 1) if expected else None
        assert store.available([key]) == ends
    assert store.counts() == model.counts()
