"""Short circuits: which phases they join, and the current they draw from a linear network.

A fault draws I_f = (Z + Z_f)^-1 V from a place that shows the voltage V and the impedance Z, where
Z_f says how the phases are joined: between two phases R, to ground R for each phase that touches.
Computed as admittance: I_f = (1 + Y_f Z)^-1 Y_f V with Y_f of the fault alone, so that one formula
serves all kinds (Anderson, Analysis of Faulted Power Systems, ch. 2, in phases).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Complexes = NDArray[np.complex128]
Floats = NDArray[np.float64]

LEAST_OHM: Final = 0.01
MOST_OHM: Final = 50.0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of short circuit.

    Attributes:
        name: Phases it joins, with G where ground is among them: `AB`, `CG`, `ABC`.
        admittance: What it is per siemens of its resistance, 3 x 3.
        phases: Which phases it touches.
        family: `3ph`, `2ph`, `1ph-ground` or `2ph-ground`.
    """

    name: str
    admittance: Complexes
    phases: tuple[bool, bool, bool]
    family: str


def _kind(name: str) -> Kind:
    touched = tuple(letter in name for letter in "ABC")
    rows = [row for row in range(3) if touched[row]]
    matrix = np.zeros((3, 3), dtype=np.complex128)
    if name.endswith("G"):
        matrix[rows, rows] = 1.0
        family = f"{len(rows)}ph-ground"
    elif len(rows) == 3:  # star of three resistances, its middle free
        matrix[:] = np.eye(3) - np.full((3, 3), 1 / 3)
        family = "3ph"
    else:
        for one, other in ((rows[0], rows[1]), (rows[1], rows[0])):
            matrix[one, one], matrix[one, other] = 1.0, -1.0
        family = "2ph"
    return Kind(name, matrix, (touched[0], touched[1], touched[2]), family)


KINDS: Final = tuple(
    _kind(name) for name in ("ABC", "AB", "BC", "CA", "AG", "BG", "CG", "ABG", "BCG", "CAG")
)
"""All kinds; their place in this list is their code."""
FAMILIES: Final = ("3ph", "2ph", "1ph-ground", "2ph-ground")


def fault_amperes(kind: Kind, ohm: Floats, own: Complexes, volts: Complexes) -> Complexes:
    """Current that a fault draws, complex128[..., 3].

    Args:
        kind: What it joins.
        ohm: Its resistance, float64[...].
        own: Impedance seen from the place, ohm, complex128[..., 3, 3].
        volts: Voltage there before the fault, complex128[..., 3].
    """
    admittance: Complexes = (kind.admittance / ohm[..., None, None]).astype(np.complex128)
    system = np.eye(3) + admittance @ own
    drawn = (admittance @ volts[..., None])[..., 0]
    found = np.linalg.solve(system, drawn[..., None])[..., 0]
    return np.asarray(found, dtype=np.complex128)
