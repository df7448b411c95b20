"""From an imported network and its readings to the snapshots of one task, part by part of time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from gnn.config import DataConfig
from gnn.datasets.history import History, read_history
from gnn.datasets.snapshots import (
    Hiding,
    Moment,
    Snapshots,
    draw_moments,
    loads_of,
    seen_before,
    snapshots,
)
from gnn.errors import NothingToLearn
from gnn.features.grid import Grid, read_grid, sections
from gnn.features.hours import HISTORY_H, LOOKED_BACK_H, Floats, Hours
from graph_service.domain.switching import State
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.timeline_store import TimelineStore
from graph_service.topology.projection import Projection

TASKS: Final = ("L1", "L2")
_EVERY_NOW_H: Final = 5
"""Hours between two issues where the load now is asked."""
_MOST_MISSTATED: Final = 0.7
"""Largest spread of the logarithm of stated over used power of single customers."""


@dataclass(frozen=True, eq=False)
class Network:
    """A network to learn from or to judge on: its places and all its readings."""

    name: str
    grid: Grid
    history: History

    @cached_property
    def loads(self) -> Floats:
        """The load of every place in every hour, as far as it is known."""
        return loads_of(self.grid, self.history.hours)


def read_network(
    name: str,
    graph: GraphStore,
    timeline: TimelineStore,
    config: DataConfig,
    assumed_delay_h: float | None = None,
) -> Network:
    """A network out of the stores of a service, in its normal switching state.

    Raises:
        NothingToLearn: it has no loads or no readings; says which.
    """
    projection = Projection.build(graph.scan())
    added = sections(projection, State.NORMAL, config.sections, config.seed)
    grid = read_grid(graph, projection, State.NORMAL, added)
    if not len(grid.customers):
        raise NothingToLearn(
            f"{name} has no usage point and no EnergyConsumer that is energised",
            subject=name,
            hint="import the profile with the loads (EQ, Ownership) and the switch states (SSH)",
        )
    if not len(grid):
        raise NothingToLearn(
            f"{name} has no transformer and no feeder with customers below",
            subject=name,
            hint="ask `gridstrata trace` from a source whether anything is energised",
        )
    return Network(name, grid, read_history(timeline, grid, assumed_delay_h))


def misstated(network: Network, seed: int) -> Network:
    """The network with what is stated of each customer off by a factor, log-normal and of a spread
    that is drawn for the network: real models state peaks, contracts or guesses."""
    chance = np.random.default_rng(seed)
    customers = network.grid.customers
    factors = np.exp(chance.uniform(0.0, _MOST_MISSTATED) * chance.standard_normal(len(customers)))
    stated = replace(customers, expected_w=customers.expected_w * factors)
    return replace(network, grid=replace(network.grid, customers=stated))


def ask(network: Network, task: str, config: DataConfig, metered: float, part: str) -> Snapshots:
    """The snapshots of a task in one part of time, with a share of the meters seen.

    Raises:
        NothingToLearn: the history is too short for the parts.
    """
    seed = config.seed + sum(network.name.encode())
    hiding = Hiding(metered, config.heads, seed)
    moments = parts_of_time(task, fitted(config, network.history), seed)[part]
    return snapshots(network.name, network.grid, network.history, network.loads, moments, hiding)


def lately(network: Network, task: str, config: DataConfig, metered: float, part: str) -> Hours:
    """What was known when a part of time began, `LOOKED_BACK_H` hours back, with that share of the
    meters seen.

    Raises:
        NothingToLearn: the history is too short for the parts.
    """
    seed = config.seed + sum(network.name.encode())
    hiding = Hiding(metered, config.heads, seed)
    first = parts_of_time(task, fitted(config, network.history), seed)[part][0].issue_h
    return seen_before(network.grid, network.history, network.loads, hiding, first, LOOKED_BACK_H)


def parts_of_time(task: str, config: DataConfig, seed: int) -> dict[str, list[Moment]]:
    """The moments of each part; issues of a part lie so that all targets are within it."""
    now = task == "L1"
    parts = {
        "train": config.train_h,
        "validation": config.validation_h,
        "calibration": config.calibration_h,
        "test": config.test_h,
    }
    return {
        part: draw_moments(
            first,
            stop,
            _EVERY_NOW_H if now else config.every_h,
            0 if now else config.horizons,
            seed + number,
        )
        for number, (part, (first, stop)) in enumerate(parts.items())
    }


def fitted(config: DataConfig, history: History) -> DataConfig:
    """The parts of time, shortened in proportion where the history is shorter than they want.

    Raises:
        NothingToLearn: fewer than ten days are left beside what predictions look back on.
    """
    wanted, there = config.test_h[1], history.hours.count
    if there >= wanted:
        return config
    if there < HISTORY_H + 240:
        raise NothingToLearn(
            f"the readings span {there // 24} days",
            hint=f"at least {(HISTORY_H + 240) // 24} days are needed: "
            f"{HISTORY_H // 24} to look back on, the others to learn from and to judge by",
        )
    factor = (there - HISTORY_H) / (wanted - HISTORY_H)

    def moved(part: tuple[int, int]) -> tuple[int, int]:
        first, stop = (HISTORY_H + int((hour - HISTORY_H) * factor) for hour in part)
        return first, stop

    return replace(
        config,
        train_h=moved(config.train_h),
        validation_h=moved(config.validation_h),
        calibration_h=moved(config.calibration_h),
        test_h=moved(config.test_h),
    )
