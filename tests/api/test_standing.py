"""What operators ask without a token: alive, ready, metrics."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from graph_service.api.app import make_app
from graph_service.api.leaving import Leaving
from graph_service.domain.access import Right
from graph_service.domain.errors import StoreUnavailable
from tests.api.conftest import World, served


@pytest.fixture
def leaving() -> Leaving:
    return Leaving()


@pytest.fixture
def closed_address(world: World, leaving: Leaving) -> Iterator[str]:
    """A server that asks for tokens."""
    world.draw()
    with served(make_app(world.house, leaving=leaving)) as at:
        yield at


def gone(world: World) -> None:
    """The timeline goes away, and nobody looks whether it is back."""
    health = world.house.following.timeline_health
    health.answered = lambda: None
    health.failed(StoreUnavailable("InfluxDB at 10.0.0.7 does not answer"))


def test_ready__says_which_revision_is_answered_from(closed_address: str) -> None:
    answer = httpx.get(f"{closed_address}/ready")
    told = answer.json()
    assert answer.status_code == 200
    assert told.pop("ageSeconds") < 5
    assert told == {
        "status": "ready",
        "reason": None,
        "revision": {"store": 1, "projection": 1},
        "stores": {"graph": "answers", "timeline": "answers"},
    }


def test_ready__names_the_store_that_is_away_and_not_where_it_is(
    world: World, closed_address: str
) -> None:
    gone(world)
    answer = httpx.get(f"{closed_address}/ready")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["reason"] == "the timeline store does not answer"
    assert "10.0.0.7" not in answer.text
    assert httpx.get(f"{closed_address}/health").json() == {"status": "ok"}


def test_ready__a_process_that_leaves_says_so_and_goes_on_answering(
    world: World, leaving: Leaving, closed_address: str
) -> None:
    token = world.house.access.create("reader", None, [Right.READ])
    leaving.begin()
    assert "about to end" in httpx.get(f"{closed_address}/ready").json()["reason"]
    answer = httpx.post(
        f"{closed_address}/graphql",
        json={"query": "{ store { revision } }"},
        headers={"authorization": f"Bearer {token}"},
    )
    assert answer.json() == {"data": {"store": {"revision": 1}}}
    assert answer.headers["connection"] == "close"


def test_question__that_needs_a_store_that_is_away_is_an_error_that_may_pass(world: World) -> None:
    world.draw()
    world.read("M4.usage", "2026-01-01T00:00Z", [1.0])
    query = """{ series(quantity: ENERGY_IN, elements: ["M4.usage"],
      start: "2026-01-01T00:00:00Z", stop: "2026-01-02T00:00:00Z") { values } }"""
    with world.house.following.running():
        assert "errors" not in world.ask(query)
        gone(world)
        error = world.error(query)
    assert (error["code"], error["retryable"]) == ("STORE_UNAVAILABLE", True)


def metrics(address: str) -> dict[str, float]:
    lines = httpx.get(f"{address}/metrics").text.splitlines()
    rows = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in rows}


def test_metrics__count_requests_operations_and_what_came_in(world: World, address: str) -> None:
    world.draw()
    for query in ("{ store { revision } }", '{ trace(start: "x", kind: UPSTREAM) { revision } }'):
        httpx.post(f"{address}/graphql", json={"query": query})
    for line in ("readings,element=M4.usage P=1 1767225600", "nonsense"):
        httpx.post(f"{address}/api/v2/write?bucket=drawn&precision=s", content=line.encode())
    httpx.get(f"{address}/of/nobody")
    found = metrics(address)
    assert found['gridstrata_http_requests_total{address="/graphql",status="200"}'] == 2
    assert found['gridstrata_http_requests_total{address="other",status="404"}'] == 1
    assert found['gridstrata_operations_total{code="OK",operation="store"}'] == 1
    assert found['gridstrata_operations_total{code="UNKNOWN_ELEMENT",operation="trace"}'] == 1
    assert found['gridstrata_ingest_rows_total{outcome="accepted"}'] == 1
    assert found['gridstrata_ingest_rows_total{outcome="rejected"}'] == 1
    assert found["process_resident_memory_bytes"] > 1e6


def test_metrics__show_the_graph_and_the_stores(world: World, closed_address: str) -> None:
    gone(world)
    found = metrics(closed_address)
    graph = world.house.network.in_memory
    assert graph is not None
    assert found["gridstrata_elements"] == len(graph)
    assert found["gridstrata_links"] == len(graph.outgoing.others)
    assert found['gridstrata_revision{of="projection"}'] == 1
    assert found['gridstrata_store_up{store="timeline"}'] == 0
    assert found['gridstrata_store_errors_total{code="STORE_UNAVAILABLE",store="timeline"}'] == 1


@pytest.mark.parametrize(
    ("query", "operation"),
    [
        ("{ store { revision } kinds { name } }", "several"),
        ("{ secret: store { revision } }", "store"),
        ("{ myOwnWord }", "other"),
        ("{ nothing like GraphQL", "other"),
    ],
)
def test_metrics__labels_are_never_words_of_a_caller(
    address: str, query: str, operation: str
) -> None:
    httpx.post(f"{address}/graphql", json={"query": query})
    [label] = [name for name in metrics(address) if name.startswith("gridstrata_operations_total")]
    assert f'operation="{operation}"' in label
