"""InfluxDB fails under a running service: what was acknowledged is there, once."""

from __future__ import annotations

import resource
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import httpx
import pytest

from graph_service.adapters.influx.server import InfluxServer, Place
from graph_service.adapters.influx.timeline import InfluxTimeline
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.domain.readings import SeriesKey, Window
from tests.building import document, part
from tests.servers.influxdb_server import PrivateServer, running
from tests.servers.needed import needed_while
from tests.servers.wire import Wire, wire
from tests.stories.serving import Service, service, until

METERS = 20
START_S = 1_767_225_600  # 2026-01-01
EVER_SINCE = Window(START_S * 1_000_000, 2**55)
WRITE = b"POST /api/v2/write"
ASK = """query($quantity: Quantity!) { series(
    quantity: $quantity, elements: ["up-0", "up-1"], aggregate: MEAN,
    start: "2026-01-01T00:00:00Z", stop: "2026-01-02T00:00:00Z") { values } }"""
ADD = """mutation($element: ID!, $quantity: Quantity!, $times: [String!]!, $values: [Float]!) {
    addReadings(input: [{
        element: $element, quantity: $quantity, times: $times, values: $values
    }]) { stored duplicates corrected rejected { item index reason } } }"""


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateServer]:
    """A server that may be killed."""
    with needed_while(running) as server:
        server.new_bucket("town")
        yield server


@pytest.fixture(scope="module")
def line(server: PrivateServer) -> Iterator[Wire]:
    """What lies between the service and it."""
    host, port = server.url.removeprefix("http://").split(":")
    with wire(host, int(port)) as one:
        yield one


