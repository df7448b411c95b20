"""Stores with the small network, closed after each test; a bundle with drawn weights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gnn.bundle.file import Bundle
from gnn.features.grid import Grid, read_grid
from graph_service.topology.projection import Projection
from tests.unit.gnn.worlds import World, drawn_bundle, usual_watts


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The small network, without readings."""
    made = World(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def filled(world: World) -> World:
    """The small network with forty days of readings."""
    world.fill(usual_watts())
    return world


@pytest.fixture
def grid(world: World) -> Grid:
    """Its places."""
    return read_grid(world.graph, Projection.build(world.graph.scan()))


@pytest.fixture
def bundle() -> Bundle:
    """Loads ahead, with drawn weights."""
    return drawn_bundle()
