"""What protection and silent meters say about where a fault is, as logarithms of odds.

A fault is most likely in the zone of the device that opened: below it, with no other protective
device between. Meters that lose supply say so mostly, and others hardly ever; so the zone whose
meters are silent is the likely one. Both may be wrong, and weigh no more than stated here.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.faults.grid import MvGrid
from graph_service.topology.csr import Ints

Floats = NDArray[np.float64]

_BEHIND_ANOTHER: Final = np.log(0.05)
_ELSEWHERE: Final = np.log(0.0005)
_GASPS: Final = 0.6
_GASPS_FALSELY: Final = 0.002
_TOGETHER: Final = 10.0
"""Meters speak through gateways that fail together: so many count as one."""
_MOST: Final = 12.0


def of_protection(grid: MvGrid, tripped: tuple[int, ...]) -> Floats:
    """Logarithm of the odds of each bus's branch, float64[n]; 0 where nothing opened."""
    found = np.zeros(len(grid))
    for device in tripped:
        begin, end = grid.devices.begins[device], grid.devices.ends[device]
        below = (grid.places >= begin) & (grid.places < end)
        nearest = grid.zones == device
        found += np.where(nearest, 0.0, np.where(below, _BEHIND_ANOTHER, _ELSEWHERE))
    return found


def of_meters(grid: MvGrid, silent: Ints) -> Floats:
    """Logarithm of the odds of each bus's branch by who is silent, float64[n]."""
    if not len(silent):
        return np.zeros(len(grid))
    order = np.sort(grid.meters.places)
    gasped = np.sort(grid.meters.places[silent])
    begins, ends = _zone_spans(grid)
    below = np.searchsorted(order, ends) - np.searchsorted(order, begins)
    said = np.searchsorted(gasped, ends) - np.searchsorted(gasped, begins)
    beyond = len(gasped) - said
    quiet = below - said
    chance = (
        said * np.log(_GASPS)
        + quiet * np.log(1 - _GASPS)
        + beyond * np.log(_GASPS_FALSELY)
        + (len(order) - below - beyond) * np.log(1 - _GASPS_FALSELY)
    )
    found: Floats = np.maximum((chance - chance.max()) / _TOGETHER, -_MOST)
    return found


def _zone_spans(grid: MvGrid) -> tuple[Ints, Ints]:
    """What is without supply when the device above each branch opens; the branch where none is."""
    there = grid.zones >= 0
    zones = np.maximum(grid.zones, 0)
    if not len(grid.devices.keys):
        return grid.places, grid.spans
    begins = np.where(there, grid.devices.begins[zones], grid.places)
    ends = np.where(there, grid.devices.ends[zones], grid.spans)
    return begins, ends
