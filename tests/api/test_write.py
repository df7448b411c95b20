"""Line protocol over HTTP to a live server: the InfluxDB client, Telegraf's requests, refusals."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Event

import httpx
import pytest
from influxdb_client import InfluxDBClient, Point, WriteOptions, WritePrecision
from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException

from graph_service.api import write
from graph_service.api.app import make_app
from graph_service.domain.access import Right
from graph_service.domain.readings import SeriesKey, Window
from tests.api.conftest import World, served

START_S = 1_767_225_600
TELEGRAF = {"user-agent": "Telegraf/1.39.0 Go/1.26.0", "content-type": "text/plain; charset=utf-8"}
EVERYTHING = Window(0, 2**55)


@pytest.fixture
def drawn(world: World) -> World:
    world.draw_owned()
    return world


@pytest.fixture
def token(drawn: World) -> str:
    return drawn.house.access.create("telegraf", None, [Right.WRITE])


@pytest.fixture
def url(drawn: World, token: str) -> Iterator[str]:
    """A server that asks for tokens."""
    with served(make_app(drawn.house)) as at:
        yield at


@pytest.fixture
def client(url: str, token: str, request: pytest.FixtureRequest) -> Iterator[InfluxDBClient]:
    """The InfluxDB client; gzip where the test says so."""
    with InfluxDBClient(url=url, token=token, org="-", enable_gzip=_asked(request)) as made:
        yield made


def _asked(request: pytest.FixtureRequest) -> bool:
    return bool(getattr(request, "param", False))


def stored(world: World, mrid: str, quantity: str = "P", source: str = "meter") -> dict[int, float]:
    [columns] = world.timeline.read([SeriesKey(f"drawn/{mrid}", quantity, source)], EVERYTHING)
    seconds = (us // 1_000_000 for us in columns.valid_us)
    return dict(zip(seconds, columns.values, strict=True))


def line(mrid: str = "t1", value: object = 1.5, at_s: int = START_S, field: str = "P") -> str:
    return f"readings,element={mrid} {field}={value} {at_s}"


def send(
    url: str, token: str, body: str | bytes, *, bucket: str = "drawn", **more: str
) -> httpx.Response:
    """What Telegraf's outputs.influxdb_v2 sends; its precision is always nanoseconds."""
    return httpx.post(
        f"{url}/api/v2/write",
        params={"org": "utility", "bucket": bucket, "precision": "s"},
        headers=TELEGRAF | {"authorization": f"Token {token}"} | more,
        content=body,
    )


@pytest.mark.parametrize("client", [False, True], indirect=True, ids=["plain", "gzip"])
def test_influxdb_client__synchronous_write_is_stored(drawn: World, client: InfluxDBClient) -> None:
    point = Point("readings").tag("element", "t1").field("P", 1.5).field("Q", 2)
    with client.write_api(write_options=SYNCHRONOUS) as api:
        api.write("drawn", record=point.time(START_S, WritePrecision.S))
    assert (stored(drawn, "t1"), stored(drawn, "t1", "Q")) == ({START_S: 1.5}, {START_S: 2.0})


@pytest.mark.parametrize("client", [False, True], indirect=True, ids=["plain", "gzip"])
def test_influxdb_client__batching_write_is_stored(drawn: World, client: InfluxDBClient) -> None:
    failed: list[object] = []
    options = WriteOptions(batch_size=100, flush_interval=50)
    with client.write_api(options, error_callback=lambda *args: failed.append(args)) as api:
        for at in range(250):
            api.write("drawn", record=line(at_s=START_S + at), write_precision=WritePrecision.S)
    assert (len(stored(drawn, "t1")), failed) == (250, [])


def test_influxdb_client__is_told_of_a_bad_line_and_the_good_one_is_stored(
    drawn: World, client: InfluxDBClient
) -> None:
    with client.write_api(write_options=SYNCHRONOUS) as api, pytest.raises(ApiException) as told:
        api.write("drawn", record=[line(), line(value='"text"')], write_precision=WritePrecision.S)
    assert (told.value.status, "line 2" in told.value.message) == (422, True)
    assert stored(drawn, "t1") == {START_S: 1.5}


