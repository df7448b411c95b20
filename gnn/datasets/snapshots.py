"""Snapshots: what was known of a network at an issue, with what came, for training and judging.

A share of the meters is hidden at each issue, others at each, as if they were not there; the loads
of places are known from all of them. Where a network measures no feeder heads, the sum below may
stand in for a measurement, with losses and noise that are stated here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.datasets.history import History
from gnn.errors import NothingToLearn
from gnn.features.allocation import allocate
from gnn.features.grid import LEVELS, Grid
from gnn.features.hours import HISTORY_H, HOUR_US, Hours
from gnn.features.loads import ESTIMATES, load_frame
from graph_service.ports.predictor import LONGEST_HOURS, Level

Floats = NDArray[np.float64]

LOSSES: Final = 0.03
NOISE: Final = 0.01
_LEAST_READ: Final = 0.95
"""Share of the expected power below a place that must be read for its sum to count as its load."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One question: the issue, in hours since the history begins, and how far ahead; 0 is now."""

    issue_h: int
    horizon_h: int

    @property
    def target_h(self) -> int:
        """The hour that is spoken of."""
        return self.issue_h - 1 + self.horizon_h


@dataclass(frozen=True, slots=True, eq=False)
class Snapshots:
    """Questions about one network, what was known at their issues, and what came.

    Attributes:
        name: Of the network.
        levels: Codes of `features.grid.LEVELS`, int8[p].
        parents: int32[p].
        feeders: The medium-voltage feeder (or highest place) each place is below, int32[p].
        horizons: int64[s].
        targets_us: Begin of the hour spoken of, int64[s].
        features: float32[s, p, features].
        estimates: float32[s, p, estimates], in the order of `features.loads.ESTIMATES`.
        scale: float32[s, p].
        truth: float32[s, p]; NaN where it is not known, or nothing was seen in the network.
    """

    name: str
    levels: NDArray[np.int8]
    parents: NDArray[np.int32]
    feeders: NDArray[np.int32]
    horizons: NDArray[np.int64]
    targets_us: NDArray[np.int64]
    features: NDArray[np.float32]
    estimates: NDArray[np.float32]
    scale: NDArray[np.float32]
    truth: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.horizons)


@dataclass(frozen=True, slots=True)
class Hiding:
    """What a network is taken to measure.

    Attributes:
        metered: Share of the customers whose meters may be seen.
        heads: Share of the medium-voltage feeders whose head is taken to be measured where no
            feeder is.
        seed: Which ones; at each issue others.
    """

    metered: float
    heads: float
    seed: int


def seen_before(
    grid: Grid,
    history: History,
    loads: Floats,
    hiding: Hiding | None,
    issue_h: int,
    looked_back_h: int = HISTORY_H,
) -> Hours:
    """What is taken to be known at an issue of the hours before it; None hides nothing.

    `loads` are those of `loads_of`; they stand in for measurements where no feeder is measured.
    """
    hours = history.before(history.hours.start_us + issue_h * HOUR_US, looked_back_h)
    if hiding is None:
        return hours
    chance = np.random.default_rng([hiding.seed, issue_h])
    seen = chance.random(len(grid.customers)) < hiding.metered
    heads = hours.heads
    if not np.isfinite(history.first.heads).any():
        there = np.isfinite(hours.watts).any(axis=0)
        part = loads[:, issue_h - hours.count : issue_h]
        heads = np.where(there, _simulated_heads(grid, part, hiding.heads, chance), np.nan)
    return Hours(hours.start_us, np.where(seen[:, None], hours.watts, np.nan), heads)


def loads_of(grid: Grid, hours: Hours) -> Floats:
    """The load of every place in every hour, NaN where too few of its customers were read.

    The few that were not are filled by allocation; a place that is measured has its measurement.
    """
    complete = allocate(grid, hours)
    expected = grid.below(grid.customers.expected_w)[:, None]
    enough = complete.seen_expected >= _LEAST_READ * expected
    summed = np.where(enough, complete.scaled, np.nan)
    return np.where(np.isfinite(hours.heads), hours.heads, summed)


def snapshots(
    name: str,
    grid: Grid,
    history: History,
    loads: Floats,
    moments: Sequence[Moment],
    hiding: Hiding | None = None,
) -> Snapshots:
    """Ask the moments of a network.

    Args:
        name: Of the network.
        grid: Places and customers.
        history: All of its readings.
        loads: What came, by place and hour of the history.
        moments: Issues of which `HISTORY_H` hours lie before and the target lies within.
        hiding: What may be seen of the history; None for all.

    Raises:
        NothingToLearn: at some issue nothing at all was seen.
    """
    made: dict[Moment, tuple[NDArray[np.float32], Floats, Floats]] = {}
    for issue_h in sorted({moment.issue_h for moment in moments}):
        mine = [moment for moment in moments if moment.issue_h == issue_h]
        hours = seen_before(grid, history, loads, hiding, issue_h)
        frame = load_frame(grid, hours, [m.horizon_h for m in mine])
        if frame is None:
            raise NothingToLearn(f"{name}: nothing was seen before hour {issue_h}")
        simple = np.stack([frame.estimates[each] for each in ESTIMATES], axis=-1)
        for number, moment in enumerate(mine):
            made[moment] = (frame.features[:, number], simple[:, number], frame.scale[:, number])
    rows = [made[moment] for moment in moments]
    targets = np.array([moment.target_h for moment in moments])
    features, estimates, scale = (np.stack([row[n] for row in rows]) for n in range(3))
    unknown = ~np.isfinite(scale)
    features[unknown], estimates[unknown], scale[unknown] = 0.0, 0.0, 1.0
    return Snapshots(
        name=name,
        levels=grid.levels,
        parents=grid.parents,
        feeders=_feeders(grid),
        horizons=np.array([moment.horizon_h for moment in moments]),
        targets_us=history.hours.start_us + targets * HOUR_US,
        features=features.astype(np.float32),
        estimates=estimates.astype(np.float32),
        scale=scale.astype(np.float32),
        truth=np.where(unknown, np.nan, loads[:, targets].T).astype(np.float32),
    )


def draw_moments(first_h: int, stop_h: int, every_h: int, horizons: int, seed: int) -> list[Moment]:
    """Issues at regular distance with some horizons each, all targets before `stop_h`.

    With `horizons` 0 the load now is asked, otherwise so many hours out of 1 to 48.
    """
    chance, made = np.random.default_rng(seed), []
    for issue_h in range(max(first_h, HISTORY_H), stop_h, every_h):
        most = min(LONGEST_HOURS, stop_h - issue_h)
        drawn = [0] if not horizons else 1 + chance.permutation(most)[:horizons]
        made += [Moment(issue_h, int(horizon)) for horizon in sorted(drawn)]
    return made


def _simulated_heads(
    grid: Grid, loads: Floats, share: float, chance: np.random.Generator
) -> Floats:
    at_head = grid.levels == LEVELS.index(Level.MV_FEEDER)
    at_head &= chance.random(len(grid)) < share
    heads = np.full_like(loads, np.nan)
    noise = 1 + NOISE * chance.standard_normal((int(at_head.sum()), loads.shape[1]))
    heads[at_head] = loads[at_head] * (1 + LOSSES) * noise
    return heads


def _feeders(grid: Grid) -> NDArray[np.int32]:
    feeder = grid.within(Level.MV_FEEDER)
    return np.where(feeder >= 0, feeder, grid.tops()).astype(np.int32)
