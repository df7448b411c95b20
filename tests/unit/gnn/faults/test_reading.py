"""The medium voltage of imported models: a generated town, IEEE 123, a network without any."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from gnn.errors import NothingToLocate
from gnn.faults.cases import Fault, heads
from gnn.faults.grid import MvGrid, Spot
from gnn.faults.places import places
from gnn.faults.reading import read_mv_grid
from gnn.faults.sensing import respond, sensors
from gnn.faults.short import KINDS
from gnn.faults.solver import solve
from graph_service.domain.access import EVERYTHING
from graph_service.ports.graph_store import GraphStore
from graph_service.topology.projection import Projection
from tests.models import model
from tests.unit.gnn.faults.peers import by_opendss
from tests.unit.gnn.faults.towns import imported, town
from tests.unit.gnn.worlds import World


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    """A town of 500 meters."""
    with ExitStack() as closing:
        yield town(tmp_path_factory.mktemp("town"), 500, closing)


@pytest.fixture(scope="module")
def grid(graph: GraphStore) -> MvGrid:
    """Its medium voltage."""
    return read_mv_grid(graph, Projection.build(graph.scan()))


def test_read_mv_grid__has_the_sections_of_20_kv_with_their_length(grid: MvGrid) -> None:
    assert (grid.volts * np.sqrt(3)).tolist() == pytest.approx([20e3] * len(grid))
    assert grid.is_section.sum() == (grid.parents >= 0).sum() > 5
    assert (grid.lengths_m[grid.is_section] > 50).all()
    own = grid.series[grid.is_section][:, 0, 0] - grid.series[grid.is_section][:, 0, 1]
    assert np.abs(own / grid.lengths_m[grid.is_section] * 1e3).max() < 0.4


def test_read_mv_grid__load_of_all_customers_is_below_the_roots(grid: MvGrid) -> None:
    assert len(grid.meters) == 500
    assert (grid.meters.buses >= 0).all()
    assert 50e3 < grid.loads_va.sum().real < 2e6


def test_read_mv_grid__says_what_it_assumed(grid: MvGrid) -> None:
    assert [words.partition(" x ")[2] for words in grid.assumed] == [
        "earthing of a neutral: a resistor that lets 1,000 A flow",
        "zero sequence of a line: 4 times positive",
    ]


def test_read_mv_grid__switch_that_tripped_counts_as_closed(
    graph: GraphStore, grid: MvGrid
) -> None:
    projection = Projection.build(graph.scan())
    breaker = grid.devices.keys[int(grid.zones[1])].partition("/")[2]
    [[found]] = graph.by_mrid([breaker], EVERYTHING)
    opened = projection.with_states({found.number: 2 | 16})
    assert len(read_mv_grid(graph, opened)) < len(grid)
    again = read_mv_grid(graph, opened, closed=[found.number])
    assert again.sections == grid.sections


def test_read_mv_grid__without_voltages_there_is_nothing_to_locate(tmp_path: Path) -> None:
    world = World(tmp_path)
    with pytest.raises(NothingToLocate, match="no line of medium voltage"):
        read_mv_grid(world.graph, Projection.build(world.graph.scan()))
    world.close()


def test_read_mv_grid__ieee_123_is_that_of_opendss(tmp_path: Path) -> None:
    with ExitStack() as closing:
        graph = imported(tmp_path, [model("gridappsd_ieee123")], closing)
        grid = read_mv_grid(graph, Projection.build(graph.scan()))
    assert (grid.is_section.sum(), grid.assumed, len(heads(grid))) == (118, (), 1)
    assert grid.loads_va.sum().real == pytest.approx(3.49e6)
    fault = Fault(int(np.argmax(grid.metres)), 0.5, 4, 1.0)
    solved = solve(grid, grid.loads_va)
    every = sensors(solved, [Spot(bus) for bus in range(len(grid))])
    at = places(solved, np.array([fault.bus], dtype=np.int32), np.array([fault.share]))
    ours = respond(solved, every, at, KINDS[fault.kind], np.array([[fault.ohm]])).volts[0, 0]
    far = np.abs(ours - by_opendss(grid, fault))[grid.phases]
    assert far.max() < 0.01 * grid.volts[0]