def test_influxdb_client__pings_and_learns_the_version(client: InfluxDBClient) -> None:
    assert client.ping()
    assert client.version()


def test_telegraf__gzip_of_several_measurements_fields_and_tags_is_stored(
    drawn: World, url: str, token: str
) -> None:
    body = 'readings,element=M4.usage,host=gw\\ 1,source=rtu P=1,Q=2i,quality="estimated" %d\n' * 2
    answer = send(
        url,
        token,
        gzip.compress((body % (START_S, START_S + 1)).encode()),
        **{"content-encoding": "gzip"},
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert len(stored(drawn, "M4.usage", "Q", "rtu")) == 2


def test_write__some_bad_lines_is_422_with_the_good_ones_stored(
    drawn: World, url: str, token: str
) -> None:
    answer = send(url, token, "\n".join([line(), "junk", line(at_s=START_S + 60), line(value="x")]))
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "unprocessable entity")
    assert "partial write" in told["message"]
    assert "dropped=2" in told["message"]
    assert [row["line"] for row in told["rejected"]] == [2, 4]
    assert sorted(stored(drawn, "t1")) == [START_S, START_S + 60]


def test_write__only_bad_lines_is_400_and_stores_nothing(
    drawn: World, url: str, token: str
) -> None:
    answer = send(url, token, line(field="NONSENSE"))
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "NONSENSE" in answer.json()["message"]
    assert drawn.timeline.counts() == (0, 0)


def test_write__line_without_a_time_stamp_is_refused_with_the_reason(url: str, token: str) -> None:
    answer = send(url, token, "readings,element=t1 P=1")
    assert (answer.status_code, "none is invented" in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("precision", "stamp"), [("s", ""), ("ms", "000"), ("us", "000000"), ("ns", "000000000")]
)
def test_write__precision_says_what_a_stamp_counts(
    drawn: World, url: str, token: str, precision: str, stamp: str
) -> None:
    answer = httpx.post(
        f"{url}/api/v2/write?bucket=drawn&precision={precision}",
        headers={"authorization": f"Token {token}"},
        content=f"readings,element=t1 P=1.5 {START_S}{stamp}",
    )
    assert answer.status_code == 204
    assert stored(drawn, "t1") == {START_S: 1.5}


@pytest.mark.parametrize(
    ("bucket", "body", "headers", "status"),
    [
        ("nowhere", line(), {}, 404),
        ("drawn", "", {}, 400),
        ("drawn", b"\x1f\x8bjunk", {"content-encoding": "gzip"}, 400),
        ("drawn", gzip.compress(line().encode(), mtime=0)[:-4], {"content-encoding": "gzip"}, 400),
        ("drawn", line(), {"content-encoding": "br"}, 415),
        ("drawn", line(), {"authorization": "Token nonsense"}, 401),
        ("drawn", line(), {"authorization": ""}, 401),
        ("drawn", line(), {"origin": "http://elsewhere.example"}, 403),
    ],
)
def test_write__wrong_request_is_refused_in_influxdbs_form(
    url: str, token: str, bucket: str, body: str | bytes, headers: dict[str, str], status: int
) -> None:
    answer = send(url, token, body, bucket=bucket, **headers)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message"}


def test_write__unknown_precision_is_refused(url: str, token: str) -> None:
    answer = httpx.post(
        f"{url}/api/v2/write?bucket=drawn&precision=h",
        headers={"authorization": f"Token {token}"},
        content=line(),
    )
    assert (answer.status_code, "invalid precision" in answer.text) == (400, True)


@pytest.mark.parametrize("compressed", [False, True])
def test_write__too_large_is_413_also_where_it_only_becomes_so(
    url: str, token: str, monkeypatch: pytest.MonkeyPatch, compressed: bool
) -> None:
    monkeypatch.setattr(write, "MOST_LINES_BYTES", 1_000)
    body = "\n".join(line(at_s=START_S + at) for at in range(100)).encode()
    headers = {"content-encoding": "gzip"} if compressed else {}
    answer = send(url, token, gzip.compress(body) if compressed else body, **headers)
    assert answer.status_code == 413


