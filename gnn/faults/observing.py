"""From what was observed, in the words of the port, to arrays; and what of it counts, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.faults.grid import MvGrid, Spot
from gnn.faults.seen import Seen
from graph_service.ports.fault_locator import FaultObservations, SensorReading, Three

Complexes = NDArray[np.complex128]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """What was observed.

    Attributes:
        seen: As arrays.
        inner_sensors: Sensors beside those at a root.
        evidence: What counts, in words.
        missing: What does not, and why, in words.
    """

    seen: Seen
    inner_sensors: int
    evidence: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def anything(self) -> bool:
        """Whether there is anything to go by."""
        return bool(len(self.seen) or self.seen.tripped or len(self.seen.silent))


def observed(grid: MvGrid, given: FaultObservations) -> Observed:
    """Take up what is about the medium voltage of a network."""
    known = [each for each in given.sensors if each.element in grid.spots and _shows(each)]
    devices = {key: number for number, key in enumerate(grid.devices.keys)}
    tripped = tuple(sorted({devices[key] for key in given.tripped if key in devices}))
    meters = {grid.meters.index[key] for key in given.silent if key in grid.meters.index}
    spots = tuple(grid.spots[each.element] for each in known)
    seen = Seen(
        spots=spots,
        volts=_complex([(each.volts, each.volt_angles) for each in known]),
        amperes=_complex([(each.amperes, each.ampere_angles) for each in known]),
        angles=np.array([_tells_angles(each) for each in known], dtype=bool),
        before=_magnitudes([each.amperes_before for each in known]),
        tripped=tripped,
        silent=np.array(sorted(meters), dtype=np.int32),
    )
    return Observed(
        seen,
        sum(grid.parents[spot.bus] >= 0 for spot in spots),
        tuple(_evidence(grid, seen)),
        tuple(_missing(given, seen)),
    )


def told(element: str, spot: Spot, seen: Seen, at: int) -> SensorReading:
    """One sensor back in the words of the port."""
    volts, amperes, angles = seen.volts[at], seen.amperes[at], bool(seen.angles[at])
    return SensorReading(
        element=element,
        volts=_three(np.abs(volts), 1),
        amperes=_three(np.abs(amperes), 2),
        volt_angles=_three(np.degrees(np.angle(volts)) if angles else volts * np.nan, 2),
        ampere_angles=_three(np.degrees(np.angle(amperes)) if angles else volts * np.nan, 2),
        amperes_before=_three(seen.before[at], 2),
    )


def _evidence(grid: MvGrid, seen: Seen) -> list[str]:
    found = [f"protection opened {grid.devices.keys[device]}" for device in seen.tripped]
    if len(seen.silent):
        found.append(f"{len(seen.silent)} of {len(grid.meters)} meters said they lost supply")
    angles = int(seen.angles.sum())
    if len(seen):
        found.append(f"{len(seen)} sensors showed values, {angles} of them with angles")
    return found


def _missing(given: FaultObservations, seen: Seen) -> list[str]:
    found = []
    if unknown := len(given.sensors) - len(seen):
        found.append(f"{unknown} sensors show nothing, or are not in the medium voltage")
    if not len(seen):
        found.append("no sensor showed a value: sections are told apart by length alone")
    if not seen.tripped:
        found.append("no protection is known to have opened")
    if not len(seen.silent):
        found.append("no meter said that it lost supply")
    if not np.isfinite(seen.before).any():
        found.append("no current before the fault is known: the expected loads are taken")
    return found


def _shows(given: SensorReading) -> bool:
    return any(value is not None for value in (*given.volts, *given.amperes))


def _tells_angles(given: SensorReading) -> bool:
    """Whether every value that is there has its angle."""
    pairs = (*zip(given.volts, given.volt_angles, strict=True),
             *zip(given.amperes, given.ampere_angles, strict=True))  # fmt: skip
    return all(angle is not None for value, angle in pairs if value is not None)


def _complex(pairs: list[tuple[Three, Three]]) -> Complexes:
    sizes = _magnitudes([size for size, _ in pairs])
    turned = np.nan_to_num(_magnitudes([angle for _, angle in pairs]))
    found: Complexes = (sizes * np.exp(1j * np.radians(turned))).astype(np.complex128)
    return found


def _magnitudes(rows: list[Three]) -> Floats:
    values = [[np.nan if value is None else value for value in row] for row in rows]
    found: Floats = np.array(values, dtype=np.float64).reshape(-1, 3)
    return found


def _three(values: NDArray[np.generic], digits: int) -> Three:
    real = [float(np.real(value)) for value in values]
    a, b, c = (round(value, digits) if np.isfinite(value) else None for value in real)
    return a, b, c
