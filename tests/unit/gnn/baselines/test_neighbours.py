"""Columns of the neighbourhood: own, parent, top, children."""

import numpy as np

from gnn.baselines.neighbours import CARRIED, with_neighbours
from gnn.features.catalogue import NAMES
from gnn.models.tree import Tree

PARENTS = np.array([-1, 0, 1, 1], dtype=np.int32)


def test_columns__are_own_then_parent_then_top_then_children():
    features = np.zeros((4, 1, len(NAMES)), dtype=np.float32)
    features[:, 0, CARRIED[0]] = [1.0, 2.0, 4.0, 6.0]
    found = with_neighbours(features, PARENTS, Tree.of(PARENTS))
    own, width = len(NAMES), len(CARRIED)
    assert found.shape == (4, 1, own + 3 * width)
    assert [found[1, 0, own + k * width] for k in range(3)] == [1.0, 1.0, 5.0]
    assert [found[3, 0, own + k * width] for k in range(3)] == [2.0, 1.0, 0.0]


def test_columns__of_the_top__have_itself_above():
    features = np.ones((4, 2, len(NAMES)), dtype=np.float32)
    found = with_neighbours(features, PARENTS, Tree.of(PARENTS))
    assert (found[0, :, len(NAMES) : len(NAMES) + len(CARRIED)] == 1.0).all()
