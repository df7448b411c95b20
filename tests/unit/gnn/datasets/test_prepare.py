"""From stores to snapshots: the parts of time, and what cannot be learned from."""

from itertools import pairwise

import numpy as np
import pytest

from gnn.config import DataConfig
from gnn.datasets.parts import PARTS
from gnn.datasets.prepare import ask, misstated, parts_of_time, read_network
from gnn.errors import NothingToLearn
from tests.unit.gnn.worlds import World, usual_watts


def test_parts__follow_each_other_with_gaps():
    found = parts_of_time("L2", DataConfig(), 1)
    assert tuple(found) == PARTS
    for before, after in pairwise(PARTS):
        last = max(moment.target_h for moment in found[before])
        assert last + 24 <= min(moment.target_h for moment in found[after])


@pytest.mark.parametrize("task", ["L1", "L2"])
def test_short_history__is_parted_in_proportion(filled, task):
    network = read_network("drawn", filled.graph, filled.timeline, DataConfig())
    made = [ask(network, task, DataConfig(), 0.5, part) for part in PARTS]
    assert all(len(part) for part in made)
    assert (made[0].horizons == 0).all() == (task == "L1")


def test_history_of_a_few_days__is_told(world):
    world.fill(usual_watts(12))
    network = read_network("drawn", world.graph, world.timeline, DataConfig())
    with pytest.raises(NothingToLearn, match="the readings span 12 days"):
        ask(network, "L1", DataConfig(), 0.5, "train")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("S1 -l1- B1 =T1= B2", "no usage point and no EnergyConsumer"),
        ("S1 -l1- M1", "no transformer and no feeder"),
    ],
)
def test_network_with_nothing_to_say__is_told(tmp_path, text, said):
    world = World(tmp_path, text, [])
    try:
        with pytest.raises(NothingToLearn, match=said):
            read_network("drawn", world.graph, world.timeline, DataConfig())
    finally:
        world.close()


def test_stated_power__is_off_and_the_same_for_one_seed(filled):
    network = read_network("drawn", filled.graph, filled.timeline, DataConfig())
    one, again, two = (misstated(network, seed).grid.customers.expected_w for seed in (1, 1, 2))
    assert (one == again).all()
    assert (one != two).all()
    assert (one > 0).all()


def test_stated_power_that_is_off__leaves_what_came_as_it_was(filled):
    network = read_network("drawn", filled.graph, filled.timeline, DataConfig())
    assert misstated(network, 1).history is network.history
    assert np.array_equal(misstated(network, 1).grid.parents, network.grid.parents)
