"""Snapshots out of a generator of numbers, for tests that need no network."""

from __future__ import annotations

import numpy as np

from gnn.datasets.parts import PARTS, Parts, Role
from gnn.datasets.snapshots import Snapshots
from gnn.datasets.stack import Stack
from gnn.features.catalogue import NAMES
from gnn.features.loads import CORRECTED, ESTIMATES

PARENTS = np.array([-1, 0, 0, 1, 1], dtype=np.int32)
DRAWN_LEVELS = np.array([1, 2, 2, 3, 3], dtype=np.int8)


def drawn_snapshots(
    count: int = 40, seed: int = 1, name: str = "drawn", horizon: int = 24
) -> Snapshots:
    """A tree of five places; the truth is the state estimate corrected by its first feature."""
    chance = np.random.default_rng(seed)
    shape = (count, len(PARENTS))
    features = chance.normal(0, 1, (*shape, len(NAMES))).astype(np.float32)
    estimates = chance.uniform(900, 1_100, (*shape, len(ESTIMATES))).astype(np.float32)
    scale = np.full(shape, 50.0, dtype=np.float32)
    noise = chance.normal(0, 0.3, shape)
    base = estimates[:, :, ESTIMATES.index(CORRECTED)]
    return Snapshots(
        name=name,
        levels=DRAWN_LEVELS,
        parents=PARENTS,
        feeders=np.array([0, 1, 2, 1, 1], dtype=np.int32),
        horizons=np.full(count, horizon),
        targets_us=np.arange(count),
        features=features,
        estimates=estimates,
        scale=scale,
        truth=(base + scale * (features[:, :, 0] + noise)).astype(np.float32),
    )


def drawn_stack(count: int = 40, seed: int = 1) -> Stack:
    """The same as a stack of one network."""
    return Stack.of([drawn_snapshots(count, seed)])


def drawn_networks() -> list[Parts]:
    """Two learned from, one that calibrates, one unseen with two shares of meters, and one whose
    customers move together."""
    roles = [(Role.LEARN, 0.3), (Role.LEARN, 0.3), (Role.CALIBRATE, 0.3)]
    roles += [(Role.UNSEEN, 0.3), (Role.UNSEEN, 0.95), (Role.UNSEEN, 0.3)]
    return [
        Parts(
            f"drawn {number}",
            role,
            share,
            {p: drawn_snapshots(60, 10 * number + k) for k, p in enumerate(PARTS)},
            alike=number == len(roles) - 1,
        )
        for number, (role, share) in enumerate(roles)
    ]
