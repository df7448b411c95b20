"""Boosted trees as arrays say what LightGBM says."""

import numpy as np
import pytest

from gnn.baselines.trees import trees_of


def test_trees__say_what_lightgbm_says():
    lightgbm = pytest.importorskip("lightgbm")
    chance = np.random.default_rng(1)
    columns = chance.normal(0, 1, (400, 6)).astype(np.float32)
    target = columns[:, 0] * 2 + np.sin(columns[:, 1]) + chance.normal(0, 0.1, 400)
    settings = {"objective": "quantile", "alpha": 0.9, "verbose": -1, "num_threads": 1}
    booster = lightgbm.train(settings, lightgbm.Dataset(columns, target), 20)
    trees = trees_of([booster.dump_model()["tree_info"]] * 2)
    said = trees.predict(columns)
    assert said.shape == (400, 2)
    assert np.abs(said[:, 1] - booster.predict(columns)).max() < 1e-5


def test_trees__of_a_single_leaf__say_its_value():
    trees = trees_of([[{"tree_structure": {"leaf_value": 4.5}}]])
    assert trees.predict(np.zeros((2, 3), dtype=np.float32)).tolist() == [[4.5], [4.5]]
