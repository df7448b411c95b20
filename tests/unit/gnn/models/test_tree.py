"""The tree as matrices: means over children, values of parents, several trees side by side."""

import numpy as np

from gnn.models.tree import Tree, forest

PARENTS = np.array([-1, 0, 0, 2], dtype=np.int32)


def test_children__are_averaged():
    values = np.array([1.0, 2.0, 4.0, 8.0])
    assert (Tree.of(PARENTS).children @ values).tolist() == [3.0, 0.0, 8.0, 0.0]


def test_parent__is_picked():
    values = np.array([1.0, 2.0, 4.0, 8.0])
    assert (Tree.of(PARENTS).parent @ values).tolist() == [0.0, 1.0, 1.0, 4.0]


def test_forest__keeps_trees_apart():
    assert forest([PARENTS, PARENTS]).tolist() == [-1, 0, 0, 2, -1, 4, 4, 6]
