"""Series summed up: values with quality and coverage, in three calls to the store."""

from array import array
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from graph_service.adapters.sqlite_records import SqliteRecords
from graph_service.adapters.sqlite_timeline import SqliteTimeline
from graph_service.domain import tables
from graph_service.domain.errors import (
    BadAggregate,
    BadResolution,
    InvalidCall,
    TooManyIntervals,
    UnknownQuantity,
)
from graph_service.domain.readings import (
    Aggregate,
    IntervalQuality,
    LastReading,
    Quality,
    ReadingColumns,
    SeriesKey,
    Window,
    from_us,
    to_us,
)
from graph_service.services.schedules import Schedule, Schedules
from graph_service.services.timelines import RULES, Timelines

HOUR = 3_600_000_000
QUARTER = HOUR // 4
OSLO = ZoneInfo("Europe/Oslo")
START = to_us(datetime(2026, 1, 1, tzinfo=UTC))
KNOWN = START + 1_000 * HOUR
MORNING = Window(START, START + 3 * HOUR)
ONE, TWO, SILENT = "town/one", "town/two", "town/silent"


class Counted:
    """A store that counts how often it is asked."""

    def __init__(self, store: SqliteTimeline):
        self.store = store
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        self.calls[name] += 1
        return getattr(self.store, name)


@pytest.fixture
def store(tmp_path):
    store = SqliteTimeline(tmp_path)
    yield Counted(store)
    store.close()


@pytest.fixture
def timelines(store):
    return Timelines(store)


def put(store, element, values, *, quantity="ENERGY_IN", source="meter", **columns) -> None:
    """Hourly values from START."""
    quality, known = columns.get("quality", Quality.GOOD), columns.get("known", KNOWN)
    readings = ReadingColumns(
        array("q", [START + at * HOUR for at in range(len(values))]),
        array("d", values),
        array("B", [quality] * len(values)),
        array("q", [known] * len(values)),
    )
    store.append([(SeriesKey(element, quantity, source), readings)])


def ask(timelines, elements, quantity="ENERGY_IN", aggregate=Aggregate.SUM, **more):
    return timelines.series_sum(elements, quantity, MORNING, "PT1H", aggregate, **more)


def test_series_sum__adds_up_members_by_interval(store, timelines):
    put(store, ONE, [1.0, 2.0, 3.0])
    put(store, TWO, [10.0, 20.0, 30.0])
    answer = ask(timelines, [ONE, TWO])
    assert (answer.unit, answer.values) == ("Wh", [11.0, 22.0, 33.0])
    assert list(answer.times) == [START, START + HOUR, START + 2 * HOUR]
    assert answer.quality == [IntervalQuality.GOOD] * 3
    assert answer.coverage == [1.0] * 3


def test_series_sum__says_which_share_of_the_members_reported(store, timelines):
    put(store, ONE, [1.0, 2.0])
    put(store, TWO, [10.0])
    answer = ask(timelines, [ONE, TWO, SILENT, ONE])
    assert answer.values == [11.0, 2.0, None]
    assert answer.coverage == pytest.approx([2 / 3, 1 / 3, 0])
    assert answer.quality == [*[IntervalQuality.PARTIAL] * 2, IntervalQuality.MISSING]
    assert (answer.member_count, answer.reporting_count) == (3, 2)


@pytest.mark.parametrize("doubtful", [Quality.ESTIMATED, Quality.SUSPECT])
def test_series_sum__says_where_values_are_doubtful(store, timelines, doubtful):
    put(store, ONE, [1.0, 2.0, 3.0])
    put(store, TWO, [1.0], quality=doubtful)
    answer = ask(timelines, [ONE, TWO])
    assert answer.quality == [
        IntervalQuality.ESTIMATED,
        IntervalQuality.PARTIAL,
        IntervalQuality.PARTIAL,
    ]


def test_series_sum__empty_window_says_what_range_exists(store, timelines):
    put(store, ONE, [1.0, 2.0])
    later = Window(START + 100 * HOUR, START + 102 * HOUR)
    answer = timelines.series_sum([ONE], "ENERGY_IN", later, "PT1H")
    assert (answer.values, answer.reporting_count) == ([None, None], 0)
    assert answer.available_range == (START, START + HOUR + 1)