def test_write__token_without_the_right_is_forbidden(drawn: World, url: str) -> None:
    reader = drawn.house.access.create("reader", None, [Right.READ])
    assert send(url, reader, line()).status_code == 403
    assert drawn.timeline.counts() == (0, 0)


def test_write__owner_of_one_feeder_writes_its_own_elements_only(drawn: World, url: str) -> None:
    north = drawn.house.access.create("north", ["north"], [Right.WRITE])
    answer = send(url, north, "\n".join([line("t1"), line("t2"), line("unheard-of")]))
    assert [row["line"] for row in answer.json()["rejected"]] == [2, 3]
    assert drawn.timeline.series(["drawn/t1", "drawn/t2", "drawn/unheard-of"]) == [
        SeriesKey("drawn/t1", "P", "meter")
    ]
    assert drawn.house.intake.waiting_count() == 0


def test_write__open_server_takes_telegrafs_empty_token(drawn: World) -> None:
    with served(make_app(drawn.house, is_open=True)) as at:
        connection = HTTPConnection(at.removeprefix("http://"))
        path = "/api/v2/write?bucket=drawn&org=&precision=s"
        connection.request("POST", path, line(), {"authorization": "Token "})
        assert connection.getresponse().status == 204
        connection.close()
    assert stored(drawn, "t1") == {START_S: 1.5}


def test_write__store_that_is_busy_answers_429_with_retry_after_and_loses_nothing(
    drawn: World, url: str, token: str
) -> None:
    release = Event()
    append = drawn.timeline._store.append
    drawn.timeline._store.append = lambda batch: release.wait(20) and append(batch)
    drawn.house.intake._queue._most = 2
    with ThreadPoolExecutor(12) as pool:
        answers = [pool.submit(send, url, token, line(at_s=START_S + at)) for at in range(12)]
        while not any(answer.done() for answer in answers):
            time.sleep(0.01)
        release.set()
        got = [answer.result() for answer in answers]
    refused = [answer for answer in got if answer.status_code == 429]
    assert refused
    assert {answer.headers["retry-after"] for answer in refused} == {"1"}
    assert {answer.status_code for answer in got} == {204, 429}
    assert len(stored(drawn, "t1")) == len(got) - len(refused)


def test_back_pressure__is_429_however_readings_and_events_come(drawn: World, address: str) -> None:
    drawn.house.intake._queue._most = 0
    reading = 'addReadings(input: [{element: "t1", quantity: P, values: [1],'
    reading += ' times: ["2026-01-01T00:00:00Z"]}]) { stored }'
    event = 'addEvents(input: [{source: "me", id: "1", kind: NOTE, text: "hello",'
    event += ' start: "2026-01-01T00:00:00Z"}]) { stored }'
    for mutation in (reading, event):
        query = f"mutation {{ {mutation} }}"
        answer = httpx.post(f"{address}/graphql", json={"query": query})
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
        assert answer.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_WAITING"
    answer = httpx.post(f"{address}/meter-readings", content=b"<MeterReadings/>")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


def test_write__concurrent_batches_are_joined_and_each_is_acknowledged(
    drawn: World, url: str, token: str
) -> None:
    append = drawn.timeline._store.append
    drawn.timeline._store.append = lambda batch: time.sleep(0.05) or append(batch)
    drawn.timeline.calls.clear()
    with ThreadPoolExecutor(16) as pool:
        bodies = [line(at_s=START_S + at) for at in range(16)]
        answers = list(pool.map(lambda body: send(url, token, body).status_code, bodies))
    assert answers == [204] * 16
    assert len(stored(drawn, "t1")) == 16
    assert drawn.timeline.calls["append"] < 16


def test_write__influxdb_errors_are_what_the_client_reads(url: str) -> None:
    with InfluxDBClient(url=url, token="nonsense", org="-") as client:  # noqa: S106 - no secret
        api = client.write_api(write_options=SYNCHRONOUS)
        with pytest.raises((ApiException, InfluxDBError)) as told:
            api.write("drawn", record=line(), write_precision=WritePrecision.S)
    assert told.value.status == 401
