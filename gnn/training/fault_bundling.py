"""From a finished run about faults to a bundle, with the whole evaluation inside."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from gnn.faults.bundle import FaultBundle, Manifest
from gnn.faults.gate import decide
from gnn.faults.table import lines, plain
from gnn.training.bundling import LICENCE
from gnn.training.faults import GRAPH, RANKER, Trained

_MADE_WITH = ("numpy", "scipy", "torch", "lightgbm", "gridstrata")


def fault_bundle_of(made: Trained, data: Mapping[str, Any]) -> FaultBundle:
    """Bundle a run; the rankers go in only where one of them serves."""
    table = lines(made.rows)
    levels = dict.fromkeys(line.level for line in table)
    decisions = tuple(decide(table, level, GRAPH) for level in levels)
    ranked = any(each.served == RANKER for each in decisions)
    manifest = Manifest(
        version="",
        arrays_sha256="",
        data=data,
        seeds=tuple(made.scorers),
        versions={
            "python": platform.python_version(),
            **{name: version(name) for name in _MADE_WITH},
        },
        licence=LICENCE,
        decisions=decisions,
        evaluation=tuple(plain(made.rows)),
    )
    rankers = tuple(made.rankers.values()) if ranked else ()
    return FaultBundle(manifest, tuple(made.scorers.values()), rankers)
