"""One training run of one task: splits, models, baselines, calibration, and the whole table.

Places are parted three ways: those learned from; feeders of the same networks that are not; whole
networks that are not. All are calibrated on the same days of places that were not judged later,
and judged on the same later days.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.boosted import fit_boosted
from gnn.baselines.neighbours import with_neighbours
from gnn.baselines.simple import simple_quantiles
from gnn.baselines.trees import Trees
from gnn.calibration.conformal import Calibration, calibrate
from gnn.datasets.snapshots import Snapshots
from gnn.evaluation.scores import score
from gnn.evaluation.table import SPLITS, Row
from gnn.features.grid import LEVELS
from gnn.features.loads import ESTIMATES
from gnn.models.sage import QUANTILES, Sage
from gnn.models.tree import Tree
from gnn.training.config import Config
from gnn.training.fit import fit
from gnn.training.stack import Stack

Array = NDArray[np.float32]
Tell = Callable[[str], None]

GRAPH, BOOSTED = "tree-sage", "boosted"
PARTS = ("train", "validation", "calibration", "test")


@dataclass(frozen=True, slots=True)
class Parts:
    """Snapshots of one network by part of time; `learned` where it may be learned from."""

    name: str
    learned: bool
    by_part: Mapping[str, Snapshots]


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What a run made: networks and trees by seed, calibrations by model, scores."""

    task: str
    networks: dict[int, Sage]
    boosted: dict[int, Trees]
    calibrations: dict[str, Calibration]
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
    known = [n for n in networks if n.learned]
    unseen = [n for n in networks if not n.learned]
    stacks = {part: Stack.of([n.by_part[part] for n in known]) for part in PARTS}
    rows = _learned_rows(stacks["train"], config)
    made = Trained(task, {}, {}, {}, [], {})
    for seed in config.model.seeds:
        fitted = fit(stacks["train"], rows, stacks["validation"], config.model, seed)
        made.networks[seed], made.losses[seed] = fitted.weights, fitted.losses
        tell(f"{task} {GRAPH} seed {seed}: validation {min(fitted.losses):.5f}")
        made.boosted[seed] = fit_boosted(stacks["train"], rows, seed)
        tell(f"{task} {BOOSTED} seed {seed}: done")
    judged = [("later weeks", stacks["test"], rows), ("unseen feeders", stacks["test"], ~rows)]
    if unseen:
        other = Stack.of([n.by_part["test"] for n in unseen])
        judged.append(("unseen networks", other, np.ones(len(other.levels), dtype=bool)))
    for name, seed, say in _sayers(made):
        said = say(stacks["calibration"])
        shifts = _calibrated(stacks["calibration"], said)
        made.calibrations[name if seed == 0 else f"{name} {seed}"] = shifts
        for split, stack, chosen in judged:
            made.rows.extend(_scored(task, split, name, seed, stack, chosen, say(stack), shifts))
    return made


def network_quantiles(networks: Sequence[Sage], stack: Stack) -> Array:
    """The mean of what several networks say, float32[n, s, quantiles]."""
    tree = Tree.of(stack.parents)
    said: Array = np.mean([n.quantiles(tree, stack.features) for n in networks], axis=0)
    return said


def boosted_quantiles(forests: Sequence[Trees], stack: Stack) -> Array:
    """The mean of what several boosted models say, ascending."""
    columns = with_neighbours(stack.features, stack.parents, Tree.of(stack.parents))
    flat = columns.reshape(-1, columns.shape[-1])
    said = np.mean([each.predict(flat) for each in forests], axis=0)
    return np.sort(said.reshape(*columns.shape[:2], -1), axis=-1)


def _sayers(made: Trained) -> list[tuple[str, int, Callable[[Stack], Array]]]:
    """(model, seed, what says its quantiles); seed 0 for what has none or is the mean of all."""
    found: list[tuple[str, int, Callable[[Stack], Array]]] = [
        (name, 0, partial(simple_quantiles, name=name)) for name in ESTIMATES
    ]
    forests, networks = list(made.boosted.values()), list(made.networks.values())
    found += [(BOOSTED, n, partial(boosted_quantiles, [f])) for n, f in made.boosted.items()]
    found.append((f"{BOOSTED} mean", 0, partial(boosted_quantiles, forests)))
    found += [(GRAPH, n, partial(network_quantiles, [w])) for n, w in made.networks.items()]
    found.append((f"{GRAPH} mean", 0, partial(network_quantiles, networks)))
    return found


def _calibrated(stack: Stack, said: Array) -> Calibration:
    return calibrate(said, stack.scaled(), stack.levels, stack.horizons, QUANTILES, len(LEVELS))


def _scored(
    task: str,
    split: str,
    model: str,
    seed: int,
    stack: Stack,
    chosen: NDArray[np.bool_],
    said: Array,
    calibration: Calibration,
) -> list[Row]:
    moved = calibration.moved(said, stack.levels, stack.horizons)
    loads = stack.base[:, :, None] + stack.scale[:, :, None] * moved
    found = []
    for code, level in enumerate(LEVELS):
        mine = chosen & (stack.levels == code)
        got = score(loads[mine].reshape(-1, len(QUANTILES)), stack.truth[mine].ravel())
        if got is not None:
            found.append(
                Row(task, level.value, split, model, seed, got.count, got.pinball, got.nmae,
                    got.coverage_80)
            )  # fmt: skip
    return found


def _learned_rows(stack: Stack, config: Config) -> NDArray[np.bool_]:
    """Places of the feeders that are learned from; whole feeders, drawn by seed."""
    feeders = np.unique(stack.feeders)
    chance = np.random.default_rng(config.data.seed)
    kept = chance.random(len(feeders)) >= config.data.unseen_feeders
    learned: NDArray[np.bool_] = np.isin(stack.feeders, feeders[kept])
    return learned if learned.any() else np.ones(len(stack.feeders), dtype=bool)


__all__ = ["BOOSTED", "GRAPH", "SPLITS", "Parts", "Trained", "train"]
