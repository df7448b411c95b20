"""From a laptop to servers and back: all is there, answers alike, and can still be undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from graph_service import bootstrap
from graph_service.adapters.influx.server import Place
from graph_service.adapters.influx.timeline import InfluxTimeline
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import Conflict
from graph_service.domain.readings import SeriesKey
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.access import OPEN_CALLER
from graph_service.services.copying import Copied
from graph_service.settings import Settings
from tests.contracts.timeline_cases import ALWAYS, as_rows
from tests.servers.influxdb_server import timeline_server
from tests.servers.needed import needed
from tests.servers.neo4j_emptied import emptied
from tests.stories.moving import asked, exported, fuse, lived_in

COUNTED = {"documents", "parts", "elements", "links", "revisions", "records", "series", "readings",
           "events", "forecasts", "days kept as hours"}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A house that was lived in, in a data folder."""
    return lived_in(tmp_path_factory.mktemp("home"), meters=40, days=2, switchings=4)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An empty database and an empty bucket."""
    folder, server = tmp_path_factory.mktemp("servers"), needed(timeline_server)
    address = emptied(folder)
    server.new_bucket("moving")
    return Settings(
        data=folder,
        graph=address.uri,
        graph_user=address.user,
        graph_password=address.password,
        timeline=server.url,
        timeline_org=server.org,
        timeline_bucket="moving",
        timeline_token=server.token,
    )


@pytest.fixture(scope="module")
def back(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A folder to move back to."""
    return Settings(data=tmp_path_factory.mktemp("back") / "data")


@pytest.fixture(scope="module")
def moves(home: Settings, servers: Settings, back: Settings) -> list[Copied]:
    """The move to servers, and the move back."""
    return [move(home, servers), move(servers, back)]


def move(source: Settings, target: Settings) -> Copied:
    with bootstrap.copying(source, target) as copying:
        return copying.copy()


@pytest.fixture
def timelines(home: Settings, servers: Settings, back: Settings) -> Iterator[list[TimelineStore]]:
    """The three timelines."""
    token = servers.timeline_token.get_secret_value()
    place = Place(servers.timeline, servers.timeline_org, servers.timeline_bucket, token)
    with (
        closing(SqliteTimeline(home.data)) as first,
        closing(InfluxTimeline(place)) as between,
        closing(SqliteTimeline(back.data)) as last,
    ):
        yield [first, between, last]


def test_comparison__counts_something_of_everything_and_all_of_it_is_equal(moves) -> None:
    for moved in moves:
        counts = {row.what: row.equal for row in moved.comparison.rows}
        assert counts.keys() == COUNTED
        assert all(counts.values()), counts
        assert (moved.comparison.is_same, moved.resumed, moved.refusals) == (True, False, 0)


def test_questions_and_exports__are_the_same_in_all_three_places(
    moves, home, servers, back, tmp_path
) -> None:
    answers, files = [], []
    for at, settings in enumerate((home, servers, back)):
        with bootstrap.open_services(settings) as house:
            answers.append(asked(house))
            files.append(exported(house, tmp_path / str(at)))
    assert answers[0] == answers[1] == answers[2]
    assert len(files[0]) > 3
    assert files[0] == files[1] == files[2]


def test_timelines__have_every_version_with_both_clocks_in_all_three_places(
    moves, timelines
) -> None:
    names = timelines[0].elements()
    keys = timelines[0].series(names)
    first, between, last = (_read(timeline, keys) for timeline in timelines)
    assert first == between == last
    assert any(len(set(valid)) < len(valid) for valid in first)


def _read(timeline: TimelineStore, keys: list[SeriesKey]) -> list[list[object]]:
    rows = [as_rows(columns) for columns in timeline.versions(keys, ALWAYS)]
    return [[row[0] for row in some] for some in rows] + [*rows]


def test_history__can_be_undone_where_it_came_to(moves, back, servers) -> None:
    for settings in (servers, back):
        with bootstrap.open_services(settings) as house:
            newest = house.network.revision()
            before = house.network.element(fuse(house), EVERYTHING).text("Switch.open")
            undone = house.network.undo(newest, OPEN_CALLER)
            after = house.network.element(fuse(house), EVERYTHING).text("Switch.open")
            assert (undone.number, undone.undoes, before != after) == (newest + 1, newest, True)
            house.network.undo(newest + 1, OPEN_CALLER)


def test_records__token_schedule_rule_and_what_waits_are_there(moves, back) -> None:
    with bootstrap.open_services(back) as house:
        assert [token.name for token in house.access.tokens()] == ["anna"]
        assert [schedule.every for schedule in house.schedules.all()] == ["PT1H"]
        assert [rule.keep for rule in house.keeping.rules()] == ["P3Y"]
        assert [one.address.value for one in house.intake.waiting(9)] == ["meter-of-tomorrow"]


def test_move__into_what_holds_something_else_is_refused(moves, home, servers, tmp_path) -> None:
    other = lived_in(tmp_path, meters=4, days=2, switchings=2)
    with pytest.raises(Conflict, match="holds something already"):
        move(home, other)
    with pytest.raises(Conflict, match="holds something already"):
        move(home, servers)