@pytest.fixture(scope="module")
def world(
    server: PrivateServer, line: Wire, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service with some usage points, whose timeline is behind the wire."""
    data = tmp_path_factory.mktemp("away") / "data"
    graph = SqliteGraph(data)
    with closing(graph), graph.transaction(author="test", message="import") as change:
        points = [part(f"up-{at}", "UsagePoint") for at in range(METERS)]
        switch = part("S1", "Breaker", {"Switch.normalOpen": "false"})
        change.put_document(document(), [*points, switch])
    settings = {
        "timeline": f"http://127.0.0.1:{line.port}",
        "timeline_org": server.org,
        "timeline_bucket": "town",
        "timeline_token": server.token,
    }
    with service(data, **settings) as one:
        yield one


@pytest.fixture
def kept(server: PrivateServer) -> Iterator[InfluxTimeline]:
    """What the server has, asked past the service and the wire."""
    place = Place(server.url, server.org, "town", server.token)
    with closing(InfluxTimeline(place)) as store:
        yield store


def batch(quantity: str, number: int) -> str:
    """One value of every meter, the number of the batch as its minute."""
    at = START_S + 60 * number
    return "\n".join(f"readings,element=up-{m} {quantity}={number} {at}" for m in range(METERS))


def batches(store: InfluxTimeline, quantity: str) -> dict[int, int]:
    """batch → how many of its values there are, all versions of them."""
    keys = [SeriesKey(f"town/up-{m}", quantity, "meter") for m in range(METERS)]
    found: dict[int, int] = {}
    for columns in store.versions(keys, EVER_SINCE):
        for us, value in zip(columns.valid_us, columns.values, strict=True):
            assert us == (START_S + 60 * int(value)) * 1_000_000
            found[int(value)] = found.get(int(value), 0) + 1
    return found


def put(world: Service, quantity: str, numbers: Iterable[int]) -> None:
    """Bring batches; nothing is wrong."""
    assert {world.write(batch(quantity, number)).status_code for number in numbers} == {204}


def send_until_taken(world: Service, quantity: str, numbers: range) -> Iterator[int]:
    """Send each batch until it is acknowledged, as Telegraf does; gives those refused first."""
    for number in numbers:
        while (answer := world.write(batch(quantity, number))).status_code != 204:
            assert answer.status_code in (429, 503), answer.text
            assert int(answer.headers["retry-after"]) >= 1
            yield number
            time.sleep(0.2)


def back(world: Service, server: PrivateServer) -> None:
    """Bring the server back, and wait until the service has seen it."""
    server.start()
    until(lambda: world.get("/ready").status_code == 200)


@pytest.mark.parametrize(("how", "quantity"), [("kill", "P"), ("stop", "Q")])
def test_server_gone_and_back__in_the_middle_of_batches_loses_nothing_and_doubles_nothing(
    world, server, kept, how, quantity
):
    refused: list[int] = []

    def send(at: int) -> None:
        for number in send_until_taken(world, quantity, range(at, 150, 3)):
            refused.append(number)

    with ThreadPoolExecutor(3) as pool:
        senders = [pool.submit(send, at) for at in range(3)]
        time.sleep(0.2)
        getattr(server, how)()
        until(lambda: refused)
        back(world, server)
    assert [sender.result() for sender in senders] == [None] * 3
    assert batches(kept, quantity) == dict.fromkeys(range(150), METERS)


def test_server_away__is_told_at_once_and_the_network_answers_on(world, server):
    put(world, "U", range(2))
    asked = world.data(ASK, quantity="U")
    server.kill()
    until(lambda: world.get("/ready").status_code == 503)
    assert world.get("/ready").json()["stores"] == {
        "graph": "answers",
        "timeline": "does not answer",
    }
    begun = time.monotonic()
    error = world.ask(ASK, quantity="U")["errors"][0]["extensions"]
    assert (error["code"], error["retryable"]) == ("STORE_UNAVAILABLE", True)
    assert world.write(batch("U", 2)).status_code == 503
    assert len(world.data("{ elements(first: 5) { nodes { mRID } } }")["elements"]["nodes"]) == 5
    assert time.monotonic() - begun < 5
    back(world, server)
    assert world.data(ASK, quantity="U") == asked


def test_server_killed__in_the_middle_of_questions_they_are_answered_or_refused(world, server):
    put(world, "I", range(60))
    expected = world.data(ASK, quantity="I")
    answers: list[Any] = []
    ended = threading.Event()

    def go_on() -> None:
        while not ended.is_set():
            answers.append(world.ask(ASK, quantity="I"))

    with ThreadPoolExecutor(3) as pool:
        for _ in range(3):
            pool.submit(go_on)
        until(lambda: len(answers) > 3)
        server.kill()
        until(lambda: "errors" in answers[-1])
        back(world, server)
        ended.set()
    good = [answer["data"] for answer in answers if "errors" not in answer]
    codes = {e["extensions"]["code"] for a in answers for e in a.get("errors", [])}
    assert all(answer == expected for answer in good)
    assert len(good) > 3
    assert codes == {"STORE_UNAVAILABLE"}


def test_server_away__what_is_done_to_the_network_is_done_and_its_event_follows(world, server):
    server.kill()
    until(lambda: world.get("/ready").status_code == 503)
    before = world.data("{ store { revision } }")["store"]["revision"]
    world.data('mutation { setSwitch(mRID: "S1", open: true) { mRID } }')
    assert world.data("{ store { revision } }")["store"]["revision"] == before + 1
    server.start()
    asked = f'{{ event(id: "gridstrata/revision-{before + 1}") {{ kind text }} }}'
    until(lambda: world.ask(asked).get("data", {}).get("event"))
    assert world.data(asked)["event"]["kind"] == "SWITCHING"


@pytest.mark.parametrize(("after_answer", "number"), [(True, 1000), (False, 1001)])
def test_connection_cut__in_the_middle_of_a_batch_it_is_there_once(
    world, kept, line, after_answer, number
):
    mark = f"value={number}.0".encode()
    line.cut_at(WRITE, mark, after_answer=after_answer)
    cuts = line.cuts
    assert world.write(batch("P", number)).status_code == 204
    assert line.cuts == cuts + 1
    assert batches(kept, "P")[number] == METERS


def test_acknowledgement_lost__the_same_batch_again_counts_as_duplicates(world, kept, line):
    times = ["2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"]
    given = {
        "element": "up-3",
        "quantity": "TEMP_TOP_OIL",
        "times": times,
        "values": [4711.5, 4712.5],
    }
    line.cut_at(WRITE, b"value=4711.5", after_answer=True, times=5)  # as often as it is sent
    error = world.ask(ADD, **given)["errors"][0]["extensions"]
    assert (error["code"], error["retryable"]) == ("STORE_UNAVAILABLE", True)
    until(lambda: world.get("/ready").status_code == 200)
    again = world.data(ADD, **given)["addReadings"]
    assert again == {"stored": 0, "duplicates": 2, "corrected": 0, "rejected": []}
    [columns] = kept.versions([SeriesKey("town/up-3", "TEMP_TOP_OIL", "meter")], EVER_SINCE)
    assert columns.values.tolist() == [4711.5, 4712.5]


def test_slow_server__is_waited_for_and_holds_nobody_else_up(world, line):
    put(world, "U", range(10, 12))
    before = world.data("{ store { revision } }")
    line.delay_s = 1.0
    try:
        with ThreadPoolExecutor(2) as pool:
            slow = [
                pool.submit(world.write, batch("U", 12)),
                pool.submit(world.data, ASK, quantity="U"),
            ]
            assert world.get("/health").status_code == 200
            assert world.data("{ store { revision } }") == before
            assert not any(future.done() for future in slow)
            written, answered = (future.result() for future in slow)
    finally:
        line.delay_s = 0.0
    assert isinstance(written, httpx.Response)
    assert written.status_code == 204
    assert answered["series"]["values"][0] is not None
    assert world.get("/ready").status_code == 200


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits a running process")
def test_disk_full__what_is_not_kept_is_refused_and_what_was_acknowledged_is_there(
    world, server, kept
):
    put(world, "PF", range(3))
    with server.without_room():
        answers = {n: world.write(batch("PF", n)) for n in range(3, 12)}
    refused = {n: answer for n, answer in answers.items() if answer.status_code != 204}
    assert refused
    assert {answer.status_code for answer in refused.values()} == {503}
    assert all("disk" in answer.json()["message"] for answer in refused.values())
    again = {n: world.write(batch("PF", n)).status_code for n in refused}
    server.kill()  # what it shows and has not on its disk is lost
    back(world, server)
    acknowledged = set(range(12)) - {n for n in refused if again[n] != 204}
    assert batches(kept, "PF") == dict.fromkeys(acknowledged, METERS)
    put(world, "PF", refused)
    assert batches(kept, "PF") == dict.fromkeys(range(12), METERS)


def test_lines_that_do_not_fit__are_named_with_the_reason_and_the_others_are_stored(
    world, server, kept
):
    """InfluxDB answers 422 to such a batch, and stores the other lines."""
    long_ago = START_S - 400 * 86400
    place = Place(server.url, server.org, "town", server.token)
    with closing(InfluxServer(place)) as foreign:
        tags = "element=x,quantity=y,source=z"
        foreign.write(f"readings,{tags} value=1i {long_ago}000000000".encode())
    answer = world.write(f"readings,element=up-0 S=1 {long_ago}\n{batch('S', 1)}")
    assert answer.status_code == 422
    assert [one["line"] for one in answer.json()["rejected"]] == [1]
    assert "type conflict" in answer.json()["message"]
    assert batches(kept, "S") == {1: METERS}


def test_line_that_cannot_be_read__is_named_with_the_reason_and_the_others_are_stored(world, kept):
    """InfluxDB answers 400 to such a batch and stores nothing of it: a tag is too long."""
    source = "x" * 70_000
    bad = f"readings,element=up-0,source={source} P=1 {START_S}"
    lines = batch("P", 2000).splitlines()
    answer = world.write("\n".join([*lines[:7], bad, *lines[7:]]))
    assert answer.status_code == 422
    assert [one["line"] for one in answer.json()["rejected"]] == [8]
    assert "max key length" in answer.json()["message"]
    assert batches(kept, "P")[2000] == METERS


def test_secrets__are_in_nothing_the_service_has_said(world, server):
    for path in ("/ready", "/health", "/metrics", "/ping"):
        assert server.token not in world.get(path).text
    assert "InfluxDB" in world.said()
    assert server.token not in world.said()
