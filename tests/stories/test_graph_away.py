"""Neo4j fails under imports and a running service: whole or not, once; readers go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from neo4j import GraphDatabase

from graph_service.bootstrap import generate_town, open_services
from graph_service.domain.errors import StoreError
from graph_service.domain.filters import ElementFilter
from graph_service.services.access import OPEN_CALLER
from graph_service.services.house import Services
from graph_service.services.imports import RunState
from graph_service.settings import Settings
from tests.servers.needed import needed_while
from tests.servers.neo4j_emptied import empty
from tests.servers.neo4j_server import PrivateServer, running
from tests.servers.wire import Wire, wire
from tests.stories.serving import Service, service, until
from tests.stories.test_neo4j_faults import COMMIT

LANDING = b"CREATE (e:Element"
REVISION = b"CREATE (:StoreRevision"
AWAY = "STORE_UNAVAILABLE"
NEWEST = "{ revisions(first: 1) { nodes { number message } } }"
FIRST = "query($kind: String!) { elements(filter: {kinds: [$kind]}, first: 1) { nodes { mRID } } }"
FUSES = """{ elements(filter: {kinds: ["Fuse"]}) {
  nodes { mRID name } countByKind { kind count } } }"""  # counted by Neo4j each time
BELOW = """query($start: ID!) {
    trace(start: $start, kind: DOWNSTREAM) { revision totalCount countByKind { kind count } } }"""
SWITCH = "mutation($fuse: ID!, $open: Boolean!) { setSwitch(mRID: $fuse, open: $open) { mRID } }"


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateServer]:
    """A server that may be killed."""
    with needed_while(partial(running, heap="512m")) as server:
        yield server


@pytest.fixture(scope="module")
def line(server: PrivateServer) -> Iterator[Wire]:
    """What lies between us and it."""
    host, port = server.uri.removeprefix("bolt://").split(":")
    with wire(host, int(port)) as one:
        yield one


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small generated town."""
    folder = tmp_path_factory.mktemp("delivery") / "town"
    generate_town(folder, meters=20, seed=1, days=1)
    return folder


@pytest.fixture
def house(server: PrivateServer, line: Wire, tmp_path: Path) -> Iterator[Services]:
    """Services on an empty server, behind the wire."""
    empty(server)
    uri = f"bolt://127.0.0.1:{line.port}"
    with open_services(Settings(data=tmp_path, graph=uri, graph_password=server.password)) as one:
        yield one


