"""Scores of quantiles of loads, level by level, as rows of the table; coverage by horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.calibration.conformal import STRETCHES, stretch_of
from gnn.datasets.stack import Stack
from gnn.evaluation.scores import score
from gnn.evaluation.table import Row
from gnn.features.grid import LEVELS
from gnn.models.sage import QUANTILES

_TEN: Final = QUANTILES.index(0.1)
_NINETY: Final = QUANTILES.index(0.9)


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


@dataclass(frozen=True, slots=True)
class Covered:
    """Share of what came within the 80 % interval, at one level and stretch of horizons.

    Attributes:
        level, model: Whose.
        first_h, last_h: Horizons of the stretch, both within it; 0 is the load now.
        share: Of all values.
        least, most: Of single networks.
    """

    level: str
    model: str
    first_h: int
    last_h: int
    share: float
    least: float
    most: float


def covered(model: str, stack: Stack, loads: NDArray[np.float32]) -> list[Covered]:
    """Coverage of the 80 % interval by level and stretch of horizons, over several networks."""
    inside = (stack.truth >= loads[:, :, _TEN]) & (stack.truth <= loads[:, :, _NINETY])
    known, stretches = np.isfinite(stack.truth), stretch_of(stack.horizons)
    networks = np.broadcast_to(stack.networks[:, None], known.shape)
    found = []
    for code, level in enumerate(LEVELS):
        for at in np.unique(stretches).tolist():
            mine = known & (stack.levels == code)[:, None] & (stretches == at)
            if mine.any():
                first = STRETCHES[at - 1] + 1 if at else 0
                within, of = inside[mine], networks[mine]
                single = [float(within[of == n].mean()) for n in np.unique(of)]
                shares = (float(within.mean()), min(single), max(single))
                shown = (round(share, 4) for share in shares)
                found.append(Covered(level.value, model, first, STRETCHES[at], *shown))
    return found
