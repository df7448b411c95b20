"""The gate of faults: the model serves a share of sensors only where it had the section first more
often than every other one, in every split, by more than chance and the spread over seeds.

Elsewhere the best of the others serves under its own name: the one that had the section first most
often on networks it had not seen; of several that tie there, one that learns nothing, and of these
the one with the least log loss. A tie shuts the gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gnn.faults.asking import SIMPLE
from gnn.faults.table import SPLITS, Line, cell, uncertain

JUDGED_ONLY: Final = "experts"
"""Judged beside the others, and not served."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who serves with a share of sensors, and why.

    Attributes:
        level: Share of sensors.
        gate_open: Whether the model serves.
        served: Who serves.
        top1, top3, metres: How it did in the split `judged`.
        baseline: The best other one there; where a baseline serves, the model.
        baseline_top1: How that one did.
        judged: The split the figures are from.
        verdicts: `better`, `tie` or `worse` by split, of the model against the best other one.
    """

    level: str
    gate_open: bool
    served: str
    top1: float
    top3: float
    metres: float
    baseline: str
    baseline_top1: float
    judged: str
    verdicts: dict[str, str]


def decide(table: Sequence[Line], level: str, model: str) -> Decision:
    """Decide on a share of sensors.

    Args:
        table: All lines.
        level: What is decided on.
        model: Name of the model; its single networks are `model`, their mean is `model mean`.
    """
    splits = [split for split in SPLITS if cell(table, level, split)]
    verdicts = {split: _verdict(cell(table, level, split), model) for split in splits}
    judged = SPLITS[2] if SPLITS[2] in splits else splits[-1]
    group = cell(table, level, judged)
    mine, other = _mine(group, model), _best_other(group, model)
    is_open = all(said == "better" for said in verdicts.values())
    serves, beside = (mine, other) if is_open else (_simplest(group, model, other), mine)
    return Decision(
        level,
        is_open,
        plain_name(serves.model),
        serves.top1,
        serves.top3,
        serves.metres,
        plain_name(beside.model),
        beside.top1,
        judged,
        verdicts,
    )


def plain_name(model: str) -> str:
    """The mean over seeds is what serves, under the name of the contender."""
    return model.removesuffix(" mean")


def _verdict(group: Sequence[Line], model: str) -> str:
    mine, other = _mine(group, model), _best_other(group, model)
    single = next(line for line in group if line.model == model)
    gain = mine.top1 - other.top1
    if abs(gain) <= max(uncertain(mine, other), single.spread):
        return "tie"
    return "better" if gain > 0 else "worse"


def _mine(group: Sequence[Line], model: str) -> Line:
    return next(line for line in group if line.model == f"{model} mean")


def _simplest(group: Sequence[Line], model: str, best: Line) -> Line:
    """Of those that tie with the best, one that learns nothing where there is one."""
    ties = [x for x in _others(group, model) if best.top1 - x.top1 <= uncertain(x, best)]
    plain = [line for line in ties if line.model in SIMPLE]
    return min(plain or ties, key=lambda line: line.log_loss)


def _best_other(group: Sequence[Line], model: str) -> Line:
    """The best that can serve."""
    return max(_others(group, model), key=lambda line: line.top1)


def _others(group: Sequence[Line], model: str) -> list[Line]:
    """Those that can serve: of those with seeds their mean."""
    means = {line.model.removesuffix(" mean") for line in group if line.model.endswith(" mean")}
    own = {model, JUDGED_ONLY}
    return [x for x in group if plain_name(x.model) not in own and x.model not in means]
