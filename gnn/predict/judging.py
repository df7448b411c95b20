"""A finished bundle on snapshots of a network it has never seen, beside the simple estimates."""

from __future__ import annotations

import numpy as np

from gnn.baselines.simple import simple_quantiles
from gnn.bundle.file import Bundle
from gnn.calibration.conformal import group_of
from gnn.datasets.snapshots import Snapshots
from gnn.datasets.stack import Stack
from gnn.evaluation.judging import scored
from gnn.evaluation.table import SPLITS, Row
from gnn.features.loads import ESTIMATES
from gnn.models.tree import Tree

_MODEL = "tree-sage"


def judge(bundle: Bundle, asked: Snapshots) -> list[Row]:
    """Scores of the bundle's model and of every simple estimate, by level."""
    stack = Stack.of([asked])
    said = {name: simple_quantiles(stack, name) for name in ESTIMATES}
    tree = Tree.of(stack.parents)
    said[_MODEL] = np.mean([n.quantiles(tree, stack.features) for n in bundle.networks], axis=0)
    rows = []
    for name, scaled in said.items():
        moved = bundle.calibrations[name].moved(
            scaled, stack.levels, stack.horizons, group_of(stack.features)
        )
        loads = stack.base[:, :, None] + stack.scale[:, :, None] * moved
        shown = f"{name} mean" if name == _MODEL else name
        rows += scored(bundle.manifest.task, SPLITS[2], (shown, 0), stack, None, loads)
    return rows
