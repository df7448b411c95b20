"""One training run of where faults are: networks, ranker, simple rules, and the whole table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.faults.asking import MATCHING, SIMPLE, Asked
from gnn.faults.gate import JUDGED_ONLY
from gnn.faults.ranking import Ranker
from gnn.faults.scorer import Scorer, model_odds
from gnn.faults.table import Row, score
from gnn.training.section_ranker import fit_ranker
from gnn.training.sections import fit_scorer

Floats = NDArray[np.float64]
Tell = Callable[[str], None]

GRAPH: Final = "section-sage"
RANKER: Final = "ranker"
TOGETHER: Final = JUDGED_ONLY
"""The odds of network, ranker and matching multiplied; judged beside them."""
_KEPT: Final = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What a run made, by seed, and how all contenders did."""

    scorers: dict[int, Scorer]
    rankers: dict[int, Ranker]
    rows: list[Row]


def train(
    learned: Sequence[Asked],
    judged: Mapping[str, Sequence[Asked]],
    seeds: Sequence[int],
    tell: Tell,
) -> Trained:
    """Learn from faults, and judge on others.

    Args:
        learned: Faults to learn from.
        judged: Faults by split.
        seeds: One network and one ranker each.
        tell: Told a line now and then.
    """
    fit, aside = set_aside(learned)
    made = Trained({}, {}, [])
    for seed in seeds:
        made.scorers[seed] = fit_scorer(fit, aside, seed)
        tell(f"F1 {GRAPH} seed {seed}: done")
        made.rankers[seed] = fit_ranker(fit, aside, seed)
        tell(f"F1 {RANKER} seed {seed}: done")
    for split, asked in judged.items():
        made.rows.extend(_judge(made, split, asked))
    return made


def set_aside(learned: Sequence[Asked]) -> tuple[list[Asked], list[Asked]]:
    """(those that are learned from, those that training stops by)."""
    kept = np.random.default_rng(0).random(len(learned)) < _KEPT
    fit = [each for each, aside in zip(learned, kept, strict=True) if not aside]
    return fit, [each for each, aside in zip(learned, kept, strict=True) if aside]


def _judge(made: Trained, split: str, asked: Sequence[Asked]) -> list[Row]:
    rows = []
    for name in SIMPLE:
        rows += score(split, name, 0, asked, [each.simple[name] for each in asked])
    means = {}
    for name, single in ((RANKER, _ranked(made, asked)), (GRAPH, _scored(made, asked))):
        for seed, odds in single.items():
            rows += score(split, name, seed, asked, odds)
        means[name] = [np.mean(several, axis=0) for several in zip(*single.values(), strict=True)]
        rows += score(split, f"{name} mean", 0, asked, means[name])
    together = [
        pooled([a, b, each.simple[MATCHING]])
        for a, b, each in zip(means[GRAPH], means[RANKER], asked, strict=True)
    ]
    return rows + score(split, TOGETHER, 0, asked, together)


def _scored(made: Trained, asked: Sequence[Asked]) -> dict[int, list[Floats]]:
    return {
        seed: [model_odds([one], each.parents, each.columns, each.matched) for each in asked]
        for seed, one in made.scorers.items()
    }


def _ranked(made: Trained, asked: Sequence[Asked]) -> dict[int, list[Floats]]:
    faults = [(each.parents, each.columns) for each in asked]
    return {seed: one.odds_of_each(faults) for seed, one in made.rankers.items()}


def pooled(several: Sequence[Floats]) -> Floats:
    """Geometric mean of odds."""
    logs = np.mean([np.log(np.maximum(each, 1e-12)) for each in several], axis=0)
    risen = np.exp(logs - logs.max())
    found: Floats = risen / risen.sum()
    return found
