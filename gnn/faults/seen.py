"""What was observed of one fault, as arrays; and how far a response is from it.

Volts and amperes of a sensor are magnitudes; where it also tells angles (a relay does) both are
complex, with a reference of its own. What is missing is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.faults.grid import Spot
from gnn.faults.sensing import Response, Sensors
from graph_service.topology.csr import Ints, Mask

Complexes = NDArray[np.complex128]
Floats = NDArray[np.float64]

NOISE: Final = 0.01
"""Standard deviation of what a sensor shows, over the value."""
LEAST_VOLTS: Final = 0.002
"""The same over nominal voltage, where the value is small."""
LEAST_AMPERES: Final = 1.0
_LOAD_UNKNOWN: Final = 0.3
_LYING: Final = 0.05
_LIE_COSTS: Final = 4.0
"""What a wrong channel costs in logarithm: about one over the width of what it might show."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was observed.

    Attributes:
        spots: Where each sensor stands.
        volts, amperes: While the fault lasted, complex128[s, 3].
        angles: Whether a sensor tells angles, bool[s].
        before: Amperes before the fault, float64[s, 3].
        tripped: Devices that protection opened, by their index.
        silent: Meters that said they lost supply, by their index, int32.
    """

    spots: tuple[Spot, ...]
    volts: Complexes
    amperes: Complexes
    angles: Mask
    before: Floats
    tripped: tuple[int, ...]
    silent: Ints

    def __len__(self) -> int:
        return len(self.spots)

    def chosen(self, those: NDArray[np.integer]) -> Seen:
        """Some of the sensors."""
        return Seen(
            tuple(self.spots[i] for i in those.tolist()),
            self.volts[those],
            self.amperes[those],
            self.angles[those],
            self.before[those],
            self.tripped,
            self.silent,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """One over the standard deviation of each channel; 0 where it is missing: float64[s, 3]."""

    volts: Floats
    amperes: Floats


def weights(seen: Seen, sensors: Sensors, nominal: Floats) -> Weights:
    """Weights of all channels; what the load does to a current is part of what is not known."""
    volts = np.abs(seen.volts)
    spread = np.hypot(NOISE * volts, LEAST_VOLTS * nominal[:, None])
    amperes = np.abs(seen.amperes)
    unknown = _LOAD_UNKNOWN * np.abs(sensors.amperes)
    wide = np.sqrt((NOISE * amperes) ** 2 + LEAST_AMPERES**2 + unknown**2)
    return Weights(
        np.where(np.isfinite(volts) & sensors.phases, 1 / spread, 0.0),
        np.where(np.isfinite(amperes) & sensors.phases, 1 / wide, 0.0),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Misfit:
    """Sums of squared deviations by sensor: of volts and of amperes, float64[k, r, s]."""

    volts: Floats
    amperes: Floats


def misfit(seen: Seen, response: Response, by: Weights) -> Misfit:
    """How far responses are from what was seen, in standard deviations, squared and summed."""
    turn = _turn(seen, response, by)
    return Misfit(
        _squares(seen.volts, response.volts, by.volts, seen.angles, turn),
        _squares(seen.amperes, response.amperes, by.amperes, seen.angles, turn),
    )


def likelihood(found: Misfit, by: Weights) -> Floats:
    """Logarithm of the likelihood, float64[k, r]: each sensor may lie, at a price a channel."""
    channels = (by.volts > 0).sum(axis=1) + (by.amperes > 0).sum(axis=1)
    true = np.log(1 - _LYING) - 0.5 * (found.volts + found.amperes)
    lying = np.log(_LYING) - _LIE_COSTS * channels
    total: Floats = np.logaddexp(true, lying).sum(axis=-1)
    return total


def _turn(seen: Seen, response: Response, by: Weights) -> Complexes:
    """By what a response is turned to meet the reference of each sensor, complex128[k, r, s]."""
    product = np.zeros(response.volts.shape[:3], dtype=np.complex128)
    for said, shown, weight in (
        (seen.volts, response.volts, by.volts),
        (seen.amperes, response.amperes, by.amperes),
    ):
        known = np.where(weight > 0, said, 0)
        product += ((weight**2) * known * np.conj(shown)).sum(axis=-1)
    size = np.abs(product)
    turned: Complexes = np.where(size > 0, product / np.where(size > 0, size, 1), 1)
    return turned


def _squares(
    said: Complexes, shown: Complexes, weight: Floats, angles: Mask, turn: Complexes
) -> Floats:
    known = np.where(weight > 0, said, 0)
    plain = (np.abs(known) - np.abs(shown)) * weight
    found = (plain**2).sum(axis=-1)
    if angles.any():
        turned = shown[:, :, angles] * turn[:, :, angles, None]
        far = np.abs(known[angles] - turned) * weight[angles]
        found[:, :, angles] = (far**2).sum(axis=-1)
    result: Floats = found
    return result