@pytest.mark.parametrize("elements", [[], [SILENT]])
def test_series_sum__of_elements_without_series_is_missing(timelines, elements):
    answer = ask(timelines, elements)
    assert answer.quality == [IntervalQuality.MISSING] * 3
    assert answer.coverage == [0.0] * 3
    assert (answer.member_count, answer.available_range) == (len(elements), None)


def test_series_sum__first_source_by_name_counts(store, timelines):
    put(store, ONE, [5.0], source="virtual")
    put(store, ONE, [1.0], source="meter")
    put(store, ONE, [9.0], quantity="ENERGY_OUT", source="a")
    answer = ask(timelines, [ONE])
    assert (answer.values[0], answer.member_count, answer.reporting_count) == (1.0, 1, 1)


def test_series_sum__at_a_time_of_knowledge_answers_what_was_known(store, timelines):
    put(store, ONE, [1.0])
    put(store, ONE, [2.0], known=KNOWN + HOUR)
    assert ask(timelines, [ONE]).values[0] == 2.0
    assert ask(timelines, [ONE], known_at=from_us(KNOWN)).values[0] == 1.0


@pytest.mark.parametrize("members", [1, 200])
def test_series_sum__asks_the_store_three_times_for_any_number_of_members(
    store, timelines, members
):
    elements = [f"town/{at}" for at in range(members)]
    for element in elements:
        put(store, element, [1.0] * 4)
    ask(timelines, elements)
    store.calls.clear()
    assert ask(timelines, elements).values[0] == members
    assert store.calls == {"series": 1, "aggregate": 1, "available": 1}


def test_series_sum__the_first_question_looks_at_how_often_series_are_read(store, timelines):
    put(store, ONE, [1.0])
    store.calls.clear()
    ask(timelines, [ONE])
    assert store.calls == {"series": 1, "aggregate": 1, "available": 1, "last": 1, "read": 1}


@pytest.mark.parametrize(
    ("quantity", "aggregate", "expected"),
    [
        ("ENERGY_IN", Aggregate.SUM, 66.0),
        ("ENERGY_IN", Aggregate.MAX, 30.0),
        ("P", Aggregate.MEAN, 22.0),
        ("P", Aggregate.MIN, 1.0),
        ("P", Aggregate.LAST, 33.0),
        ("P", Aggregate.COUNT, 6.0),
        ("U", Aggregate.MEAN, 11.0),
        ("U", Aggregate.LAST, 30.0),
        ("DATA_USED", Aggregate.LAST, 33.0),
    ],
)
def test_series_sum__rule_of_the_quantity_counts(store, timelines, quantity, aggregate, expected):
    put(store, ONE, [1.0, 2.0, 3.0], quantity=quantity)
    put(store, TWO, [10.0, 20.0, 30.0], quantity=quantity)
    answer = timelines.series_sum([ONE, TWO], quantity, MORNING, "PT3H", aggregate)
    assert answer.values == [expected]


@pytest.mark.parametrize("quantity", ["P", "U", "DATA_USED"])
def test_series_sum__what_does_not_add_up_over_time_is_refused(timelines, quantity):
    with pytest.raises(BadAggregate, match=quantity) as error:
        ask(timelines, [ONE], quantity)
    assert "MEAN" in error.value.hint


def test_rules__say_something_about_every_quantity():
    assert {row.role for row in tables.quantities()} <= RULES.keys()


def test_series_sum__unknown_quantity_is_refused(timelines):
    with pytest.raises(UnknownQuantity) as error:
        ask(timelines, [ONE], "ENERGY")
    assert "ENERGY_IN" in error.value.hint


def test_series_sum__resolution_without_a_fixed_length_is_refused(timelines):
    with pytest.raises(BadResolution):
        timelines.series_sum([ONE], "ENERGY_IN", MORNING, "P1M")


def test_series_sum__too_many_intervals_are_refused(timelines):
    year = Window(START, START + 365 * 24 * HOUR)
    with pytest.raises(TooManyIntervals, match="31,536,000") as error:
        timelines.series_sum([ONE], "ENERGY_IN", year, "PT1S")
    assert "coarser" in error.value.hint


