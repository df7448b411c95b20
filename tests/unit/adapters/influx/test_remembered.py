"""Answers are remembered as long as nobody has written what they tell of; on a real server."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from graph_service.adapters.influx import remembered
from graph_service.adapters.influx.server import InfluxServer, Place
from graph_service.adapters.influx.timeline import InfluxTimeline
from graph_service.domain.readings import Aggregate
from tests.contracts.timeline_cases import (
    A_DAY,
    ALWAYS,
    DAY,
    HOUR,
    METER,
    MONDAY,
    OTHER,
    event,
    ids,
    readings,
    total,
    values_of,
)

POWER = METER._replace(quantity="P")


@pytest.fixture
def place(influxdb, request) -> Place:
    bucket = f"unit-{abs(hash(request.node.name))}"
    influxdb.new_bucket(bucket)
    return Place(influxdb.url, influxdb.org, bucket, influxdb.token)


@pytest.fixture
def stores(place) -> Iterator[tuple[InfluxTimeline, InfluxTimeline]]:
    """Two processes on one bucket that trust marks at once, as only one of them acts at a time."""
    with (
        closing(InfluxTimeline(place, settled_s=0.0)) as one,
        closing(InfluxTimeline(place, settled_s=0.0)) as other,
    ):
        yield one, other


def past_the_service(place: Place, lines: str) -> None:
    """Write what leaves no mark, so that an answer that was remembered differs from a new one."""
    with closing(InfluxServer(place)) as server:
        server.write(lines.encode())


def line(value: float, at_us: int = MONDAY, quantity: str = METER.quantity) -> str:
    head = f"readings,element={METER.element},quantity={quantity},source={METER.source}"
    return f"{head} value={value},known_us={at_us}i {at_us}000"


def day(store: InfluxTimeline) -> list[float | None]:
    return values_of(total(store, [METER, OTHER]))


def test_aggregate__nobody_wrote__is_remembered(place, stores):
    store, _ = stores
    store.append([(METER, readings([1.0]))])
    assert day(store) == [1.0]
    past_the_service(place, line(5.0))
    assert day(store) == [1.0]


@pytest.mark.parametrize(
    ("key", "start"), [(OTHER, MONDAY - DAY), (POWER, MONDAY)], ids=["another day", "quantity"]
)
def test_aggregate__something_else_was_written__is_remembered(place, stores, key, start):
    store, other = stores
    store.append([(METER, readings([1.0])), (key, readings([1.0], start=start))])
    assert day(store) == [1.0]
    past_the_service(place, line(5.0))
    other.append([(key, readings([7.0], start=start + HOUR))])
    assert day(store) == [1.0]


@pytest.mark.parametrize("start", [MONDAY + HOUR, MONDAY], ids=["a new value", "a correction"])
def test_aggregate__another_process_wrote_into_the_day__is_asked_again(stores, start):
    store, other = stores
    store.append([(METER, readings([1.0]))])
    assert day(store) == [1.0]
    other.append([(METER, readings([8.0], start=start, known=MONDAY + 99 * DAY))])
    assert day(store) == [9.0 if start > MONDAY else 8.0]


CHANGES: dict[str, Callable[[InfluxTimeline], object]] = {
    "a new series": lambda store: store.append([(POWER, readings([1.0]))]),
    "a new name": lambda store: store.rename(METER.element, "town/heir"),
    "levels gone": lambda store: store.forget("ENERGY_IN", MONDAY + 2 * DAY, levels=True),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_series__another_process_changed_them__are_asked_again(stores, change):
    store, other = stores
    store.append([(METER, readings([1.0]))])
    before = store.series([METER.element])
    change(other)
    assert store.series([METER.element]) != before == [METER]


def test_available__another_process_wrote_later_values__is_asked_again(stores):
    store, other = stores
    store.append([(METER, readings([1.0]))])
    assert store.available([METER]) == (MONDAY, MONDAY + 1)
    other.append([(METER, readings([1.0], start=MONDAY + 20 * DAY))])
    assert store.available([METER]) == (MONDAY, MONDAY + 20 * DAY + 1)


def test_events__another_process_brought_one__are_asked_again(stores):
    store, other = stores
    store.append_events([event("1")])
    assert ids(store, window=A_DAY) == ["1"]
    other.append_events([event("2", MONDAY + HOUR), event("3", MONDAY - DAY, end_us=MONDAY + 1)])
    assert ids(store, window=A_DAY) == ["3", "1", "2"]
    other.forget_events(frozenset({"MESSAGE"}), MONDAY)
    assert ids(store, window=A_DAY) == ["1", "2"]


def test_events__one_moved_to_another_day__is_gone_from_the_first(stores):
    store, other = stores
    store.append_events([event("1")])
    assert ids(store, window=A_DAY) == ["1"]
    other.append_events([event("1", MONDAY + 3 * DAY, known_us=MONDAY + 9 * DAY)])
    assert ids(store, window=A_DAY) == []


def test_answer__mark_is_young__is_not_remembered_until_it_is_settled(place):
    with closing(InfluxTimeline(place, settled_s=0.4)) as store:
        store.append([(METER, readings([1.0]))])
        assert day(store) == [1.0]
        past_the_service(place, line(5.0))  # as if it had been on its way
        assert day(store) == [5.0]
        time.sleep(0.5)
        assert day(store) == [5.0]
        past_the_service(place, line(7.0))
        assert day(store) == [5.0]


def test_answer__mark_is_none_of_ours__is_not_remembered(place, stores):
    store, _ = stores
    past_the_service(place, f'touched,subject=readings,quantity=ENERGY_IN mark_{20_000 % 64}="x" 0')
    for value in (1.0, 5.0):
        past_the_service(place, line(value))
        assert day(store) == [value]


def test_append__takes_long__is_marked_once_more_at_its_end(place, monkeypatch):
    slow, sent = InfluxServer.write, []

    def write(server: InfluxServer, lines: bytes) -> None:
        sent.append(lines)
        slow(server, lines)
        time.sleep(0.05)

    monkeypatch.setattr(InfluxServer, "write", write)
    with closing(InfluxTimeline(place, settled_s=0.02)) as store:
        store.append([(METER, readings([1.0]))])
    first, last = (set(lines.split(b"\n")) for lines in sent)
    marks = {text for text in first if text.startswith(b"touched")}
    assert len(last) == len(marks) == 2
    assert not last & marks


def test_answer__old__is_asked_again(place, stores, monkeypatch):
    store, _ = stores
    store.append([(METER, readings([1.0]))])
    assert day(store) == [1.0]
    past_the_service(place, line(5.0))
    monkeypatch.setattr(remembered, "_KEPT_S", 0.0)
    assert day(store) == [5.0]


def test_answer__many_values__are_not_kept_beyond_what_is_allowed(place, stores, monkeypatch):
    store, _ = stores
    store.append([(METER, readings([1.0]))])
    monkeypatch.setattr(remembered, "_MOST_VALUES", 40)
    assert day(store) == [1.0]
    for hour in range(1, 5):
        store.aggregate([METER], A_DAY, hour * HOUR, Aggregate.SUM)
    past_the_service(place, line(5.0))
    assert day(store) == [5.0]


def test_named__names_with_what_parts_them__differ():
    assert remembered.named(["a\nb"]) != remembered.named(["a", "b"])
    assert remembered.named_keys([METER]) != remembered.named_keys([POWER])


def test_read__is_not_remembered(place, stores):
    store, _ = stores
    store.append([(METER, readings([1.0]))])
    assert values_of(store.read([METER], ALWAYS)[0]) == [1.0]
    past_the_service(place, line(5.0))
    assert values_of(store.read([METER], ALWAYS)[0]) == [5.0]
