"""The table of F2, and its gate.

The graph model serves where its average precision is above that of every other one, in every split,
by more than the spread over seeds; a tie shuts the gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Final

from gnn.failures.models import GRAPH, MODELS

TASK: Final = "F2"
SPLITS: Final = ("later months", "unseen networks")
HAZARD: Final = "the hazard itself"
"""The true chances: no model, the best there could be."""


@dataclass(frozen=True, slots=True)
class Row:
    """One score of one model with one seed."""

    split: str
    model: str
    seed: int
    count: int
    failed: int
    auroc: float
    average_precision: float
    brier: float
    observed: float
    observed_top: float
    lift: float


@dataclass(frozen=True, slots=True)
class Decision:
    """Who serves, and why.

    Attributes:
        gate_open: Whether the graph model serves.
        served, baseline: Who does, and the best other one, by average precision.
        average_precision, baseline_precision: Theirs on unseen networks.
        verdicts: `better`, `tie` or `worse` by split, of the graph model.
    """

    gate_open: bool
    served: str
    baseline: str
    average_precision: float
    baseline_precision: float
    verdicts: dict[str, str]


def decide(rows: Sequence[Row]) -> Decision:
    """Decide who serves."""
    verdicts = {split: _verdict(rows, split) for split in SPLITS}
    gate_open = set(verdicts.values()) == {"better"}
    judged = SPLITS[-1]
    best = _best(rows, judged)
    served, baseline = (GRAPH, best) if gate_open else (best, GRAPH)
    return Decision(
        gate_open,
        served,
        baseline,
        fmean(precisions(rows, judged, served)),
        fmean(precisions(rows, judged, baseline)),
        verdicts,
    )


def precisions(rows: Sequence[Row], split: str, model: str) -> list[float]:
    """Average precision by seed."""
    return [r.average_precision for r in rows if (r.split, r.model) == (split, model)]


def markdown(rows: Sequence[Row]) -> str:
    """The table for people; the best of a split in bold, ties with it marked `=`."""
    head = (
        "| split | model | average precision | ± seeds | AUROC | Brier | failed / said "
        "| in the riskiest tenth | lift at 5 % | values |\n"
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    )
    lines = [f"## {TASK}, failure within 30 days\n", head]
    for split in SPLITS:
        best = max(MODELS, key=lambda name: fmean(precisions(rows, split, name)))
        lines += [_line(rows, split, name, best) for name in (*MODELS, HAZARD)]
    return "\n".join(lines) + "\n"


def _line(rows: Sequence[Row], split: str, name: str, best: str) -> str:
    mine = [row for row in rows if (row.split, row.model) == (split, name)]
    precision = fmean(row.average_precision for row in mine)
    wide = max(_spread(precisions(rows, split, each)) for each in (name, best))
    shown = f"**{precision:.4f}**" if name == best else f"{precision:.4f}"
    tie = name not in (best, HAZARD) and fmean(precisions(rows, split, best)) - precision <= wide
    figures = [
        f"{fmean(getattr(row, field) for row in mine):{form}}"
        for field, form in (
            ("auroc", ".3f"),
            ("brier", ".5f"),
            ("observed", ".2f"),
            ("observed_top", ".2f"),
            ("lift", ".1f"),
        )
    ]
    spread = f"{_spread(precisions(rows, split, name)):.4f}"
    cells = [split, name, shown + (" =" if tie else ""), spread, *figures, f"{mine[0].count:,}"]
    return f"| {' | '.join(cells)} |"


def _best(rows: Sequence[Row], split: str) -> str:
    others = [name for name in MODELS if name != GRAPH]
    return max(others, key=lambda name: fmean(precisions(rows, split, name)))


def _verdict(rows: Sequence[Row], split: str) -> str:
    best = _best(rows, split)
    mine, other = precisions(rows, split, GRAPH), precisions(rows, split, best)
    gain = fmean(mine) - fmean(other)
    if abs(gain) <= max(_spread(mine), _spread(other)):
        return "tie"
    return "better" if gain > 0 else "worse"


def _spread(values: Sequence[float]) -> float:
    return stdev(values) if len(values) > 1 else 0.0
