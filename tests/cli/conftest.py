"""A small town in a data folder, and the program run on it as a person runs it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from graph_service import bootstrap
from graph_service.cli import main
from graph_service.services.access import OPEN_CALLER
from graph_service.settings import Settings

TRANSFORMER = "d3c4ab53-6268-401c-83be-88286c55b5d5"
"""T-0001 of the town of seed 3."""


@dataclass
class Ended:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def hint(self) -> str:
        """The hint of the one error that there must be."""
        message, hint = self.err.splitlines()[0], self.err.splitlines()[-1]
        assert message.startswith("error: ")
        assert hint.startswith("hint: ")
        assert self.err.count("error: ") == 1
        return hint


Run = Callable[..., Ended]


@pytest.fixture(scope="session")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a town of 60 meters."""
    folder = tmp_path_factory.mktemp("delivery") / "town"
    bootstrap.generate_town(folder, meters=60, seed=3, days=2)
    return folder


@pytest.fixture(scope="session")
def imported(delivery: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the town and its readings; not to be written to."""
    data = tmp_path_factory.mktemp("imported") / "data"
    with bootstrap.open_services(Settings(data=data)) as house:
        house.imports.take([delivery], OPEN_CALLER, into="town")
        house.intake.load(delivery / "readings.csv", OPEN_CALLER, "town")
    return data


@pytest.fixture
def data(imported: Path, tmp_path: Path) -> Path:
    """A copy of it to write to."""
    return Path(shutil.copytree(imported, tmp_path / "data"))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run the program within this process; a traceback would end the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("DATA", "HOST", "PORT", "MAX_UPLOAD_BYTES", "MAPPING"):
        monkeypatch.delenv(f"GRIDSTRATA_{name}", raising=False)

    def call(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["gridstrata", *map(str, arguments)])
        code: object = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        printed = capsys.readouterr()
        return Ended(int(str(code or 0)), printed.out, printed.err)

    return call
