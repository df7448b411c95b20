"""Several processes on one pair of stores: they hear of each other, and are replaced unnoticed."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph_service.bootstrap import generate_town, open_services
from graph_service.services.access import OPEN_CALLER
from graph_service.settings import Settings
from tests.servers.influxdb_server import timeline_server
from tests.servers.needed import needed
from tests.servers.neo4j_emptied import emptied
from tests.stories.round_robin import RoundRobin, round_robin
from tests.stories.serving import Service, until

METERS = 12
LONG_ENOUGH_S = "3"
"""How long a service that leaves goes on: a proxy on a busy machine sees late that it does."""
SOON_S = 3.0
FUSES = '{ elements(filter: {kinds: ["Fuse"]}, first: 1) { nodes { id } } }'
REVISION = "{ store { revision } }"
BELOW = """query($start: ID!) {
  trace(start: $start, kind: DOWNSTREAM) { revision totalCount countByKind { kind count } } }"""
SWITCH = "mutation($fuse: ID!, $open: Boolean!) { setSwitch(mRID: $fuse, open: $open) { id } }"
WATCH = """subscription($id: ID!) { timelineAppended(scope: {elements: [$id]}) {
  revision entries { kind text } readings { quantity count } } }"""
ADD = """mutation($element: ID!, $times: [String!]!, $values: [Float]!) {
  addReadings(input: [{element: $element, quantity: P, times: $times, values: $values}]) {
    stored corrected } }"""


class Place:
    """Stores with a town in them, and services over them."""

    def __init__(self, data: Path, settings: dict[str, str], closing: ExitStack):
        self.data, self.settings, self._closing = data, settings, closing
        with open_services(Settings(data=data, **settings)) as house:
            town = data.parent / "town"
            generate_town(town, meters=METERS, seed=1, days=1)
            house.imports.take([town], OPEN_CALLER, into="town")

    def serve(self, **settings: str) -> Service:
        service = Service(self.data, **self.settings, **settings)
        self._closing.callback(service.close)
        until(lambda: service.get("/ready").status_code == 200)
        return service

    def usage_point(self, service: Service) -> str:
        query = '{ elements(filter: {kinds: ["UsagePoint"]}, first: 1) { nodes { id } } }'
        found: str = service.data(query)["elements"]["nodes"][0]["id"]
        return found.removeprefix("town/")


@pytest.fixture(scope="module", params=["embedded", "servers"])
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp(request.param)
    settings = {} if request.param == "embedded" else _servers(folder)
    with ExitStack() as closing:
        yield Place(folder / "data", settings, closing)


@pytest.fixture(scope="module")
def pair(place: Place) -> tuple[Service, Service]:
    """Two services over the same stores."""
    return place.serve(), place.serve()


def _servers(folder: Path) -> dict[str, str]:
    address, server = emptied(folder), needed(timeline_server)
    server.new_bucket("workers")
    return {
        "graph": address.uri,
        "graph_user": address.user,
        "graph_password": address.password,
        "timeline": server.url,
        "timeline_org": server.org,
        "timeline_bucket": "workers",
        "timeline_token": server.token,
    }


class Watching:
    """Who follows a usage point at one service, as server-sent events."""

    def __init__(self, service: Service, element: str):
        self.told: list[dict[str, Any]] = []
        self.lines: list[str] = []
        asked = {"query": WATCH, "variables": {"id": element}}
        begun = threading.Event()

        def follow() -> None:
            accept = {"accept": "text/event-stream"}
            url = f"{service.address}/graphql"
            with httpx.stream("POST", url, json=asked, headers=accept, timeout=60) as answer:
                begun.set()
                with suppress(httpx.RemoteProtocolError):  # the service was killed at the end
                    for line in answer.iter_lines():
                        self.lines.append(line)
                        if line.startswith("data: "):
                            self.told.append(json.loads(line[6:])["data"]["timelineAppended"])

        self.thread = threading.Thread(target=follow, daemon=True)
        self.thread.start()
        assert begun.wait(10)


def test_subscription__hears_readings_that_come_in_at_another_process(
    place: Place, pair: tuple[Service, Service]
) -> None:
    here, there = pair
    element = place.usage_point(here)
    watching = Watching(there, element)
    assert here.write(f"readings,element={element} P=42 1767225600").status_code == 204
    until(lambda: watching.told, SOON_S)
    assert [row["count"] for row in watching.told[0]["readings"]] == [1]


def test_subscription__hears_of_switching_at_another_process(pair: tuple[Service, Service]) -> None:
    here, there = pair
    fuse = here.data(FUSES)["elements"]["nodes"][0]["id"]
    watching = Watching(there, fuse)
    here.data(SWITCH, fuse=fuse, open=True)
    until(lambda: watching.told, SOON_S)
    [entry] = watching.told[0]["entries"]
    assert (entry["kind"], "opened by open" in entry["text"]) == ("SWITCHING", True)
    assert watching.told[0]["revision"] == here.data(REVISION)["store"]["revision"]


def test_first_values__that_two_processes_bring_at_the_same_moments_are_all_kept(
    place: Place, pair: tuple[Service, Service]
) -> None:
    element, start = place.usage_point(pair[0]), threading.Barrier(2)
    times = [f"2026-01-01T12:{minute:02}:00Z" for minute in range(20)]

    def bring(service: Service, value: float) -> list[dict[str, int]]:
        answers = []
        for time in times:
            start.wait(30)
            answers.append(service.data(ADD, element=element, times=[time], values=[value]))
        return [answer["addReadings"] for answer in answers]

    with ThreadPoolExecutor(2) as pool:
        answers = [answer for found in pool.map(bring, pair, (1.0, 2.0)) for answer in found]
    assert sum(answer["stored"] for answer in answers) == len(times)
    assert sum(answer["corrected"] for answer in answers) == len(times)


def test_other_process__follows_by_itself(pair: tuple[Service, Service]) -> None:
    here, there = pair
    fuse = here.data(FUSES)["elements"]["nodes"][0]["id"]
    here.data(SWITCH, fuse=fuse, open=False)
    revision = here.data(SWITCH, fuse=fuse, open=True) and _projection(here)
    until(lambda: _projection(there) == revision, SOON_S)


def test_caller__is_led_back_by_no_process(place: Place, pair: tuple[Service, Service]) -> None:
    fuse = pair[0].data(FUSES)["elements"]["nodes"][0]["id"]
    told = 0
    with httpx.Client(timeout=30) as caller:  # keeps cookies, as a browser does
        for turn in range(12):
            at, other = (service.address for service in pair[:: 1 if turn % 2 else -1])
            _post(caller, at, SWITCH, fuse=fuse, open=turn % 2 == 0)
            found = _post(caller, other, BELOW, start=fuse)["trace"]["revision"]
            assert found > told
            told = found


def test_caller__who_names_a_revision_that_does_not_come_is_asked_to_come_again(
    pair: tuple[Service, Service],
) -> None:
    headers = {"gridstrata-revision": "1000000"}
    answer = httpx.post(
        f"{pair[0].address}/graphql", json={"query": REVISION}, headers=headers, timeout=30
    )
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "REVISION_NOT_REACHED"
    assert error["extensions"]["retryable"]


class Clients:
    """Callers that ask without a pause, each with its cookies; what failed, and what was told."""

    def __init__(self, url: str, start: str, count: int = 4):
        self.failures: list[str] = []
        self.answers = 0
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(url, start), daemon=True) for _ in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, url: str, start: str) -> None:
        newest = 0
        with httpx.Client(timeout=30) as caller:
            while not self._ended.is_set():
                try:
                    told = _post(caller, url, BELOW, start=start)["trace"]["revision"]
                    assert told >= newest, f"led back from {newest} to {told}"
                    newest = told
                    self.answers += 1
                except (httpx.HTTPError, AssertionError) as error:
                    self.failures.append(repr(error))


def test_restart__of_each_service_behind_a_proxy_fails_no_request(place: Place) -> None:
    with round_robin() as proxy:
        services = [place.serve(drain_seconds=LONG_ENOUGH_S) for _ in range(2)]
        for service in services:
            proxy.add(service.address)
        until(lambda: proxy.ready == 2)
        fuse = services[0].data(FUSES)["elements"]["nodes"][0]["id"]
        clients = Clients(proxy.url, fuse)
        for old in services:
            _replace(place, proxy, old)
            with httpx.Client(timeout=30) as operator:
                _post(operator, proxy.url, SWITCH, fuse=fuse, open=old is services[0])
        clients.end()
    assert not clients.failures
    assert clients.answers > 20


def test_hangup__replaces_the_workers_of_one_service_and_fails_no_request(place: Place) -> None:
    service = place.serve(workers="2", drain_seconds="1")
    fuse = service.data(FUSES)["elements"]["nodes"][0]["id"]
    begun = _metric(service, "process_start_time_seconds")
    clients = Clients(service.address, fuse)
    service.process.send_signal(signal.SIGHUP)
    until(lambda: _metric(service, "process_start_time_seconds") > begun)
    until(lambda: _metric(service, "gridstrata_workers") == 2)
    clients.end()
    assert not clients.failures
    assert clients.answers > 20
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(20) == 0


def test_stream__of_a_service_that_ends_is_to_be_opened_again(place: Place) -> None:
    service = place.serve(drain_seconds="0")
    watching = Watching(service, place.usage_point(service))
    service.process.send_signal(signal.SIGTERM)
    watching.thread.join(10)
    assert "retry: 200" in watching.lines
    assert "event: complete" not in watching.lines
    assert service.process.wait(10) == 0


def _replace(place: Place, proxy: RoundRobin, old: Service) -> None:
    """Start a successor, let the proxy take it in, then let the old one end."""
    proxy.add(place.serve(drain_seconds=LONG_ENOUGH_S).address)
    until(lambda: proxy.ready == 3)
    old.process.send_signal(signal.SIGTERM)
    assert old.process.wait(30) == 0
    proxy.remove(old.address)


def _post(caller: httpx.Client, url: str, query: str, **variables: object) -> Any:
    answer = caller.post(f"{url}/graphql", json={"query": query, "variables": variables})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert "errors" not in body, body
    return body["data"]


def _projection(service: Service) -> int:
    found: int = service.get("/ready").json()["revision"]["projection"]
    return found


def _metric(service: Service, name: str) -> float:
    lines = service.get("/metrics").text.splitlines()
    read: Callable[[str], float] = lambda line: float(line.rpartition(" ")[2])  # noqa: E731
    return next((read(line) for line in lines if line.startswith(f"{name} ")), 0.0)
