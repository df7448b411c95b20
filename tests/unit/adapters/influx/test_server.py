"""How the connection to InfluxDB, and what it refuses, comes out; on a real server."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from graph_service.adapters.influx.server import InfluxServer, Place
from graph_service.adapters.influx.timeline import InfluxTimeline
from graph_service.domain.errors import StoreError, StoreReadOnly
from graph_service.domain.readings import Window
from tests.contracts.timeline_cases import ALWAYS, DAY, HOUR, METER, MONDAY, OTHER, readings, values
from tests.servers.influxdb_server import running
from tests.servers.needed import needed_while


@pytest.fixture
def place(influxdb, request) -> Place:
    bucket = f"unit-{abs(hash(request.node.name))}"
    influxdb.new_bucket(bucket)
    return Place(influxdb.url, influxdb.org, bucket, influxdb.token)


@pytest.fixture
def store(place) -> Iterator[InfluxTimeline]:
    with closing(InfluxTimeline(place)) as store:
        yield store


def test_connect__nobody_listens__says_what_to_do():
    with pytest.raises(StoreError, match="does not answer") as told:
        InfluxTimeline(Place("http://127.0.0.1:9", "org", "bucket", "token"))
    assert "runs" in told.value.hint


def test_connect__wrong_token__is_told_without_the_token(place):
    wrong = Place(place.url, place.org, place.bucket, "wrong-and-secret")
    with pytest.raises(StoreReadOnly, match="token") as told:
        InfluxTimeline(wrong)
    assert "secret" not in f"{told.value.message}{told.value.hint}{wrong!r}"


def test_connect__unknown_bucket__names_it(place):
    with pytest.raises(StoreError, match="no bucket 'nobody'"):
        InfluxTimeline(Place(place.url, place.org, "nobody", place.token))


def test_append__values_of_another_type_stand_there__are_put_aside_and_the_rest_is_stored(
    place, store
):
    line = f"readings,element=x,quantity=y,source=z value=1i {MONDAY}000"
    with closing(InfluxServer(place)) as other:
        other.write(line.encode())
    later = Window(MONDAY + 90 * DAY, MONDAY + 91 * DAY)  # in another shard
    batch = [(METER, readings([1.0])), (OTHER, readings([4.0], start=later.start_us))]
    result = store.append(batch)
    [(key, valid_us, why)] = result.rejected
    assert (key, valid_us, "type conflict" in why) == (METER, MONDAY, True)
    assert (result.stored, values(store, OTHER, window=later)) == (1, [4.0])


def test_append__line_that_cannot_be_read__is_put_aside_and_the_rest_is_stored(store):
    long = METER._replace(element="x" * 70_000)
    keys = [METER._replace(element=f"town/{at}") for at in range(20)]
    batch = [(key, readings([1.0])) for key in [*keys[:7], long, *keys[7:]]]
    result = store.append(batch)
    assert [key for key, _, _ in result.rejected] == [long]
    assert result.stored == 20
    assert [len(columns) for columns in store.read(keys, ALWAYS)] == [1] * 20


def test_append__server_killed_and_back__what_was_acknowledged_is_there():
    with needed_while(running) as server:
        server.new_bucket("b")
        with closing(InfluxTimeline(Place(server.url, server.org, "b", server.token))) as store:
            store.append([(METER, readings([1.0]))])
            server.kill()
            with pytest.raises(StoreError):
                store.append([(METER, readings([2.0], start=MONDAY + HOUR))])
            server.start()
            result = store.append([(METER, readings([1.0, 2.0]))])
            assert (result.stored, result.duplicates) == (1, 1)
            assert values(store) == [1.0, 2.0]
