"""Scores of quantiles of loads, level by level, as rows of the table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gnn.datasets.stack import Stack
from gnn.evaluation.scores import score
from gnn.evaluation.table import Row
from gnn.features.grid import LEVELS
from gnn.models.sage import QUANTILES


def scored(
    task: str,
    split: str,
    who: tuple[str, int],
    stack: Stack,
    chosen: NDArray[np.bool_] | None,
    loads: NDArray[np.float32],
) -> list[Row]:
    """Scores of quantiles of loads by level; `chosen` are the places that count, None for all."""
    found = []
    for code, level in enumerate(LEVELS):
        mine: NDArray[np.bool_] = stack.levels == code
        mine = mine if chosen is None else mine & chosen
        got = score(loads[mine].reshape(-1, len(QUANTILES)), stack.truth[mine].ravel())
        if got is not None:
            losses = (got.pinball, got.nmae, got.coverage_80)
            found.append(Row(task, level.value, split, *who, got.count, *losses))
    return found
