"""The power fails while a house is moved: started again the move goes on, and ends the same."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from graph_service import bootstrap
from graph_service.adapters.neo4j.driver import Neo4jAddress
from graph_service.adapters.neo4j.graph import Neo4jGraph
from graph_service.adapters.neo4j.records import Neo4jRecords
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.errors import Conflict, StoreError
from graph_service.services.copying.journal import Journal
from graph_service.settings import Settings
from tests.servers.influxdb_server import timeline_server
from tests.servers.needed import needed
from tests.servers.neo4j_emptied import emptied
from tests.stories.moving import asked, lived_in

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from graph_service.cli import main; main()", "copy"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A house with some revisions and more series than are copied at once."""
    return lived_in(tmp_path_factory.mktemp("home"), meters=150, days=3, switchings=10)


@contextmanager
def moving(home: Settings, place: str, environment: dict[str, str]):
    """Another process that moves; killed at the end of the block."""
    with subprocess.Popen(
        [*COMMAND, "--from", str(home.data), "--to", place],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(moment: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until a moment has come; the move must not be over by then."""
    deadline = time.monotonic() + 300
    while not _has_come(moment):
        assert process.poll() is None, "the move was over before its moment came"
        assert time.monotonic() < deadline
        time.sleep(0.002)


def _has_come(moment: Callable[[], bool]) -> bool:
    try:
        return moment()
    except StoreError:  # there is no store yet
        return False


def test_kill__in_the_graph_among_series_and_among_events_goes_on_and_ends_the_same(
    home: Settings, tmp_path: Path
) -> None:
    data = tmp_path / "data"

    def revisions() -> bool:
        with closing(SqliteGraph(data, read_only=True)) as graph:
            return graph.revision() >= 5

    def journal(*, events: bool) -> bool:
        with closing(SqliteRecords(data, read_only=True)) as records:
            at = Journal(records).read()
            return at is not None and bool(at.events_done if events else at.element)

    for moment in (revisions, lambda: journal(events=False), lambda: journal(events=True)):
        with moving(home, str(data), {}) as process:
            wait_for(moment, process)
        with pytest.raises(Conflict, match="is not finished"), _opened(Settings(data=data)):
            pass
    assert SqliteTimeline(data, read_only=True).counts()[0] > 0
    assert _ended(home, str(data), {}).startswith("went on with the copy from")
    with _opened(home) as ours, _opened(Settings(data=data)) as theirs:
        assert asked(ours) == asked(theirs)


def test_kill__on_the_way_to_servers_goes_on_and_ends_the_same(
    home: Settings, tmp_path: Path
) -> None:
    address, server = emptied(tmp_path), needed(timeline_server)
    server.new_bucket("killed")
    place = f"{address.uri},{server.url}"
    environment = {
        "GRIDSTRATA_TO_GRAPH_PASSWORD": address.password,
        "GRIDSTRATA_TO_TIMELINE_ORG": server.org,
        "GRIDSTRATA_TO_TIMELINE_BUCKET": "killed",
        "GRIDSTRATA_TO_TIMELINE_TOKEN": server.token,
    }
    for moment in (_in_the_graph(address), _among_series(address)):
        with moving(home, place, environment) as process:
            wait_for(moment, process)
    assert _ended(home, place, environment).startswith("went on with the copy from")


def _in_the_graph(address: Neo4jAddress) -> Callable[[], bool]:
    def moment() -> bool:
        with closing(Neo4jGraph(address, read_only=True)) as graph:
            return graph.revision() >= 3

    return moment


def _among_series(address: Neo4jAddress) -> Callable[[], bool]:
    def moment() -> bool:
        with closing(Neo4jRecords(address, read_only=True)) as records:
            at = Journal(records).read()
            return at is not None and bool(at.element)

    return moment


def _ended(home: Settings, place: str, environment: dict[str, str]) -> str:
    """Let the move end; gives what it says first."""
    with moving(home, place, environment) as process:
        said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert said.endswith("everything is equal\n")
    return said


def _opened(settings: Settings):
    return bootstrap.open_services(settings)
