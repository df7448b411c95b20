"""From a finished run about faults to a bundle, with the whole evaluation inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gnn.bundle.folder import LICENCE, made_with
from gnn.evaluation.plain import plain
from gnn.faults.bundle import FaultBundle, Manifest
from gnn.faults.gate import decide
from gnn.faults.table import lines
from gnn.training.faults import GRAPH, RANKER, Trained


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
        versions=made_with("torch"),
        licence=LICENCE,
        decisions=decisions,
        evaluation=tuple(plain(made.rows)),
    )
    rankers = tuple(made.rankers.values()) if ranked else ()
    return FaultBundle(manifest, tuple(made.scorers.values()), rankers)
