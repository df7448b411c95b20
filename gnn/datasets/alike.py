"""Customers that move together: a town whose customers follow a few shared profiles.

In the generated towns everybody has a noise of his own, so that sums average out. Real customers
share more than weather and the hour: working days, tariffs, what is on television; benchmark
networks have whole villages on a handful of profiles. What is drawn for each network: how many
profiles a class has (1 to 20, few more often), how closely they are followed (40 to 100 %), how
wildly they wander (a log-normal autoregressive factor of a spread of up to 0.5), the noise that
each customer has beside (up to 0.5), and, in every second network, that no fuse is stated.

Everybody keeps his own mean power, and his own gaps. Who feeds in follows nobody.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.datasets.prepare import Network
from gnn.features.customers import Customers, class_by_power
from gnn.features.hours import Floats, Hours

_MOST_PROFILES: Final = 20
_LEAST_FOLLOWED: Final = 0.4
_MOST_WILD, _MOST_NOISE = 0.5, 0.5
_MEMORY: Final = (0.3, 0.98)
"""Between what the autoregressive coefficient of an hour is drawn."""
_MOST_IN_PROFILE: Final = 5
"""Customers whose mean is a profile, at most."""
_SEED: Final = 77


def alike(network: Network, seed: int) -> Network:
    """The network with customers that follow shared profiles, drawn by the seed."""
    chance = np.random.default_rng([seed, _SEED])
    customers, history = network.grid.customers, network.history
    watts = history.hours.watts
    mean, follows = _followers(watts)
    profiles = _profiles(watts, customers.classes, follows, chance)
    followed = np.where(follows, chance.uniform(_LEAST_FOLLOWED, 1.0), 0.0)[:, None]
    spread = chance.uniform(0.0, _MOST_NOISE)
    noise = np.exp(spread * chance.standard_normal(watts.shape) - spread**2 / 2)
    noise = np.where(follows[:, None], noise, 1.0)

    def moved(hours: Hours) -> Hours:
        own = (1.0 - followed) * hours.watts
        return replace(hours, watts=(own + followed * mean[:, None] * profiles) * noise)

    known = replace(history, hours=moved(history.hours), first=moved(history.first))
    named = _without_fuses(customers) if chance.random() < 1 / 2 else customers
    return Network(network.name, replace(network.grid, customers=named), known)


def _without_fuses(customers: Customers) -> Customers:
    return replace(customers, classes=class_by_power(customers.expected_w))


def _followers(watts: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Mean power of each customer, and who follows: whoever takes power and never gives any."""
    there = np.isfinite(watts)
    total = np.where(there, watts, 0.0).sum(axis=1)
    mean: Floats = total / np.maximum(there.sum(axis=1), 1)
    return mean, (mean > 0) & (np.where(there, watts, 0.0).min(axis=1) >= 0)


def _profiles(
    watts: Floats,
    classes: NDArray[np.int8],
    follows: NDArray[np.bool_],
    chance: np.random.Generator,
) -> Floats:
    """The profile of each customer, one of those of his class, with a mean of 1; ones elsewhere."""
    found = np.ones_like(watts)
    wild = chance.uniform(0.0, _MOST_WILD)
    for code in np.unique(classes[follows]).tolist():
        mine = np.flatnonzero((classes == code) & follows)
        count = 1 + int(np.exp(chance.uniform(0.0, np.log(_MOST_PROFILES))))
        shared = [_profile(watts[mine], wild, chance) for _ in range(count)]
        found[mine] = np.stack(shared)[chance.integers(0, count, len(mine))]
    return found


def _profile(watts: Floats, wild: float, chance: np.random.Generator) -> Floats:
    """The mean of some customers, each over his own mean, times what wanders."""
    some = watts[chance.choice(len(watts), int(chance.integers(1, _MOST_IN_PROFILE + 1)))]
    filled = np.where(np.isfinite(some), some, np.nanmean(some, axis=1)[:, None])
    shape = (filled / filled.mean(axis=1)[:, None]).mean(axis=0)
    wandered = shape * np.exp(wild * _wandering(len(shape), chance))
    found: Floats = wandered / wandered.mean()
    return found


def _wandering(hours: int, chance: np.random.Generator) -> Floats:
    """An autoregressive series of the first order with mean 0 and variance 1."""
    memory = chance.uniform(*_MEMORY)
    steps = np.sqrt(1.0 - memory**2) * chance.standard_normal(hours)
    found, now = np.empty(hours), float(chance.standard_normal())
    for hour, step in enumerate(steps.tolist()):
        now = memory * now + step
        found[hour] = now
    return found
