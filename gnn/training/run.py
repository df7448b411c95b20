"""One training run of one task: splits, models, baselines, calibration, and the whole table.

Places are parted three ways: those learned from; feeders of the same networks that are not; whole
networks that are not. All are calibrated on the same days of places that were not judged later,
and judged on the same later days.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.boosted import Boosted, fit_boosted
from gnn.baselines.simple import simple_quantiles
from gnn.calibration.conformal import Calibration, calibrate, group_of
from gnn.config import Config
from gnn.datasets.parts import PARTS, Parts, Role
from gnn.datasets.stack import Stack
from gnn.evaluation.judging import scored
from gnn.evaluation.table import SPLITS, Row
from gnn.features.grid import LEVELS
from gnn.features.loads import ESTIMATES
from gnn.models.sage import QUANTILES, Sage
from gnn.models.tree import Tree
from gnn.training.fit import fit

Array = NDArray[np.float32]
Tell = Callable[[str], None]
Who = tuple[str, int]
"""A model and the seed it was made with."""

GRAPH, BOOSTED = "tree-sage", "boosted"
TOGETHER = f"{GRAPH} with {BOOSTED}"
"""The mean of both, judged beside them; not served."""


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What a run made: networks and trees by seed, calibrations by model, scores."""

    task: str
    networks: dict[int, Sage]
    boosted: dict[int, Boosted]
    calibrations: dict[Who, Calibration]
    rows: list[Row]
    losses: dict[int, list[float]]


def train(task: str, networks: Sequence[Parts], config: Config, tell: Tell) -> Trained:
    """Run a task.

    Args:
        task: `L1` or `L2`.
        networks: At least one that may be learned from.
        config: What to do.
        tell: Told a line now and then.
    """
    learned = _of(networks, Role.LEARN)
    stacks = {part: Stack.of([n.by_part[part] for n in learned]) for part in PARTS}
    rows = _learned_rows(learned, stacks["train"], config)
    made = Trained(task, {}, {}, {}, [], {})
    for seed in config.model.seeds:
        fitted = fit(stacks["train"], rows, stacks["validation"], config.model, seed)
        made.networks[seed], made.losses[seed] = fitted.weights, fitted.losses
        tell(f"{task} {GRAPH} seed {seed}: validation {min(fitted.losses):.5f}")
        made.boosted[seed] = fit_boosted(stacks["train"], rows, seed)
        tell(f"{task} {BOOSTED} seed {seed}: done")
    made.calibrations.update(_calibrations(made, _days_to_calibrate(networks)))
    for split, stack, chosen in _judged(networks, stacks["test"], rows, config):
        for who, said in _said(made, stack).items():
            made.rows.extend(_scored(task, split, who, stack, chosen, said, made.calibrations[who]))
    return made


def ablated(task: str, networks: Sequence[Parts], config: Config) -> dict[str, float]:
    """Loss of the graph network alone by level, on unseen networks, mean over the seeds' model."""
    learned, unseen = _of(networks, Role.LEARN), _of(networks, Role.UNSEEN, config.data.metered)
    stacks = {part: Stack.of([n.by_part[part] for n in learned]) for part in PARTS}
    rows = _learned_rows(learned, stacks["train"], config)
    fitted = [
        fit(stacks["train"], rows, stacks["validation"], config.model, seed).weights
        for seed in config.model.seeds
    ]

    def said(stack: Stack) -> Array:
        tree = Tree.of(stack.parents)
        mean: Array = np.mean([n.quantiles(tree, stack.features) for n in fitted], axis=0)
        return mean

    days = _days_to_calibrate(networks)
    test = Stack.of([n.by_part["test"] for n in unseen])
    shifts = _calibrated(days, [said(stack) for stack in days])
    every = np.ones(len(test.levels), dtype=bool)
    found = _scored(task, SPLITS[2], (GRAPH, 0), test, every, said(test), shifts)
    return {row.level: row.pinball for row in found}


def _of(networks: Sequence[Parts], role: Role, metered: float | None = None) -> list[Parts]:
    return [n for n in networks if n.role is role and metered in (None, n.metered)]


