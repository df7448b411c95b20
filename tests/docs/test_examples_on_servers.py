"""Every root field of GraphQL, and commands, on Neo4j and InfluxDB: answered as the pages print."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from graph_service import bootstrap
from graph_service.services.house import Services
from graph_service.settings import Settings
from tests.docs import examples
from tests.servers.influxdb_server import timeline_server
from tests.servers.needed import needed
from tests.servers.neo4j_emptied import address_of, empty
from tests.servers.neo4j_server import graph_server

PAGES = ("reference/graphql.md", "how-to/data-quality.md", "how-to/retention.md")


@pytest.fixture
def on_servers(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """An empty database and an empty bucket, chosen by settings alone."""
    server, timeline = needed(graph_server), needed(timeline_server)
    empty(server)
    address, bucket = address_of(server), f"pages-{PAGES.index(request.getfixturevalue('name'))}"
    timeline.new_bucket(bucket)
    chosen = {
        "GRAPH": address.uri,
        "GRAPH_USER": address.user,
        "GRAPH_PASSWORD": address.password,
        "TIMELINE": timeline.url,
        "TIMELINE_ORG": timeline.org,
        "TIMELINE_BUCKET": bucket,
        "TIMELINE_TOKEN": timeline.token,
    }
    for name, value in chosen.items():
        monkeypatch.setenv(f"GRIDSTRATA_{name}", value)


class Running(examples.Runner):
    """Asks all queries of one house, as a service does."""

    def __init__(self, folder: Path, house: Services):
        super().__init__(folder)
        self._house = house

    @contextmanager
    def services(self) -> Iterator[Services]:
        yield self._house


@pytest.mark.usefixtures("on_servers")
@pytest.mark.parametrize("name", PAGES)
def test_page__run_on_servers__prints_what_it_shows(name: str, tmp_path: Path) -> None:
    page = examples.ROOT / "docs" / name
    examples.make_start(examples.start_of(page), tmp_path)
    with ExitStack() as ending:
        house = ending.enter_context(
            bootstrap.open_services(Settings(data=tmp_path / examples.DATA))
        )
        runner = Running(tmp_path, house)
        ending.callback(runner.close)
        shown = 0
        for printed in runner.run(page):
            shown += 1
            assert examples.agrees(printed), (
                f"{name}, block in line {printed.block.line}: {printed.example}\n"
                f"--- printed\n{printed.expected}--- found\n{printed.found}"
            )
    assert shown > 3
