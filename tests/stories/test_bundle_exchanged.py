"""A bundle is damaged, taken away and exchanged while the service runs and is asked over HTTP."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import gnn
from graph_service.api.app import make_app
from graph_service.bootstrap import Stores, join
from tests.api.conftest import World, served
from tests.stories.test_bad_input_for_predictions import DAYS, MONDAY, TEXT

FORECAST = """{ forecast(scope: {element: "t1"}, horizon: "PT6H", asOf: "2026-02-02T00:00:00Z") {
    rung reason model { name version } quantiles { values } } }"""
PLACE = """{ faultLocation(observations: {tripped: ["l2"], silent: ["M5.usage"]}) {
    rung reason model { version } } }"""
AHEAD, PLACES = Path("load-ahead"), Path("fault-place")


@dataclass(frozen=True)
class Running:
    """A live service whose bundles lie in a folder of their own."""

    address: str
    bundles: Path

    def ask(self, query: str) -> dict[str, Any]:
        """The one answer, without errors."""
        told = httpx.post(f"{self.address}/graphql", json={"query": query}, timeout=60).json()
        assert "errors" not in told, told["errors"]
        [found] = told["data"].values()
        return found

    def ready(self) -> dict[str, str]:
        """What it says of its predictors; it is ready all the same."""
        answer = httpx.get(f"{self.address}/ready")
        assert answer.status_code == 200
        assert str(self.bundles) not in answer.text
        return answer.json().get("predictors", {})


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    bundles = tmp_path / "bundles"
    shutil.copytree(Path(gnn.__file__).parent / "shipped", bundles)
    monkeypatch.setenv("GRIDSTRATA_BUNDLES", str(bundles))
    world = World(tmp_path)
    world.draw(TEXT)
    start = (MONDAY - timedelta(days=DAYS)).isoformat()
    world.read("M5.usage", start, (400 + 50 * np.sin(np.arange(24 * DAYS) / 4)).tolist())
    house = join(Stores(world.graph, world.records, world.timeline, place=""), tmp_path)
    with served(make_app(house, is_open=True)) as address:
        yield Running(address, bundles)
    house.intake.close()
    world.close()


def replaced(folder: Path, **members: Any) -> None:
    """The manifest states something else; the arrays stay."""
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | members))


def test_bundle_damaged_and_put_right__is_answered_throughout_and_told(running: Running) -> None:
    before = running.ask(FORECAST)
    assert before["rung"] == "MODEL"
    assert running.ready() == {}
    arrays = running.bundles / AHEAD / "arrays.npz"
    whole = arrays.read_bytes()
    arrays.write_bytes(whole[:1_000])
    assert running.ask(FORECAST) == before
    assert running.ready() == {"load": "answers from an earlier bundle; the log says why"}
    arrays.write_bytes(whole)
    assert running.ask(FORECAST) == before
    assert running.ready() == {}


def test_bundle_taken_away_before_it_was_asked__says_so_until_it_is_there(running: Running) -> None:
    aside = running.bundles / "aside"
    (running.bundles / AHEAD).rename(aside)
    told = running.ask(FORECAST)
    assert (told["rung"], told["model"]) == ("NOTHING", None)
    assert "is no bundle" in told["reason"]
    assert running.ready() == {"load": "does not answer; the log says why"}
    aside.rename(running.bundles / AHEAD)
    assert running.ask(FORECAST)["rung"] == "MODEL"
    assert running.ready() == {}


def test_newer_bundle__is_used_from_the_next_question_on(running: Running) -> None:
    before = running.ask(FORECAST)["model"]
    replaced(running.bundles / AHEAD, version="newer")
    assert running.ask(FORECAST)["model"] == before | {"version": "newer"}


def test_bundle_for_other_columns__locator_goes_on_answering_with_the_one_before(
    running: Running,
) -> None:
    before = running.ask(PLACE)
    assert before["reason"] == "no line of medium voltage (1 to 60 kV) is energised"
    replaced(running.bundles / PLACES, columns=[["behind", "kW", "elsewhere"]])
    assert running.ask(PLACE) == before
    assert running.ready() == {"fault": "answers from an earlier bundle; the log says why"}
