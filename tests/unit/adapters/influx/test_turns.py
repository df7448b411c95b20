"""Processes that write into one bucket at the same moment lose nothing; on a real server."""

from __future__ import annotations

import threading
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

WRITERS, TIMES = 3, 8
BUCKETS = count()


@pytest.fixture
def stores(influxdb) -> Iterator[list[InfluxTimeline]]:
    """What several processes have: stores of their own on one bucket, and one thing to wait for."""
    bucket = f"turns-{next(BUCKETS)}"
    influxdb.new_bucket(bucket)
    place = Place(influxdb.url, influxdb.org, bucket, influxdb.token)
    turn = threading.Lock()

    @contextmanager
    def alone() -> Iterator[None]:
        with turn:
            yield

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


def test_alone__a_block_within_a_block_waits_for_nobody():
    asked = []

    @contextmanager
    def alone() -> Iterator[None]:
        asked.append("once")
        yield

    turn = Turn(alone)
    with turn.here(), turn.alone(), turn.alone():
        pass
    assert asked == ["once"]


def test_alone__that_cannot_be_had_leaves_everything_as_it_was():
    @contextmanager
    def alone() -> Iterator[None]:
        raise StoreBusy("not now")
        yield

    turn = Turn(alone)
    for _ in range(2):
        with pytest.raises(StoreBusy), turn.alone():
            pass
