"""The boosted ranker: seeded, and its factor fitted on faults kept aside."""

from __future__ import annotations

import numpy as np

from gnn.training.section_ranker import fit_ranker
from tests.unit.gnn.faults.asked import few


def test_fit_ranker__ranks_the_true_section_first_more_often_than_chance() -> None:
    learned, kept = few(30, 1), few(10, 2)
    ranker = fit_ranker(learned, kept, 1)
    first = [int(np.argmax(ranker.odds(e.parents, e.columns))) == e.truth for e in kept]
    assert np.mean(first) > 0.5
    assert 0.1 <= ranker.factor <= 10.0


def test_fit_ranker__same_seed_gives_the_same_trees() -> None:
    one, again = (fit_ranker(few(10, 1), few(3, 2), 1).trees.arrays for _ in range(2))
    assert all(np.array_equal(one[name], again[name]) for name in one)
