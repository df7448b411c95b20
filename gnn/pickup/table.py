"""The table of L3, and its gate: open at a level where the error of the peak is below that of every
other one in every split by more than the spread over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Final

from gnn.pickup.models import BOOSTED, MEAN, MODELS

TASK: Final = "L3"
LEVELS: Final = ("transformer", "feeder")
SPLITS: Final = ("later outages", "unseen places", "unseen places, slope known")


@dataclass(frozen=True, slots=True)
class Row:
    """One score of one model with one seed: errors over the mean peak, hours of settling."""

    level: str
    split: str
    model: str
    seed: int
    count: int
    error: float
    pinball: float
    coverage_80: float
    hours_error: float


@dataclass(frozen=True, slots=True)
class Decision:
    """Who serves a level, and why; figures are of unseen places, those of the boosted trees of the
    mean of the seeds, which is what serves."""

    level: str
    gate_open: bool
    served: str
    error: float
    baseline: str
    baseline_error: float
    coverage_80: float
    verdicts: dict[str, str]


def decide(rows: Sequence[Row], level: str) -> Decision:
    """Decide who serves a level."""
    verdicts = {split: _verdict(rows, level, split) for split in SPLITS}
    gate_open = set(verdicts.values()) == {"better"}
    judged = SPLITS[1]
    best = _best(rows, level, judged)
    served, baseline = (BOOSTED, best) if gate_open else (best, BOOSTED)
    mine = _of(rows, level, judged, MEAN if gate_open else served)
    return Decision(
        level,
        gate_open,
        served,
        fmean(row.error for row in mine),
        baseline,
        fmean(row.error for row in _of(rows, level, judged, baseline)),
        fmean(row.coverage_80 for row in mine),
        verdicts,
    )


def markdown(rows: Sequence[Row]) -> str:
    """The table for people; the best of a split in bold."""
    parts = []
    for level in LEVELS:
        parts.append(
            f"## {TASK}, {level}\n\n| split | model | error of the peak | ± seeds | pinball "
            "| 80 % covers | error of the hours | values |\n"
            "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
        )
        for split in SPLITS:
            errors = {
                name: fmean(row.error for row in mine)
                for name in (*MODELS, MEAN)
                if (mine := _of(rows, level, split, name))
            }
            best = min(errors, key=errors.__getitem__)
            parts += [_line(rows, level, split, name, best) for name in errors]
        parts.append("")
    return "\n".join(parts)


def _line(rows: Sequence[Row], level: str, split: str, name: str, best: str) -> str:
    mine = _of(rows, level, split, name)
    error = fmean(row.error for row in mine)
    shown = f"**{error:.4f}**" if name == best else f"{error:.4f}"
    cells = [
        split,
        name,
        shown,
        f"{_spread(mine):.4f}",
        f"{fmean(row.pinball for row in mine):.4f}",
        f"{fmean(row.coverage_80 for row in mine):.1%}",
        f"{fmean(row.hours_error for row in mine):.2f} h",
        f"{mine[0].count:,}",
    ]
    return f"| {' | '.join(cells)} |"


def _of(rows: Sequence[Row], level: str, split: str, model: str) -> list[Row]:
    return [r for r in rows if (r.level, r.split, r.model) == (level, split, model)]


def _best(rows: Sequence[Row], level: str, split: str) -> str:
    others = [name for name in MODELS if name != BOOSTED]
    return min(others, key=lambda name: fmean(r.error for r in _of(rows, level, split, name)))


def _verdict(rows: Sequence[Row], level: str, split: str) -> str:
    mine = _of(rows, level, split, BOOSTED)
    other = _of(rows, level, split, _best(rows, level, split))
    gain = fmean(r.error for r in other) - fmean(r.error for r in mine)
    if abs(gain) <= max(_spread(mine), _spread(other)):
        return "tie"
    return "better" if gain > 0 else "worse"


def _spread(rows: Sequence[Row]) -> float:
    return stdev(row.error for row in rows) if len(rows) > 1 else 0.0
