"""The network of sections with one idea changed, on the same faults: what each idea brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.faults.asking import MATCHING, Asked
from gnn.faults.columns import NAMES
from gnn.faults.scorer import model_odds
from gnn.faults.table import Row, score
from gnn.training.faults import pooled, set_aside
from gnn.training.section_ranker import fit_ranker
from gnn.training.sections import AS_IT_IS, Idea, fit_scorer

Floats = NDArray[np.float64]
Tell = Callable[[str], None]
Judged = Mapping[str, Sequence[Asked]]

WHOLE: Final = "as it is"
_MATCHED: Final = ("behind", "odds", "volts", "amperes", "doubt", "ohm", "surest", "rank", "is ")
_SUMMED: Final = ("metres", "below", "to_upper", "flow", "reactance")


@dataclass(frozen=True, slots=True)
class Variant:
    """What is changed.

    Attributes:
        idea: The network.
        without: Columns it is not told, by the beginning of their names.
        measured: Whether a section hears the measured ones above and below, not those next to it.
    """

    idea: Idea = AS_IT_IS
    without: tuple[str, ...] = ()
    measured: bool = False

    def of(self, asked: Sequence[Asked]) -> list[Asked]:
        """Faults as this variant is asked them."""
        away = [i for i, name in enumerate(NAMES) if name.startswith(self.without or "\0")]
        return [self._one(each, away) for each in asked]

    def _one(self, asked: Asked, away: list[int]) -> Asked:
        columns = asked.columns.copy()
        columns[:, away] = 0.0
        parents = measured_above(asked) if self.measured else asked.parents
        return replace(asked, columns=columns, parents=parents)


VARIANTS: Final = {
    WHOLE: Variant(),
    "no neighbours": Variant(Idea(layers=0)),
    "one sweep up and down (one layer)": Variant(Idea(layers=1)),
    "four sweeps": Variant(Idea(layers=4)),
    "does not correct matching, is told its scores": Variant(Idea(corrects=False)),
    "without physics: neither": Variant(Idea(corrects=False), _MATCHED),
    "not told sums from the root and below": Variant(without=_SUMMED),
    "graph over the measured sections": Variant(measured=True),
}


def ablate(
    learned: Sequence[Asked],
    more: Sequence[Asked],
    judged: Judged,
    seeds: Sequence[int],
    tell: Tell,
) -> list[Row]:
    """Scores of every variant, by seed where it has some.

    Args:
        learned: Faults to learn from.
        more: Those of many more networks, none where that is not tried.
        judged: Faults by split.
        seeds: One network each.
        tell: Told a line a variant.
    """
    rows = []
    for split, asked in judged.items():
        rows += score(split, MATCHING, 0, asked, [each.simple[MATCHING] for each in asked])
    for name, variant in VARIANTS.items():
        rows += _variant(name, variant, learned, judged, seeds)
        tell(f"F1 {name}: done")
    if more:
        rows += _variant("learned from many more networks", Variant(), more, judged, seeds)
    return rows + _together(learned, judged, seeds)


def measured_above(asked: Asked) -> NDArray[np.int32]:
    """The nearest section above each whose end has a sensor, int32[k]; the first where none has."""
    counts = np.rint(np.expm1(asked.columns[:, NAMES.index("below")]))
    inner = np.zeros(len(counts))
    below = asked.parents >= 0
    np.add.at(inner, asked.parents[below], counts[below])
    own, found = counts > inner, asked.parents.copy()
    for at, parent in enumerate(asked.parents.tolist()):
        if parent >= 0 and not own[parent] and found[parent] >= 0:
            found[at] = found[parent]
    return found


def _variant(
    name: str, variant: Variant, learned: Sequence[Asked], judged: Judged, seeds: Sequence[int]
) -> list[Row]:
    fit, aside = set_aside(variant.of(learned))
    networks = {seed: fit_scorer(fit, aside, seed, variant.idea) for seed in seeds}
    rows = []
    for split, asked in judged.items():
        those = variant.of(asked)
        said = {s: [model_odds([n], *_question(a)) for a in those] for s, n in networks.items()}
        for seed, odds in said.items():
            rows += score(split, f"{name}, one network", seed, asked, odds)
        rows += score(split, name, 0, asked, _means(said))
    return rows


def _together(learned: Sequence[Asked], judged: Judged, seeds: Sequence[int]) -> list[Row]:
    """The ranker, and the odds of network, ranker and matching multiplied."""
    fit, aside = set_aside(learned)
    rankers = {seed: fit_ranker(fit, aside, seed) for seed in seeds}
    networks = [fit_scorer(fit, aside, seed) for seed in seeds]
    rows = []
    for split, asked in judged.items():
        faults = [(each.parents, each.columns) for each in asked]
        said = {seed: one.odds_of_each(faults) for seed, one in rankers.items()}
        for seed, odds in said.items():
            rows += score(split, "ranker, one", seed, asked, odds)
        ranked = _means(said)
        rows += score(split, "ranker", 0, asked, ranked)
        experts = [
            pooled([model_odds(networks, *_question(a)), ranks, a.simple[MATCHING]])
            for a, ranks in zip(asked, ranked, strict=True)
        ]
        rows += score(split, "network, ranker and matching multiplied", 0, asked, experts)
    return rows


def _question(
    asked: Asked,
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    return asked.parents, asked.columns, asked.matched


def _means(said: Mapping[int, Sequence[Floats]]) -> list[Floats]:
    return [np.mean(several, axis=0) for several in zip(*said.values(), strict=True)]
