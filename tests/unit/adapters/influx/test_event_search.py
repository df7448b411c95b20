"""Events about many elements are found alike, whether they are few or fill pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from graph_service.adapters.influx.server import Place
from graph_service.adapters.influx.timeline import InfluxTimeline
from graph_service.domain.events import Event, EventFilter, position
from graph_service.domain.readings import Window
from tests.contracts.timeline_cases import DAY, HOUR, MONDAY, event, ids

CROWD = [f"town/{at}" for at in range(60)]
WEEK = Window(MONDAY, MONDAY + 7 * DAY)


@pytest.fixture(scope="module")
def store(influxdb) -> Iterator[InfluxTimeline]:
    """Twelve hundred events in a week, of which each thirtieth is about one of the crowd; one that
    began long before and lasts."""
    influxdb.new_bucket("event-search")
    place = Place(influxdb.url, influxdb.org, "event-search", influxdb.token)
    with closing(InfluxTimeline(place)) as store:
        store.append_events([*map(_nth, range(1200)), _lasting()])
        yield store


def _nth(at: int) -> Event:
    subject = CROWD[at // 30] if at % 30 == 0 else f"town/else-{at % 7}"
    return event(str(at), MONDAY + at * HOUR // 10, subjects=(subject,))


def _lasting() -> Event:
    return event("long", MONDAY - 90 * DAY, end_us=MONDAY + HOUR, subjects=(CROWD[59],))


def about(count: int) -> EventFilter:
    return EventFilter(subjects=frozenset(CROWD[:count]))


def test_nearest__many_elements_and_full_pages__finds_what_each_part_finds(store):
    expected = [str(at) for at in range(0, 1200, 30)]
    assert ids(store, about(60), window=WEEK) == ["long", *expected]
    assert ids(store, about(60), window=WEEK, descending=True) == [*expected[::-1], "long"]
    assert ids(store, about(10), window=WEEK) == expected[:10]


def test_nearest__many_elements_and_few_events__finds_them_at_once(store):
    hour = Window(MONDAY + 100 * HOUR, MONDAY + 101 * HOUR)
    assert ids(store, about(60), window=hour) == [
        str(at) for at in range(1000, 1010) if at % 30 == 0
    ]


def test_nearest__first_of_many__go_on_from_the_last(store):
    first = store.events(about(60), WEEK, 3)
    rest = store.events(about(60), WEEK, 3, after=position(first[-1]))
    assert [one.id for one in (*first, *rest)] == ["long", "0", "30", "60", "90", "120"]
