"""What a customer usually uses: his own readings where there are enough, else what is stated of him
times what others of his class use of what is stated of them.

Models state powers in many ways: means, peaks, contracts, or nothing. After this a load over the
expected power is about 1 in every network, so that features mean the same in all of them, and how
far single customers lie from what is stated of them is known as `uneven`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.features.allocation import class_ratios
from gnn.features.grid import Grid

Floats = NDArray[np.float64]

_ENOUGH_H: Final = 48
_LEAST_SHARE: Final = 0.05
_UNEVEN: Final = 1.0
"""What is taken where nobody was read."""
_MOST_UNEVEN: Final = 3.0


def with_usual_power(grid: Grid, watts: Floats) -> tuple[Grid, Floats]:
    """The grid with what its customers usually use, and how uneven they are in each network.

    Args:
        grid: With the expected power as stated.
        watts: Readings by customer and hour, float64[m, hours]; NaN where not known.

    Returns:
        The grid, and the root of the mean square of (own - expected) / expected over the customers
        read, those that use more counting more; float64[networks].
    """
    own, settled = _own(watts)
    stated = grid.customers.expected_w
    read, read_stated = (np.where(settled, values, 0.0)[:, None] for values in (own, stated))
    ratio = class_ratios(grid, read, read_stated)[:, 0]
    expected = stated * np.where(np.isfinite(ratio) & (ratio > 0), ratio, 1.0)
    usual = np.where(settled, np.maximum(own, _LEAST_SHARE * expected), expected)
    customers = replace(grid.customers, expected_w=usual)
    return replace(grid, customers=customers), _uneven(grid, own, settled, expected)


def _own(watts: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Mean size of the readings of each customer, and whether there are enough of them."""
    there = np.isfinite(watts)
    count = there.sum(axis=1)
    total = np.abs(np.where(there, watts, 0.0)).sum(axis=1)
    return total / np.maximum(count, 1), count >= min(_ENOUGH_H, watts.shape[1])


def _uneven(grid: Grid, own: Floats, settled: NDArray[np.bool_], expected: Floats) -> Floats:
    weight = np.where(settled, expected, 0.0)
    squares = grid.by_network(weight * ((own - expected) / expected) ** 2)
    whole = grid.by_network(weight)
    mean = squares / np.where(whole > 0, whole, 1.0)
    return np.minimum(np.where(whole > 0, np.sqrt(mean), _UNEVEN), _MOST_UNEVEN)
