"""Series summed up: values with quality and coverage, in three calls to the store."""

import pytest

from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain import tables
from graph_service.domain.errors import (
    BadAggregate,
    BadResolution,
    TooManyIntervals,
    UnknownQuantity,
)
from graph_service.domain.readings import (
    Aggregate,
    IntervalQuality,
    LastReading,
    Quality,
    Window,
    from_us,
)
from graph_service.services.timelines import RULES, Timelines
from tests.unit.services.filling import (
    HOUR,
    KNOWN,
    MORNING,
    ONE,
    SILENT,
    START,
    TWO,
    Counted,
    ask,
    put,
)


@pytest.fixture
def store(tmp_path):
    store = SqliteTimeline(tmp_path)
    yield Counted(store)
    store.close()


@pytest.fixture
def timelines(store):
    return Timelines(store)


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
        ("ENERGY_IN_REGISTER", Aggregate.LAST, 33.0),
    ],
)
def test_series_sum__rule_of_the_quantity_counts(store, timelines, quantity, aggregate, expected):
    put(store, ONE, [1.0, 2.0, 3.0], quantity=quantity)
    put(store, TWO, [10.0, 20.0, 30.0], quantity=quantity)
    answer = timelines.series_sum([ONE, TWO], quantity, MORNING, "PT3H", aggregate)
    assert answer.values == [expected]


@pytest.mark.parametrize("quantity", ["P", "U", "DATA_USED", "ENERGY_OUT_REGISTER"])
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


def test_readings_each__come_as_they_were_reported(store, timelines):
    put(store, ONE, [1.0, 2.0], quality=Quality.INVALID)
    [answer] = timelines.readings_each([ONE], "ENERGY_IN", MORNING)
    assert (answer.unit, answer.source, list(answer.readings.values)) == ("Wh", "meter", [1.0, 2.0])
    assert answer.available_range == (START, START + HOUR + 1)


def test_readings_each__of_an_element_without_series_are_none(timelines):
    [answer] = timelines.readings_each([SILENT], "ENERGY_IN", MORNING)
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
