"""The past of a network, as far as it can be held against what would have been said.

The load of a place that is not measured never becomes known. Two parts of a past are known
nevertheless. The customers that are read are taken for a network of their own: as large a share of
them is hidden as is not read in truth, feeders that are measured measure their sum, and what came
is the sum over all of them; that tells of places of few customers, because sums of many scale
otherwise. And a place that is measured has a past of its own, as have those above it with what
flows into the measured ones below; that tells of loads ahead, because the load now is measured.
Readings are as late as they are now.
"""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from gnn.calibration.rolling import OF_FEW
from gnn.features.grid import Grid
from gnn.features.hours import HISTORY_H, HOUR_US, Hours

Floats = NDArray[np.float64]

_FEWEST_CUSTOMERS, _MOST_CUSTOMERS, _MOST_BELOW = 16, 500, 1_500
_LEAST_SEEN, _MOST_SEEN = 0.25, 0.95
_WHOLE: Final = 0.9
"""Share of the hours in which a customer must have been read to be played with."""
_LOSSES, _NOISE = 0.03, 0.01
_SEED: Final = 7


class Past(Protocol):
    """What can be held against what came.

    Attributes:
        grid: Places and customers.
        loads: What came, by place and hour, W.
        compared: Places whose load is known.
    """

    grid: Grid
    loads: Floats
    compared: NDArray[np.bool_]

    def before(self, issue: int) -> Hours:
        """What would have been known at an issue, counted in hours."""


def pasts(grid: Grid, hours: Hours, late: int, ahead: bool) -> list[Past]:
    """What can be replayed: the customers that are read, and ahead the places that are measured."""
    there = np.isfinite(hours.watts)
    read = there.mean(axis=1) >= _WHOLE * (hours.count - late) / hours.count
    read &= there.any(axis=1)
    found: list[Past] = []
    if read.sum() >= _FEWEST_CUSTOMERS:
        found.append(Played(grid, hours, _neighbours(read), float(read.mean()), late))
    measured = _measured(grid, hours)
    if ahead and measured.any():
        found.append(Measured(grid, hours, measured, late))
    return found


def _measured(grid: Grid, hours: Hours) -> NDArray[np.bool_]:
    """Which places were measured nearly always, the first ones that have enough customers to be
    played with."""
    always = np.isfinite(hours.heads).mean(axis=1) >= _WHOLE
    always &= np.arange(len(grid)) < grid.base
    counts = np.where(always, grid.ends - grid.begins, 0)
    found: NDArray[np.bool_] = always & (np.cumsum(counts) - counts < _MOST_BELOW)
    return found


class Measured:
    """The places that are measured, with all that hangs below them: their own past is known."""

    def __init__(self, grid: Grid, hours: Hours, measured: NDArray[np.bool_], late: int) -> None:
        below = np.zeros(len(grid.customers), dtype=bool)
        for place in np.flatnonzero(measured).tolist():
            below[grid.begins[place] : grid.ends[place]] = True
        self.grid, self.late, self.start_us = grid.only(below), late, hours.start_us
        row = {key: place for place, key in enumerate(grid.keys[: grid.base])}
        kept = [row[key] for key in self.grid.keys]
        self.watts, self.heads = hours.watts[below], hours.heads[kept]
        self.loads, self.compared = _flowed(self.grid, self.heads, measured[kept])

    def before(self, issue: int) -> Hours:
        """What was known at an issue, as late as it is now."""
        part = slice(issue - HISTORY_H, issue)
        watts, heads = self.watts[:, part].copy(), self.heads[:, part].copy()
        return _known(self.start_us, issue, watts, heads, self.late)


def _flowed(
    grid: Grid, heads: Floats, measured: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.bool_]]:
    """The load of measured places, and of those above them, by what flows into the measured ones
    below; and which places these are. All customers hang below a measured place."""
    loads, known = np.where(measured[:, None], heads, 0.0), measured.copy()
    for place in range(len(grid) - 1, -1, -1):  # children first
        parent = int(grid.parents[place])
        if known[place] and parent >= 0 and not measured[parent]:
            loads[parent] += loads[place]
            known[parent] = True
    return loads, known


class Played:
    """The customers that are read, as a network of their own."""

    def __init__(
        self, grid: Grid, hours: Hours, read: NDArray[np.bool_], share: float, late: int
    ) -> None:
        self.grid, self.late = grid.only(read), late
        self.watts, self.start_us = hours.watts[read], hours.start_us
        filled = np.where(np.isfinite(self.watts), self.watts, _mean(self.watts)[:, None])
        self.loads: Floats = self.grid.below(filled)
        self.compared = np.isin(self.grid.levels, OF_FEW)
        self.share = float(np.clip(share, _LEAST_SEEN, _MOST_SEEN))
        lately = np.flatnonzero(np.isfinite(hours.heads[:, -24:]).any(axis=1))
        named = {grid.keys[place] for place in lately.tolist()}
        self.measured = np.array([key in named for key in self.grid.keys], dtype=bool)

    def before(self, issue: int) -> Hours:
        """What would have been known at an issue."""
        chance = np.random.default_rng([_SEED, issue])
        part = slice(issue - HISTORY_H, issue)
        hidden = chance.random(len(self.grid.customers)) >= self.share
        watts = np.where(hidden[:, None], np.nan, self.watts[:, part])
        heads = np.full((len(self.grid), HISTORY_H), np.nan)
        noise = 1 + _NOISE * chance.standard_normal((int(self.measured.sum()), HISTORY_H))
        heads[self.measured] = self.loads[self.measured, part] * (1 + _LOSSES) * noise
        return _known(self.start_us, issue, watts, heads, self.late)


def _known(start_us: int, issue: int, watts: Floats, heads: Floats, late: int) -> Hours:
    """The hours before an issue without those that are not known yet; changes what is given."""
    if late:
        watts[:, -late:], heads[:, -late:] = np.nan, np.nan
    return Hours(start_us + (issue - HISTORY_H) * HOUR_US, watts, heads)


def _neighbours(read: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """As many of those read as are enough, next to each other in the network."""
    those = np.flatnonzero(read)
    first = max(0, (len(those) - _MOST_CUSTOMERS) // 2)
    kept = np.zeros_like(read)
    kept[those[first : first + _MOST_CUSTOMERS]] = True
    return kept


def _mean(watts: Floats) -> Floats:
    there = np.isfinite(watts)
    found: Floats = np.where(there, watts, 0.0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    return found
