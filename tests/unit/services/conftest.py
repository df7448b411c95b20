"""Services over embedded stores in a folder of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cim_import.exchange import CimExchange
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.services.access import OPEN_CALLER, Access
from graph_service.services.imports import Imports
from graph_service.services.network import Network
from graph_service.services.notices import Notices
from tests.drawing import Drawing, draw


class World:
    """A graph, records, and the services over them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.graph = SqliteGraph(folder)
        self.records = SqliteRecords(folder)
        self.notices = Notices()
        self.access = Access(self.records, self.graph)
        self.network = Network(self.graph, self.notices, cache=folder / "projection")
        self.imports = Imports(self.graph, self.records, CimExchange(), self.notices)

    def hold(self, drawing: Drawing) -> None:
        """Put a drawn network into the graph."""
        with self.graph.transaction(author="test", message="draw") as change:
            change.put_document(drawing.document, drawing.parts)

    def draw(self, text: str) -> None:
        """Draw a network and put it into the graph."""
        self.hold(draw(text))

    def open(self, mrid: str) -> None:
        """Open a switch, now."""
        switch = self.network.element(mrid, OPEN_CALLER.scope)
        self.network.set_switch(switch, True, OPEN_CALLER)

    def close(self) -> None:
        """Let go of the files."""
        self.graph.close()
        self.records.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()
