"""What a TimelineStore owes of readings: taken in, given back, mistakes rejected."""

from __future__ import annotations

import math
from array import array

import pytest

from graph_service.domain.readings import (
    AppendResult,
    LastReading,
    Quality,
    ReadingColumns,
    SeriesKey,
    Window,
)
from tests.contracts.timeline_cases import (
    A_DAY,
    ALWAYS,
    DAY,
    HOUR,
    KNOWN,
    METER,
    MONDAY,
    OTHER,
    THIRD,
    readings,
    values,
    values_of,
)


class TimelineReadingsContract:
    """Promises of `append`, `series`, `read`, `last`, `available`, `counts`."""

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

    def test_append__far_future_is_rejected_alone(self, store):
        known = MONDAY - 366 * DAY
        result = store.append([(METER, readings([1.0, 2.0, 3.0], known=known))])
        assert [(key, at) for key, at, _ in result.rejected] == [
            (METER, MONDAY + HOUR),
            (METER, MONDAY + 2 * HOUR),
        ]
        assert "future" in result.rejected[0][2]
        assert values(store) == [1.0]

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
