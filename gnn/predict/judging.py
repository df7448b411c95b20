"""A finished bundle on snapshots of a network it has never seen, beside the simple estimates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.boosted_answers import boosted_quantiles
from gnn.baselines.simple import simple_quantiles
from gnn.bundle.file import Bundle
from gnn.calibration.conformal import group_of
from gnn.calibration.rolling import Rolling, played_levels
from gnn.datasets.snapshots import Snapshots
from gnn.datasets.stack import Stack
from gnn.evaluation.judging import scored
from gnn.evaluation.table import SPLITS, Row
from gnn.features.grid import LEVELS
from gnn.features.loads import ESTIMATES
from gnn.models.sage import mean_quantiles
from gnn.models.tree import Tree
from gnn.predict.ladder import LAST_WEEK
from graph_service.ports.predictor import Level

_MODEL, _BOOSTED, _MIXED = "tree-sage", "boosted", "mixed"


SERVED = "served"


def judge(bundle: Bundle, asked: Snapshots, rolling: Rolling | None = None) -> list[Row]:
    """Scores of every simple estimate and of every model in the bundle, by level, and of what is
    served where `rolling` is what the days before said of the network."""
    stack = Stack.of([asked]).correcting(bundle.manifest.corrected)
    rows = []
    said_by = _calibrated(bundle, stack)
    said_by[SERVED] = _served(bundle, stack, said_by, rolling)
    for name, said in said_by.items():
        loads = stack.base[:, :, None] + stack.scale[:, :, None] * said
        shown = name if name in (*ESTIMATES, SERVED) else f"{name} mean"
        rows += scored(bundle.manifest.task, SPLITS[2], (shown, 0), stack, None, loads)
    return rows


def _calibrated(bundle: Bundle, stack: Stack) -> dict[str, NDArray[np.float32]]:
    groups = group_of(stack.features)

    def moved(name: str, said: NDArray[np.float32]) -> NDArray[np.float32]:
        return bundle.calibrations[name].moved(said, stack.levels, stack.horizons, groups)

    tree = Tree.of(stack.parents)
    said = {name: moved(name, simple_quantiles(stack, name)) for name in ESTIMATES}
    said[_MODEL] = moved(_MODEL, mean_quantiles(bundle.networks, tree, stack.features))
    if bundle.forests:
        trees = boosted_quantiles(bundle.forests, stack.features, stack.parents, tree)
        said[_BOOSTED] = moved(_BOOSTED, trees)
    if bundle.mixture is not None:
        said[_MIXED] = moved(_MIXED, bundle.mixture.mixed(said, stack.levels))
    return said


def _served(
    bundle: Bundle, stack: Stack, said: dict[str, NDArray[np.float32]], rolling: Rolling | None
) -> NDArray[np.float32]:
    """What the ladder answers with: who serves each level, moved by the network's own days."""
    found = np.empty_like(said[_MODEL])
    serves = {LEVELS.index(Level(d.level)): d.served for d in bundle.manifest.decisions}
    played = played_levels(stack.levels, stack.parents)
    for level, as_level in set(zip(stack.levels.tolist(), played.tolist(), strict=True)):
        mine = (stack.levels == level) & (played == as_level)
        name = serves.get(level, LAST_WEEK)
        name = rolling.best(as_level, name) if rolling else name
        chosen = said[name][mine]
        found[mine] = rolling.moved(name, chosen, played[mine]) if rolling else chosen
    return found
