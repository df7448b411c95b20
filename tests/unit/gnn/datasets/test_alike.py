"""Customers that move together: shared profiles, everybody's own mean, the same for one seed."""

import numpy as np
import pytest

from gnn.config import DataConfig
from gnn.datasets.alike import alike
from gnn.datasets.prepare import read_network


@pytest.fixture
def network(filled):
    """The small network, everybody for himself."""
    return read_network("drawn", filled.graph, filled.timeline, DataConfig())


def _common(network):
    """Mean correlation of what customers do beside the usual hour of the day."""
    watts = network.history.hours.watts
    days = watts.reshape(len(watts), -1, 24)
    beside = (days / days.mean(axis=1, keepdims=True) - 1).reshape(len(watts), -1)
    found = np.corrcoef(beside)
    return (found.sum() - len(found)) / (len(found) ** 2 - len(found))


def test_customers__move_together_more_than_before(network):
    together = [_common(alike(network, seed)) for seed in range(6)]
    assert np.mean(together) > _common(network) + 0.05


def test_customers__keep_their_mean_power(network):
    before, after = (n.history.hours.watts.mean(axis=1) for n in (network, alike(network, 3)))
    assert after == pytest.approx(before, rel=0.2)


def test_network__is_the_same_for_one_seed_and_another_for_the_next(network):
    one, again, two = (alike(network, seed).history.hours.watts for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, two)


def test_who_feeds_in__follows_nobody(network):
    network.history.hours.watts[0, 12] = -500.0
    assert np.array_equal(alike(network, 1).history.hours.watts[0], network.history.hours.watts[0])


def test_some_networks__state_no_fuses(network):
    classes = [alike(network, seed).grid.customers.classes for seed in range(8)]
    assert len({tuple(each.tolist()) for each in classes}) > 1 or len(set(classes[0])) == 1
