"""Learning to score sections: the same in torch as served, seeded, better than it began."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from gnn.faults.scorer import model_odds
from gnn.models.tree import Tree
from gnn.training.network import matrices
from gnn.training.sections import Network, fit_scorer
from tests.unit.gnn.faults.asked import few


def test_network__is_that_which_is_served_within_1e_5() -> None:
    asked = few(1)[0]
    torch.manual_seed(1)
    width = asked.columns.shape[1]
    network = Network(torch.zeros(width), torch.ones(width)).eval()
    torch.nn.init.normal_(network.leave.weight)
    tree = Tree.of(asked.parents)
    with torch.no_grad():
        said = network(
            matrices(tree), torch.from_numpy(asked.columns), torch.from_numpy(asked.matched)
        )
    served = network.weights().logits(tree, asked.columns, asked.matched)
    assert np.abs(said.numpy() - served).max() < 1e-5


def test_fit_scorer__same_seed_gives_the_same_weights_and_another_others() -> None:
    learned, kept = few(6, 1), few(3, 2)
    one, again, other = (fit_scorer(learned, kept, seed).arrays for seed in (1, 1, 2))
    assert all(np.array_equal(one[name], again[name]) for name in one)
    assert not np.array_equal(one["enter"], other["enter"])


def test_fit_scorer__learns_what_matching_leaves_over() -> None:
    learned = few(10, 1)
    unsure = np.float32(0.1)
    faults = [replace(each, matched=unsure * each.matched) for each in learned]
    scorer = fit_scorer(faults, faults, 1)

    def loss(scorers) -> float:
        odds = [model_odds(scorers, e.parents, e.columns, e.matched)[e.truth] for e in faults]
        return float(-np.log(odds).mean())

    before = [np.exp(e.matched[e.truth]) / np.exp(e.matched).sum() for e in faults]
    assert loss([scorer]) < float(-np.log(before).mean())
