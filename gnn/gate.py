"""The gate: a model is served for a task and level only where it beat everything else it was held
against, in every split of its own evaluation, by more than the spread over seeds.

Several models may stand before it, such as a network and a mixture that hears it; each is held
against all that is no model, the later ones against those before them that passed, too, and the
best that passes serves. Elsewhere the best of the others is served under its own name. Ties shut
the gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gnn.evaluation.table import SPLITS, Line, best_baseline, cell, verdict


@dataclass(frozen=True, slots=True)
class Decision:
    """Who serves a task at a level, and why.

    Attributes:
        task, level: What was decided on.
        gate_open: Whether the model serves.
        served: Who serves.
        error: Its pinball loss over the mean load, in the split `judged`.
        coverage_80: Share of what came within its 80 % interval there.
        baseline: The best other one there; where a baseline serves, the model.
        baseline_error: Its loss there.
        judged: The split the figures are from: unseen networks where there are some.
        verdicts: `better`, `tie` or `worse` by split, of the model against the best other one.
        others: Losses of all in that split, by name.
    """

    task: str
    level: str
    gate_open: bool
    served: str
    error: float
    coverage_80: float
    baseline: str
    baseline_error: float
    judged: str
    verdicts: dict[str, str]
    others: dict[str, float]


def decide(lines: Sequence[Line], task: str, level: str, models: Sequence[str]) -> Decision | None:
    """Decide on a task and level; None where no model was judged there.

    Args:
        lines: The table.
        task, level: What is decided on.
        models: Names; the single networks of a model are `model`, their mean is `model mean`.
    """
    made: list[Decision] = []
    passed: dict[str, Decision] = {}
    for model in models:
        others = [each for each in models if each != model and each not in passed]
        found = _decide(lines, task, level, model, others)
        if found is not None:
            made.append(found)
            passed |= {model: found} if found.gate_open else {}
    return min(list(passed.values()) or made[:1], key=lambda each: each.error, default=None)


def _decide(
    lines: Sequence[Line], task: str, level: str, model: str, others: Sequence[str]
) -> Decision | None:
    table = [line for line in lines if _plain(line.model) not in others]
    splits = [s for s in SPLITS if _line(table, task, level, s, f"{model} mean")]
    if not splits:
        return None
    verdicts = {split: _verdict(table, task, level, split, model) for split in splits}
    judged = SPLITS[2] if SPLITS[2] in splits else splits[-1]
    mine = _line(table, task, level, judged, f"{model} mean")
    other = best_baseline(table, task, level, judged, model)
    assert mine is not None  # noqa: S101 - `judged` is one of the splits it was found in
    gate_open = all(said == "better" for said in verdicts.values())
    serves, beside = (mine, other) if gate_open else (other, mine)
    return Decision(
        task,
        level,
        gate_open,
        _plain(serves.model),
        serves.pinball,
        serves.coverage_80,
        _plain(beside.model),
        beside.pinball,
        judged,
        verdicts,
        {line.model: line.pinball for line in cell(lines, task, level, judged)},
    )


def _verdict(lines: Sequence[Line], task: str, level: str, split: str, model: str) -> str:
    """The mean of the networks against the best other one; a spread is that of single seeds."""
    mine = _line(lines, task, level, split, f"{model} mean")
    single = _line(lines, task, level, split, model)
    assert mine is not None  # noqa: S101 - splits were chosen so
    spread = single.spread if single else 0.0
    other = best_baseline(lines, task, level, split, model)
    of_other = _line(lines, task, level, split, _plain(other.model))
    wide = max(spread, of_other.spread if of_other else 0.0)
    return verdict(mine, other, wide)


def _line(lines: Sequence[Line], task: str, level: str, split: str, model: str) -> Line | None:
    return next((line for line in cell(lines, task, level, split) if line.model == model), None)


def _plain(model: str) -> str:
    """The mean over seeds is what serves, under the name of the model."""
    return model.removesuffix(" mean")
