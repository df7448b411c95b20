"""The medium-voltage network as faults see it: buses joined by line sections, from root to end.

A bus is everything joined without impedance; a line section leads from a bus to one further from
the source. A root is where medium voltage begins, behind a transformer or at a source. Whatever
hangs below a distribution transformer is a load of its bus.

Guarantees: parents come before their children. Limits: what is not energised in the state asked
for is not there; a line that closes a loop is left out, and `loops` counts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph_service.topology.csr import Ints, Mask

Complexes = NDArray[np.complex128]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Devices:
    """Switches that protection opens.

    Attributes:
        keys: `model_set/mRID` of each.
        begins, ends: What lies below each, as an interval of depth-first places, int32[d].
    """

    keys: tuple[str, ...]
    begins: Ints
    ends: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Meters:
    """Who can tell that supply is lost.

    Attributes:
        index: Customer of each element that stands for it: usage point, its meters, its load.
        places: Depth-first place of each customer, int32[m].
        buses: Bus of each, -1 where it is below none, int32[m].
    """

    index: Mapping[str, int]
    places: Ints
    buses: Ints

    def __len__(self) -> int:
        return len(self.places)


class Spot(NamedTuple):
    """Where an element is.

    Attributes:
        bus: Its bus; of a line or a switch the one above.
        begin, end: What lies below a line or a switch, in depth-first places; -1 where current
            does not flow through the element.
    """

    bus: int
    begin: int = -1
    end: int = -1


@dataclass(frozen=True, eq=False)
class MvGrid:
    """Buses, and the branch that leads to each; n buses in depth-first order.

    Attributes:
        parents: Bus above, int32[n]; -1 at a root.
        sections: Line that leads to each bus, `model_set/mRID`; empty where it is none.
        lengths_m: Its length, float64[n]; 0 where it is none.
        series: Impedance of the branch, ohm, complex128[n, 3, 3]; at a root, of what feeds it.
        shunts: Admittance of lines at each bus, S, complex128[n, 3, 3].
        phases: Which phases are there, bool[n, 3].
        volts: Nominal voltage to ground, V, float64[n].
        loads_va: Expected load, VA, complex128[n, 3].
        places: Depth-first place of the branch (of the bus at a root), int32[n].
        spans: Depth-first places of what the bus joins and all below: ends, int32[n].
        zones: Protective device nearest above the branch, index into `devices`, int32[n]; -1.
        spots: Where each element of the medium-voltage network is, by `model_set/mRID`.
        devices: What protection opens.
        meters: Who can tell that supply is lost.
        assumed: What the delivery does not state and was assumed, in words.
        loops: How many loops close.
    """

    parents: Ints
    sections: tuple[str, ...]
    lengths_m: Floats
    series: Complexes
    shunts: Complexes
    phases: Mask
    volts: Floats
    loads_va: Complexes
    places: Ints
    spans: Ints
    zones: Ints
    spots: Mapping[str, Spot]
    devices: Devices
    meters: Meters
    assumed: tuple[str, ...]
    loops: int

    def __len__(self) -> int:
        return len(self.parents)

    def content(self) -> list[bytes]:
        """All that a fault depends on, to be hashed."""
        arrays = (self.parents, self.lengths_m, self.series, self.shunts, self.phases, self.volts,
                  self.loads_va, self.places, self.spans, self.zones, self.devices.begins,
                  self.devices.ends, self.meters.places, self.meters.buses)  # fmt: skip
        return ["\n".join(self.sections).encode(), *(array.tobytes() for array in arrays)]

    @cached_property
    def is_section(self) -> Mask:
        """Whether a line leads to the bus, bool[n]."""
        return np.array([bool(key) for key in self.sections], dtype=bool)

    @cached_property
    def levels(self) -> list[Ints]:
        """Buses by how many branches lie above; each level int32."""
        depth = np.zeros(len(self), dtype=np.int32)
        for bus, parent in enumerate(self.parents.tolist()):
            depth[bus] = depth[parent] + 1 if parent >= 0 else 0
        order = np.argsort(depth, kind="stable").astype(np.int32)
        return np.split(order, np.cumsum(np.bincount(depth))[:-1])

    @cached_property
    def roots(self) -> Ints:
        """The root above each bus, or itself, int32[n]."""
        found = list(range(len(self)))
        for bus, parent in enumerate(self.parents.tolist()):
            if parent >= 0:
                found[bus] = found[parent]
        return np.array(found, dtype=np.int32)

    @cached_property
    def ends(self) -> Ints:
        """Buses at or below bus b are `b` to `ends[b]`, int32[n]."""
        ends, parents = list(range(1, len(self) + 1)), self.parents.tolist()
        for bus in range(len(self) - 1, -1, -1):
            if parents[bus] >= 0:
                ends[parents[bus]] = max(ends[parents[bus]], ends[bus])
        return np.array(ends, dtype=np.int32)

    @cached_property
    def metres(self) -> Floats:
        """Metres of line from the root to each bus, float64[n]."""
        return self.summed(self.lengths_m)

    def summed(self, values: Floats) -> Floats:
        """Sums of values of branches from the root to each bus; what is at a root counts too."""
        begun = np.append(values, 0.0)
        np.subtract.at(begun, self.ends, values)  # each counts from its bus to its end
        found: Floats = np.cumsum(begun[:-1])
        return found
