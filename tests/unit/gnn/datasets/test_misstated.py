"""What is stated of customers in generated towns is off, in each town by as much as was drawn."""

import numpy as np

from gnn.datasets.history import read_history
from gnn.datasets.prepare import Network, misstated


def _network(filled, grid):
    return Network("small", grid, read_history(filled.timeline, grid, 0.0))


def test_stated_power__is_off_and_the_same_for_one_seed(filled, grid):
    network = _network(filled, grid)
    one, again, two = (misstated(network, seed).grid.customers.expected_w for seed in (1, 1, 2))
    assert (one == again).all()
    assert (one != two).all()
    assert (one > 0).all()


def test_what_came__is_as_it_was(filled, grid):
    network = _network(filled, grid)
    assert misstated(network, 1).history is network.history
    assert np.array_equal(misstated(network, 1).grid.parents, grid.parents)
