"""The same questions on real servers, chosen by settings alone, answered as on embedded stores."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph_service.api.schema import execute
from graph_service.bootstrap import generate_town, open_services
from graph_service.services.access import OPEN_CALLER
from graph_service.services.examples import examples
from graph_service.services.house import Services
from graph_service.settings import Settings
from tests.servers.influxdb_server import timeline_server
from tests.servers.needed import needed
from tests.servers.neo4j_emptied import emptied

METERS, DAYS = 40, 2


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small generated town."""
    folder = tmp_path_factory.mktemp("delivery") / "town"
    generate_town(folder, meters=METERS, seed=1, days=DAYS)
    return folder


@pytest.fixture(scope="module")
def on_servers(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The town in Neo4j and InfluxDB."""
    folder = tmp_path_factory.mktemp("servers")
    address, server = emptied(folder), needed(timeline_server)
    server.new_bucket("story")
    secret = folder / "password"
    secret.write_text(address.password + "\n")
    settings = Settings(
        data=folder,
        graph=address.uri,
        graph_user=address.user,
        graph_password_file=secret,
        timeline=server.url,
        timeline_org=server.org,
        timeline_bucket="story",
        timeline_token=server.token,
    )
    with open_services(settings) as house:
        fill(house, town)
        yield house


@pytest.fixture(scope="module")
def embedded(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The town in embedded stores."""
    with open_services(Settings(data=tmp_path_factory.mktemp("embedded"))) as house:
        fill(house, town)
        yield house


def fill(house: Services, town: Path) -> None:
    house.imports.take([town], OPEN_CALLER, into="town")
    house.intake.load(town / "readings.csv", OPEN_CALLER, "town")


def ask(house: Services, number: int) -> Any:
    question = examples(house, OPEN_CALLER.scope)[number]
    return asyncio.run(execute(house, question.query, question.variables, OPEN_CALLER))


@pytest.mark.parametrize("number", range(4))
def test_questions_of_the_demo__have_the_same_answers_on_servers(
    on_servers: Services, embedded: Services, number: int
) -> None:
    answer = ask(on_servers, number)
    assert "errors" not in answer
    assert answer == ask(embedded, number)


def test_export__from_servers_is_the_export_from_embedded_stores(
    on_servers: Services, embedded: Services, tmp_path: Path
) -> None:
    for name, house in (("servers", on_servers), ("embedded", embedded)):
        house.imports.give(tmp_path / name, OPEN_CALLER, model_set="town")
    files = sorted(file.name for file in (tmp_path / "embedded").glob("*.xml"))
    assert files
    for file in files:
        one, other = (tmp_path / name / file for name in ("servers", "embedded"))
        assert one.read_bytes() == other.read_bytes()


def test_switching__on_servers_is_seen_and_taken_back(on_servers: Services) -> None:
    network, scope = on_servers.network, OPEN_CALLER.scope
    before = network.revision()
    fuse = network.element(_fuse(on_servers), scope)
    opened = network.set_switch(fuse, True, OPEN_CALLER)
    assert opened.text("Switch.open") == "true"
    undone = network.undo(before + 1, OPEN_CALLER)
    assert network.element(str(fuse.key), scope).text("Switch.open") == "false"
    assert undone.number == before + 2


def _fuse(house: Services) -> str:
    query = '{ elements(filter: {kinds: ["Fuse"]}, first: 1) { nodes { mRID } } }'
    answer = asyncio.run(execute(house, query, {}, OPEN_CALLER))
    mrid: str = answer["data"]["elements"]["nodes"][0]["mRID"]
    return mrid
