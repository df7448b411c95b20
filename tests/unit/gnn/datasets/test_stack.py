"""Networks side by side: rows apart, weights by level."""

import numpy as np
import pytest

from gnn.datasets.stack import Stack, level_weights
from gnn.features.catalogue import NAMES, bounded
from gnn.features.loads import CORRECTED, ESTIMATES
from tests.unit.gnn.stacks import PARENTS, drawn_snapshots, drawn_stack


def test_stack__keeps_networks_apart():
    stack = Stack.of([drawn_snapshots(), drawn_snapshots(seed=2)])
    assert stack.parents.tolist() == [-1, 0, 0, 1, 1, -1, 5, 5, 6, 6]
    assert stack.networks.tolist() == [0] * 5 + [1] * 5
    assert stack.features.shape[:2] == (10, 40)
    assert not set(stack.feeders[:5]) & set(stack.feeders[5:])


def test_scaled_truth__is_what_models_say():
    stack = Stack.of([drawn_snapshots()])
    assert np.allclose(stack.base + stack.scale * stack.scaled(), stack.truth)


def test_weights__count_every_level_the_same_and_nothing_unknown():
    made = drawn_snapshots()
    made.truth[:, 0] = np.nan
    stack = Stack.of([made])
    weights = level_weights(stack, np.ones(len(PARENTS), dtype=bool))
    assert (weights[0] == 0).all()
    by_level = [weights[stack.levels == level].sum() for level in (2, 3)]
    assert np.isclose(by_level[0], by_level[1], rtol=0.05)


def test_correcting__makes_another_estimate_the_base():
    stack = drawn_stack()
    found = stack.correcting("last week")
    assert (found.base == stack.estimates[:, :, ESTIMATES.index("last week")]).all()
    over = bounded("base", found.base / np.exp(stack.features[:, :, NAMES.index("expected")]))
    assert found.features[:, :, NAMES.index("base")] == pytest.approx(over, rel=1e-5)
    assert stack.correcting(CORRECTED) is stack
