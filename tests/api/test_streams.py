"""Subscriptions as server-sent events from a live server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
import pytest

from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.api.app import make_app
from graph_service.domain.access import EVERYTHING
from graph_service.services.access import OPEN_CALLER as OPEN
from graph_service.services.network import Network
from graph_service.services.notices import Notices
from tests.api.conftest import World, served

REVISIONS = "subscription { revisionChanged { revision } }"
STREAM = {"accept": "text/event-stream"}


@contextmanager
def streamed(address: str, query: str, method: str = "POST") -> Iterator[Iterator[str]]:
    """The lines of a stream that has begun."""
    given: dict[str, Any] = {"json" if method == "POST" else "params": {"query": query}}
    with httpx.stream(method, f"{address}/graphql", headers=STREAM, timeout=10, **given) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield answer.iter_lines()


def event(lines: Iterator[str]) -> tuple[str, Any]:
    name = next(line for line in lines if line.startswith("event: "))
    data = next(lines).removeprefix("data:").strip()
    return name.removeprefix("event: "), json.loads(data) if data else None


def revision(number: int) -> tuple[str, Any]:
    return "next", {"data": {"revisionChanged": {"revision": number}}}


def set_switch(address: str) -> None:
    query = 'mutation { setSwitch(mRID: "s1", open: false) { mRID } }'
    httpx.post(f"{address}/graphql", json={"query": query}).raise_for_status()


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_stream__tells_of_a_revision_as_it_comes(world: World, address: str, method: str) -> None:
    world.draw()
    with streamed(address, REVISIONS, method) as lines:
        set_switch(address)
        told = [event(lines)]
        if told == [revision(1)]:  # the drawing was seen by who follows the store only now
            told = [event(lines)]
    assert told == [revision(2)]


def test_stream__of_something_that_cannot_run_is_one_error_and_the_end(address: str) -> None:
    with streamed(address, "subscription { nothing }") as lines:
        name, body = event(lines)
        assert (name, body["errors"][0]["extensions"]["code"]) == (
            "next",
            "GRAPHQL_VALIDATION_FAILED",
        )
        assert event(lines) == ("complete", None)


def test_stream__ends_with_the_subscription(address: str) -> None:
    with streamed(address, 'subscription { importProgress(runId: "no") { state } }') as lines:
        assert "errors" in event(lines)[1]
        assert event(lines)[0] == "complete"


def test_stream__without_a_token_is_refused_where_tokens_are_asked(world: World) -> None:
    with served(make_app(world.house)) as address:
        answer = httpx.post(f"{address}/graphql", headers=STREAM, json={"query": REVISIONS})
    assert answer.status_code == 401


def test_stream__of_no_query_is_a_bad_request(address: str) -> None:
    answer = httpx.post(f"{address}/graphql", headers=STREAM, json=[], timeout=10)
    assert answer.status_code == 400


def test_revision_changed__is_told_of_what_another_process_wrote(
    world: World, address: str
) -> None:
    world.draw()
    with streamed(address, REVISIONS) as lines, closing(SqliteGraph(world.folder)) as other:
        Network(other, Notices()).set_switch(other.by_mrid(["s1"], EVERYTHING)[0][0], False, OPEN)
        assert event(lines)[1] == {"data": {"revisionChanged": {"revision": 2}}}


def test_stream__begins_only_when_nothing_will_be_missed(world: World, address: str) -> None:
    world.draw()
    query = 'subscription { timelineAppended(scope: {element: "s1"}) { entries { kind } } }'
    with streamed(address, query) as lines:
        set_switch(address)
        told = event(lines)[1]["data"]["timelineAppended"]["entries"]
    assert told == [{"kind": "SWITCHING"}]
