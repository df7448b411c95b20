"""From a finished run to a bundle: what serves goes in, with the whole evaluation beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gnn.bundle.file import Bundle
from gnn.bundle.folder import LICENCE, made_with
from gnn.bundle.manifest import Manifest
from gnn.config import Config
from gnn.evaluation.judging import Covered
from gnn.evaluation.plain import plain
from gnn.evaluation.table import lines
from gnn.features.grid import LEVELS
from gnn.features.loads import ESTIMATES
from gnn.gate import Decision, decide
from gnn.models.mixing import Mixture
from gnn.training.answers import BOOSTED, GRAPH, MIXED
from gnn.training.run import Trained
from graph_service.ports.predictor import Level


def bundle_of(made: Trained, config: Config, data: Mapping[str, Any]) -> Bundle:
    """Bundle a run.

    Args:
        made: What was trained.
        config: How.
        data: On what: `words`, `hash`, `networks`.
    """
    decisions, answers = decisions_of(made), made.answers
    boosted = BOOSTED in _asked(made, decisions)
    names = {*ESTIMATES, f"{GRAPH} mean", f"{MIXED} mean"}
    names |= {f"{BOOSTED} mean"} if boosted else set()
    return Bundle(
        Manifest(
            task=made.task,
            version="",
            arrays_sha256="",
            data=data,
            seeds=config.model.seeds,
            config=config.plain(),
            versions=made_with("torch"),
            licence=LICENCE,
            decisions=decisions,
            evaluation=tuple(plain(made.rows)),
            coverage=tuple(asdict(each) for each in made.coverage if _serves(each, decisions)),
        ),
        networks=tuple(answers.networks.values()),
        forests=tuple(each.trees() for each in answers.boosted.values()) if boosted else (),
        calibrations={n.removesuffix(" mean"): answers.calibrations[n, 0] for n in sorted(names)},
        mixture=_mixture(answers.mixture, decisions),
    )


def _serves(covered: Covered, decisions: Sequence[Decision]) -> bool:
    return any(d.level == covered.level and d.served == covered.model for d in decisions)


def _mixture(mixture: Mixture | None, decisions: Sequence[Decision]) -> Mixture | None:
    """The mixture at the levels it serves; at the others the network alone is heard."""
    mixed = _levels_of(MIXED, decisions)
    if mixture is None or not len(mixed):
        return None
    weights = np.zeros_like(mixture.weights)
    weights[:, mixture.experts.index(GRAPH)] = 1.0
    weights[mixed] = mixture.weights[mixed]
    return Mixture(mixture.experts, weights)


def _levels_of(name: str, decisions: Sequence[Decision]) -> NDArray[np.int8]:
    codes = [LEVELS.index(Level(each.level)) for each in decisions if each.served == name]
    return np.array(codes, dtype=np.int8)


def _asked(made: Trained, decisions: Sequence[Decision]) -> set[str]:
    """Who is needed to answer: who serves, and whom a mixture that serves hears."""
    served = {each.served for each in decisions}
    mixed = _levels_of(MIXED, decisions)
    if made.answers.mixture is not None and len(mixed):
        served |= set(made.answers.mixture.heard(mixed))
    return served


def decisions_of(made: Trained) -> tuple[Decision, ...]:
    """Who serves each level that was judged."""
    table = lines(made.rows)
    found = [decide(table, made.task, level.value, (GRAPH, MIXED)) for level in LEVELS]
    return tuple(each for each in found if each is not None)