@pytest.fixture(scope="module")
def world(
    server: PrivateServer, line: Wire, town: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """A service over the town, behind the wire."""
    empty(server)
    data = tmp_path_factory.mktemp("away") / "data"
    settings = {"graph": f"bolt://127.0.0.1:{line.port}", "graph_password": server.password}
    with open_services(Settings(data=data, **settings)) as house:
        take(house, town)
    with service(data, **settings) as one:
        yield one


def first_of(world: Service, kind: str) -> str:
    """An element of a kind."""
    mrid: str = world.data(FIRST, kind=kind)["elements"]["nodes"][0]["mRID"]
    return mrid


def newest(world: Service) -> int:
    """The newest revision."""
    number: int = world.data(NEWEST)["revisions"]["nodes"][0]["number"]
    return number


def take(house: Services, town: Path) -> int:
    """Import the town; gives the revision."""
    return house.imports.take([town], OPEN_CALLER, into="town")[1].revision


def count(house: Services) -> int:
    return house.network.count(ElementFilter(), OPEN_CALLER.scope)


def lands_once(house: Services, town: Path) -> None:
    """The same import again lands, and once more changes nothing."""
    assert (take(house, town), house.network.revision()) == (1, 1)
    elements = count(house)
    assert (take(house, town), house.network.revision(), count(house)) == (1, 1, elements)
    assert [run.state for run in house.imports.runs(9)][:2] == [
        RunState.UNCHANGED,
        RunState.LANDED,
    ]


def test_server_killed__in_the_middle_of_an_import_leaves_nothing_of_it_and_the_run_says_so(
    house, server, line, town
):
    line.when(LANDING, server.kill)
    with pytest.raises(StoreError):
        take(house, town)
    server.start()
    assert (house.network.revision(), count(house)) == (0, 0)
    [run] = house.imports.runs(9)
    assert run.state is RunState.FAILED
    assert "Neo4j" in run.error
    lands_once(house, town)


@pytest.mark.parametrize("after_answer", [True, False])
def test_connection_cut__in_the_commit_of_an_import_it_is_whole_or_not_there(
    house, line, town, after_answer
):
    line.cut_at(REVISION, COMMIT, after_answer=after_answer)
    if after_answer:
        assert take(house, town) == 1
        assert house.imports.runs(1)[0].state is RunState.LANDED
        assert count(house) > 100
    else:
        with pytest.raises(StoreError):
            take(house, town)
        assert house.imports.runs(1)[0].state is RunState.FAILED
        assert (house.network.revision(), count(house)) == (0, 0)
        lands_once(house, town)


def test_written_past_the_service__ready_tells_how_much_is_there_too_many_or_too_few(
    house, server, town, tmp_path
):
    take(house, town)
    with GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as somebody:
        somebody.execute_query("MATCH (m:Fuse) WITH m LIMIT 2 DETACH DELETE m")
    settings = {"graph": server.uri, "graph_password": server.password}
    with service(tmp_path / "other", **settings) as one:
        until(lambda: "drift" in one.get("/ready").json())
        answer = one.get("/ready")
        assert (answer.status_code, answer.json()["drift"]["elements"]) == (200, -2)
        assert answer.json()["drift"]["links"] < 0
        until(lambda: "was written past the service" in one.said())


def test_server_gone_and_back__in_the_middle_of_questions_what_can_be_answered_is(world, server):
    start, fuse, meter = (first_of(world, kind) for kind in ("EnergySource", "Fuse", "UsagePoint"))
    lines = [f"readings,element={meter} P=1 17672256{second}" for second in ("00", "01")]
    expected = {query: world.data(query, start=start) for query in (FUSES, BELOW)}
    assert world.write(lines[0]).status_code == 204
    answers: list[Any] = []
    with going_on(world, FUSES, answers):
        until(lambda: len(answers) > 3)
        server.stop()
        until(lambda: world.get("/ready").status_code == 503)
        readers_go_on(world, start, expected[BELOW])
        nothing_is_changed(world, fuse)
        assert world.write(lines[1]).status_code == 204  # of an element that is known
        assert world.write("readings,element=nobody P=2 1767225660").status_code == 503
        server.start()
        until(lambda: world.get("/ready").status_code == 200)
        until(lambda: "errors" not in answers[-1])
    codes = {e["extensions"]["code"] for a in answers for e in a.get("errors", [])}
    assert all(answer["data"] == expected[FUSES] for answer in answers if "errors" not in answer)
    assert codes == {AWAY}
    assert "stale" not in world.ask(BELOW, start=start).get("extensions", {})


def readers_go_on(world: Service, start: str, expected: Any) -> None:
    """Traces answer from memory and say how old that is; the process is alive and says why not."""
    assert world.get("/health").status_code == 200
    told = world.get("/ready").json()
    assert told["stores"] == {"graph": "does not answer", "timeline": "answers"}
    answer = world.ask(BELOW, start=start)
    assert answer["data"] == expected
    assert answer["extensions"]["stale"]["revision"] == expected["trace"]["revision"]
    assert answer["extensions"]["stale"]["ageSeconds"] >= 0


def nothing_is_changed(world: Service, fuse: str) -> None:
    error = world.ask(SWITCH, fuse=fuse, open=True)["errors"][0]["extensions"]
    assert (error["code"], error["retryable"]) == (AWAY, True)


@contextmanager
def going_on(world: Service, query: str, answers: list[Any]) -> Iterator[None]:
    """Ask again and again, twice at a time."""
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            answers.append(world.ask(query))

    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        try:
            yield
        finally:
            ended.set()
    assert [one.result() for one in asking] == [None] * 2


def test_connections_cut__between_questions_nobody_notices(world, line):
    before = world.data(NEWEST)
    line.cut_all()
    assert world.data(NEWEST) == before
    assert world.get("/ready").status_code == 200


@pytest.mark.parametrize("after_answer", [True, False])
def test_connection_cut__in_the_commit_of_a_switching_it_is_done_or_refused(
    world, line, after_answer
):
    fuse, before = first_of(world, "Fuse"), newest(world)
    line.cut_at(REVISION, COMMIT, after_answer=after_answer)
    answer = world.ask(SWITCH, fuse=fuse, open=after_answer)
    assert ("errors" in answer) is not after_answer
    until(lambda: world.get("/ready").status_code == 200)
    assert newest(world) == before + after_answer


def test_slow_server__is_waited_for_and_traces_go_on_meanwhile(world, line):
    start = first_of(world, "EnergySource")
    expected = world.data(BELOW, start=start)
    line.delay_s = 0.2
    try:
        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(world.data, FUSES)
            assert world.get("/health").status_code == 200
            assert not slow.done()
            assert slow.result()["elements"]["nodes"]
            assert world.data(BELOW, start=start) == expected
    finally:
        line.delay_s = 0.0


def test_secrets__are_in_nothing_the_service_has_said(world, server):
    for path in ("/ready", "/health", "/metrics", "/graphql/examples"):
        assert server.password not in world.get(path).text
    assert "does not answer" in world.said()
    assert server.password not in world.said()
