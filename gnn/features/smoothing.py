"""Smoothing on the tree: places next to each other use alike, the more so the less is read there.

The ratio q of load to expected power at every place minimises

    sum_p w_p (q_p - s_p)^2 + lambda sum_(p, parent) (q_p - q_parent)^2

with s_p the ratio of what was read below p and w_p how much that was, in customers of mean size;
that is (W + lambda L) q = W s with L the Laplacian of the tree of places (Belkin, Matveeva and
Niyogi, Regularization and semi-supervised learning on large graphs, COLT 2004).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, diags_array
from scipy.sparse.linalg import splu

from gnn.features.allocation import Allocation
from gnn.features.grid import Grid

Floats = NDArray[np.float64]

_STIFFNESS: Final = 20.0
"""Lambda, in customers of mean size."""


def smoothed(grid: Grid, allocation: Allocation) -> Floats:
    """Loads of all places from smoothed ratios, float64[p, hours].

    Only the places of the base are joined; an added one takes the ratio of the place above.
    """
    base = grid.base
    expected = grid.below(grid.customers.expected_w)
    mean_w = grid.by_network(grid.customers.expected_w) / np.diff(grid.bounds)
    weight = allocation.seen_expected[:base].mean(axis=1) / mean_w[grid.networks[:base]]
    with np.errstate(invalid="ignore", divide="ignore"):
        seen = allocation.seen[:base] / allocation.seen_expected[:base]
    seen = np.where(np.isfinite(seen), seen, _overall(grid, allocation))
    silent = ~np.isfinite(seen)
    system = diags_array(weight + 1e-6) + _STIFFNESS * _laplacian(grid)
    ratios: Floats = splu(system.tocsc()).solve(
        (weight + 1e-6)[:, None] * np.where(silent, 0.0, seen)
    )
    ratios[silent] = np.nan
    above = np.where(grid.parents >= 0, grid.parents, 0)
    ratios = np.concatenate([ratios, ratios[above[base:]]])
    unseen = expected[:, None] - allocation.seen_expected
    found: Floats = allocation.seen + allocation.factor * ratios * unseen
    return found


def _overall(grid: Grid, allocation: Allocation) -> Floats:
    """What was read over its expected power in the network of each place, float64[p, hours]."""
    networks = grid.networks[: grid.base]
    shape = (len(grid.bounds) - 1, allocation.seen.shape[1])
    seen, expected = np.zeros(shape), np.zeros(shape)
    np.add.at(seen, networks, allocation.seen[: grid.base])
    np.add.at(expected, networks, allocation.seen_expected[: grid.base])
    ratio: Floats = (seen / np.where(expected > 0, expected, np.nan))[networks]
    return ratio


def _laplacian(grid: Grid) -> coo_array:
    parents = grid.parents[: grid.base]
    children = np.flatnonzero(parents >= 0)
    ends = parents[children]
    degree = np.bincount(children, minlength=grid.base) + np.bincount(ends, minlength=grid.base)
    rows = np.concatenate([children, ends, np.arange(grid.base)])
    columns = np.concatenate([ends, children, np.arange(grid.base)])
    values = np.concatenate([-np.ones(2 * len(children)), degree])
    return coo_array((values, (rows, columns)), shape=(grid.base, grid.base))
