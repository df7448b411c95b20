"""The table of faults: share of sensors by split by contender, mean and spread over seeds.

top 1, top 3 = share of faults whose section was first, among the first three
metres = mean distance along lines from the middle of the first section to the fault
log loss = mean of minus the logarithm of the odds of the section of the fault
within n = share of faults whose section was among the first n
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gnn.faults.asking import Asked

Floats = NDArray[np.float64]

TASK: Final = "F1"
SPLITS: Final = (
    "known networks",
    "known networks, switched otherwise",
    "unseen networks",
    "unseen networks, switched otherwise",
    "unseen networks, model off",
)
"""New faults in networks that were learned from, in the states learned from and in others; in
networks that were not; and in such that are not what their model says (`gnn.faults.astray`)."""
WITHIN: Final = (1, 2, 3, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class Row:
    """One score of one contender and seed."""

    level: str
    split: str
    model: str
    seed: int
    count: int
    top1: float
    top3: float
    metres: float
    log_loss: float
    within: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """Scores of one contender over its seeds: means, and the spread of top 1."""

    level: str
    split: str
    model: str
    seeds: int
    count: int
    top1: float
    spread: float
    top3: float
    metres: float
    log_loss: float
    within: tuple[float, ...]


def score(
    split: str, model: str, seed: int, asked: Sequence[Asked], odds: Sequence[Floats]
) -> list[Row]:
    """Score one contender, level by level."""
    groups: dict[str, list[tuple[Asked, Floats]]] = defaultdict(list)
    for each, said in zip(asked, odds, strict=True):
        groups[each.level].append((each, said))
    return [_row(level, split, model, seed, group) for level, group in groups.items()]


def _row(
    level: str, split: str, model: str, seed: int, group: Sequence[tuple[Asked, Floats]]
) -> Row:
    orders = [np.argsort(-said, kind="stable") for _, said in group]
    ranks = np.array(
        [np.flatnonzero(o == a.truth)[0] for o, (a, _) in zip(orders, group, strict=True)]
    )
    metres = [float(a.metres[o[0]]) for o, (a, _) in zip(orders, group, strict=True)]
    losses = [-np.log(max(float(said[a.truth]), 1e-9)) for a, said in group]
    within = tuple(float((ranks < n).mean()) for n in WITHIN)
    return Row(
        level,
        split,
        model,
        seed,
        len(group),
        within[0],
        within[2],
        fmean(metres),
        fmean(losses),
        within,
    )


def lines(rows: Iterable[Row]) -> list[Line]:
    """Means over seeds, in the order the contenders were first seen."""
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.level, row.split, row.model].append(row)
    return [_line(*key, group) for key, group in groups.items()]


def cell(found: Sequence[Line], level: str, split: str) -> list[Line]:
    """All contenders with one share of sensors in one split."""
    return [line for line in found if (line.level, line.split) == (level, split)]


def rows_of(evaluation: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The rows that a manifest holds."""
    return [Row(**{**each, "within": tuple(each["within"])}) for each in evaluation]


def markdown(rows: Sequence[Row], heading: str = "##") -> str:
    """One table a share of sensors; the best of a split is in bold, ties with it are marked `=`."""
    table, parts = lines(rows), []
    for level in dict.fromkeys(line.level for line in table):
        parts.append(
            f"{heading} {TASK}, {level}\n\n"
            "| split | contender | top 1 | ± seeds | top 3 | metres | log loss | faults |\n"
            "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
        )
        for split in dict.fromkeys(line.split for line in table if line.level == level):
            parts.append("\n".join(_shown(cell(table, level, split))))
        parts.append("")
    return "\n".join(parts)


def _shown(group: Sequence[Line]) -> list[str]:
    best = max(group, key=lambda line: line.top1)
    return [_cells(line, best) for line in group]


def _cells(line: Line, best: Line) -> str:
    tie = line is not best and best.top1 - line.top1 <= uncertain(line, best)
    top1 = f"**{line.top1:.1%}**" if line is best else f"{line.top1:.1%}"
    spread = f"{line.spread:.1%}" if line.seeds > 1 else ""
    return (
        f"| {line.split} | {line.model} | {top1}{' =' if tie else ''} | {spread} | {line.top3:.1%} "
        f"| {line.metres:,.0f} | {line.log_loss:.2f} | {line.count:,} |"
    )


def uncertain(one: Line, other: Line) -> float:
    """How far two shares may lie apart and still be a tie: the larger spread over seeds, or one
    standard error of a share of so many faults."""
    middle = (one.top1 + other.top1) / 2
    error = float(np.sqrt(max(middle * (1 - middle), 1e-6) / one.count))
    return max(one.spread, other.spread, error)


def _line(level: str, split: str, model: str, group: Sequence[Row]) -> Line:
    tops = [row.top1 for row in group]
    return Line(
        level,
        split,
        model,
        len(group),
        group[0].count,
        fmean(tops),
        stdev(tops) if len(tops) > 1 else 0.0,
        fmean(row.top3 for row in group),
        fmean(row.metres for row in group),
        fmean(row.log_loss for row in group),
        tuple(fmean(values) for values in zip(*(row.within for row in group), strict=True)),
    )