def quarters(store, element, count, *, start=START, **more) -> None:
    """Quarter-hourly values of 1 from START."""
    times = array("q", range(start, start + count * QUARTER, QUARTER))
    good = array("B", [more.get("quality", Quality.GOOD)] * count)
    columns = ReadingColumns(times, array("d", [1.0] * count), good, array("q", [KNOWN] * count))
    store.append([(SeriesKey(element, "ENERGY_IN", "meter"), columns)])


def test_series_sum__counts_the_readings_each_value_is_made_of(store, timelines):
    quarters(store, ONE, 4)
    quarters(store, ONE, 3, start=START + HOUR, quality=Quality.ESTIMATED)
    quarters(store, TWO, 8)
    found = ask(timelines, [ONE, TWO])
    assert found.good.tolist() == [8, 4, 0]
    assert found.estimated.tolist() == [0, 3, 0]
    assert found.missing.tolist() == [0, 1, 8]


def test_series_sum__coverage_is_the_share_of_the_readings_expected(store, timelines):
    quarters(store, ONE, 4)
    quarters(store, ONE, 3, start=START + HOUR)
    found = ask(timelines, [ONE])
    assert found.coverage == [1.0, 0.75, 0.0]
    assert [q.name for q in found.quality] == ["GOOD", "PARTIAL", "MISSING"]


def test_series_sum__a_member_without_readings_is_expected_to_be_read_like_the_others(
    store, timelines
):
    quarters(store, ONE, 12)
    found = ask(timelines, [ONE, SILENT])
    assert (found.missing.tolist(), found.coverage) == ([4, 4, 4], [0.5, 0.5, 0.5])


def test_series_sum__where_nothing_tells_how_often_members_are_counted(store, timelines):
    put(store, ONE, [1.0])
    found = ask(timelines, [ONE, SILENT])
    assert (found.missing.tolist(), found.coverage) == ([1, 2, 2], [0.5, 0.0, 0.0])


def test_series_sum__members_of_different_rhythms_are_each_expected_at_their_own(store, timelines):
    quarters(store, ONE, 12)
    put(store, TWO, [1.0] * 5)
    found = ask(timelines, [ONE, TWO])
    assert found.good.tolist() == [5, 5, 5]
    assert found.coverage == [1.0] * 3


def test_series_sum__a_rhythm_that_was_stated_counts(store, tmp_path):
    records = SqliteRecords(tmp_path)
    schedules = Schedules(records)
    schedules.state(Schedule("PT15M", quantity="ENERGY_IN"))
    put(store, ONE, [1.0] * 5)
    found = ask(Timelines(store, schedules), [ONE])
    records.close()
    assert (found.coverage, found.missing.tolist()) == ([0.25] * 3, [3] * 3)


