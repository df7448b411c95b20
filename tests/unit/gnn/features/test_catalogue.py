"""What lies far outside of what was learned from is taken for the bound."""

import numpy as np

from gnn.features.catalogue import BOUNDS, NAMES, bounded


def test_bounds__are_those_of_features():
    assert set(BOUNDS) <= set(NAMES)


def test_value_outside__is_taken_for_the_bound():
    assert bounded("base", np.array([-9.0, 1.0, 9.0])).tolist() == [-0.5, 1.0, 2.5]


def test_feature_without_bounds__stays_as_it_is():
    assert bounded("expected", np.array([-99.0, 99.0])).tolist() == [-99.0, 99.0]
