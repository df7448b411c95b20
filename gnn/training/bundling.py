"""From a finished run to a bundle: what serves goes in, with the whole evaluation beside it."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, Final

from gnn.bundle.file import Bundle
from gnn.bundle.manifest import Manifest
from gnn.config import Config
from gnn.evaluation.table import lines, plain
from gnn.features.grid import LEVELS
from gnn.features.loads import ESTIMATES
from gnn.gate import Decision, decide
from gnn.training.run import BOOSTED, GRAPH, Trained

LICENCE: Final = "Apache-2.0"
_MADE_WITH: Final = ("numpy", "scipy", "torch", "lightgbm", "gridstrata")


def bundle_of(made: Trained, config: Config, data: Mapping[str, Any]) -> Bundle:
    """Bundle a run.

    Args:
        made: What was trained.
        config: How.
        data: On what: `words`, `hash`, `networks`.
    """
    decisions = decisions_of(made)
    boosted = any(each.served == BOOSTED for each in decisions)
    names = {*ESTIMATES, f"{GRAPH} mean", *([f"{BOOSTED} mean"] if boosted else [])}
    return Bundle(
        Manifest(
            task=made.task,
            version="",
            arrays_sha256="",
            data=data,
            seeds=config.model.seeds,
            config=config.plain(),
            versions={
                "python": platform.python_version(),
                **{name: version(name) for name in _MADE_WITH},
            },
            licence=LICENCE,
            decisions=decisions,
            evaluation=tuple(plain(made.rows)),
        ),
        networks=tuple(made.networks.values()),
        forests=tuple(each.trees() for each in made.boosted.values()) if boosted else (),
        calibrations={n.removesuffix(" mean"): made.calibrations[n, 0] for n in sorted(names)},
    )


def decisions_of(made: Trained) -> tuple[Decision, ...]:
    """Who serves each level that was judged."""
    table = lines(made.rows)
    found = [decide(table, made.task, level.value, GRAPH) for level in LEVELS]
    return tuple(each for each in found if each is not None)
