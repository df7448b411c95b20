"""An intake over embedded stores, with the means to bring lines, files and models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.access import Caller, Right, Scope
from graph_service.domain.readings import SeriesKey, Window
from graph_service.domain.statements import Part
from graph_service.services.access import OPEN_CALLER
from graph_service.services.formats.mapping import DEFAULT, Mapping
from graph_service.services.intake import IngestReport, Intake, Receipt
from graph_service.services.notices import (
    REVISIONS_TOPIC,
    TIMELINE_TOPIC,
    Notice,
    Notices,
    RevisionChanged,
)
from tests.building import document, part

EVERYTHING = Window(-(2**55), 2**55)


class World:
    """Stores with one usage point `up-1` in the model set `town`, and an intake over them."""

    def __init__(self, folder: Path, mapping: Mapping = DEFAULT) -> None:
        self.folder = folder
        self.graph = SqliteGraph(folder / "data")
        self.records = SqliteRecords(folder / "data")
        self.timeline = SqliteTimeline(folder / "data")
        self.notices = Notices()
        self.told: list[Notice] = []
        self.notices.listen(TIMELINE_TOPIC, self.told.append)
        self.imported(part("up-1", "UsagePoint"))
        self.intake = self.another(mapping)

    def another(self, mapping: Mapping = DEFAULT) -> Intake:
        """A new intake over the same stores, as after a restart."""
        return Intake(self.graph, self.records, self.timeline, self.notices, mapping=mapping)

    def imported(self, *parts: Part, file: str = "EQ.xml") -> None:
        """Import a document, as another part of the house does, which tells of it."""
        with self.graph.transaction(author="test", message="import") as change:
            change.put_document(document(file), parts)
        self.notices.publish(REVISIONS_TOPIC, RevisionChanged(self.graph.revision()))

    def bring(self, *lines: str, caller: Caller = OPEN_CALLER) -> Receipt:
        """Bring lines whose stamps are seconds, and wait until they are durable."""
        body = "\n".join(lines).encode()
        return self.intake.offer_lines(body, caller, "town", "s").result()

    def load(self, content: str | bytes, name: str = "file", **more: Any) -> IngestReport:
        """Load a file."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self.intake.load(path, OPEN_CALLER, "town", **more)

    def values(
        self, element: str = "town/up-1", quantity: str = "P", known_us: int | None = None
    ) -> dict[int, float]:
        """second → value"""
        key = SeriesKey(element, quantity, "meter")
        [columns] = self.timeline.read([key], EVERYTHING, known_us)
        seconds = (us // 1_000_000 for us in columns.valid_us)
        return dict(zip(seconds, columns.values, strict=True))

    def caller(self, *numbers: int) -> Caller:
        """A caller who may write for the organisations of these numbers only."""
        return Caller("some", Scope(frozenset(numbers)), frozenset({Right.WRITE}))

    def close(self) -> None:
        """Let go of the files."""
        self.intake.close()
        for store in (self.graph, self.records, self.timeline):
            store.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def world_with(tmp_path: Path) -> Iterator[Callable[[Mapping], World]]:
    made: list[World] = []

    def make(mapping: Mapping) -> World:
        made.append(World(tmp_path / str(len(made)), mapping))
        return made[-1]

    yield make
    for world in made:
        world.close()
