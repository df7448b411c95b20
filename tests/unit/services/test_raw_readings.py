"""Raw readings of many series: an entry each, in one call to the store, up to a limit."""

import pytest

from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.errors import InvalidCall
from graph_service.domain.readings import Window, from_us
from graph_service.services import raw_readings
from graph_service.services.timelines import Timelines
from tests.unit.services.filling import (
    HOUR,
    KNOWN,
    MORNING,
    ONE,
    SILENT,
    START,
    TWO,
    Counted,
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


def ask(timelines, elements, window=MORNING, **more):
    return timelines.readings_over(elements, "ENERGY_IN", window, **more)


def shown(answer):
    return [(o.element, o.answer.source, list(o.answer.readings.values)) for o in answer.series]


def test_readings_over__is_an_entry_for_each_series_in_the_order_asked(store, timelines):
    put(store, ONE, [1.0, 2.0])
    put(store, TWO, [3.0], source="meter/B")
    put(store, TWO, [4.0], source="meter/A")
    put(store, TWO, [9.0], quantity="P")
    answer = ask(timelines, [TWO, SILENT, ONE, TWO])
    assert shown(answer) == [
        (TWO, "meter/A", [4.0]),
        (TWO, "meter/B", [3.0]),
        (ONE, "meter", [1.0, 2.0]),
    ]
    assert (answer.unit, answer.member_count, answer.truncated) == ("Wh", 3, False)
    assert answer.available_range == (START, START + HOUR + 1)


@pytest.mark.parametrize("members", [1, 50])
def test_readings_over__asks_the_store_three_times_for_any_number_of_members(
    store, timelines, members
):
    elements = [f"town/{at}" for at in range(members)]
    for element in elements:
        put(store, element, [1.0] * 4)
    ask(timelines, elements)
    store.calls.clear()
    assert len(ask(timelines, elements).series) == members
    assert store.calls == {"series": 1, "available": 1, "read": 1}


def test_readings_over__an_empty_window_says_what_range_exists(store, timelines):
    put(store, ONE, [1.0, 2.0])
    answer = ask(timelines, [ONE], Window(START + 90 * HOUR, START + 91 * HOUR))
    assert (shown(answer), answer.truncated) == ([(ONE, "meter", [])], False)
    assert answer.available_range == (START, START + HOUR + 1)
    assert ask(timelines, [SILENT]).available_range is None


def test_readings_over__as_it_was_known_then(store, timelines):
    put(store, ONE, [1.0])
    put(store, ONE, [2.0], known=KNOWN + HOUR)
    assert shown(ask(timelines, [ONE], known_at=from_us(KNOWN))) == [(ONE, "meter", [1.0])]


def test_readings_over__each_series_is_thinned_by_itself(store, timelines):
    put(store, ONE, [1.0] * 50 + [99.0] + [1.0] * 50)
    put(store, TWO, [5.0, 6.0])
    one, two = ask(timelines, [ONE, TWO], Window(START, START + 200 * HOUR), max_points=8).series
    assert (len(one.answer.readings) <= 8, 99.0 in one.answer.readings.values) == (True, True)
    assert (one.answer.thinned, two.answer.thinned) == (True, False)
    with pytest.raises(InvalidCall):
        ask(timelines, [ONE], max_points=3)


@pytest.mark.parametrize(("room", "kept"), [(1, [1]), (2, [2]), (3, [2]), (5, [2, 2])])
def test_readings_over__a_page_ends_at_its_limit(store, timelines, monkeypatch, room, kept):
    monkeypatch.setattr(raw_readings, "MOST_ANSWERED", room)
    elements = [ONE, TWO, SILENT]
    for element in elements:
        put(store, element, [1.0, 2.0])
    answer = ask(timelines, elements)
    assert [len(one.answer.readings) for one in answer.series] == kept
    assert (answer.truncated, answer.more) == (True, True)


def test_readings_over__what_fits_exactly_is_not_truncated(store, timelines, monkeypatch):
    monkeypatch.setattr(raw_readings, "MOST_ANSWERED", 2)
    put(store, ONE, [1.0, 2.0])
    answer = ask(timelines, [ONE])
    assert (answer.truncated, answer.more) == (False, False)


def test_readings_over__no_more_series_are_read_than_may_be(store, timelines, monkeypatch):
    monkeypatch.setattr(raw_readings, "MOST_READ", 3)
    put(store, ONE, [1.0, 2.0, 3.0])
    put(store, TWO, [1.0, 2.0, 3.0])
    answer = ask(timelines, [TWO, ONE])
    assert shown(answer) == [(TWO, "meter", [1.0, 2.0, 3.0])]
    assert (answer.truncated, answer.more, answer.total, answer.member_count) == (True, True, 2, 2)


def test_readings_over__pages_go_on_behind_the_last_series(store, timelines):
    elements = [f"town/{at}" for at in range(5)]
    for element in elements:
        put(store, element, [1.0])
    found, after = [], None
    while len(found) < 5:
        page = ask(timelines, elements, first=2, after=after)
        found += [one.element for one in page.series]
        after = page.series[-1].place
        assert page.more == (len(found) < 5)
    assert found == elements


def test_readings_over__a_page_goes_on_where_others_joined_or_left(store, timelines):
    for element in (ONE, TWO, SILENT):
        put(store, element, [1.0])
    place = ask(timelines, [ONE, TWO, SILENT], first=2).series[-1].place
    joined = ask(timelines, [SILENT, ONE, TWO, "town/new"], after=place)
    left = ask(timelines, [ONE, "town/gone", SILENT], after=place)
    assert ([one.element for one in joined.series], shown(left)) == ([], [])
    put(store, "town/new", [1.0])
    joined = ask(timelines, [SILENT, ONE, TWO, "town/new"], after=place)
    assert [one.element for one in joined.series] == ["town/new"]
