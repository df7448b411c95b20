"""The graph network over sections, without torch."""

from __future__ import annotations

import numpy as np
import pytest

from gnn.faults.scorer import Scorer, matched_logs, model_odds, odds_of
from gnn.models.tree import Tree
from tests.unit.gnn.faults.asked import drawn_scorer, few


def test_model_odds__network_that_has_learned_nothing_says_what_matching_says() -> None:
    arrays = dict(drawn_scorer().arrays)
    arrays["leave"], arrays["leave_bias"] = 0 * arrays["leave"], 0 * arrays["leave_bias"]
    asked = few(1)[0]
    found = model_odds([Scorer(arrays)], asked.parents, asked.columns, asked.matched)
    assert found == pytest.approx(asked.simple["matching"], abs=1e-6)


def test_model_odds__is_the_mean_of_several_networks() -> None:
    asked, several = few(1)[0], [drawn_scorer(seed) for seed in (1, 2)]
    tree = Tree.of(asked.parents)
    each = [odds_of(one.logits(tree, asked.columns, asked.matched)) for one in several]
    found = model_odds(several, asked.parents, asked.columns, asked.matched)
    assert found == pytest.approx(np.mean(each, axis=0))


def test_matched_logs__are_bounded_where_odds_are_nothing() -> None:
    assert matched_logs(np.array([1.0, 0.0])).tolist() == [0.0, -30.0]
