"""How far loads are usually missed: what single customers are missed by, and how far together.

Loads of independent customers average out: the sum of n of them is missed by the root of n times
what one is missed by. Customers that share a weather, a habit or a tariff are missed in the same
direction, and their sum by up to n times as much. With e the usual power of a customer, s what one
is usually missed by over e, and rho the share of it that is common to all,

    miss of a sum ahead^2 = s^2 ((1 - rho) sum of e^2 + rho (sum of e)^2) + g^2
    miss of a sum now^2 = s^2 sum of e^2 + g^2 + (3 % of what is measured)^2, over those not read

where g is what those who are read cannot tell of those who are not and below no measured place: s
times their sum of e, over the root of how many independent ones were read. All is taken from the
readings before the issue: s now from how far those who are read lie from others of their class, s
and rho ahead from how far a simple guess missed each of them, and all of them together, on each of
the last seven days (an intraclass correlation: Fisher, *Statistical Methods for Research Workers*,
1925; survey statisticians call the inverse of its effect the effective number).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.features.allocation import Allocation
from gnn.features.grid import Grid

Floats = NDArray[np.float64]

_DAY_H, _WEEK_H = 24, 168
_LEAST_SINGLE, _MOST_SINGLE = 0.05, 3.0
_UNKNOWN_SINGLE: Final = 0.5
"""What is taken where nobody was read."""
_METERED_SPREAD: Final = 0.05
"""What the last hour of a customer that is read is missed by, over what others are."""
_LOSSES: Final = 0.03
"""What a measured place carries beside the loads below it: losses, and what nobody reads."""
_MOST_MOVED: Final = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Moving:
    """What is usually missed, by place and by the network it is in, float64[p].

    Attributes:
        single_now, single_ahead: Of one customer, over his usual power.
        together: Share of what is missed ahead that is common to all, 0 to 1.
        unread: Root of the sum of the squares of the usual power of those not read, W.
        now: Of the sum, over its load, if that is the usual one.
        ahead: The same of loads ahead.
    """

    single_now: Floats
    single_ahead: Floats
    together: Floats
    unread: Floats
    now: Floats
    ahead: Floats


def moving(grid: Grid, watts: Floats, allocation: Allocation) -> Moving:
    """What is usually missed at each place.

    Args:
        grid: With the usual power of its customers.
        watts: Readings, float64[m, hours]; NaN where not known.
        allocation: Made of the same.
    """
    usual = grid.customers.expected_w
    single_now = _single_now(grid, watts, allocation.ratios)[grid.networks]
    single_ahead, together = (each[grid.networks] for each in _ahead(grid, watts))
    unseen = usual * np.where(np.isfinite(watts[:, -1]), _METERED_SPREAD, 1.0)
    sums, squares, unread = (grid.below(each) for each in (usual, usual**2, unseen**2))
    loose = grid.below(np.where(allocation.pinned, 0.0, unseen))
    lost = _LOSSES * grid.below(np.where(allocation.pinned, usual, 0.0))
    guessed = (single_now * loose) ** 2 / _told(grid, watts)[grid.networks]
    common = (1 - together) * squares + together * sums**2
    now = single_now**2 * unread + guessed + lost**2
    ahead = single_ahead**2 * common + guessed
    return Moving(
        single_now,
        single_ahead,
        together,
        np.sqrt(unread),
        np.sqrt(now) / sums,
        np.sqrt(ahead) / sums,
    )


def _told(grid: Grid, watts: Floats) -> Floats:
    """How many independent customers of one size those read in the last hour are worth, at least
    one, by network."""
    read = np.where(np.isfinite(watts[:, -1]), grid.customers.expected_w, 0.0)
    squares = grid.by_network(read**2)
    return np.maximum(grid.by_network(read) ** 2 / np.where(squares > 0, squares, 1.0), 1.0)


def _single_now(grid: Grid, watts: Floats, ratios: Floats) -> Floats:
    """How far those who were read in the last week lay from what others of their class used."""
    last = slice(-_WEEK_H, None)
    expected = grid.customers.expected_w[:, None]
    return np.sqrt(_variance(grid, *_missed(grid, watts[:, last] - expected * ratios[:, last])))


def _ahead(grid: Grid, watts: Floats) -> tuple[Floats, Floats]:
    """What a guess a day ahead missed single customers by, and the share common to all.

    The guess of a day is the same day a week before, moved by how the day before differed from
    the same day of the week before that.
    """
    days = watts.reshape(len(watts), -1, _DAY_H)
    compared = np.isfinite(days[:, 7:]) & np.isfinite(days[:, :-7])
    sums, before = (
        grid.by_network(np.where(compared, part, 0.0).sum(axis=2))
        for part in (days[:, 7:], days[:, :-7])
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        moved = np.clip(sums[:, :-1] / before[:, :-1], 1 / _MOST_MOVED, _MOST_MOVED)
    moved = np.where(np.isfinite(moved), moved, 1.0)[grid.network_of_customers()]
    guess = days[:, 1:-7] * moved[:, :, None]
    missed, read = _missed(grid, (days[:, 8:] - guess).reshape(len(watts), -1))
    variance = _variance(grid, missed, read)
    pairs, sizes = (
        (grid.by_network(each) ** 2 - grid.by_network(each**2)).sum(axis=1)
        for each in (missed, read)
    )
    some = sizes > 0
    together = np.where(some, pairs / np.where(some, sizes * variance, 1.0), 0.0)
    return np.sqrt(variance), np.clip(together, 0.0, 1.0)


def _missed(grid: Grid, missed: Floats) -> tuple[Floats, Floats]:
    """What was missed, and the usual power of whom it was; both 0 where it is not known."""
    there = np.isfinite(missed)
    usual = grid.customers.expected_w[:, None]
    return np.where(there, missed, 0.0), np.where(there, usual, 0.0)


def _variance(grid: Grid, missed: Floats, read: Floats) -> Floats:
    """Mean square of what was missed over that of usual power, by network."""
    squares, sizes = (grid.by_network((each**2).sum(axis=1)) for each in (missed, read))
    some = sizes > 0
    found = np.where(some, squares / np.where(some, sizes, 1.0), _UNKNOWN_SINGLE**2)
    return np.clip(found, _LEAST_SINGLE**2, _MOST_SINGLE**2)
