"""Places on sections: what a fault part of the way along a line sees and does.

Between the bus p above and the bus b at its end, a share f of the way, the impedance is

    Z_ff = (1-f)^2 Z_pp + f^2 Z_bb + f (1-f) (Z_pb + Z_bp + Z_line)

and voltages and transfers go linearly from one end to the other: exact, for nothing is drawn on
the way but the charging of the line, which stands at its ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.faults.solver import Solved
from graph_service.topology.csr import Ints

Complexes = NDArray[np.complex128]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Places on the branches above buses.

    Attributes:
        buses: Bus at the end of each section, int32[k].
        shares: How far along, from the source, float64[k].
        volts: Voltage before the fault, complex128[k, 3].
        own: Impedance seen from there, complex128[k, 3, 3].
    """

    buses: Ints
    shares: Floats
    volts: Complexes
    own: Complexes


def places(solved: Solved, buses: Ints, shares: Floats) -> Places:
    """Places a share of the way along the branches that lead to buses."""
    parents = solved.grid.parents[buses]
    upper, lower = solved.own[parents], solved.own[buses]
    across = upper @ np.swapaxes(solved.down[buses], -1, -2)  # Z_pb
    f = shares[:, None, None]
    there = solved.grid.phases[buses]
    between = across + np.swapaxes(across, -1, -2) + solved.grid.series[buses]
    own = (1 - f) ** 2 * upper + f**2 * lower + f * (1 - f) * between
    own = own * (there[:, :, None] & there[:, None, :])
    volts = (1 - shares[:, None]) * solved.volts[parents] + shares[:, None] * solved.volts[buses]
    return Places(buses, shares, volts * there, own)


def transferred(solved: Solved, those: Places, columns: Complexes) -> Complexes:
    """Voltage at sensors per current drawn at places: complex128[k, s, 3, 3].

    Args:
        solved: The network.
        those: The places.
        columns: `solver.transfer` of the buses of the sensors.
    """
    parents = solved.grid.parents[those.buses]
    f = those.shares[:, None, None, None]
    there = solved.grid.phases[those.buses]
    mixed = (1 - f) * columns[parents] + f * columns[those.buses]
    mixed = mixed * there[:, :, None, None]
    found: Complexes = np.transpose(mixed, (0, 2, 3, 1))
    return found
