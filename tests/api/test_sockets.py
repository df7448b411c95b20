"""Subscriptions over a WebSocket to a live server, with graphql-transport-ws."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from graph_service.api.app import make_app
from graph_service.domain.access import Right
from tests.api.conftest import World, served
from tests.api.test_http import CIM_FILE, IMPORT, form

PROTOCOL = Subprotocol("graphql-transport-ws")


@contextmanager
def connected(
    address: str, payload: dict[str, Any] | None = None, **more: Any
) -> Iterator[ClientConnection]:
    """An acknowledged connection."""
    url = address.replace("http", "ws") + "/graphql"
    with connect(url, subprotocols=[PROTOCOL], **more) as socket:
        send(socket, {"type": "connection_init", "payload": payload or {}})
        assert receive(socket) == {"type": "connection_ack"}
        yield socket


def send(socket: ClientConnection, message: dict[str, Any]) -> None:
    socket.send(json.dumps(message))


def receive(socket: ClientConnection) -> Any:
    return json.loads(socket.recv(timeout=10))


def subscribe(socket: ClientConnection, query: str, **variables: Any) -> None:
    payload = {"query": query, "variables": variables}
    send(socket, {"id": "1", "type": "subscribe", "payload": payload})


def test_revision_changed__is_told_when_a_switch_is_set(world: World, address: str) -> None:
    world.draw()
    with connected(address) as socket:
        subscribe(socket, "subscription { revisionChanged { revision } }")
        send(socket, {"type": "ping"})  # answered behind the subscription: it has begun
        assert receive(socket) == {"type": "pong"}
        httpx.post(
            f"{address}/graphql",
            json={"query": 'mutation { setSwitch(mRID: "s1", open: false) { mRID } }'},
        ).raise_for_status()
        told = receive(socket)
    assert (told["type"], told["payload"]["data"]) == (
        "next",
        {"revisionChanged": {"revision": 2}},
    )


def test_import_progress__goes_on_until_the_run_has_landed(world: World, address: str) -> None:
    variables = {"files": [None], "into": "small", "wait": False}
    sent = form(IMPORT, variables, variables_files_0=("EQ.xml", CIM_FILE))
    run = httpx.post(f"{address}/graphql", **sent).json()["data"]["import"]["id"]
    query = "subscription P($run: ID!) { importProgress(runId: $run) { state stage done total } }"
    with connected(address) as socket:
        subscribe(socket, query, run=run)
        states = []
        while (message := receive(socket))["type"] == "next":
            states.append(message["payload"]["data"]["importProgress"]["state"])
    assert message["type"] == "complete"
    assert states[-1] == "LANDED"
    assert set(states[:-1]) <= {"RUNNING"}


def test_import_progress__of_no_run_is_an_error(address: str) -> None:
    with connected(address) as socket:
        subscribe(socket, 'subscription { importProgress(runId: "no") { state } }')
        error = receive(socket)["payload"]["errors"][0]
    assert error["extensions"]["code"] == "INVALID_CALL"


def test_query__runs_over_a_socket_too_and_limits_hold(world: World, address: str) -> None:
    world.draw()
    with connected(address) as socket:
        subscribe(socket, "{ store { elementCount } }")
        assert receive(socket)["payload"]["data"]["store"]["elementCount"] > 0
        assert receive(socket)["type"] == "complete"
        subscribe(socket, "{ " + " ".join(f"a{i}: quantities {{ name }}" for i in range(99)) + " }")
        told = receive(socket)
    assert told["type"] == "error"
    assert told["payload"][0]["extensions"]["code"] == "QUERY_TOO_MANY_ALIASES"


def test_token__a_closed_server_wants_one_in_the_first_message(world: World) -> None:
    token = world.house.access.create("reader", None, [Right.READ])
    with served(make_app(world.house)) as address:
        with connected(address, {"authorization": f"Bearer {token}"}):
            pass
        for payload in ({}, {"authorization": "Bearer gs_no"}, {"authorization": 3}):
            with pytest.raises(ConnectionClosed) as closed, connected(address, payload):
                pass
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4403


def test_origin__a_page_of_another_origin_cannot_connect(address: str) -> None:
    with (
        pytest.raises(InvalidStatus) as refused,
        connected(address, origin=Origin("https://evil.example")),
    ):
        pass
    assert refused.value.response.status_code == 403
