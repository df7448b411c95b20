"""The table: task by level by split by model, mean and spread over seeds; ties are called ties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Final

SPLITS: Final = (
    "later weeks",
    "unseen feeders",
    "unseen networks",
    "unseen networks, all metered",
    "unseen networks, moving together",
)
"""Ways to judge, all in later weeks: places learned from; feeders that were not; whole networks
that were not, with the usual share of meters seen, and with nearly all of them; and with customers
that share a few profiles."""


@dataclass(frozen=True, slots=True)
class Row:
    """One score: `pinball` and `nmae` over the mean load of the level."""

    task: str
    level: str
    split: str
    model: str
    seed: int
    count: int
    pinball: float
    nmae: float
    coverage_80: float


@dataclass(frozen=True, slots=True)
class Line:
    """Scores of one model over all seeds: means, and the spread of the pinball loss."""

    task: str
    level: str
    split: str
    model: str
    seeds: int
    count: int
    pinball: float
    spread: float
    nmae: float
    coverage_80: float


def lines(rows: Iterable[Row]) -> list[Line]:
    """Means over seeds, in the order the models were first seen."""
    groups: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.task, row.level, row.split, row.model].append(row)
    return [_line(*key, group) for key, group in groups.items()]


def best_baseline(found: Sequence[Line], task: str, level: str, split: str, model: str) -> Line:
    """The best line of the other models in a cell.

    Raises:
        KeyError: there is no other one.
    """
    others = [line for line in cell(found, task, level, split) if not _is(line.model, model)]
    if not others:
        raise KeyError((task, level, split))
    return min(others, key=lambda line: line.pinball)


def cell(found: Sequence[Line], task: str, level: str, split: str) -> list[Line]:
    """All models of one task, level and split."""
    return [x for x in found if (x.task, x.level, x.split) == (task, level, split)]


def verdict(model: Line, baseline: Line, spread: float) -> str:
    """`better`, `tie` or `worse`: a difference within the spread over seeds is a tie."""
    gain = baseline.pinball - model.pinball
    if abs(gain) <= spread:
        return "tie"
    return "better" if gain > 0 else "worse"


def _is(name: str, model: str) -> bool:
    return name == model or name.startswith(f"{model} ")


def _line(task: str, level: str, split: str, model: str, group: Sequence[Row]) -> Line:
    losses = [row.pinball for row in group]
    return Line(
        task,
        level,
        split,
        model,
        len(group),
        group[0].count,
        fmean(losses),
        stdev(losses) if len(losses) > 1 else 0.0,
        fmean(row.nmae for row in group),
        fmean(row.coverage_80 for row in group),
    )
