"""Processes that write into one bucket at the same moment lose nothing; on a real server."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from itertools import count

import pytest

from graph_service.adapters.influx.server import Place
from graph_service.adapters.influx.timeline import InfluxTimeline
from graph_service.adapters.influx.turns import Turn
from graph_service.domain.errors import StoreBusy
from graph_service.domain.events import EventFilter
from tests.contracts.timeline_cases import ALWAYS, HOUR, METER, MONDAY, event, readings, values
from tests.servers.wire import Wire, wire

WRITERS, TIMES = 3, 8
BUCKETS = count()


@pytest.fixture
def line(influxdb) -> Iterator[Wire]:
    """What lies between the processes and the server."""
    host, port = influxdb.url.removeprefix("http://").split(":")
    with wire(host, int(port)) as one:
        yield one


@pytest.fixture
def stores(influxdb, line) -> Iterator[list[InfluxTimeline]]:
    """What several processes have: stores of their own on one bucket, and one thing to wait for."""
    bucket = f"turns-{next(BUCKETS)}"
    influxdb.new_bucket(bucket)
    place = Place(f"http://127.0.0.1:{line.port}", influxdb.org, bucket, influxdb.token)
    turns: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def alone(name: str) -> threading.Lock:
        return turns[name]

    with ExitStack() as closing_all:
        yield [
            closing_all.enter_context(closing(InfluxTimeline(place, alone=alone)))
            for _ in range(WRITERS)
        ]
        influxdb.drop_bucket(bucket)


def at_once(stores: list[InfluxTimeline], write: Callable[[InfluxTimeline, int], object]) -> None:
    """Let all of them write, each as often as it likes, beginning together."""
    start = threading.Barrier(len(stores))

    def work(number: int) -> None:
        start.wait()
        for at in range(TIMES):
            write(stores[number], number * TIMES + at)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(stores))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_corrections__of_one_value_at_the_same_moment_are_all_kept(stores):
    stores[0].append([(METER, readings([0.0], known=MONDAY + HOUR))])
    at_once(
        stores,
        lambda store, number: store.append(
            [(METER, readings([1.0 + number], known=MONDAY + 2 * HOUR + number))]
        ),
    )
    [versions] = stores[0].versions([METER], ALWAYS)
    assert versions.values.tolist() == [0.0, *(1.0 + at for at in range(WRITERS * TIMES))]
    assert values(stores[1]) == [WRITERS * TIMES * 1.0]


def test_events__that_begin_in_the_same_moment_are_all_found(stores):
    at_once(stores, lambda store, number: store.append_events([event(f"{number:02}")]))
    found = stores[0].events(EventFilter(), ALWAYS, 100)
    assert [one.id for one in found] == [f"{at:02}" for at in range(WRITERS * TIMES)]


def test_events__corrected_at_the_same_moment_keep_all_versions(stores):
    first = event("one")
    stores[0].append_events([first])
    at_once(
        stores,
        lambda store, number: store.append_events(
            [replace(first, text=str(number), known_us=first.known_us + 1 + number)]
        ),
    )
    for number in range(WRITERS * TIMES):
        known = stores[1].event(first.source, first.id, first.known_us + 1 + number)
        assert known is not None
        assert known.text == str(number)


def test_first_value__brought_while_another_is_on_its_way_is_kept_beside_it(stores, line):
    second = threading.Thread(
        target=stores[1].append, args=([(METER, readings([2.0], known=MONDAY + 2))],)
    )

    def meanwhile() -> None:
        """Nothing stands there as yet, for who is not kept off."""
        second.start()
        second.join(0.7)

    line.when(b"value=1.0", meanwhile)
    stores[0].append([(METER, readings([1.0], known=MONDAY + 1))])
    second.join()
    [versions] = stores[0].versions([METER], ALWAYS)
    assert versions.values.tolist() == [1.0, 2.0]


def test_first_values__of_many_writers_at_the_same_moments_are_all_kept(stores):
    at_once(
        stores,
        lambda store, number: store.append(
            [
                (
                    METER,
                    readings([float(number)], start=MONDAY + number % TIMES, known=MONDAY + number),
                )
            ]
        ),
    )
    [versions] = stores[0].versions([METER], ALWAYS)
    assert versions.values.tolist() == [
        float(writer * TIMES + at) for at in range(TIMES) for writer in range(WRITERS)
    ]


def test_alone__a_block_within_a_block_waits_for_nobody():
    asked = []

    @contextmanager
    def alone(name: str) -> Iterator[None]:
        asked.append(name)
        yield

    turn = Turn(alone)
    with turn.alone(), turn.alone(), turn.values():
        pass
    assert asked == ["timeline", "values"]


def test_alone__that_cannot_be_had_leaves_everything_as_it_was():
    @contextmanager
    def alone(_: str) -> Iterator[None]:
        raise StoreBusy("not now")
        yield

    turn = Turn(alone)
    for block in (turn.alone, turn.values) * 2:
        with pytest.raises(StoreBusy), block():
            pass
