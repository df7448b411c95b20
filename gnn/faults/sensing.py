"""Sensors: where they stand, and what they show while a fault lasts.

A sensor shows the voltage of three phases to ground and the current towards what lies below it. On
a line or a switch that is what is reached through it; on anything else all that its bus feeds. With
Y_d the admittance looking down and Y_u all the rest, seen from its bus, a change of voltage dV
makes a change of current Y_d dV where the fault is not below, and -Y_u dV where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gnn.faults.grid import Spot
from gnn.faults.places import Places, transferred
from gnn.faults.short import Kind, pull
from gnn.faults.solver import Solved, transfer
from graph_service.topology.csr import Ints, Mask

Complexes = NDArray[np.complex128]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sensors:
    """Sensors in a solved network.

    Attributes:
        buses: Bus of each, int32[s].
        begins, ends: Depth-first places of the sections below each, int32[s].
        looking_down, looking_up: S, complex128[s, 3, 3].
        volts, amperes: Before a fault, complex128[s, 3].
        columns: `solver.transfer` of the buses.
        phases: Which phases are there, bool[s, 3].
    """

    buses: Ints
    begins: Ints
    ends: Ints
    looking_down: Complexes
    looking_up: Complexes
    volts: Complexes
    amperes: Complexes
    columns: Complexes
    phases: Mask

    def __len__(self) -> int:
        return len(self.buses)

    def below(self, places: Ints) -> Mask:
        """Whether sections, by their depth-first places, lie below sensors: bool[k, s]."""
        found: Mask = (places[:, None] >= self.begins) & (places[:, None] < self.ends)
        return found

    def chosen(self, those: NDArray[np.integer]) -> Sensors:
        """Some of them."""
        names = ("buses", "begins", "ends", "looking_down", "looking_up", "volts", "amperes")
        parts = {name: getattr(self, name)[those] for name in names}
        return replace(self, **parts, columns=self.columns[:, :, those], phases=self.phases[those])


def sensors(solved: Solved, spots: Sequence[Spot]) -> Sensors:
    """Sensors at spots of a network."""
    grid = solved.grid
    buses = np.array([spot.bus for spot in spots], dtype=np.int32)
    down = np.array([_looking_down(solved, spot) for spot in spots]).reshape(-1, 3, 3)
    through = np.array([spot.begin >= 0 for spot in spots], dtype=bool)
    begins = np.array([spot.begin for spot in spots], dtype=np.int32)
    ends = np.array([spot.end for spot in spots], dtype=np.int32)
    there = grid.phases[buses]
    volts = solved.volts[buses]
    whole = solved.above[buses] + solved.below[buses]
    return Sensors(
        buses=buses,
        begins=np.where(through, begins, grid.places[buses] + 1).astype(np.int32),
        ends=np.where(through, ends, grid.spans[buses]).astype(np.int32),
        looking_down=down,
        looking_up=whole - down,
        volts=volts,
        amperes=(down @ volts[..., None])[..., 0],
        columns=transfer(solved, buses),
        phases=there,
    )


def _looking_down(solved: Solved, spot: Spot) -> Complexes:
    if spot.begin < 0:
        whole: Complexes = solved.below[spot.bus]
        return whole
    grid = solved.grid
    last = int(grid.ends[spot.bus])
    near = np.arange(spot.bus + 1, last)
    below = near[
        (grid.parents[near] == spot.bus)
        & (grid.places[near] >= spot.begin)
        & (grid.places[near] < spot.end)
    ]
    flows: Complexes = solved.below[below] @ solved.down[below]
    found: Complexes = flows.sum(axis=0)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """What sensors show: volts and amperes, complex128[k, r, s, 3].

    Resistances lie side by side in memory, so that sums over phases are sums of whole rows.
    """

    volts: Complexes
    amperes: Complexes


class Responses:
    """What sensors show of faults at some places; what does not depend on the fault is kept.

    Args:
        solved: The network.
        seen_by: The sensors.
        those: k places.
    """

    def __init__(self, solved: Solved, seen_by: Sensors, those: Places):
        self._those, self._shape = those, (len(those.buses), 2, 3, len(seen_by))
        reach = -transferred(solved, those, seen_by.columns)
        inside = seen_by.below(solved.grid.places[those.buses])[..., None, None]
        flow = np.where(inside, -seen_by.looking_up, seen_by.looking_down) @ reach
        both = np.stack([reach, flow], axis=1)  # k, volts or amperes, s, phase shown, phase drawn
        self._reach = np.swapaxes(both, 2, 3).reshape(len(those.buses), -1, 3)
        self._before = np.stack([seen_by.volts.T, seen_by.amperes.T])[..., None]

    def to(self, kind: Kind) -> Callable[[Floats], Response]:
        """Responses to faults of one kind, by their resistances float64[k, r]."""
        pulled = pull(kind, self._those.own, self._those.volts)
        change = self._reach @ pulled.vectors  # k, 6 s, 2
        each = replace(pulled, trace=pulled.trace[:, None], minor=pulled.minor[:, None])

        def response(ohm: Floats) -> Response:
            found = change @ np.swapaxes(each.over(ohm), 1, 2)  # k, 6 s, r
            found = found.reshape(*self._shape, ohm.shape[1])
            found += self._before
            volts, amperes = np.moveaxis(found, 1, 0).transpose(0, 1, 4, 3, 2)
            return Response(volts, amperes)

        return response


def respond(solved: Solved, seen_by: Sensors, those: Places, kind: Kind, ohm: Floats) -> Response:
    """What sensors show while faults of one kind last.

    Args:
        solved: The network.
        seen_by: The sensors.
        those: k places of the fault.
        kind: What it joins.
        ohm: Its resistance, float64[k, r].
    """
    return Responses(solved, seen_by, those).to(kind)(ohm)


def currents_before(solved: Solved, spots: Sequence[Spot]) -> Complexes:
    """Current at spots of a network without a fault, complex128[s, 3]."""
    down = np.array([_looking_down(solved, spot) for spot in spots]).reshape(-1, 3, 3)
    buses = np.array([spot.bus for spot in spots], dtype=np.int32)
    found: Complexes = (down @ solved.volts[buses][..., None])[..., 0]
    return found
