"""Metres along the network: how far a guess is from a fault, and how far a crew has to walk."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.faults.grid import MvGrid
from graph_service.topology.csr import Ints

Floats = NDArray[np.float64]

_WALKED: Final = 30


def between(grid: MvGrid, one: Ints, share: Floats, others: Ints, shares: Floats) -> Floats:
    """Metres along lines from places to places, float64[k, m].

    Between networks without a common root it is the way to both roots. A place is a share of the
    way along the branch that leads to a bus.
    """
    metres = grid.metres
    lengths = grid.lengths_m
    at_one = metres[one] - (1 - share) * lengths[one]
    at_other = metres[others] - (1 - shares) * lengths[others]
    above = _meet(grid, one, others)
    shared = np.where(above >= 0, metres[np.maximum(above, 0)], 0.0)
    same_path = np.minimum(at_one[:, None], at_other[None, :])
    top = np.minimum(shared, same_path)
    found: Floats = at_one[:, None] + at_other[None, :] - 2 * top
    return found


def _meet(grid: MvGrid, one: Ints, others: Ints) -> Ints:
    """The lowest bus that is at or above both, int32[k, m]; -1 where there is none.

    The buses above one hold ever wider stretches of the depth-first order.
    """
    found = np.full((len(one), len(others)), -1, dtype=np.int32)
    for row, bus in enumerate(one.tolist()):
        above = [bus]
        while grid.parents[above[-1]] >= 0:
            above.append(int(grid.parents[above[-1]]))
        path = np.array(above, dtype=np.int32)
        from_left = np.searchsorted(-path, -others)
        from_right = np.searchsorted(grid.ends[path], others, side="right")
        at = np.maximum(from_left, from_right)
        met = at < len(path)
        found[row, met] = path[at[met]]
    return found


def expected_walk(grid: MvGrid, buses: Ints, odds: Floats) -> float:
    """Metres a crew walks on average that begins in the middle of the likeliest section and goes
    from one to the next by their odds, along the lines, until it stands before the fault.

    Only the likeliest sections are walked; the rest of the odds count as found at the last.
    """
    order = np.argsort(-odds, kind="stable")[:_WALKED]
    those, chances = buses[order], odds[order] / odds[order].sum()
    half = np.full(len(those), 0.5)
    far = between(grid, those, half, those, half)
    steps = far[np.arange(len(those) - 1), np.arange(1, len(those))]
    walked = np.concatenate([[0.0], np.cumsum(steps)])
    return float((chances * walked).sum())
