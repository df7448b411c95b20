"""A backup of a folder restored to servers, one of servers restored to a folder: all is there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graph_service import bootstrap
from graph_service.domain.errors import Conflict
from graph_service.services.access import OPEN_CALLER
from graph_service.services.backups import BackupReport
from graph_service.settings import Settings
from tests.servers.influxdb_server import timeline_server
from tests.servers.needed import needed
from tests.servers.neo4j_emptied import emptied
from tests.stories.moving import asked, exported, fuse, lived_in

BUCKET = "restored"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backups")


@pytest.fixture(scope="module")
def home(folder: Path) -> Settings:
    """A house that was lived in, in a data folder."""
    return lived_in(folder / "home", meters=15, days=2, switchings=2)


@pytest.fixture(scope="module")
def servers(folder: Path) -> Settings:
    """An empty database and an empty bucket."""
    address, server = emptied(folder / "servers"), needed(timeline_server)
    server.new_bucket(BUCKET)
    return Settings(
        data=folder / "servers" / "data",
        graph=address.uri,
        graph_user=address.user,
        graph_password=address.password,
        timeline=server.url,
        timeline_org=server.org,
        timeline_bucket=BUCKET,
        timeline_token=server.token,
    )


@pytest.fixture(scope="module")
def restored(home: Settings, servers: Settings, folder: Path) -> BackupReport:
    """The backup of the folder, restored to the servers."""
    bootstrap.backups(home).make(folder / "home.tar.gz")
    return bootstrap.backups(servers).restore(folder / "home.tar.gz")


@contextmanager
def being_switched(settings: Settings) -> Iterator[None]:
    """Another process switches a fuse again and again."""
    ended = threading.Event()

    def switch() -> None:
        with bootstrap.open_services(settings) as house:
            network, at = house.network, 0
            switched = network.element(fuse(house), OPEN_CALLER.scope)
            while not ended.is_set():
                switched = network.set_switch(switched, at % 2 == 0, OPEN_CALLER)
                at += 1

    thread = threading.Thread(target=switch)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_restore__to_servers_and_back_to_a_folder_keeps_all_answers(
    home, servers, restored, folder
) -> None:
    made = bootstrap.backups(servers).make(folder / "servers.tar")
    back = Settings(data=folder / "back")
    again = bootstrap.backups(back).restore(folder / "servers.tar")
    assert restored.revision == made.revision == again.revision
    assert restored.counts == made.counts == again.counts
    answers = []
    for at, settings in enumerate((home, servers, back)):
        with bootstrap.open_services(settings) as house:
            answers.append((asked(house), exported(house, folder / f"export-{at}")))
    assert answers[0] == answers[1] == answers[2]


def test_backup__while_others_write_is_of_one_revision(servers, restored, folder) -> None:
    with being_switched(servers):
        made = bootstrap.backups(servers).make(folder / "meanwhile")
    with bootstrap.open_services(servers) as house:
        assert restored.revision <= made.revision <= house.network.revision()
    looked_at = Settings(data=folder / "looked-at")
    bootstrap.backups(looked_at).restore(folder / "meanwhile")
    with bootstrap.open_services(looked_at) as house:
        assert house.network.revision() == made.revision
        assert house.network.undo(made.revision, OPEN_CALLER).number == made.revision + 1


def test_restore__into_servers_that_hold_something_is_refused(servers, restored, folder) -> None:
    with pytest.raises(Conflict, match="holds something already"):
        bootstrap.backups(servers).restore(folder / "home.tar.gz")
    with pytest.raises(Conflict, match="not replaced") as refused:
        bootstrap.backups(servers).restore(folder / "home.tar.gz", replace=True)
    assert "empty the database and the bucket" in refused.value.hint


def test_backup__leaves_nothing_beside_itself(restored, folder) -> None:
    assert not list(folder.glob(".*"))
    assert not list((folder / "servers").glob(".*"))
