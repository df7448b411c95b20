"""A world with ages, lengths and faults; a truth on a long chain, and a bundle learned from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gnn.failures.assets import Assets, read_assets
from gnn.failures.bundle import FailureBundle
from gnn.failures.hazard import Truth, draw_truth
from gnn.training.failures import START_US
from graph_service.topology.projection import Projection
from tests.unit.gnn.failures import making
from tests.unit.gnn.worlds import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "data", making.TEXT, making.DATED)
    yield made
    made.close()


@pytest.fixture
def assets(world: World) -> Assets:
    return read_assets(world.graph, Projection.build(world.graph.scan()), "drawn")


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("chain"), making.chain(), making.lengths())
    yield made
    made.close()


@pytest.fixture(scope="session")
def truth(chain: World) -> Truth:
    found = read_assets(chain.graph, Projection.build(chain.graph.scan()), "drawn")
    return draw_truth(found, making.MONTHS, START_US, 19)


@pytest.fixture(scope="session")
def learned(truth: Truth) -> FailureBundle:
    return making.learned(truth)
