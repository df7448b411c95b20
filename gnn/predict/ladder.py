"""The ladder: who answers for a place when inputs are missing, and what is said about it.

MODEL       the gate is open at this level, and readings of the last day are there
BASELINE    the gate is shut: the best baseline, under its own name
LAST_WEEK   nothing was read in the last day, but in the week before
CLASS_MEAN  nothing was read in the time looked back on: what such customers usually use
NOTHING     no customer is supplied through the element, or it is not there
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.neighbours import with_neighbours
from gnn.bundle.file import Bundle
from gnn.calibration.conformal import group_of
from gnn.features.grid import LEVELS, Grid
from gnn.features.loads import LoadFrame
from gnn.gate import Decision
from gnn.models.sage import QUANTILES
from gnn.models.tree import Tree
from graph_service.ports.predictor import Rung

Floats = NDArray[np.float64]

LAST_WEEK: Final = "last week"
CLASS_MEAN: Final = "class mean"
BOOSTED: Final = "boosted"
_CLASS_SPREAD: Final = (0.2, 0.3, 0.5, 0.8, 1.3, 2.0, 2.6)
"""Quantiles of a load over its expected mean where nothing was read: round figures of this
project, wide on purpose."""


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What is said of every place.

    Attributes:
        loads: W, float64[p, hours, quantiles], the quantiles of `models.sage.QUANTILES`.
        names: Who says it, one a place.
        rungs: `Rung` of each place.
        reasons: Why it is not the model, empty where it is.
    """

    loads: Floats
    names: tuple[str, ...]
    rungs: tuple[Rung, ...]
    reasons: tuple[str, ...]


def climb(bundle: Bundle, grid: Grid, frame: LoadFrame | None, horizons: NDArray[np.int64]) -> Said:
    """Answer for every place from the highest rung it can stand on."""
    if frame is None:
        return _class_means(grid, len(horizons))
    decisions = {decision.level: decision for decision in bundle.manifest.decisions}
    read = frame.coverage[grid.tops()] > 0
    who = [_who(decisions.get(LEVELS[level].value), there)
           for level, there in zip(grid.levels.tolist(), read.tolist(), strict=True)]  # fmt: skip
    names = tuple(name for name, _, _ in who)
    loads = np.empty((len(grid), len(horizons), len(QUANTILES)))
    for name in sorted(set(names)):
        mine = np.array([each == name for each in names])
        loads[mine] = _loads(bundle, grid, frame, horizons, name)[mine]
    return Said(loads, names, tuple(rung for _, rung, _ in who), tuple(why for *_, why in who))


def _who(decision: Decision | None, there: bool) -> tuple[str, Rung, str]:
    if not there:
        return LAST_WEEK, Rung.LAST_WEEK, "no customer of this network was read in the last day"
    if decision is None:
        return LAST_WEEK, Rung.LAST_WEEK, "no model was judged at places of this kind"
    if decision.gate_open:
        return decision.served, Rung.MODEL, ""
    why = ", ".join(f"{said} in {split}" for split, said in decision.verdicts.items())
    return decision.served, Rung.BASELINE, f"the model did not beat every baseline: {why}"


def _loads(
    bundle: Bundle, grid: Grid, frame: LoadFrame, horizons: NDArray[np.int64], name: str
) -> Floats:
    base = frame.estimates["allocation"]
    if name in frame.estimates:
        scaled = (frame.estimates[name] - base) / frame.scale
        said = np.repeat(scaled[:, :, None], len(QUANTILES), axis=-1).astype(np.float32)
    elif name == BOOSTED:
        said = _boosted(bundle, grid, frame)
    else:
        tree = Tree.of(grid.parents, grid.base)
        said = np.mean([n.quantiles(tree, frame.features) for n in bundle.networks], axis=0)
    moved = bundle.calibrations[name].moved(said, grid.levels, horizons, group_of(frame.features))
    found: Floats = base[:, :, None] + frame.scale[:, :, None] * moved
    return found


def _boosted(bundle: Bundle, grid: Grid, frame: LoadFrame) -> NDArray[np.float32]:
    tree = Tree.of(grid.parents, grid.base)
    columns = with_neighbours(frame.features, grid.parents, tree)
    flat = columns.reshape(-1, columns.shape[-1])
    said = np.mean([forest.predict(flat) for forest in bundle.forests], axis=0)
    return np.sort(said.reshape(*columns.shape[:2], -1), axis=-1)


def _class_means(grid: Grid, hours: int) -> Said:
    expected = grid.below(grid.customers.expected_w)
    loads = np.repeat((expected[:, None] * np.array(_CLASS_SPREAD))[:, None, :], hours, axis=1)
    why = "no customer was read in the time looked back on"
    size = len(grid)
    return Said(loads, (CLASS_MEAN,) * size, (Rung.CLASS_MEAN,) * size, (why,) * size)


def at_quantiles(loads: Floats, wanted: Sequence[float]) -> Floats:
    """Quantiles asked for, between those that are said: [..., quantiles] to [..., wanted]."""
    places = np.interp(wanted, QUANTILES, np.arange(len(QUANTILES)))
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, len(QUANTILES) - 1)
    share = places - low
    found: Floats = loads[..., low] * (1 - share) + loads[..., high] * share
    return found
