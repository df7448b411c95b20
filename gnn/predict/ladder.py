"""The ladder: who answers for a place when inputs are missing, and what is said about it.

MODEL       the gate is open at this level, and readings of the last day are there
BASELINE    the gate is shut: the best baseline, under its own name
LAST_WEEK   nothing was read in the last day, but in the week before
CLASS_MEAN  nothing was read in the time looked back on: what such customers usually use
NOTHING     no customer is supplied through the element, or it is not there
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.boosted_answers import boosted_quantiles
from gnn.bundle.file import Bundle
from gnn.calibration.conformal import group_of
from gnn.calibration.rolling import Rolling, played_levels
from gnn.features.grid import LEVELS, Grid
from gnn.features.loads import LoadFrame
from gnn.gate import Decision
from gnn.models.sage import QUANTILES, mean_quantiles
from gnn.models.tree import Tree
from graph_service.ports.predictor import Rung

Floats = NDArray[np.float64]
Quantiles = NDArray[np.float32]

LAST_WEEK: Final = "last week"
CLASS_MEAN: Final = "class mean"
GRAPH: Final = "tree-sage"
BOOSTED: Final = "boosted"
MIXED: Final = "mixed"
_CLASS_SPREAD: Final = (0.2, 0.3, 0.5, 0.8, 1.3, 2.0, 2.6)
"""Quantiles of a load over its expected mean where nothing was read: round figures of this
project, wide on purpose."""


_UNREAD: Final = LAST_WEEK, Rung.LAST_WEEK, "no customer of this network was read in the last day"


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


def climb(
    bundle: Bundle,
    grid: Grid,
    frame: LoadFrame | None,
    horizons: NDArray[np.int64],
    rolling: Rolling | None = None,
) -> Said:
    """Answer for every place from the highest rung it can stand on; `rolling` is what the last
    days of this network say."""
    class_means = _class_means(grid, len(horizons))
    if frame is None:
        return class_means
    decisions = {decision.level: decision for decision in bundle.manifest.decisions}
    read = (frame.coverage[grid.tops()] > 0) & frame.known
    played = played_levels(grid.levels, grid.parents)
    pairs = list(zip(grid.levels.tolist(), played.tolist(), strict=True))
    by_level = {pair: _by_level(decisions, *pair, rolling) for pair in set(pairs)}
    who = [by_level[pair] if there else _UNREAD
           for pair, there in zip(pairs, read.tolist(), strict=True)]  # fmt: skip
    names = tuple(name for name, _, _ in who)
    loads = np.empty((len(grid), len(horizons), len(QUANTILES)))
    voices = Voices(bundle, grid, frame, horizons, rolling)
    for name in sorted(set(names)):
        mine = np.array([each == name for each in names])
        loads[mine] = voices.loads(name)[mine]
    said = Said(loads, names, tuple(rung for _, rung, _ in who), tuple(why for *_, why in who))
    return said if frame.known.all() else _where(frame.known, said, class_means)


def _by_level(
    decisions: Mapping[str, Decision], level: int, played: int, rolling: Rolling | None
) -> tuple[str, Rung, str]:
    name, rung, why = _who(decisions.get(LEVELS[level].value))
    better = rolling.best(played, name) if rolling else name
    if better == name:
        return name, rung, why
    return better, Rung.BASELINE, f"on the last days of this network it was better than {name}"


def _who(decision: Decision | None) -> tuple[str, Rung, str]:
    if decision is None:
        return LAST_WEEK, Rung.LAST_WEEK, "no model was judged at places of this kind"
    if decision.gate_open:
        return decision.served, Rung.MODEL, ""
    why = ", ".join(f"{said} in {split}" for split, said in decision.verdicts.items())
    return decision.served, Rung.BASELINE, f"the model did not beat every baseline: {why}"


class Voices:
    """What each of those who may answer says of all places; each is asked once."""

    def __init__(
        self,
        bundle: Bundle,
        grid: Grid,
        frame: LoadFrame,
        horizons: NDArray[np.int64],
        rolling: Rolling | None = None,
    ) -> None:
        self._bundle, self._grid, self._horizons = bundle, grid, horizons
        self._rolling = rolling
        self._frame = frame.correcting(bundle.manifest.corrected)
        self._groups = group_of(frame.features)
        self._kept: dict[str, Quantiles] = {}

    def loads(self, name: str) -> Floats:
        """Quantiles of loads, W, float64[p, hours, quantiles]."""
        base, scale = self._frame.base, self._frame.scale
        said = self.calibrated(name)
        if self._rolling is not None:
            levels = played_levels(self._grid.levels, self._grid.parents)
            said = self._rolling.moved(name, said, levels)
        found: Floats = base[:, :, None] + scale[:, :, None] * said
        return found

    def calibrated(self, name: str) -> Quantiles:
        """Scaled quantiles as the bundle calibrates them, float32[p, hours, quantiles]."""
        if name not in self._kept:
            calibration = self._bundle.calibrations[name]
            levels = self._grid.levels
            self._kept[name] = calibration.moved(
                self._scaled(name), levels, self._horizons, self._groups
            )
        return self._kept[name]

    def _scaled(self, name: str) -> Quantiles:
        frame, tree = self._frame, Tree.of(self._grid.parents, self._grid.base)
        if name in frame.estimates:
            scaled = (frame.estimates[name] - frame.base) / frame.scale
            return np.repeat(scaled[:, :, None], len(QUANTILES), axis=-1).astype(np.float32)
        if name == BOOSTED:
            forests, parents = self._bundle.forests, self._grid.parents
            return boosted_quantiles(forests, frame.features, parents, tree)
        if name == MIXED and self._bundle.mixture is not None:
            mixture, levels = self._bundle.mixture, self._grid.levels
            heard = {each: self.calibrated(each) for each in mixture.heard(levels)}
            return mixture.mixed(heard, levels)
        return mean_quantiles(self._bundle.networks, tree, frame.features)


def _where(known: NDArray[np.bool_], said: Said, otherwise: Said) -> Said:
    """The one where something is known of the network, the other elsewhere."""

    def chosen(name: str) -> tuple[Any, ...]:
        pairs = zip(known.tolist(), getattr(said, name), getattr(otherwise, name), strict=True)
        return tuple(mine if there else other for there, mine, other in pairs)

    loads = np.where(known[:, None, None], said.loads, otherwise.loads)
    return Said(loads, chosen("names"), chosen("rungs"), chosen("reasons"))


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
