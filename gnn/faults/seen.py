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
class Doubt:
    """How far the model of the network may be off: shares of what it says.

    Attributes:
        volts, amperes: Of what a sensor shows while the fault lasts.
        loads: Of the current before the fault.
    """

    volts: float
    amperes: float
    loads: float


TRUSTED: Final = Doubt(0.0, 0.0, 0.3)
DOUBTED: Final = Doubt(0.02, 0.05, 0.6)
FED: Final = Doubt(0.01, 0.02, 0.6)
"""A model as it is, all but its loads; one with source, lines, loads and sensors somewhat off; and
the same where what feeds it was seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """One over the standard deviation of each channel; 0 where it is missing.

    Attributes:
        volts, amperes: float64[s, 3].
    """

    volts: Floats
    amperes: Floats

    def wider(self, other: Weights) -> Floats:
        """By how much the channels of each sensor are wider than those of another, as the sum of
        logarithms, float64[s]."""
        pairs = ((other.volts, self.volts), (other.amperes, self.amperes))
        found: Floats = sum(
            np.log(np.where(mine > 0, theirs / np.where(mine > 0, mine, 1), 1)).sum(axis=1)
            for theirs, mine in pairs
        )
        return found

    def chosen(self, those: NDArray[np.integer]) -> Weights:
        """Those of some sensors."""
        return Weights(self.volts[those], self.amperes[those])


def weights(seen: Seen, sensors: Sensors, nominal: Floats, doubt: Doubt = TRUSTED) -> Weights:
    """Weights of all channels; what the load does to a current is part of what is not known."""
    volts = np.abs(seen.volts)
    spread = np.hypot(np.hypot(NOISE, doubt.volts) * volts, LEAST_VOLTS * nominal[:, None])
    amperes = np.abs(seen.amperes)
    unknown = doubt.loads * np.abs(sensors.amperes)
    own = np.hypot(NOISE, doubt.amperes) * amperes
    wide = np.sqrt(own**2 + LEAST_AMPERES**2 + unknown**2)
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
    found = Misfit(
        _squares(np.abs(seen.volts), _magnitude(response.volts), by.volts),
        _squares(np.abs(seen.amperes), _magnitude(response.amperes), by.amperes),
    )
    those = np.flatnonzero(seen.angles)
    if len(those):
        found.volts[:, :, those], found.amperes[:, :, those] = _turned(seen, response, by, those)
    return found


def likelihood(found: Misfit, by: Weights, wider: Floats | float = 0.0) -> Floats:
    """Logarithm of the likelihood, float64[k, r]: each sensor may lie, at a price a channel.

    Args:
        found: How far responses are from what was seen.
        by: What weighed them.
        wider: `Weights.wider` than those that other likelihoods it is compared with are of.
    """
    channels = (by.volts > 0).sum(axis=1) + (by.amperes > 0).sum(axis=1)
    true = np.log(1 - _LYING) - 0.5 * (found.volts + found.amperes) - wider
    lying = np.log(_LYING) - _LIE_COSTS * channels
    total: Floats = np.logaddexp(true, lying).sum(axis=-1)
    return total


def _turned(
    seen: Seen, response: Response, by: Weights, those: NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Squares of sensors that tell angles, each response turned to meet the sensor's reference."""
    parts = []
    for said, shown, weight in (
        (seen.volts, response.volts, by.volts),
        (seen.amperes, response.amperes, by.amperes),
    ):
        heavy = weight[those]
        parts.append((np.where(heavy > 0, said[those], 0), shown[:, :, those], heavy))
    product = sum((w**2 * known * np.conj(shown)).sum(axis=-1) for known, shown, w in parts)
    size = np.abs(product)
    turn = np.where(size > 0, product / np.where(size > 0, size, 1), 1)[..., None]
    volts, amperes = ((_magnitude(k - s * turn) * w) ** 2 for k, s, w in parts)
    return volts.sum(axis=-1), amperes.sum(axis=-1)


def _squares(said: Floats, shown: Floats, weight: Floats) -> Floats:
    """Sums over the phases; `shown` is overwritten."""
    shown -= np.where(weight > 0, said, 0)
    shown *= weight
    shown *= shown
    found: Floats = shown.sum(axis=-1)
    return found


def _magnitude(values: Complexes) -> Floats:
    """Absolute values; faster than `abs`, which minds numbers too large to be squared."""
    found: Floats = np.sqrt(values.real**2 + values.imag**2)
    return found
