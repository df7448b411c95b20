"""What is known before matching: which sensors tell most, the loads, and what feeds the network."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.faults.electrical import TO_PHASES
from gnn.faults.grid import MvGrid
from gnn.faults.seen import Seen
from gnn.faults.sensing import currents_before
from gnn.faults.solver import Solved, held, solve
from gnn.faults.walking import between

Complexes = NDArray[np.complex128]

_FAULT_SHARE: Final = 0.5
"""Which share of the relay's current beyond the load counts as that of the fault."""


def loads_before(grid: MvGrid, seen: Seen) -> Complexes:
    """Expected loads, scaled below each root to the current that was measured before the fault."""
    loads = grid.loads_va.copy()
    if not np.isfinite(seen.before).any():
        return loads
    roots = grid.roots
    usual = _usual(grid)
    known = [i for i, spot in enumerate(seen.spots) if np.isfinite(seen.before[i]).all()]
    shown = np.abs(currents_before(usual, [seen.spots[i] for i in known]))
    for root in np.unique(roots):
        mine = [n for n, i in enumerate(known) if roots[seen.spots[i].bus] == root]
        mine = [n for n in mine if grid.parents[seen.spots[known[n]].bus] < 0]
        expected = shown[mine].sum()
        measured = sum(seen.before[known[n]].sum() for n in mine)
        if mine and expected > 0:
            loads[roots == root] *= np.clip(measured / expected, 0.05, 5.0)
    return loads


def fed_as_seen(solved: Solved, seen: Seen) -> Solved | None:
    """The network with roots held at the voltage that relays there showed during the fault.

    What a linear network shows below a bus depends on the voltage of that bus alone, so nothing of
    the source, its taps and its impedance counts any more. A root that no sensor told all of its
    phases of, with angles, stays as the model has it.

    Returns:
        None where this is so of all roots.
    """
    grid = solved.grid
    shown = {r: _shown(grid, seen, r) for r in np.flatnonzero(grid.parents < 0).tolist()}
    known = {root: volts for root, volts in shown.items() if volts is not None}
    if not known:
        return None
    return held(solved, np.array(list(known), dtype=np.int32), np.array(list(known.values())))


def _shown(grid: MvGrid, seen: Seen, root: int) -> Complexes | None:
    """Mean voltage at a root, each relay turned to an angle of 0 in positive sequence."""
    there = grid.phases[root]
    mine = np.array([spot.bus == root for spot in seen.spots], dtype=bool) & seen.angles
    mine &= np.isfinite(seen.volts[:, there]).all(axis=1)
    if not mine.any():
        return None
    volts = np.where(there, seen.volts[mine], 0)
    turned = volts * np.exp(-1j * np.angle(volts @ np.conj(TO_PHASES[:, 1])))[:, None]
    found: Complexes = turned.mean(axis=0)
    return found


@lru_cache(maxsize=4)
def _usual(grid: MvGrid) -> Solved:
    """A network with its expected loads."""
    return solve(grid, grid.loads_va)


def telling(solved: Solved, seen: Seen, most: int) -> NDArray[np.int64]:
    """Sensors in order of how much they tell: with angles, then by current, then by low voltage.

    Of more than `most` those are taken that stand nearest to where the current ends.
    """
    if len(seen) > most:
        return _near_the_end(solved, seen, most)
    current = np.nanmax(np.nan_to_num(np.abs(seen.amperes)), axis=1, initial=0.0)
    low = np.nanmin(np.where(np.isfinite(seen.volts), np.abs(seen.volts), np.inf), axis=1)
    by_current = np.lexsort((-current, ~seen.angles))
    by_voltage = np.lexsort((low, ~seen.angles))
    mixed = np.stack([by_current, by_voltage], axis=1).ravel()
    _, first = np.unique(mixed, return_index=True)
    return mixed[np.sort(first)]


def _near_the_end(solved: Solved, seen: Seen, most: int) -> NDArray[np.int64]:
    """Sensors with angles that show most, then those below and around the last with fault current.

    The last has most sensors above that agree: where current flows, it flows above, too.
    """
    grid, usual = solved.grid, np.abs(currents_before(solved, seen.spots))
    now = (np.nan_to_num(np.abs(seen.amperes)) - usual).max(axis=1)
    buses = np.array([spot.bus for spot in seen.spots], dtype=np.int32)
    largest = now[seen.angles].max() if seen.angles.any() else np.quantile(now, 0.99)
    agreeing = np.zeros(len(grid))
    np.add.at(agreeing, buses, np.where(now > _FAULT_SHARE * largest, 1.0, -1.0))
    last = buses[np.argsort(-grid.summed(agreeing)[buses], kind="stable")[:1]]
    far = between(grid, last, np.ones(1), buses, np.ones(len(buses)))[0]
    near = np.argsort(far, kind="stable")
    below = near[(buses[near] > last) & (buses[near] < grid.ends[last])]
    relays = np.flatnonzero(seen.angles)
    relays = relays[np.argsort(-now[relays], kind="stable")][: max(most // 4, 1)]
    mixed = np.concatenate([relays, near[:1], below[: most // 2], near])
    _, first = np.unique(mixed, return_index=True)
    return mixed[np.sort(first)][:most]
