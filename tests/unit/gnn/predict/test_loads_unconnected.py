"""Networks that are not connected tell nothing about each other, in no answer of any rung."""

from pathlib import Path

import numpy as np
import pytest

from gnn.features.grid import read_grid
from gnn.features.hours import HOUR_US
from gnn.predict.loads import BundledLoads
from graph_service.ports.predictor import LoadQuestion, Rung
from graph_service.topology.projection import Projection
from tests.unit.gnn.worlds import HEADS, METERS, NETWORK, START_US, World, drawn_bundle, usual_watts

ISSUED_US = START_US + 30 * 24 * HOUR_US
OTHERS = ["M21", "M22", "M23"]
BOTH = NETWORK.rstrip() + "\n    S2 -hw- B21 =T9= B22 -w1- M21 -w2- M22 -w3- M23\n"


@pytest.fixture
def made(tmp_path: Path):
    worlds = []

    def make(watts, name):
        world = World(tmp_path / name, BOTH)
        worlds.append(world)
        world.fill(watts)
        return world

    yield make
    for world in worlds:
        world.close()


def _others(seed, gap=None):
    chance = np.random.default_rng(seed)
    found = {meter: chance.uniform(50, 5_000, 30 * 24).round() for meter in OTHERS}
    for values in found.values():
        values[slice(*gap or (0, 0))] = np.nan
    return found


def _ask(world, hours, elements=()):
    loads = BundledLoads(world.graph, world.timeline, drawn_bundle("L1"), drawn_bundle("L2"))
    return loads.loads(LoadQuestion(elements, ISSUED_US, hours))


def _of(answers, name):
    return next(each for each in answers if each.element == f"drawn/{name}")


def test_grid__tells_networks_apart(made):
    grid = read_grid(*_graph(made(_others(1), "one")))
    there = dict(zip(grid.keys, grid.networks.tolist(), strict=True))
    assert there["drawn/T9"] != there["drawn/T0"]
    assert {there[f"drawn/{name}"] for name in ("T1", "T2", *HEADS)} == {there["drawn/T0"]}
    assert sorted(np.diff(grid.bounds).tolist()) == [3, 12]


@pytest.mark.parametrize("hours", [0, 48])
@pytest.mark.parametrize("gap", [None, (650, 720), (0, 720)])
def test_answers__are_the_same_bit_for_bit_whatever_is_read_in_the_other(made, hours, gap):
    mine = {meter: usual_watts()[meter][: 30 * 24] for meter in METERS[::3]}
    mine["M1"][300:310] = np.nan
    one = _ask(made(mine | _others(1), "one"), hours)
    two = _ask(made(mine | _others(2, gap), "two"), hours)
    for name in ("T0", "T1", "T2", *HEADS):
        assert _of(one, name) == _of(two, name)


def test_network_nobody_reads__is_the_class_mean_beside_one_that_is_read(made):
    found = _ask(made({meter: usual_watts()[meter] for meter in METERS}, "one"), 24)
    assert (_of(found, "T9").rung, _of(found, "T1").rung) == (Rung.CLASS_MEAN, Rung.MODEL)
    assert np.isfinite(_of(found, "T9").forecast.values[0]).all()


def _graph(world):
    return world.graph, Projection.build(world.graph.scan())
