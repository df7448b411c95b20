"""What is said of who answers: name, version, data, and how it did in its own evaluation."""

from __future__ import annotations

from gnn.bundle.manifest import Manifest
from gnn.gate import Decision
from graph_service.ports.predictor import Level, ModelFacts, ServedTask


def served_tasks(manifest: Manifest) -> tuple[ServedTask, ...]:
    """Who serves each level of a bundle's task."""
    return tuple(
        ServedTask(
            manifest.task,
            Level(each.level),
            each.gate_open,
            model_facts(manifest, each.served, Level(each.level)),
            tuple(sorted(each.others.items())),
        )
        for each in manifest.decisions
    )


def model_facts(manifest: Manifest, name: str, level: Level) -> ModelFacts:
    """Facts of one of those judged at a level; errors are NaN for who was not."""
    decision = next((d for d in manifest.decisions if d.level == level.value), None)
    serves = decision is not None and decision.served == name
    error, baseline, baseline_error = _figures(decision, name)
    return ModelFacts(
        name=name,
        version=manifest.version,
        trained_on=f"{manifest.data['words']} ({manifest.data['hash'][:12]})",
        error=error,
        baseline=baseline,
        baseline_error=baseline_error,
        coverage_80=decision.coverage_80 if decision and serves else float("nan"),
    )


def _figures(decision: Decision | None, name: str) -> tuple[float, str, float]:
    if decision is None:
        return float("nan"), "", float("nan")
    if decision.served == name:
        return decision.error, decision.baseline, decision.baseline_error
    return decision.others.get(name, float("nan")), decision.served, decision.error
