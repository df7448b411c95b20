"""Series by the calendar, what their values are made of, and thinned for charts."""

from datetime import datetime

import pytest

from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.errors import InvalidCall
from graph_service.domain.readings import Quality, Window, to_us
from graph_service.services.schedules import Schedule, Schedules
from graph_service.services.timelines import Timelines
from tests.unit.services.filling import (
    HOUR,
    MORNING,
    ONE,
    OSLO,
    QUARTER,
    SILENT,
    START,
    TWO,
    Counted,
    ask,
    put,
    quarters,
)


@pytest.fixture
def store(tmp_path):
    store = SqliteTimeline(tmp_path)
    yield Counted(store)
    store.close()


@pytest.fixture
def timelines(store):
    return Timelines(store)


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
    [found] = timelines.readings_each([ONE], "ENERGY_IN", window, max_points=8)
    assert len(found.readings) <= 8
    assert (50.0 in found.readings.values, found.thinned) == (True, True)
