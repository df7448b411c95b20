"""Answers say their revision; who was told of a newer one is not answered from an older one."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.api.app import make_app
from graph_service.services.access import OPEN_CALLER
from graph_service.services.network import Network
from graph_service.services.notices import Notices
from tests.api.conftest import World, served

REVISION = {"query": "{ store { revision } }"}


@pytest.fixture
def slow_address(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that never looks by itself at what other processes write."""
    monkeypatch.setattr("graph_service.services.following.Following._go_on", lambda *_: None)
    world.draw()
    with served(make_app(world.house, is_open=True)) as at:
        yield f"{at}/graphql"


def switch_elsewhere(world: World) -> int:
    """Another process opens a switch; gives the revision."""
    graph = SqliteGraph(world.folder)
    network = Network(graph, Notices())
    network.set_switch(network.element("s1", OPEN_CALLER.scope), False, OPEN_CALLER)
    revision = graph.revision()
    graph.close()
    return revision


def traced(address: str, **sent: str) -> tuple[int, httpx.Response]:
    query = '{ trace(start: "S1", kind: DOWNSTREAM) { revision } }'
    answer = httpx.post(address, json={"query": query}, headers=sent)
    return answer.json()["data"]["trace"]["revision"], answer


def test_answer__says_its_revision_and_age_and_gives_a_cookie(slow_address: str) -> None:
    revision, answer = traced(slow_address)
    assert (
        answer.headers["gridstrata-revision"]
        == str(revision)
        == answer.cookies.get("gridstrata-revision")
    )
    assert float(answer.headers["gridstrata-age"]) >= 0
    assert "HttpOnly; SameSite=Strict" in answer.headers["set-cookie"]


@pytest.mark.parametrize("header", ["gridstrata-revision: {}", "cookie: gridstrata-revision={}"])
def test_request__that_knows_a_newer_revision_is_answered_from_that(
    world: World, slow_address: str, header: str
) -> None:
    newer = switch_elsewhere(world)
    assert traced(slow_address)[0] == newer - 1  # who was told of nothing gets what there is
    name, value = header.format(newer).split(": ")
    assert traced(slow_address, **{name: value})[0] == newer
    assert traced(slow_address)[0] == newer


def test_request__a_cookie_of_another_store_is_passed_over(slow_address: str) -> None:
    revision, answer = traced(slow_address, cookie="gridstrata-revision=999")
    assert revision == 1
    assert answer.cookies["gridstrata-revision"] == "1"


@pytest.mark.parametrize("nonsense", ["-1", "x", "9" * 400, "٣"])
def test_request__a_revision_that_is_none_is_passed_over(slow_address: str, nonsense: str) -> None:
    headers = {b"gridstrata-revision": nonsense.encode()}
    answer = httpx.post(slow_address, json=REVISION, headers=headers)
    assert answer.json() == {"data": {"store": {"revision": 1}}}


def test_answer__of_a_revision_just_made_here_names_it(slow_address: str) -> None:
    query = 'mutation { setSwitch(mRID: "s1", open: false) { mRID } }'
    answer = httpx.post(slow_address, json={"query": query})
    assert answer.headers["gridstrata-revision"] == "2"
