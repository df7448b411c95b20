"""The mixture: a mean by level, of experts that are heard; weights that lose least."""

import numpy as np
import pytest

from gnn.models.mixing import Mixture
from gnn.models.sage import QUANTILES
from gnn.training.mixing import fit_mixture

LEVELS = np.array([0, 1], dtype=np.int8)


def _constant(value, size=2):
    return np.full((size, 3, len(QUANTILES)), value, dtype=np.float32)


def test_mixture__is_the_mean_of_each_level():
    mixture = Mixture(("a", "b"), np.array([[0.25, 0.75], [1.0, 0.0]], dtype=np.float32))
    found = mixture.mixed({"a": _constant(0.0), "b": _constant(4.0)}, LEVELS)
    assert found[:, 0, 0].tolist() == [3.0, 0.0]


def test_heard__are_those_with_weight_at_these_levels():
    mixture = Mixture(("a", "b"), np.array([[0.25, 0.75], [1.0, 0.0]], dtype=np.float32))
    assert mixture.heard(LEVELS) == ("a", "b")
    assert mixture.heard(LEVELS[1:]) == ("a",)


def test_mixed__needs_none_that_is_not_heard():
    mixture = Mixture(("a", "b"), np.array([[1.0, 0.0]], dtype=np.float32))
    assert (mixture.mixed({"a": _constant(2.0, 1)}, LEVELS[:1]) == 2.0).all()


def test_fitted_weights__find_the_mean_of_two_that_err_to_both_sides():
    chance = np.random.default_rng(1)
    truth = chance.normal(0, 1, 4_000).astype(np.float32)
    spread = np.linspace(-1.5, 1.5, len(QUANTILES), dtype=np.float32)
    experts = {
        "low": truth[:, None] * 0 - 1.0 + spread,
        "high": truth[:, None] * 0 + 1.0 + spread,
        "noise": chance.normal(0, 5, (4_000, 1)).astype(np.float32) + spread,
    }
    found = fit_mixture(experts, truth, np.ones_like(truth), np.zeros(4_000, dtype=np.int8), 2)
    assert found.weights[0] == pytest.approx([0.5, 0.5, 0.0], abs=0.06)
    assert found.weights[1].tolist() == [1.0, 0.0, 0.0]
