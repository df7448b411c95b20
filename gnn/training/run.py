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

from gnn.baselines.boosted import fit_boosted
from gnn.config import Config
from gnn.datasets.parts import PARTS, Parts, Role
from gnn.datasets.stack import Stack
from gnn.evaluation.judging import Covered, covered, scored
from gnn.evaluation.table import SPLITS, Row
from gnn.training.answers import BOOSTED, GRAPH, MIXED, Answers, calibration_days
from gnn.training.fit import fit

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What a run made: the models, their losses on the validation part by seed, scores."""

    task: str
    answers: Answers
    losses: dict[int, list[float]]
    rows: list[Row]
    coverage: list[Covered]


def train(task: str, networks: Sequence[Parts], config: Config, tell: Tell) -> Trained:
    """Run a task.

    Args:
        task: `L1` or `L2`.
        networks: At least one that may be learned from.
        config: What to do.
        tell: Told a line now and then.
    """
    learned = _of(networks, Role.LEARN)
    corrected = config.model.corrected(task)
    stacks = {
        part: Stack.of([n.by_part[part] for n in learned]).correcting(corrected) for part in PARTS
    }
    rows = learned_rows(learned, stacks["train"], config)
    answers = Answers()
    made = Trained(task, answers, {}, [], [])
    for seed in config.model.seeds:
        fitted = fit(stacks["train"], rows, stacks["validation"], config.model, seed)
        answers.networks[seed], made.losses[seed] = fitted.weights, fitted.losses
        tell(f"{task} {GRAPH} seed {seed}: validation {min(fitted.losses):.5f}")
        answers.boosted[seed] = fit_boosted(stacks["train"], rows, seed)
        tell(f"{task} {BOOSTED} seed {seed}: done")
    answers.calibrate(calibration_days(networks, rows, corrected))
    tell(f"{task}: calibrated")
    for split, stack, chosen in _judged(networks, stacks["test"], rows, config):
        judge(made, split, stack.correcting(corrected), chosen)
    return made


def _of(networks: Sequence[Parts], role: Role) -> list[Parts]:
    return [n for n in networks if n.role is role]


def _judged(
    networks: Sequence[Parts], test: Stack, rows: NDArray[np.bool_], config: Config
) -> list[tuple[str, Stack, NDArray[np.bool_]]]:
    """(split, snapshots, places that count): later weeks, unseen feeders, unseen networks."""
    learned = _of(networks, Role.LEARN)
    usual = np.array([n.metered == config.data.metered for n in learned])[test.networks]
    found = [(SPLITS[0], test, rows & usual), (SPLITS[1], test, ~rows & usual)]
    unseen = _of(networks, Role.UNSEEN)
    ways = sorted({(n.alike, n.metered) for n in unseen})
    for split, way in zip(SPLITS[2:], ways, strict=False):
        those = [n.by_part["test"] for n in unseen if (n.alike, n.metered) == way]
        stack = Stack.of(those)
        found.append((split, stack, np.ones(len(stack.levels), dtype=bool)))
    return found


def judge(made: Trained, split: str, stack: Stack, chosen: NDArray[np.bool_]) -> None:
    """Add the scores of all models in a split; on unseen networks also coverage by horizon."""
    for who, said in made.answers.calibrated(stack).items():
        loads = stack.base[:, :, None] + stack.scale[:, :, None] * said
        made.rows.extend(scored(made.task, split, who, stack, chosen, loads))
        if split == SPLITS[2] and who[1] == 0:
            made.coverage.extend(covered(who[0].removesuffix(" mean"), stack, loads))


def learned_rows(learned: Sequence[Parts], stack: Stack, config: Config) -> NDArray[np.bool_]:
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


__all__ = ["BOOSTED", "GRAPH", "MIXED", "Trained", "train"]
