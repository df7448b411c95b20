"""Short circuits: which phases they join, and the current they draw from a linear network.

A fault draws I_f = (Z + Z_f)^-1 V from a place that shows the voltage V and the impedance Z, where
Z_f says how the phases are joined: between two phases R, to ground R for each phase that touches.
As admittance, A per siemens of the fault alone: I_f = (R + A Z)^-1 A V, so that one formula serves
all kinds (Anderson, Analysis of Faulted Power Systems, ch. 2, in phases). No kind ties more than
two of the three phases down, so that with M = A Z and a = A V (Cayley and Hamilton)

    I_f = (R a + (t - M) a) / (R^2 + t R + d),   t = tr M,   d = (t^2 - tr M^2) / 2

and any number of resistances costs two vectors.
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


@dataclass(frozen=True, slots=True, eq=False)
class Pull:
    """What faults of one kind draw at some places, for any resistance.

    Attributes:
        vectors: a and (t - M) a, complex128[..., 3, 2].
        trace, minor: t and d, complex128[...].
    """

    vectors: Complexes
    trace: Complexes
    minor: Complexes

    def over(self, ohm: Floats) -> Complexes:
        """How much of each vector a resistance lets flow, complex128[..., 2]."""
        found: Complexes = np.stack([ohm, np.ones_like(ohm)], axis=-1).astype(np.complex128)
        found /= (ohm**2 + self.trace * ohm + self.minor)[..., None]
        return found


def pull(kind: Kind, own: Complexes, volts: Complexes) -> Pull:
    """What faults of one kind draw at places that show the impedance and the voltage."""
    matrix: Complexes = kind.admittance @ own
    driven: Complexes = (kind.admittance @ volts[..., None])[..., 0]
    trace = np.trace(matrix, axis1=-2, axis2=-1)
    squared = np.einsum("...ij,...ji->...", matrix, matrix)
    second = trace[..., None] * driven - (matrix @ driven[..., None])[..., 0]
    return Pull(np.stack([driven, second], axis=-1), trace, (trace**2 - squared) / 2)
