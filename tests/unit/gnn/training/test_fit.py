"""Fitting: learns what is there to learn, the same every time, and stops early."""

from dataclasses import replace

import numpy as np
import pytest

from gnn.config import ModelConfig
from gnn.models.sage import MEDIAN
from gnn.models.tree import Tree
from tests.unit.gnn.stacks import drawn_stack

pytest.importorskip("torch")
fit = pytest.importorskip("gnn.training.fit").fit

CONFIG = ModelConfig(hidden=8, layers=1, rounds=6, batch=8, rate=2e-2)
ROWS = np.ones(5, dtype=bool)


def test_network__learns_the_correction():
    made = fit(drawn_stack(200), ROWS, drawn_stack(50, 2), CONFIG, 1)
    test = drawn_stack(50, 3)
    said = made.weights.quantiles(Tree.of(test.parents), test.features)[:, :, MEDIAN]
    missed = np.abs(test.scaled() - said).mean()
    assert missed < 0.6 * np.abs(test.scaled()).mean()


def test_same_seed__gives_the_same_weights():
    two = [fit(drawn_stack(), ROWS, drawn_stack(20, 2), CONFIG, 7).weights for _ in range(2)]
    assert all((two[0].arrays[n] == two[1].arrays[n]).all() for n in two[0].arrays)


def test_loss_that_does_not_fall__ends_it_early():
    still = replace(CONFIG, rate=0.0, rounds=30, patience=2)
    assert len(fit(drawn_stack(), ROWS, drawn_stack(20, 2), still, 1).losses) == 3


def test_features_left_out__move_nothing():
    blind = replace(CONFIG, without=("base",), rounds=1)
    weights = fit(drawn_stack(), ROWS, drawn_stack(20, 2), blind, 1).weights
    stack = drawn_stack()
    changed = stack.features.copy()
    changed[:, :, 0] += 100.0
    tree = Tree.of(stack.parents)
    said = [weights.quantiles(tree, features) for features in (stack.features, changed)]
    assert np.array_equal(*said)
