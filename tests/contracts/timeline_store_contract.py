"""What every TimelineStore owes: each promise of the port is a test here.

An adapter's test class inherits from `TimelineStoreContract` and supplies `make_store`.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    Aggregate,
    AppendResult,
    IntervalColumns,
    LastReading,
    Quality,
    ReadingColumns,
    SeriesKey,
    Window,
)
from graph_service.ports.timeline_store import TimelineStore

HOUR = 3_600_000_000
DAY = MICROSECONDS_PER_DAY
MONDAY = 20_000 * DAY  # a midnight
KNOWN = MONDAY + 30 * DAY
METER = SeriesKey("town/meter-1", "ENERGY_IN", "meter")
OTHER = SeriesKey("town/meter-2", "ENERGY_IN", "meter")
THIRD = SeriesKey("town/meter-3", "ENERGY_IN", "meter")
A_DAY = Window(MONDAY, MONDAY + DAY)
ALWAYS = Window(-(2**55), 2**55)


def readings(
    values: list[float],
    *,
    start: int = MONDAY,
    step: int = HOUR,
    quality: int = Quality.GOOD,
    known: int = KNOWN,
) -> ReadingColumns:
    """Values one step apart, all of one quality, all known at once."""
    return ReadingColumns(
        array("q", [start + at * step for at in range(len(values))]),
        array("d", values),
        array("B", [quality] * len(values)),
        array("q", [known] * len(values)),
    )


def values_of(columns: ReadingColumns | IntervalColumns) -> list[float | None]:
    return [None if math.isnan(value) else value for value in columns.values]


def values(store: TimelineStore, key: SeriesKey = METER, **asked) -> list[float | None]:
    """What the store reads of one series at any time."""
    return values_of(store.read([key], asked.pop("window", ALWAYS), **asked)[0])


def total(
    store: TimelineStore,
    keys: list[SeriesKey],
    within: Aggregate = Aggregate.SUM,
    across: Aggregate = Aggregate.SUM,
    window: Window = A_DAY,
    every: int = DAY,
    **asked,
) -> IntervalColumns:
    [columns] = store.aggregate(keys, window, every, within, across, **asked)
    return columns


class TimelineStoreContract:
    """The promises. A subclass supplies `make_store` and nothing else."""

    def make_store(self, folder: Path) -> TimelineStore:
        """An empty store; `folder` is one of its own."""
        raise NotImplementedError

    @pytest.fixture
    def store(self, tmp_path) -> Iterator[TimelineStore]:
        store = self.make_store(tmp_path)
        yield store
        store.close()

    # --- append and read -------------------------------------------------------------------

    def test_read__gives_back_all_four_columns(self, store):
        given_columns = readings([1.0, 2.0, 3.0], quality=Quality.ESTIMATED)
        store.append([(METER, given_columns)])
        assert store.read([METER], A_DAY) == [given_columns]

    def test_append__counts_new_values(self, store):
        result = store.append([(METER, readings([1.0, 2.0])), (OTHER, readings([3.0]))])
        assert result == AppendResult(stored=3, duplicates=0, corrected=0)

    def test_append__of_nothing_stores_nothing(self, store):
        assert store.append([]) == AppendResult(0, 0, 0)
        assert store.append([(METER, ReadingColumns.empty())]) == AppendResult(0, 0, 0)
        assert store.counts() == (0, 0)

    @pytest.mark.parametrize("count", [1, 11, 12, 24, 96, 700])
    def test_read__any_number_of_values_comes_back(self, store, count):
        given_columns = readings([float(at % 7) for at in range(count)])
        store.append([(METER, given_columns)])
        assert store.read([METER], ALWAYS) == [given_columns]

    @pytest.mark.parametrize(
        "hard",
        [
            [0.1, 0.2, 0.30000000000000004],
            [1 / 3, 2 / 3, math.pi],
            [1e-300, 1e300, -1e300],
            [5e-324, 1.7976931348623157e308],
            [2.0**53 - 1, -(2.0**53) + 1],
            [2.0**60, 2.0**62, -(2.0**63)],
            [1e15 + 0.5, 0.000001, 123.456789],
            [float(at) * 1e9 for at in range(24)],
            [-5.0] * 30,
        ],
    )
    @pytest.mark.parametrize("repeat", [1, 20])
    def test_read__values_come_back_to_the_bit(self, store, hard, repeat):
        store.append([(METER, readings(hard * repeat))])
        assert values(store) == hard * repeat

    @pytest.mark.parametrize("step", [1, 999, 1000, 1_000_001, HOUR + 1, 5 * HOUR, 7 * DAY])
    @pytest.mark.parametrize("start", [MONDAY, MONDAY + 1, -400 * DAY, -1])
    def test_read__times_come_back_to_the_microsecond(self, store, start, step):
        given_columns = readings([1.0] * 30, start=start, step=step)
        store.append([(METER, given_columns)])
        assert store.read([METER], ALWAYS)[0].valid_us == given_columns.valid_us

    def test_read__irregular_times_and_late_knowledge_come_back(self, store):
        times = [MONDAY + at * at * 1_234_567 for at in range(40)]
        known = [at + 60_000_000 + at % 977 for at in times]
        given_columns = ReadingColumns(
            array("q", times), array("d", range(40)), array("B", [0, 1] * 20), array("q", known)
        )
        store.append([(METER, given_columns)])
        assert store.read([METER], A_DAY) == [given_columns]

    def test_read__window_is_half_open(self, store):
        store.append([(METER, readings([1.0, 2.0, 3.0]))])
        assert values(store, window=Window(MONDAY, MONDAY + 2 * HOUR)) == [1.0, 2.0]
        assert values(store, window=Window(MONDAY + 1, MONDAY + 2 * HOUR + 1)) == [2.0, 3.0]

    def test_read__window_without_readings_is_empty(self, store):
        store.append([(METER, readings([1.0]))])
        [columns] = store.read([METER], Window(MONDAY + DAY, MONDAY + 2 * DAY))
        assert columns == ReadingColumns.empty()

    def test_read__answers_in_the_order_asked(self, store):
        store.append([(METER, readings([1.0])), (OTHER, readings([2.0])), (THIRD, readings([3.0]))])
        asked = [THIRD, METER, OTHER, METER]
        assert [values_of(got) for got in store.read(asked, A_DAY)] == [[3.0], [1.0], [2.0], [1.0]]

    def test_read__unknown_series_is_empty(self, store):
        store.append([(METER, readings([1.0]))])
        assert [len(got) for got in store.read([OTHER, METER], A_DAY)] == [0, 1]

    def test_read__no_series_gives_no_columns(self, store):
        assert store.read([], A_DAY) == []

    @pytest.mark.parametrize("count", [2, 24])
    def test_read__late_values_are_in_order_of_time(self, store, count):
        late = [float(at) for at in range(count)]
        store.append([(METER, readings([9.0], start=MONDAY + 5 * DAY))])
        store.append([(METER, readings(late, step=HOUR // 4))])
        store.append([(METER, readings([7.0], start=MONDAY - DAY))])
        assert values(store) == [7.0, *late, 9.0]

    def test_append__values_of_one_day_in_many_batches_are_all_there(self, store):
        for at in range(50):
            store.append([(METER, readings([float(at)], start=MONDAY + at * HOUR // 4))])
        assert values(store) == [float(at) for at in range(50)]

    def test_append__the_same_series_twice_in_a_batch_is_one_series(self, store):
        store.append([(METER, readings([2.0], start=MONDAY + HOUR)), (METER, readings([1.0]))])
        assert values(store) == [1.0, 2.0]
        assert store.counts() == (1, 2)

    def test_append__columns_that_do_not_change_afterwards(self, store):
        given_columns = readings([1.0, 2.0])
        store.append([(METER, given_columns)])
        given_columns.values[0] = 5.0
        assert values(store) == [1.0, 2.0]

    # --- duplicates and versions -----------------------------------------------------------

    @pytest.mark.parametrize("count", [1, 24])
    def test_append__same_value_again_is_dropped_and_counted(self, store, count):
        store.append([(METER, readings([5.0] * count))])
        result = store.append([(METER, readings([5.0] * count, known=KNOWN + 1))])
        assert result == AppendResult(stored=0, duplicates=count, corrected=0)
        assert store.read([METER], ALWAYS) == [readings([5.0] * count)]

    def test_append__same_value_twice_in_a_batch_is_dropped_and_counted(self, store):
        result = store.append([(METER, readings([5.0])), (METER, readings([5.0]))])
        assert result == AppendResult(stored=1, duplicates=1, corrected=0)

    @pytest.mark.parametrize("count", [1, 24])
    def test_append__other_value_is_a_new_version(self, store, count):
        store.append([(METER, readings([5.0] * count))])
        result = store.append([(METER, readings([6.0] * count, known=KNOWN + 1))])
        assert result == AppendResult(stored=0, duplicates=0, corrected=count)
        assert values(store) == [6.0] * count

    def test_append__other_quality_is_a_new_version(self, store):
        store.append([(METER, readings([5.0], quality=Quality.ESTIMATED))])
        result = store.append([(METER, readings([5.0], known=KNOWN + 1))])
        assert result.corrected == 1
        assert list(store.read([METER], ALWAYS)[0].quality) == [Quality.GOOD]

    def test_append__two_versions_in_one_batch_are_both_kept(self, store):
        first, second = readings([5.0]), readings([6.0], known=KNOWN + 1)
        result = store.append([(METER, second), (METER, first)])
        assert result == AppendResult(stored=1, duplicates=0, corrected=1)
        assert values(store, known_us=KNOWN) == [5.0]
        assert values(store) == [6.0]

    def test_read__older_version_is_what_was_known_then(self, store):
        store.append([(METER, readings([5.0, 7.0]))])
        store.append([(METER, readings([6.0], known=KNOWN + 10))])
        assert values(store, known_us=KNOWN + 9) == [5.0, 7.0]
        assert values(store, known_us=KNOWN + 10) == [6.0, 7.0]

    def test_read__before_anything_was_known_is_empty(self, store):
        store.append([(METER, readings([5.0]))])
        assert values(store, known_us=KNOWN - 1) == []

    def test_append__knowledge_that_comes_late_takes_its_place(self, store):
        store.append([(METER, readings([7.0], known=KNOWN + 20))])
        store.append([(METER, readings([5.0]))])
        store.append([(METER, readings([6.0], known=KNOWN + 10))])
        at = [values(store, known_us=KNOWN + after) for after in (0, 15, 25)]
        assert at == [[5.0], [6.0], [7.0]]

    def test_append__same_value_known_earlier_moves_back_in_time(self, store):
        store.append([(METER, readings([5.0], known=KNOWN + 20))])
        result = store.append([(METER, readings([5.0]))])
        assert result.duplicates == 1
        assert values(store, known_us=KNOWN + 1) == [5.0]

    def test_append__two_versions_known_at_once_the_one_that_came_last_counts(self, store):
        store.append([(METER, readings([5.0]))])
        store.append([(METER, readings([6.0]))])
        assert values(store) == [6.0]

    def test_append__a_value_that_comes_back_is_a_version_too(self, store):
        for after, value in enumerate([5.0, 6.0, 5.0]):
            store.append([(METER, readings([value], known=KNOWN + after))])
        assert [values(store, known_us=KNOWN + after)[0] for after in range(3)] == [5.0, 6.0, 5.0]

    def test_versions__are_all_in_the_order_they_became_known(self, store):
        store.append([(METER, readings([5.0, 7.0]))])
        store.append([(METER, readings([6.0], known=KNOWN + 10))])
        [found, nothing] = store.versions([METER, OTHER], A_DAY)
        assert found.values.tolist() == [5.0, 6.0, 7.0]
        assert found.known_us.tolist() == [KNOWN, KNOWN + 10, KNOWN]
        assert found.valid_us.tolist() == [MONDAY, MONDAY, MONDAY + HOUR]
        assert len(nothing) == 0

    def test_versions__of_a_window_that_is_half_open(self, store):
        store.append([(METER, readings([5.0, 7.0, 9.0]))])
        [found] = store.versions([METER], Window(MONDAY + HOUR, MONDAY + 2 * HOUR))
        assert found.values.tolist() == [7.0]

    # --- rejected --------------------------------------------------------------------------

    @pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
    def test_append__value_that_is_not_finite_is_rejected_alone(self, store, bad):
        result = store.append([(METER, readings([1.0, bad, 3.0])), (OTHER, readings([4.0]))])
        [(key, valid_us, reason)] = result.rejected
        assert (key, valid_us) == (METER, MONDAY + HOUR)
        assert "finite" in reason
        assert (values(store), values(store, OTHER)) == ([1.0, 3.0], [4.0])
        assert result.stored == 3

    def test_append__quality_without_meaning_is_rejected(self, store):
        result = store.append([(METER, readings([1.0], quality=max(Quality) + 1))])
        assert "quality" in result.rejected[0][2]
        assert store.counts() == (0, 0)

    @pytest.mark.parametrize("time", [2**62, -(2**62)])
    def test_append__time_outside_of_the_calendar_is_rejected(self, store, time):
        result = store.append([(METER, readings([1.0], start=time))])
        assert "years" in result.rejected[0][2]

    def test_append__series_with_rejected_values_only_is_not_made(self, store):
        store.append([(METER, readings([math.nan])), (OTHER, readings([1.0]))])
        assert store.series([METER.element, OTHER.element]) == [OTHER]

    # --- series ----------------------------------------------------------------------------

    def test_series__are_ordered_by_element_quantity_source(self, store):
        keys = [SeriesKey(e, q, s) for e in "ab" for q in ("ENERGY_IN", "P") for s in "xy"]
        store.append([(key, readings([1.0])) for key in reversed(keys)])
        assert store.series(["b", "a", "a"]) == keys

    def test_series__of_one_quantity(self, store):
        power = METER._replace(quantity="P")
        store.append([(METER, readings([1.0])), (power, readings([2.0]))])
        assert store.series([METER.element], "P") == [power]

    def test_series__of_unknown_elements_are_none(self, store):
        store.append([(METER, readings([1.0]))])
        assert store.series(["town/nobody"]) == []
        assert store.series([]) == []

    def test_series__names_are_taken_as_they_are(self, store):
        odd = [SeriesKey(name, "P", "m") for name in ("a/'", 'b/"]', "c/%_\\", "d/ü 🜁", "e/,;\n")]
        store.append([(key, readings([1.0])) for key in odd])
        assert store.series([key.element for key in odd]) == odd
        assert [len(columns) for columns in store.read(odd, A_DAY)] == [1] * len(odd)

    # --- aggregate -------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("within", "expected"),
        [
            (Aggregate.SUM, 9.0),
            (Aggregate.MEAN, 3.0),
            (Aggregate.MIN, 1.0),
            (Aggregate.MAX, 6.0),
            (Aggregate.COUNT, 3.0),
            (Aggregate.LAST, 2.0),
        ],
    )
    def test_aggregate__within_an_interval(self, store, within, expected):
        store.append([(METER, readings([1.0, 6.0, 2.0]))])
        assert list(total(store, [METER], within).values) == [expected]

    @pytest.mark.parametrize(
        ("across", "expected"),
        [
            (Aggregate.SUM, 90.0),
            (Aggregate.MEAN, 30.0),
            (Aggregate.MIN, 10.0),
            (Aggregate.MAX, 60.0),
            (Aggregate.COUNT, 3.0),
            (Aggregate.LAST, 10.0),
        ],
    )
    def test_aggregate__across_series(self, store, across, expected):
        latest = readings([10.0], start=MONDAY + 5 * HOUR)
        batch = [(METER, latest), (OTHER, readings([60.0])), (THIRD, readings([20.0]))]
        store.append(batch)
        got = total(store, [METER, OTHER, THIRD], across=across)
        assert list(got.values) == [expected]

    def test_aggregate__every_interval_is_answered(self, store):
        store.append([(METER, readings([1.0, 2.0], start=MONDAY + HOUR, step=2 * HOUR))])
        got = total(store, [METER], window=Window(MONDAY, MONDAY + 5 * HOUR), every=HOUR)
        assert list(got.start_us) == [MONDAY + at * HOUR for at in range(5)]
        assert values_of(got) == [None, 1.0, None, 2.0, None]
        assert list(got.reporting) == [0, 1, 0, 1, 0]

    def test_aggregate__intervals_begin_at_the_start_of_the_window(self, store):
        store.append([(METER, readings([1.0, 2.0, 4.0, 8.0]))])
        window = Window(MONDAY + HOUR // 2, MONDAY + 4 * HOUR)
        assert values_of(total(store, [METER], window=window, every=2 * HOUR)) == [6.0, 8.0]

    def test_aggregate__last_interval_ends_with_the_window(self, store):
        store.append([(METER, readings([1.0, 2.0, 4.0, 8.0]))])
        window = Window(MONDAY, MONDAY + 3 * HOUR)
        assert values_of(total(store, [METER], window=window, every=2 * HOUR)) == [3.0, 4.0]

    def test_aggregate__interval_longer_than_the_window_is_one(self, store):
        store.append([(METER, readings([1.0] * 24))])
        assert values_of(total(store, [METER], every=400 * DAY)) == [24.0]

    def test_aggregate__intervals_over_many_days(self, store):
        store.append([(METER, readings([1.0] * 24 * 21)), (OTHER, readings([2.0] * 24 * 21))])
        window = Window(MONDAY, MONDAY + 21 * DAY)
        got = total(store, [METER, OTHER], window=window, every=7 * DAY)
        assert values_of(got) == [3.0 * 24 * 7] * 3

    def test_aggregate__without_across_is_one_answer_a_series(self, store):
        store.append([(METER, readings([1.0, 2.0])), (OTHER, readings([3.0]))])
        nobody = METER._replace(element="town/nobody")
        asked = [OTHER, nobody, METER, OTHER]
        got = store.aggregate(asked, A_DAY, 12 * HOUR, Aggregate.SUM, None)
        assert [values_of(g) for g in got] == [[3.0, None], [None, None], [3.0, None], [3.0, None]]
        assert [g.reporting_series for g in got] == [1, 0, 1, 1]

    def test_aggregate__series_asked_twice_counts_once(self, store):
        store.append([(METER, readings([5.0]))])
        got = total(store, [METER, METER])
        assert (list(got.values), list(got.reporting)) == ([5.0], [1])

    @pytest.mark.parametrize("keys", [[], [METER]])
    def test_aggregate__of_nothing_has_all_intervals_empty(self, store, keys):
        got = total(store, keys, every=HOUR)
        assert values_of(got) == [None] * 24
        assert (list(got.reporting), got.reporting_series) == ([0] * 24, 0)

    def test_aggregate__only_usable_readings_count(self, store):
        for at, quality in enumerate(Quality):
            start = MONDAY + at * HOUR
            store.append([(METER, readings([10.0**at], start=start, quality=quality))])
        got = total(store, [METER], every=HOUR, window=Window(MONDAY, MONDAY + 5 * HOUR))
        assert values_of(got) == [1.0, 10.0, 100.0, None, None]

    def test_aggregate__counts_series_that_used_doubtful_values(self, store):
        store.append([(METER, readings([1.0, 1.0], quality=Quality.ESTIMATED))])
        store.append([(OTHER, readings([1.0])), (THIRD, readings([1.0], quality=Quality.SUSPECT))])
        got = total(store, [METER, OTHER, THIRD], every=HOUR)
        assert list(got.estimated)[:3] == [2, 1, 0]
        assert list(got.reporting)[:3] == [3, 1, 0]

    def test_aggregate__counts_the_readings_themselves_and_the_doubtful_ones(self, store):
        store.append([(METER, readings([1.0] * 4, step=HOUR // 4, quality=Quality.ESTIMATED))])
        store.append([(OTHER, readings([1.0] * 3, step=HOUR // 4))])
        got = total(store, [METER, OTHER], every=HOUR)
        assert (list(got.readings)[:2], list(got.doubtful)[:2]) == ([7, 0], [4, 0])

    def test_aggregate__counts_series_that_reported_anywhere(self, store):
        store.append([(METER, readings([1.0])), (OTHER, readings([1.0], start=MONDAY + 9 * HOUR))])
        store.append([(THIRD, readings([1.0], start=MONDAY + DAY))])
        assert total(store, [METER, OTHER, THIRD], every=HOUR).reporting_series == 2

    def test_aggregate__newest_version_counts_once(self, store):
        store.append([(METER, readings([5.0] * 24))])
        store.append([(METER, readings([6.0], known=KNOWN + 10))])
        assert values_of(total(store, [METER])) == [6.0 + 23 * 5.0]
        assert values_of(total(store, [METER], known_us=KNOWN)) == [24 * 5.0]

    def test_aggregate__version_that_is_not_usable_takes_the_value_away(self, store):
        store.append([(METER, readings([5.0]))])
        store.append([(METER, readings([5.0], quality=Quality.INVALID, known=KNOWN + 1))])
        assert values_of(total(store, [METER])) == [None]

    # --- last, available, counts -----------------------------------------------------------

    def test_last__is_the_newest_by_valid_time(self, store):
        store.append([(METER, readings([1.0, 2.0], quality=Quality.ESTIMATED))])
        store.append([(METER, readings([3.0], start=MONDAY - DAY, known=KNOWN + 1))])
        assert store.last([OTHER, METER]) == [
            None,
            LastReading(MONDAY + HOUR, 2.0, Quality.ESTIMATED, KNOWN),
        ]

    def test_last__is_the_newest_version(self, store):
        store.append([(METER, readings([1.0]))])
        store.append([(METER, readings([2.0], known=KNOWN + 1))])
        store.append([(METER, readings([0.0], known=KNOWN - 1))])
        assert store.last([METER])[0] == LastReading(MONDAY, 2.0, Quality.GOOD, KNOWN + 1)

    def test_available__covers_all_series_and_ends_just_past_the_last(self, store):
        store.append([(METER, readings([1.0])), (OTHER, readings([1.0], start=MONDAY + 9 * DAY))])
        store.append([(METER, readings([1.0], start=MONDAY - 3 * DAY))])
        assert store.available([METER, OTHER]) == (MONDAY - 3 * DAY, MONDAY + 9 * DAY + 1)
        assert store.available([METER]) == (MONDAY - 3 * DAY, MONDAY + 1)

    def test_available__is_none_without_readings(self, store):
        assert store.available([]) is None
        assert store.available([METER]) is None

    def test_counts__are_series_and_current_values(self, store):
        store.append([(METER, readings([1.0] * 30)), (OTHER, readings([1.0]))])
        store.append([(METER, readings([2.0, 1.0], known=KNOWN + 1))])
        assert store.counts() == (2, 31)

    # --- anything at all -------------------------------------------------------------------

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.differing_executors],  # one test for all adapters
    )
    @given(data=st.data())
    def test_any_batches__read_as_a_plain_dictionary_says(self, data, tmp_path_factory):
        store = self.make_store(tmp_path_factory.mktemp("any"))
        model = Model()
        try:
            for batch in data.draw(st.lists(batches(), min_size=1, max_size=6)):
                assert store.append(batch) == model.append(batch)
            model.check(store, data.draw(st.integers(KNOWN - 1, KNOWN + 4)))
        finally:
            store.close()


@st.composite
def batches(draw) -> list[tuple[SeriesKey, ReadingColumns]]:
    """Batches of a few series whose times often meet, in one day or around midnight."""
    return draw(st.lists(st.tuples(st.sampled_from([METER, OTHER]), columns()), max_size=3))


@st.composite
def columns(draw) -> ReadingColumns:
    step = draw(st.sampled_from([HOUR, HOUR // 4]))
    places = draw(st.lists(st.integers(-20, 20), max_size=25).map(sorted))
    count = len(places)
    return ReadingColumns(
        array("q", [MONDAY + place * step for place in places]),
        array("d", draw(st.lists(_VALUES, min_size=count, max_size=count))),
        array("B", draw(st.lists(st.integers(0, 4), min_size=count, max_size=count))),
        array("q", draw(st.lists(_KNOWN, min_size=count, max_size=count))),
    )


_VALUES = st.sampled_from([0.0, 1.0, 2.5, 1 / 3, 1e12])
_KNOWN = st.integers(KNOWN, KNOWN + 3)

Version = tuple[int, float, int]


class Model:
    """The same promises in a dictionary: (series, valid time) → versions by known time."""

    def __init__(self) -> None:
        self.versions: dict[tuple[SeriesKey, int], list[Version]] = {}

    def append(self, batch: list[tuple[SeriesKey, ReadingColumns]]) -> AppendResult:
        before = len(self.versions)
        rows = [(key, row) for key, columns in batch for row in rows_of(columns)]
        new: dict[tuple[SeriesKey, int], list[Version]] = {}
        for key, (valid_us, *version) in rows:
            new.setdefault((key, valid_us), []).append(tuple(version))
        dropped = sum(self._learn(place, versions) for place, versions in new.items())
        stored = len(self.versions) - before
        return AppendResult(stored, dropped, len(rows) - stored - dropped)

    def _learn(self, place: tuple[SeriesKey, int], new: list[Version]) -> int:
        history = sorted(self.versions.get(place, []) + new, key=lambda version: version[0])
        kept = [
            version
            for at, version in enumerate(history)
            if at == 0 or version[1:] != history[at - 1][1:]
        ]
        self.versions[place] = kept
        return len(history) - len(kept)

    def read(self, key: SeriesKey, known_us: int) -> list[tuple[int, float, int, int]]:
        found = []
        for (series, valid_us), versions in sorted(self.versions.items()):
            at = bisect_right(versions, known_us, key=lambda version: version[0])
            if series == key and at:
                known, value, quality = versions[at - 1]
                found.append((valid_us, value, quality, known))
        return found

    def check(self, store: TimelineStore, known_us: int) -> None:
        for at in (known_us, 2**60):
            got = store.read([METER, OTHER], ALWAYS, at)
            assert [as_rows(columns) for columns in got] == [
                self.read(METER, at),
                self.read(OTHER, at),
            ]
        self.check_sums(store)
        self.check_last(store)

    def check_sums(self, store: TimelineStore) -> None:
        window = Window(MONDAY - DAY, MONDAY + DAY)
        sums: dict[int, float] = {}
        for key in (METER, OTHER):
            for valid_us, value, quality, _ in self.read(key, 2**60):
                if quality <= Quality.SUSPECT:
                    hour = (valid_us - window.start_us) // HOUR
                    sums[hour] = sums.get(hour, 0.0) + value
        got = total(store, [METER, OTHER], window=window, every=HOUR)
        found = {at: value for at, value in enumerate(values_of(got)) if value is not None}
        assert found == pytest.approx(sums)

    def check_last(self, store: TimelineStore) -> None:
        for key in (METER, OTHER):
            expected = self.read(key, 2**60)
            last = store.last([key])[0]
            assert (tuple(last) if last else None) == (expected[-1] if expected else None)
            ends = (expected[0][0], expected[-1][0] + 1) if expected else None
            assert store.available([key]) == ends
        assert store.counts() == (len({key for key, _ in self.versions}), len(self.versions))


def rows_of(columns: ReadingColumns) -> Iterator[tuple[int, int, float, int]]:
    """(valid, known, value, quality) of each reading."""
    return zip(columns.valid_us, columns.known_us, columns.values, columns.quality, strict=True)


def as_rows(columns: ReadingColumns) -> list[tuple[int, float, int, int]]:
    return [(valid, value, quality, known) for valid, known, value, quality in rows_of(columns)]
