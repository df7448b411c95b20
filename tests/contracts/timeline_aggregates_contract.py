"""What a TimelineStore owes of aggregates, whatever they are answered from."""

from __future__ import annotations

import math

import pytest

from graph_service.domain.readings import (
    Aggregate,
    Quality,
    Window,
)
from tests.contracts.timeline_cases import (
    A_DAY,
    DAY,
    HOUR,
    KNOWN,
    METER,
    MONDAY,
    OTHER,
    THIRD,
    readings,
    total,
    values_of,
)


class TimelineAggregatesContract:
    """Promises of `aggregate`."""

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

    # --- whole hours and days --------------------------------------------------------------

    @pytest.mark.parametrize("within", Aggregate)
    @pytest.mark.parametrize("every", [HOUR, 6 * HOUR, DAY, 3 * DAY])
    @pytest.mark.parametrize("step", [HOUR // 60, HOUR // 4, 5 * HOUR])
    def test_aggregate__of_whole_hours_and_days_is_what_the_readings_say(
        self, store, within, every, step
    ):
        given_values = [float(at % 97) for at in range(4 * DAY // step)]
        store.append([(METER, readings(given_values, step=step))])
        window = Window(MONDAY, MONDAY + 4 * DAY)
        got = values_of(total(store, [METER], within, window=window, every=every))
        lots = _by_time(given_values, step, every)
        assert got == [AGGREGATES[within](lot) if lot else None for lot in lots]

    def test_aggregate__last_interval_that_ends_within_an_hour_counts_what_is_in_it(self, store):
        store.append([(METER, readings([1.0] * 24 * 60, step=HOUR // 60))])
        window = Window(MONDAY, MONDAY + 2 * HOUR + HOUR // 2)
        assert values_of(total(store, [METER], window=window, every=HOUR)) == [60.0, 60.0, 30.0]

    def test_aggregate__live_values_of_a_day_join_those_of_its_chunk(self, store):
        store.append([(METER, readings([1.0] * 20))])
        for at in range(20, 24):
            store.append([(METER, readings([1.0], start=MONDAY + at * HOUR))])
        assert values_of(total(store, [METER])) == [24.0]
        assert values_of(total(store, [METER], every=12 * HOUR)) == [12.0, 12.0]

    def test_aggregate__late_and_corrected_values_are_in_the_sums_at_once(self, store):
        store.append([(METER, readings([1.0] * 24)), (METER, readings([1.0], start=MONDAY + DAY))])
        store.append([(METER, readings([5.0], start=MONDAY + HOUR // 2))])
        store.append([(METER, readings([3.0], known=KNOWN + 1))])
        window = Window(MONDAY, MONDAY + 2 * DAY)
        assert values_of(total(store, [METER], window=window)) == [31.0, 1.0]
        assert values_of(total(store, [METER], every=HOUR))[:2] == [8.0, 1.0]
        assert values_of(total(store, [METER], known_us=KNOWN)) == [29.0]

    def test_aggregate__day_that_was_found_invalid_is_there_in_earlier_knowledge(self, store):
        a_minute = {"step": HOUR // 60}
        store.append([(METER, readings([1.0] * 24 * 60, **a_minute))])
        invalid = readings([1.0] * 24 * 60, quality=Quality.INVALID, known=KNOWN + 1, **a_minute)
        store.append([(METER, invalid)])
        assert values_of(total(store, [METER], every=HOUR)) == [None] * 24
        assert values_of(total(store, [METER], every=HOUR, known_us=KNOWN)) == [60.0] * 24

    def test_aggregate__sums_that_overflow_are_infinite(self, store):
        store.append([(METER, readings([1e308] * 24))])
        assert values_of(total(store, [METER])) == [math.inf]


def _by_time(values: list[float], step: int, every: int) -> list[list[float]]:
    """The values of each interval of four days."""
    lots: list[list[float]] = [[] for _ in range(-(-4 * DAY // every))]
    for at, value in enumerate(values):
        lots[at * step // every].append(value)
    return lots


AGGREGATES = {
    Aggregate.SUM: sum,
    Aggregate.MEAN: lambda lot: sum(lot) / len(lot),
    Aggregate.MIN: min,
    Aggregate.MAX: max,
    Aggregate.COUNT: len,
    Aggregate.LAST: lambda lot: lot[-1],
}
