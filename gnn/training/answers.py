"""What every model of a run says, calibrated, and the mixture of them; by model and seed.

Calibration days are those of networks kept for it, and days after the training of the places that
were learned from; never a feeder or a network that is judged as unseen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.boosted import Boosted
from gnn.baselines.simple import simple_quantiles
from gnn.calibration.conformal import Calibration, Misses, calibrate, group_of, joined
from gnn.datasets.parts import PARTS, Parts, Role
from gnn.datasets.stack import Stack
from gnn.features.grid import LEVELS
from gnn.features.loads import ESTIMATES
from gnn.models.mixing import Mixture
from gnn.models.sage import QUANTILES, Sage
from gnn.models.tree import Tree
from gnn.training.mixing import fit_mixture

Array = NDArray[np.float32]
Who = tuple[str, int]
"""A model and the seed it was made with; 0 for what has none, and for means over all of them."""

GRAPH, BOOSTED, MIXED = "tree-sage", "boosted", "mixed"
SEEDED: Final = (GRAPH, BOOSTED)
EXPERTS: Final = (*SEEDED, *ESTIMATES)
"""Who may be heard in the mixture."""


@dataclass(slots=True, eq=False)
class Answers:
    """The models of a run.

    Attributes:
        networks, boosted: By seed.
        calibrations: By model and seed.
        mixture: Who is heard how much; None until it is fitted.
    """

    networks: dict[int, Sage] = field(default_factory=dict)
    boosted: dict[int, Boosted] = field(default_factory=dict)
    calibrations: dict[Who, Calibration] = field(default_factory=dict)
    mixture: Mixture | None = None

    def raw(self, stack: Stack) -> dict[Who, Array]:
        """Scaled quantiles as each model says them."""
        found = {(name, 0): simple_quantiles(stack, name) for name in ESTIMATES}
        tree = Tree.of(stack.parents)
        graph = {(GRAPH, n): w.quantiles(tree, stack.features) for n, w in self.networks.items()}
        boosted = {(BOOSTED, seed): each.quantiles(stack) for seed, each in self.boosted.items()}
        for name, several in zip(SEEDED, (graph, boosted), strict=True):
            found |= several
            found[f"{name} mean", 0] = np.mean(list(several.values()), axis=0)
        return found

    def calibrated(self, stack: Stack) -> dict[Who, Array]:
        """Scaled quantiles, calibrated, of each model and of the mixture."""
        found = {who: self._moved(who, stack, said) for who, said in self.raw(stack).items()}
        for who, said in self._mixed(stack, found).items():
            found[who] = self._moved((f"{MIXED} mean", 0), stack, said)
        return found

    def calibrate(self, days: Sequence[Days]) -> None:
        """Learn all shifts, and the mixture."""
        raw = [self.raw(each.stack) for each in days]
        for who in raw[0]:
            self.calibrations[who] = shifts(days, [each[who] for each in raw])
        said = [
            {who: self._moved(who, each.stack, values) for who, values in mine.items()}
            for each, mine in zip(days, raw, strict=True)
        ]
        self.mixture = _fitted(days, said)
        mixed = [self._mixed(each.stack, mine) for each, mine in zip(days, said, strict=True)]
        mean = f"{MIXED} mean", 0
        self.calibrations[mean] = shifts(days, [each[mean] for each in mixed])

    def _moved(self, who: Who, stack: Stack, said: Array) -> Array:
        return moved(self.calibrations[who], stack, said)

    def _mixed(self, stack: Stack, said: Mapping[Who, Array]) -> dict[Who, Array]:
        assert self.mixture is not None  # noqa: S101 - fitted before anything is mixed
        found = {}
        for seed in (0, *self.networks):
            experts = {name: said[_expert(name, seed)] for name in self.mixture.experts}
            name = MIXED if seed else f"{MIXED} mean"
            found[name, seed] = self.mixture.mixed(experts, stack.levels)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Snapshots that calibrate.

    Attributes:
        stack: The snapshots.
        networks: Number of the network of each place; the same one in all days, int32[n].
        rows: Places that count, bool[n].
    """

    stack: Stack
    networks: NDArray[np.int32]
    rows: NDArray[np.bool_]


def calibration_days(
    networks: Sequence[Parts], learned_rows: NDArray[np.bool_], corrected: str
) -> list[Days]:
    """Weeks of the networks kept for it, and the days kept for it of the places learned from;
    `corrected` is the estimate that is corrected."""
    numbers = {name: n for n, name in enumerate(dict.fromkeys(each.name for each in networks))}
    learned = [each for each in networks if each.role is Role.LEARN]
    kept = [each for each in networks if each.role is Role.CALIBRATE]
    found = [_days(learned, "calibration", numbers, learned_rows)]
    if kept:
        found += [_days(kept, part, numbers) for part in PARTS if part in kept[0].by_part]
    return [replace(each, stack=each.stack.correcting(corrected)) for each in found]


def _days(
    networks: Sequence[Parts],
    part: str,
    numbers: Mapping[str, int],
    rows: NDArray[np.bool_] | None = None,
) -> Days:
    stack = Stack.of([each.by_part[part] for each in networks])
    number = np.array([numbers[each.name] for each in networks], dtype=np.int32)[stack.networks]
    return Days(stack, number, np.ones(len(number), dtype=bool) if rows is None else rows)


def moved(calibration: Calibration, stack: Stack, said: Array) -> Array:
    """Scaled quantiles of all snapshots, calibrated."""
    return calibration.moved(said, stack.levels, stack.horizons, group_of(stack.features))


def shifts(days: Sequence[Days], said: Sequence[Array]) -> Calibration:
    """Learn shifts from scaled quantiles of all days."""
    misses = []
    for each, mine in zip(days, said, strict=True):
        stack, rows = each.stack, each.rows
        misses.append(
            Misses.of(
                mine[rows],
                stack.scaled()[rows],
                each.networks[rows],
                stack.levels[rows],
                stack.horizons[rows],
                group_of(stack.features)[rows],
            )
        )
    return calibrate(joined(misses), QUANTILES, len(LEVELS))


def _fitted(days: Sequence[Days], said: Sequence[Mapping[Who, Array]]) -> Mixture:
    experts = {}
    for name in EXPERTS:
        who = _expert(name, 0)
        parts = [
            m[who][d.rows].reshape(-1, len(QUANTILES)) for d, m in zip(days, said, strict=True)
        ]
        experts[name] = np.concatenate(parts)
    truth = np.concatenate([d.stack.scaled()[d.rows].ravel() for d in days])
    weights = np.concatenate([d.stack.scale[d.rows].ravel() for d in days])
    levels = np.concatenate(
        [np.repeat(d.stack.levels[d.rows], d.stack.scale.shape[1]) for d in days]
    )
    return fit_mixture(experts, truth, weights, levels, len(LEVELS))


def _expert(name: str, seed: int) -> Who:
    if name not in SEEDED:
        return name, 0
    return (name, seed) if seed else (f"{name} mean", 0)
