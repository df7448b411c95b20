"""Somebody without a model of their own generates a town and imports it like any other delivery."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cim_import.exchange import CimExchange
from cim_import.generating import TownSummary, generate_town
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.bootstrap import open_services
from graph_service.domain.access import EVERYTHING
from graph_service.domain.filters import ElementFilter
from graph_service.domain.findings import Severity
from graph_service.ports.exchange import ImportReport
from graph_service.services.access import OPEN_CALLER
from graph_service.settings import Settings
from tests import oracle


@dataclass
class Story:
    """A town, and the store it was imported into."""

    town: TownSummary
    store: SqliteGraph
    report: ImportReport


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("story")
    town = generate_town(folder / "town", meters=250, seed=11, days=2)
    store = SqliteGraph(folder / "data")
    yield Story(town, store, CimExchange().take([town.directory], store))
    store.close()


def test_import__generated_town_has_nothing_to_complain_about(story: Story) -> None:
    assert [f for f in story.report.findings if f.severity is not Severity.INFO] == []
    assert story.report.skipped == ("events.jsonl", "readings.csv")
    assert not story.report.pending


def test_import__counts_are_those_of_the_generator(story: Story) -> None:
    counted = story.store.count_by_kind(ElementFilter(), EVERYTHING)
    assert counted == dict(story.town.counts)


def test_import_again__same_town_changes_nothing(story: Story) -> None:
    assert CimExchange().take([story.town.directory], story.store).unchanged


def test_export__every_file_says_what_it_said(story: Story, tmp_path: Path) -> None:
    CimExchange().give(story.store, tmp_path, model_set=story.report.model_set)
    for name in story.town.files:
        if name.endswith(".xml"):
            before, after = (story.town.directory / name, tmp_path / name)
            assert oracle.facts(after.read_bytes()) == oracle.facts(before.read_bytes())


def test_readings_and_events__are_taken_whole(story: Story, tmp_path: Path) -> None:
    with open_services(Settings(data=tmp_path)) as house:
        folder = story.town.directory
        house.imports.take([folder], OPEN_CALLER, into="town")
        readings = house.intake.load(folder / "readings.csv", OPEN_CALLER, "town")
        events = house.intake.load(folder / "events.jsonl", OPEN_CALLER, "town")
    rows = (folder / "readings.csv").read_text().splitlines()[1:]
    given = [cell for line in rows for cell in line.split(",")[5:]]
    assert readings.series * 2 == story.town.reading_lines
    assert readings.stored == sum(cell != "" for cell in given)
    assert events.stored + events.corrected == story.town.event_lines
    assert not readings.rejected
    assert not events.rejected
    assert not readings.quarantined
    assert not events.quarantined
