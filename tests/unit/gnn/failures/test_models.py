from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from gnn.failures.columns import TABULAR
from gnn.failures.models import MODELS, fit_constant, fit_logistic
from gnn.training.failures import Seen, fit_risks, past_of, seen_in


@pytest.mark.parametrize("name", MODELS)
def test_said__is_a_chance_for_each_row(truth, learned, name):
    test = seen_in(truth, 32, 34)
    risks = learned.risks[0].said(name, test.columns)
    assert risks.shape == test.failed.shape
    assert ((risks > 0) & (risks < 1)).all()


def test_trees__without_lightgbm_say_what_lightgbm_says(truth):
    lightgbm = pytest.importorskip("lightgbm")
    train = seen_in(truth, 10, 14)
    data = lightgbm.Dataset(train.columns, train.failed.astype(float))
    settings = {"objective": "binary", "num_leaves": 7, "verbose": -1, "num_threads": 1}
    booster = lightgbm.train(settings, data, 20)
    from gnn.baselines.trees import trees_of

    said = trees_of([booster.dump_model()["tree_info"]]).predict(train.columns)[:, 0]
    assert expit(said) == pytest.approx(booster.predict(train.columns), abs=1e-5)


def test_fit_constant__is_the_share_of_each_kind_that_failed():
    columns = np.zeros((400, TABULAR), dtype=np.float32)
    columns[:200, 0] = columns[200:, 1] = 1
    failed = np.zeros(400, dtype=bool)
    failed[:20] = failed[200:202] = True
    rates = fit_constant(columns, failed)["rates"]
    assert rates[:2] == pytest.approx([0.1, 0.01], abs=0.003)


def test_fit_logistic__finds_the_weight_that_made_the_data():
    chance = np.random.default_rng(1)
    columns = chance.standard_normal((20_000, TABULAR)).astype(np.float32)
    failed = chance.random(20_000) < expit(1.5 * columns[:, 3] - 2)
    made = fit_logistic(columns, failed)
    assert made["weights"][3] / made["spread"][3] == pytest.approx(1.5, abs=0.1)
    assert np.abs(np.delete(made["weights"], 3)).max() < 0.1


def test_fit_risks__twice_is_the_same(truth):
    train = seen_in(truth, 10, 14)
    first, again = (fit_risks(Seen.of([train]), [past_of(truth, 14)], 1) for _ in range(2))
    for one, other in ((first.boosted, again.boosted), (first.graph, again.graph)):
        assert all(np.array_equal(one.arrays[name], other.arrays[name]) for name in one.arrays)