def _judged(
    networks: Sequence[Parts], test: Stack, rows: NDArray[np.bool_], config: Config
) -> list[tuple[str, Stack, NDArray[np.bool_]]]:
    """(split, snapshots, places that count): later weeks, unseen feeders, unseen networks."""
    learned = _of(networks, Role.LEARN)
    usual = np.array([n.metered == config.data.metered for n in learned])[test.networks]
    found = [(SPLITS[0], test, rows & usual), (SPLITS[1], test, ~rows & usual)]
    shares = sorted({n.metered for n in networks if n.role is Role.UNSEEN})
    for split, share in zip(SPLITS[2:], shares, strict=False):
        stack = Stack.of([n.by_part["test"] for n in _of(networks, Role.UNSEEN, share)])
        found.append((split, stack, np.ones(len(stack.levels), dtype=bool)))
    return found


def _said(made: Trained, stack: Stack) -> dict[Who, Array]:
    """Scaled quantiles of every model; seed 0 for what has none, or is the mean over all."""
    found = {(name, 0): simple_quantiles(stack, name) for name in ESTIMATES}
    boosted = {(BOOSTED, seed): each.quantiles(stack) for seed, each in made.boosted.items()}
    tree = Tree.of(stack.parents)
    graph = {(GRAPH, n): net.quantiles(tree, stack.features) for n, net in made.networks.items()}
    for name, several in ((BOOSTED, boosted), (GRAPH, graph)):
        found |= several
        found[f"{name} mean", 0] = np.mean(list(several.values()), axis=0)
    found[TOGETHER, 0] = 0.5 * (found[f"{GRAPH} mean", 0] + found[f"{BOOSTED} mean", 0])
    return found


def _days_to_calibrate(networks: Sequence[Parts]) -> list[Stack]:
    """All weeks of the networks kept for it; where there are none, the days kept for it."""
    kept = _of(networks, Role.CALIBRATE)
    if kept:
        return [Stack.of([n.by_part[part] for n in kept]) for part in PARTS]
    return [Stack.of([n.by_part["calibration"] for n in _of(networks, Role.LEARN)])]


def _calibrations(made: Trained, days: Sequence[Stack]) -> dict[Who, Calibration]:
    said = [_said(made, stack) for stack in days]
    return {who: _calibrated(days, [each[who] for each in said]) for who in said[0]}


def _calibrated(days: Sequence[Stack], said: Sequence[Array]) -> Calibration:
    return calibrate(
        np.concatenate(said, axis=1),
        np.concatenate([stack.scaled() for stack in days], axis=1),
        days[0].levels,
        np.concatenate([stack.horizons for stack in days], axis=1),
        np.concatenate([group_of(stack.features) for stack in days], axis=1),
        QUANTILES,
        len(LEVELS),
    )


def _scored(
    task: str,
    split: str,
    who: Who,
    stack: Stack,
    chosen: NDArray[np.bool_],
    said: Array,
    calibration: Calibration,
) -> list[Row]:
    moved = calibration.moved(said, stack.levels, stack.horizons, group_of(stack.features))
    loads = stack.base[:, :, None] + stack.scale[:, :, None] * moved
    return scored(task, split, who, stack, chosen, loads)


def _learned_rows(learned: Sequence[Parts], stack: Stack, config: Config) -> NDArray[np.bool_]:
    """Places of the feeders that are learned from; whole feeders, drawn by seed.

    A network that is there several times, with other meters seen, has the same feeders drawn.
    """
    kept = np.ones(len(stack.feeders), dtype=bool)
    for number, network in enumerate(learned):
        mine = np.flatnonzero(stack.networks == number)
        feeders = np.unique(stack.feeders[mine])
        chance = np.random.default_rng(config.data.seed + sum(network.name.encode()))
        drawn = feeders[chance.random(len(feeders)) < config.data.unseen_feeders]
        kept[mine] = ~np.isin(stack.feeders[mine], drawn)
    return kept if kept.any() else np.ones_like(kept)


__all__ = ["BOOSTED", "GRAPH", "Trained", "train"]
