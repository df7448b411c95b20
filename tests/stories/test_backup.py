"""The restore drill: backups are taken while another process writes, and each is restored."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from graph_service import bootstrap
from graph_service.adapters.sqlite.backup import FILES, SqliteBackup
from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import Conflict
from graph_service.services.backups import Backups
from graph_service.settings import Settings
from tests.stories.backup_writer import METERS, ROUNDS

ROOT = Path(__file__).parents[2]
BACKUPS = 8


@contextmanager
def writer(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that writes; killed at the end of the block."""
    command = [sys.executable, "-m", "tests.stories.backup_writer", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "1\n"
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Backups taken one after another of a folder that is written to all the time."""
    folder = tmp_path_factory.mktemp("taken")
    backups = Backups(SqliteBackup(folder / "data"))
    targets = [folder / f"{at}.tar" for at in range(BACKUPS)]
    with writer(folder / "data") as process:
        for target in targets:
            backups.make(target)
        assert process.poll() is None, "the writer ended before the backups did"
    return targets


def restored(backup: Path, folder: Path) -> Path:
    Backups(SqliteBackup(folder / "data")).restore(backup)
    return folder / "data"


def test_backup__holds_one_and_the_same_point_of_all_stores(taken, tmp_path) -> None:
    points = []
    for at, backup in enumerate(taken):
        data = restored(backup, tmp_path / str(at))
        with bootstrap.open_services(Settings(data=data)) as house:
            revision = house.network.revision()
            found = house.network.element("M0", EVERYTHING)
        with closing(SqliteTimeline(data)) as timeline, closing(SqliteRecords(data)) as records:
            readings = {reading.value for reading in timeline.last(METERS)}
            [record] = records.get(ROUNDS, ["last"])
        assert found.name == str(revision)
        assert len(readings) == 1
        assert record["number"] <= readings.pop() <= revision <= record["number"] + 1
        points.append(revision)
    assert points == sorted(points)
    assert points[-1] > points[0]


def test_backup__each_file_passes_the_check_of_its_integrity(taken, tmp_path) -> None:
    for at, backup in enumerate(taken):
        data = restored(backup, tmp_path / str(at))
        for name in FILES:
            with closing(sqlite3.connect(data / name)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_writer__goes_on_in_what_was_restored(taken, tmp_path) -> None:
    data = restored(taken[0], tmp_path)
    command = [sys.executable, "-m", "tests.stories.backup_writer", str(data)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "1\n"
        process.kill()


def test_restore__over_a_folder_that_another_process_uses_is_refused(taken, tmp_path) -> None:
    with writer(tmp_path / "data"):
        backups = Backups(SqliteBackup(tmp_path / "data"))
        with pytest.raises(Conflict, match="in use"):
            backups.restore(taken[0], replace=True)
