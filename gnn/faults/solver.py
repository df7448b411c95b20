"""The network solved in phases: voltages before a fault, and what a current drawn anywhere does.

With Y_b the admittance of loads and lines at bus b, Z_b the impedance of the branch above, and
D_b = (1 + Z_b Y_b')^-1 with Y_b' all that lies at and below b, seen from b:

    Y_b' = Y_b + sum over children c of Y_c' D_c            from the ends to the roots
    V_b = D_b V_parent,   Z_bb = D_b Z_b + D_b Z_parent,parent D_b^T      and back

Z_bb and Z_parent,b = Z_parent,parent D_b^T are blocks of the inverse of the nodal admittance matrix
(the sweeps of Kersting, Distribution System Modeling and Analysis, ch. 10, written for all buses
of a level at once). Loads are constant impedances. Exact for radial networks of any phases.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.faults.electrical import TO_PHASES
from gnn.faults.grid import MvGrid
from graph_service.topology.csr import Ints

Complexes = NDArray[np.complex128]

_STIFF_OHM: Final = 1e-4
"""Impedance of what holds a voltage: next to none."""


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """A network with its loads, solved.

    Attributes:
        grid: The network.
        volts: Voltage of each bus before the fault, V, complex128[n, 3].
        own: Z_bb, voltage at a bus per current drawn there, ohm, complex128[n, 3, 3].
        down: D_b, complex128[n, 3, 3].
        below: Y_b', admittance at and below a bus, S, complex128[n, 3, 3].
        above: Admittance of all that is not at or below, seen from the bus, complex128[n, 3, 3].
        up: Voltage above per voltage at a bus, where a current is drawn below, complex128[n, 3, 3].
    """

    grid: MvGrid
    volts: Complexes
    own: Complexes
    down: Complexes
    below: Complexes
    above: Complexes
    up: Complexes

    def amperes(self, buses: Ints) -> Complexes:
        """Current that flows into buses from above before the fault, complex128[k, 3]."""
        found: Complexes = _times(self.below[buses], self.volts[buses])
        return found


def solve(grid: MvGrid, loads_va: Complexes) -> Solved:
    """Solve a network.

    Args:
        grid: The network.
        loads_va: Load at nominal voltage, VA, complex128[n, 3].
    """
    size = len(grid)
    below = grid.shunts.copy()
    below[:, range(3), range(3)] += np.conj(loads_va) / grid.volts[:, None] ** 2
    down = np.zeros((size, 3, 3), dtype=np.complex128)
    for level in reversed(grid.levels):
        down[level] = _into(grid, level, below)
        parents = grid.parents[level]
        inner = parents >= 0
        np.add.at(below, parents[inner], below[level[inner]] @ down[level[inner]])
    fed = TO_PHASES[:, 1] * grid.volts[grid.parents < 0, None]
    return _from_roots(grid, below, down, fed)


def held(solved: Solved, roots: Ints, volts: Complexes) -> Solved:
    """The same network with some roots held at a voltage, whatever feeds them.

    Args:
        solved: The network.
        roots: Buses without one above.
        volts: V, complex128[roots, 3].
    """
    grid = solved.grid
    series, down = grid.series.copy(), solved.down.copy()
    series[roots] = np.eye(3) * _STIFF_OHM
    stiff = replace(grid, series=series)
    down[roots] = _into(stiff, roots, solved.below)
    fed: Complexes = TO_PHASES[:, 1] * grid.volts[:, None]
    fed[roots] = volts
    return _from_roots(stiff, solved.below, down, fed[grid.parents < 0])


def _into(grid: MvGrid, buses: Ints, below: Complexes) -> Complexes:
    """D_b of some buses."""
    there = grid.phases[buses][:, :, None] & grid.phases[buses][:, None, :]
    inverse = np.linalg.inv(np.eye(3) + grid.series[buses] @ below[buses])
    return np.asarray(inverse * there, dtype=np.complex128)


def _from_roots(grid: MvGrid, below: Complexes, down: Complexes, fed: Complexes) -> Solved:
    """The way back: voltages and impedances from the roots, fed with V, complex128[roots, 3]."""
    own, volts = np.zeros_like(down), np.zeros((len(grid), 3), dtype=np.complex128)
    first = grid.parents < 0
    volts[first] = _times(down[first], fed)
    own[first] = down[first] @ grid.series[first]
    for level in grid.levels[1:]:
        parents, into = grid.parents[level], down[level]
        volts[level] = _times(into, volts[parents])
        own[level] = into @ (grid.series[level] + own[parents] @ _turned(into))
    there = grid.phases[:, :, None] & grid.phases[:, None, :]
    inverse = np.linalg.inv(own + np.where(np.eye(3, dtype=bool), ~there, False)) * there
    up = own[np.maximum(grid.parents, 0)] @ _turned(down) @ inverse
    return Solved(grid, volts, own, down, below, (inverse - below) * there, up)


def transfer(solved: Solved, buses: Ints) -> Complexes:
    """Voltage at all buses per current drawn at some: complex128[n, 3, k, 3].

    The network is reciprocal: `transfer[b, :, s, :]` turned is the voltage at s per current at b.
    """
    grid, count = solved.grid, len(buses)
    found = np.zeros((len(grid), 3, count, 3), dtype=np.complex128)
    on_path = np.zeros((len(grid), count), dtype=bool)
    for column, bus in enumerate(buses.tolist()):
        at, value = bus, solved.own[bus]
        while True:
            found[at, :, column], on_path[at, column] = value, True
            parent = int(grid.parents[at])
            if parent < 0:
                break
            at, value = parent, solved.up[at] @ value
    for level in grid.levels[1:]:
        parents = grid.parents[level]
        wide = found[parents].reshape(len(level), 3, -1)
        made = (solved.down[level] @ wide).reshape(len(level), 3, count, 3)
        found[level] = np.where(on_path[level][:, None, :, None], found[level], made)
    return found


def _times(matrices: Complexes, vectors: Complexes) -> Complexes:
    found: Complexes = (matrices @ vectors[..., None])[..., 0]
    return found


def _turned(matrices: Complexes) -> Complexes:
    return np.swapaxes(matrices, -1, -2)
