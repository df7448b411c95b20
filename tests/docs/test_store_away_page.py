"""What the page about stores that are away prints is what a service says whose InfluxDB is gone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph_service import bootstrap
from graph_service.services.access import OPEN_CALLER
from graph_service.settings import Settings
from tests.docs.examples import ROOT, blocks
from tests.servers.influxdb_server import running
from tests.servers.needed import needed_while
from tests.stories.serving import service, until

PAGE = ROOT / "docs" / "explanation" / "store-away.md"
ASK = """{ series(quantity: ENERGY_IN, start: "2026-01-05T00:00:00Z", stop: "2026-01-06T00:00:00Z",
    scope: {container: "%s"}) { values } }"""
SUBSTATION = '{ elements(filter: {kinds: ["Substation"]}, first: 1) { nodes { mRID } } }'
_ADDRESS = re.compile(r"127\.0\.0\.1:\d+")
_REFUSED = re.compile(r"does not answer: .*?Connection refused")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What the service said while its timeline was away, and after."""
    folder = tmp_path_factory.mktemp("away")
    bootstrap.generate_town(folder / "town", meters=5, seed=3, days=1)
    with bootstrap.open_services(Settings(data=folder / "data")) as house:
        house.imports.take([folder / "town"], OPEN_CALLER, into="town")
    with needed_while(running) as server:
        server.new_bucket("town")
        settings = {"timeline_org": server.org, "timeline_bucket": "town"}
        with service(
            folder / "data", timeline=server.url, timeline_token=server.token, **settings
        ) as world:
            [place] = world.data(SUBSTATION)["elements"]["nodes"]
            server.stop()
            until(lambda: world.get("/ready").status_code == 503)
            assert world.get("/health").status_code == 200
            ready = world.get("/ready").json()
            [error] = world.ask(ASK % place["mRID"])["errors"]
            server.start()
            until(lambda: "answers again" in world.said())
            log = "".join(world.said().splitlines(keepends=True)[3:])
            yield {"ready": ready, "question": error, "log": log}


def printed(label: str) -> str:
    [block] = [block for block in blocks(PAGE) if block.info == label]
    return block.text


def usual(text: str) -> str:
    """Without what differs: the port, and how a machine says that nobody listens there."""
    there = _ADDRESS.sub("127.0.0.1:8086", text)
    return _REFUSED.sub("does not answer: Connection refused", there)


def test_ready__is_printed_as_it_is(said) -> None:
    shown = json.loads(printed("ready"))
    assert 0 <= said["ready"].pop("ageSeconds") < 10
    del shown["ageSeconds"]
    assert said["ready"] == shown


def test_refused_question__is_printed_as_it_is(said) -> None:
    shown = json.loads(printed("question"))
    del said["question"]["locations"]
    assert json.loads(usual(json.dumps(said["question"]))) == shown


def test_log__is_printed_as_it_is(said) -> None:
    assert usual(said["log"]) == printed("log")


def test_stories__that_the_page_names_are_there() -> None:
    named = re.findall(r"`(?:tests/stories/)?(test_\w+\.py)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) == 3
    assert all((Path(ROOT) / "tests" / "stories" / name).exists() for name in named)
