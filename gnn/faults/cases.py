"""Faults drawn for training and judging, and what sensors, protection and meters show of them.

Drawn: the section by its length, the place along it, one of four families of kinds, phases, the
resistance by its logarithm from 0.01 to 50 ohm, the loads before (30 to 120 % of the expected, and
each load by itself), which buses have sensors. A relay that tells angles stands at the head of
each feeder. Stated below: noise of 1 %, what is missing, how many sensors lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gnn.faults.grid import MvGrid, Spot
from gnn.faults.places import places
from gnn.faults.seen import LEAST_VOLTS, NOISE, Seen
from gnn.faults.sensing import respond, sensors
from gnn.faults.short import FAMILIES, KINDS, LEAST_OHM, MOST_OHM
from gnn.faults.solver import solve

SHARES: Final = (0.3, 0.1, 0.03)
"""Shares of the buses that have a sensor."""
_ANGLE_NOISE: Final = 0.01
_LEAST_A: Final = 0.5
_SENSOR_AWAY: Final = 0.1
_CHANNEL_AWAY: Final = 0.03
_LYING: Final = 0.05
_TRIP_REPORTED: Final = 0.95
_GASPS: Final = 0.6
_WITH_GASPS: Final = 0.7
_LOAD_SPREAD: Final = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A fault and what was observed of it.

    Attributes:
        bus: End of the section it is on.
        share: How far along, from the source.
        kind: Code in `short.KINDS`.
        ohm: Its resistance.
        seen: What was observed.
    """

    bus: int
    share: float
    kind: int
    ohm: float
    seen: Seen


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault to simulate: where, what kind, which resistance."""

    bus: int
    share: float
    kind: int
    ohm: float


def draw_fault(grid: MvGrid, chance: np.random.Generator) -> Fault:
    """Draw a fault."""
    lengths = grid.lengths_m * grid.is_section
    bus = int(chance.choice(len(grid), p=lengths / lengths.sum()))
    there = grid.phases[bus]
    able = [c for c, k in enumerate(KINDS) if all(there[p] or not k.phases[p] for p in range(3))]
    families = [f for f in FAMILIES if any(KINDS[c].family == f for c in able)]
    family = families[int(chance.integers(len(families)))]
    kinds = [c for c in able if KINDS[c].family == family]
    ohm = float(np.exp(chance.uniform(np.log(LEAST_OHM), np.log(MOST_OHM))))
    return Fault(bus, float(chance.uniform()), kinds[int(chance.integers(len(kinds)))], ohm)


def draw_sensors(grid: MvGrid, share: float, chance: np.random.Generator) -> list[Spot]:
    """Relays at the heads, then sensors at a share of the buses."""
    relays = heads(grid)
    inner = np.flatnonzero(grid.parents >= 0)
    count = int(np.ceil(share * len(inner)))
    drawn = chance.permutation(inner)[:count].tolist()
    return relays + [Spot(int(bus)) for bus in sorted(drawn)]


def heads(grid: MvGrid) -> list[Spot]:
    """Where relays stand: at the devices next to the roots, or at a root that has none."""
    found: list[Spot] = []
    for root in np.flatnonzero(grid.parents < 0).tolist():
        below = np.flatnonzero(grid.parents == root)
        zones = grid.zones[below]
        outer = {z for z in zones.tolist() if z >= 0 and grid.devices.begins[z] > grid.places[root]}
        mine = [
            Spot(root, int(grid.devices.begins[z]), int(grid.devices.ends[z]))
            for z in sorted(outer)
        ]
        found += mine or ([Spot(root)] if len(below) else [])
    return found


def observe(grid: MvGrid, fault: Fault, share: float, chance: np.random.Generator) -> Case:
    """Simulate a fault and observe it."""
    level = chance.uniform(0.3, 1.2)
    single = np.exp(_LOAD_SPREAD * chance.standard_normal(grid.loads_va.shape))
    solved = solve(grid, grid.loads_va * level * single)
    spots = draw_sensors(grid, share, chance)
    relays = len(heads(grid))
    stood = sensors(solved, spots)
    at = places(solved, np.array([fault.bus], dtype=np.int32), np.array([fault.share]))
    shown = respond(solved, stood, at, KINDS[fault.kind], np.array([[fault.ohm]]))
    volts, amperes = shown.volts[0, 0], shown.amperes[0, 0]
    angles = np.arange(len(spots)) < relays
    nominal = grid.volts[stood.buses][:, None]
    there = stood.phases
    told = [
        _told(volts, LEAST_VOLTS / 2 * nominal, angles, there, chance),
        _told(amperes, np.full_like(nominal, _LEAST_A), angles, there, chance),
    ]
    before = np.where(
        angles[:, None], np.abs(_told(stood.amperes, 0 * nominal, angles, there, chance)), np.nan
    )
    _spoil(told, angles, (stood.volts, stood.amperes), chance)
    tripped, silent = _protection(grid, fault, chance)
    seen = Seen(tuple(spots), told[0], told[1], angles, before, tripped, silent)
    return Case(fault.bus, fault.share, fault.kind, fault.ohm, seen)


def _told(
    true: NDArray[np.complex128],
    least: NDArray[np.float64],
    angles: NDArray[np.bool_],
    there: NDArray[np.bool_],
    chance: np.random.Generator,
) -> NDArray[np.complex128]:
    """With noise; without angles where a sensor tells none."""
    size = np.abs(true)
    noisy = np.abs(size + np.hypot(NOISE * size, least) * chance.standard_normal(true.shape))
    turned = np.angle(true) + _ANGLE_NOISE * chance.standard_normal(true.shape)
    found = noisy * np.exp(1j * np.where(angles[:, None], turned, 0.0))
    return np.where(there, found, np.nan)


def _spoil(
    told: list[NDArray[np.complex128]],
    angles: NDArray[np.bool_],
    before: tuple[NDArray[np.complex128], NDArray[np.complex128]],
    chance: np.random.Generator,
) -> None:
    """Take some away and let some lie, relays left out: stuck before the fault, or scaled."""
    count = len(angles)
    away = (chance.uniform(size=count) < _SENSOR_AWAY) & ~angles
    lying = (chance.uniform(size=count) < _LYING) & ~angles
    stuck = chance.uniform(size=count) < 0.5
    factors = np.exp(chance.uniform(-1.2, 1.2, size=count))
    for values, usual in zip(told, before, strict=True):
        values[lying & stuck] = np.abs(usual[lying & stuck])
        values[lying & ~stuck] *= factors[lying & ~stuck, None]
        values[away] = np.nan
        values[(chance.uniform(size=values.shape) < _CHANNEL_AWAY) & ~angles[:, None]] = np.nan


def _protection(
    grid: MvGrid, fault: Fault, chance: np.random.Generator
) -> tuple[tuple[int, ...], NDArray[np.int32]]:
    zone = int(grid.zones[fault.bus])
    reported, with_gasps = chance.uniform(size=2)
    if zone < 0:
        return (), np.zeros(0, dtype=np.int32)
    begin, end = grid.devices.begins[zone], grid.devices.ends[zone]
    places_of = grid.meters.places
    dark = np.flatnonzero((places_of >= begin) & (places_of < end))
    gasped = dark[chance.uniform(size=len(dark)) < _GASPS]
    silent = gasped if with_gasps < _WITH_GASPS else gasped[:0]
    return ((zone,) if reported < _TRIP_REPORTED else ()), silent.astype(np.int32)