def test_series_sum__readings_off_the_clock_are_expected_where_they_come(store, timelines):
    quarters(store, ONE, 12, start=START + 7 * QUARTER // 15)
    assert ask(timelines, [ONE]).coverage == [1.0] * 3


@pytest.mark.parametrize(
    ("day", "hours"), [(datetime(2026, 3, 29), 23), (datetime(2026, 10, 25), 25)]
)
def test_series_sum__a_local_day_has_23_or_25_hours(store, timelines, day, hours):
    start = to_us(day.replace(tzinfo=OSLO))
    quarters(store, ONE, 4 * 72, start=start - 24 * HOUR)
    window = Window(start - 24 * HOUR, start + (hours + 1) * HOUR)
    found = timelines.series_sum([ONE], "ENERGY_IN", window, "P1D", zone="Europe/Oslo")
    assert found.values == [96.0, 4.0 * hours, 4.0]
    assert found.coverage == [1.0] * 3
    assert (found.reporting_count, list(found.times)[1]) == (1, start)


def test_series_sum__months_of_a_zone(store, timelines):
    start = to_us(datetime(2026, 1, 31, 22, tzinfo=OSLO))
    put(store, ONE, [1.0] * 1000)
    window = Window(START, START + 90 * 24 * HOUR)
    found = timelines.series_sum([ONE], "ENERGY_IN", window, "P1M", zone="Europe/Oslo")
    assert len(found.values) == 4
    assert found.values[0] == (start + 2 * HOUR - START) // HOUR
    assert sum(value or 0 for value in found.values) == 1000


def test_series_sum__a_day_with_a_clock_change_costs_a_call_for_each_run(store, timelines):
    put(store, ONE, [1.0] * 5)
    window = Window(
        to_us(datetime(2026, 3, 1, tzinfo=OSLO)), to_us(datetime(2026, 4, 9, tzinfo=OSLO))
    )
    ask(timelines, [ONE])
    store.calls.clear()
    timelines.series_sum([ONE], "ENERGY_IN", window, "P1D", zone="Europe/Oslo")
    assert store.calls == {"series": 1, "aggregate": 4, "available": 1}


def test_series_sum__as_many_points_as_asked_keep_the_peaks(store, timelines):
    values = [float(at % 7) for at in range(500)]
    values[123], values[321] = 99.0, -99.0
    put(store, ONE, values)
    window = Window(START, START + 500 * HOUR)
    found = timelines.series_sum([ONE], "ENERGY_IN", window, "PT1H", max_points=40)
    assert len(found.values) <= 40
    assert found.thinned
    assert {99.0, -99.0, values[0], values[-1]} <= set(found.values)
    lengths = {len(c) for c in (found.times, found.quality, found.coverage, found.good)}
    assert lengths == {len(found.values)}


@pytest.mark.parametrize("most", [3, 0, -1])
def test_series_sum__fewer_points_than_draw_a_line_are_refused(timelines, most):
    with pytest.raises(InvalidCall):
        timelines.series_sum([ONE], "ENERGY_IN", MORNING, "PT1H", max_points=most)


def test_series_each__is_what_the_sum_says_of_each_alone(store, timelines):
    quarters(store, ONE, 7)
    put(store, TWO, [1.0] * 5)
    each = timelines.series_each([TWO, SILENT, ONE], "ENERGY_IN", MORNING, "PT1H")
    alone = [ask(timelines, [element]) for element in (TWO, SILENT, ONE)]
    for one, other in zip(each, alone, strict=True):
        assert (one.values, one.coverage, one.quality) == (
            other.values,
            other.coverage,
            other.quality,
        )
        assert one.missing.tolist() == other.missing.tolist()


def test_readings__as_many_as_asked_keep_the_peaks(store, timelines):
    values = [1.0] * 300
    values[111] = 50.0
    put(store, ONE, values)
    window = Window(START, START + 300 * HOUR)
    found = timelines.readings(ONE, "ENERGY_IN", window, max_points=8)
    assert len(found.readings) <= 8
    assert (50.0 in found.readings.values, found.thinned) == (True, True)


def test_readings__come_as_they_were_reported(store, timelines):
    put(store, ONE, [1.0, 2.0], quality=Quality.INVALID)
    answer = timelines.readings(ONE, "ENERGY_IN", MORNING)
    assert (answer.unit, answer.source, list(answer.readings.values)) == ("Wh", "meter", [1.0, 2.0])
    assert answer.available_range == (START, START + HOUR + 1)


def test_readings__of_an_element_without_series_are_none(timelines):
    answer = timelines.readings(SILENT, "ENERGY_IN", MORNING)
    assert (len(answer.readings), answer.source, answer.available_range) == (0, "", None)


def test_last__is_the_newest_of_each_element_in_one_call(store, timelines):
    put(store, ONE, [1.0, 2.0])
    store.calls.clear()
    newest = LastReading(START + HOUR, 2.0, Quality.GOOD, KNOWN)
    assert timelines.last([SILENT, ONE, ONE], "ENERGY_IN") == [None, newest, newest]
    assert store.calls == {"series": 1, "last": 1}


def test_available__covers_all_quantities_of_the_elements(store, timelines):
    put(store, ONE, [1.0])
    put(store, TWO, [1.0, 1.0], quantity="P")
    assert timelines.available([ONE, TWO, SILENT]) == (START, START + HOUR + 1)
    assert timelines.available([SILENT]) is None
