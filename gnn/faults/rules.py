"""Two simple rules that a control room uses, as odds: the lowest voltage, the apparent impedance.

Apparent impedance is that of a distance relay (Ziegler, Numerical Distance Protection, ch. 3): the
reactance of the loop of the fault, as the relay with the largest current sees it, beside that of
the line up to the middle of each section. Resistance of the fault falls out, load does not.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.faults.grid import MvGrid
from gnn.faults.matching import Match
from gnn.faults.seen import Seen
from gnn.faults.short import KINDS
from gnn.faults.walking import between
from graph_service.topology.csr import Ints

Floats = NDArray[np.float64]

_FAR_M: Final = 300.0
_REACTANCE_SPREAD: Final = 0.05
_LEAST_OHM: Final = 0.02


def lowest_voltage(found: Match) -> Floats:
    """Odds by how near a section is to the sensor with the lowest voltage, float64[k]."""
    low = _lowest(found.seen, found.grid, found.sensors.buses)
    if low is None:
        return _shares(found.evidence)
    bus = np.array([low], dtype=np.int32)
    half = np.full(len(found.buses), 0.5)
    far = between(found.grid, bus, np.ones(1), found.buses, half)[0]
    return _shares(-far / _FAR_M + found.evidence)


def apparent_impedance(found: Match) -> Floats:
    """Odds by the reactance that the relay sees, float64[k]; by evidence alone without a relay."""
    missed = reactance_missed(found)
    if missed is None:
        return _shares(found.evidence)
    return _shares(-0.5 * missed**2 + found.evidence)


def reactance_missed(found: Match) -> Floats | None:
    """Reactance to the middle of each section less what the relay sees, in spreads, float64[k].

    Sections that are not below the relay are far off; None where no relay has a current.
    """
    relay = _relay(found.seen)
    if relay is None:
        return None
    grid, bus = found.grid, int(found.sensors.buses[relay])
    first = grid.series[found.buses]
    reactance = np.where(grid.parents >= 0, np.imag(_positive(grid.series)), 0.0)
    along = grid.summed(reactance)
    middle = along[found.buses] - 0.5 * np.imag(_positive(first)) - along[bus]
    kind = int(found.kinds[np.argmin(found.least)])
    below = found.sensors.below(grid.places[found.buses])[:, relay]
    seen = _loop(found.seen, relay, kind, _zero_factor(first, below))
    spread = _REACTANCE_SPREAD * abs(seen) + _LEAST_OHM
    return np.where(below, (middle - seen) / spread, 20.0)


def _loop(seen: Seen, relay: int, kind: int, zero: complex) -> float:
    """Reactance of the loop of a fault, ohm."""
    volts, amperes = np.nan_to_num(seen.volts[relay]), np.nan_to_num(seen.amperes[relay])
    touched = [p for p in range(3) if KINDS[kind].phases[p]]
    one, other = touched[0], touched[-1]
    if one == other:
        drawn = amperes[one] + zero * amperes.sum()
        return float(np.imag(volts[one] / drawn)) if drawn else 0.0
    drawn = amperes[one] - amperes[other]
    return float(np.imag((volts[one] - volts[other]) / drawn)) if drawn else 0.0


def _zero_factor(series: NDArray[np.complex128], below: NDArray[np.bool_]) -> complex:
    """(Z0 - Z1) / 3 Z1 of the lines below, by which the residual current counts."""
    mine = series[below] if below.any() else series
    positive = _positive(mine).sum()
    mutual = (mine[:, 0, 1] + mine[:, 1, 2] + mine[:, 0, 2]).sum() / 3
    return complex(mutual / positive) if positive else 0j


def _positive(series: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Positive sequence impedance of 3 x 3 matrices; of one phase where only one is there."""
    own = np.trace(series, axis1=-2, axis2=-1)
    phases = np.maximum((np.abs(np.diagonal(series, axis1=-2, axis2=-1)) > 0).sum(axis=-1), 1)
    mutual = (series.sum(axis=(-1, -2)) - own) / np.maximum(phases * (phases - 1), 1)
    found: NDArray[np.complex128] = own / phases - mutual
    return found


def _relay(seen: Seen) -> int | None:
    """The sensor with angles that shows the largest current."""
    current = np.where(seen.angles, np.nan_to_num(np.abs(seen.amperes)).max(axis=1), -1.0)
    return int(np.argmax(current)) if len(current) and current.max() > 0 else None


def _lowest(seen: Seen, grid: MvGrid, buses: Ints) -> int | None:
    """Bus of the sensor with the lowest voltage of a phase."""
    volts = np.where(np.isfinite(seen.volts), np.abs(seen.volts), np.inf)
    low = volts.min(axis=1, initial=np.inf) / grid.volts[buses]
    return int(buses[np.argmin(low)]) if len(low) and np.isfinite(low.min()) else None


def _shares(logarithms: Floats) -> Floats:
    risen = np.exp(logarithms - logarithms.max())
    found: Floats = risen / risen.sum()
    return found
