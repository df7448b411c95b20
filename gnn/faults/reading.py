"""From an imported network to the buses and sections of its medium voltage, in one state.

Depth-first order of the network (`topology.orientation`) is walked once from the sources: behind a
line begins another bus, behind a transformer another voltage; everything else joins. Between 1 and
60 kV is medium voltage; a transformer that changes the voltage by less than a fifth is a
regulator in the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from gnn.errors import NothingToLocate
from gnn.faults.electrical import REGULATOR_OHM, Assumed, Matrix, Values, of_sequences
from gnn.faults.grid import Devices, Meters, MvGrid, Spot
from gnn.faults.linked import marks_of, node_of_terminals, places_above
from gnn.features.customers import Customers, read_customers
from graph_service.domain.switching import State, StateBits
from graph_service.ports.graph_store import GraphStore
from graph_service.topology.conduction import EQUIPMENT, NODE, conduction
from graph_service.topology.csr import Ints
from graph_service.topology.orientation import Orientation, orientation
from graph_service.topology.projection import Projection

LEAST_V: Final = 1_000.0
MOST_V: Final = 60_000.0
_REGULATED: Final = 0.2
_PROTECTING: Final = ("Breaker", "Recloser", "Fuse", "Sectionaliser", "DisconnectingCircuitBreaker")
_TAN_PHI: Final = 0.33
"""Reactive over active power of a load: a power factor of 0.95."""


def read_mv_grid(
    graph: GraphStore,
    projection: Projection,
    state: State = State.PRESENT,
    closed: Sequence[int] = (),
) -> MvGrid:
    """The medium-voltage network.

    Args:
        graph: Where electrical values are read.
        projection: The network in memory.
        state: Which switching state counts.
        closed: Numbers of switches that are taken as closed: those that the fault has opened.

    Raises:
        NothingToLocate: there is no line section of medium voltage that is energised.
    """
    if len(closed):
        projection = _with_closed(projection, closed)
    walked = _Walk(graph, projection, orientation(projection, state))
    if max(walked.section_at, default=-1) < 0:
        raise NothingToLocate(
            "no line of medium voltage (1 to 60 kV) is energised",
            hint="import lines with their BaseVoltage, and ask `gridstrata trace` from a source",
        )
    return walked.grid()


def _with_closed(projection: Projection, numbers: Sequence[int]) -> Projection:
    positions = projection.index_of(list(numbers))
    shut = ~np.uint8(StateBits.OPEN | StateBits.NORMALLY_OPEN)
    states = {
        int(projection.numbers[p]): int(projection.states[p] & shut | StateBits.PRESENT_GIVEN)
        for p in positions[positions >= 0].tolist()
    }
    return projection.with_states(states)


class _Walk:
    """What the walk from the sources finds, one row a bus."""

    def __init__(self, graph: GraphStore, projection: Projection, lit: Orientation):
        self.graph, self.projection, self.lit = graph, projection, lit
        self.assumed = Assumed()
        self.values = Values(graph, projection, self.assumed)
        self.lines = marks_of(projection, ("ACLineSegment",))
        self.transformers = marks_of(projection, ("PowerTransformer",))
        self.roles = conduction(projection).roles
        self.terminals = node_of_terminals(projection)
        lit_those = lit.place >= 0
        sources = np.unique(lit.order[1:][lit.depths[1:] == 1])
        self.values.read(
            self.values.wanted(
                np.flatnonzero(self.lines[:-1] & lit_those).astype(np.int32),
                np.flatnonzero(self.transformers[:-1] & lit_those).astype(np.int32),
                np.asarray(sources, dtype=np.int32),
            )
        )
        size = len(lit.order)
        self.bus_at = np.full(size, -1, dtype=np.int32)
        self.volts_at = np.full(size, np.nan)
        self.parents: list[int] = []
        self.section_at: list[int] = []
        self.series: list[Matrix] = []
        self.shunts: list[Matrix] = []
        self.phases: list[tuple[bool, bool, bool]] = []
        self.volts: list[float] = []
        self.lengths: list[float] = []
        self.begun_at: list[int] = []
        self.walk()

    def walk(self) -> None:
        """Visit all places, parents first."""
        parents = places_above(self.lit)
        behind: dict[int, tuple[complex, complex]] = {}
        positions = self.lit.order.tolist()
        for place in range(1, len(positions)):
            position, above = positions[place], int(parents[place])
            if above == 0:
                self.volts_at[place] = self.values.volts(position)
                behind[place] = self.values.source(position, self.volts_at[place])
                continue
            self.volts_at[place] = self.volts_at[above]
            self.bus_at[place] = self.bus_at[above]
            if self.roles[position] == NODE:
                self._node(place, above, positions, parents, behind)
            else:
                behind[place] = behind.get(above, (0j, 0j))

    def _node(
        self,
        place: int,
        above: int,
        positions: list[int],
        parents: Ints,
        behind: dict[int, tuple[complex, complex]],
    ) -> None:
        """A node: another bus where a line, a transformer or a source leads to it."""
        equipment = positions[above]
        behind[place] = behind.get(above, (0j, 0j))
        if self.transformers[equipment]:
            self._transformed(place, above, equipment, positions[parents[above]], behind)
        elif self.lines[equipment]:
            if self.bus_at[above] >= 0 and self.of_medium_voltage(place):
                self._section(place, above, equipment)
            elif self.bus_at[above] < 0 and not np.isnan(self.volts_at[place]):
                line = self.values.line(equipment, self.volts_at[place])
                self._further(place, line.series, behind)
        if self.bus_at[place] < 0 and self.of_medium_voltage(place):
            positive, zero = behind[place]
            self._root(place, of_sequences(zero, positive))

    def of_medium_voltage(self, place: int) -> bool:
        """Whether the voltage at a place is medium voltage."""
        return bool(LEAST_V < self.volts_at[place] <= MOST_V)

    def _section(self, place: int, above: int, equipment: int) -> None:
        line = self.values.line(equipment, self.volts_at[place])
        over = self.phases[self.bus_at[above]]
        there = tuple(a and b for a, b in zip(line.phases, over, strict=True))
        mask = np.outer(there, there)
        self._add(
            place,
            int(self.bus_at[above]),
            above,
            (there[0], there[1], there[2]),
            line.series * mask,
            line.shunt * mask,
        )
        self.section_at[-1], self.lengths[-1] = equipment, line.length_m

    def _transformed(
        self,
        place: int,
        above: int,
        transformer: int,
        from_node: int,
        behind: dict[int, tuple[complex, complex]],
    ) -> None:
        before = float(self.volts_at[above])
        rated = self.values.end_volts(transformer)
        projection_at = self.lit.order[place]
        after = rated.get(self.terminals.get((transformer, int(projection_at)), -1), np.nan)
        over = rated.get(self.terminals.get((transformer, from_node), -1), np.nan)
        if np.isnan(after) or abs(after / before - 1) < _REGULATED:
            if self.bus_at[above] >= 0:
                there = self.phases[self.bus_at[above]]
                series: Matrix = np.diag(np.where(there, REGULATOR_OHM * (1 + 1j), 0))
                self._add(place, int(self.bus_at[above]), above, there, series, 0 * series)
            return
        self.volts_at[place] = after
        if not (LEAST_V < after <= MOST_V):
            return
        self.bus_at[place] = -1
        ratio = (after / (before if np.isnan(over) else over)) ** 2
        own, neutral = self.values.transformer(transformer, after)
        earthed = self.values.neutral(after) if neutral is None else neutral
        positive = behind[above][0] * ratio + own
        behind[place] = (positive, own + 3 * earthed)

    def _further(
        self, place: int, series: Matrix, behind: dict[int, tuple[complex, complex]]
    ) -> None:
        positive, zero = behind[place]
        own, mutual = series[0, 0], series[0, 1]
        behind[place] = (positive + own - mutual, zero + own + 2 * mutual)

    def _root(self, place: int, series: Matrix) -> None:
        self._add(place, -1, place, (True, True, True), series, np.zeros((3, 3), complex))

    def _add(
        self,
        place: int,
        parent: int,
        begun: int,
        there: tuple[bool, bool, bool],
        series: Matrix,
        shunt: Matrix,
    ) -> None:
        self.bus_at[place] = len(self.parents)
        self.parents.append(parent)
        self.section_at.append(-1)
        self.lengths.append(0.0)
        self.series.append(series)
        self.shunts.append(shunt / 2)
        self.phases.append(there)
        self.volts.append(float(self.volts_at[place]) / np.sqrt(3))
        self.begun_at.append(begun)
        if parent >= 0:
            self.shunts[parent] = self.shunts[parent] + shunt / 2

    def grid(self) -> MvGrid:
        """What was found, as arrays."""
        keys = [self.values.key(p) if p >= 0 else "" for p in self.section_at]
        begun = np.array(self.begun_at, dtype=np.int32)
        customers, at = read_customers(self.graph, self.projection, self.lit.place)
        buses = self.bus_at[at]
        devices, zones = self._devices(begun)
        return MvGrid(
            parents=np.array(self.parents, dtype=np.int32),
            sections=tuple(keys),
            lengths_m=np.array(self.lengths),
            series=np.array(self.series),
            shunts=np.array(self.shunts),
            phases=np.array(self.phases, dtype=bool),
            volts=np.array(self.volts),
            loads_va=self._loads(customers, at, buses),
            places=begun,
            spans=self.lit.ends[begun],
            zones=zones,
            spots=self._spots(),
            devices=devices,
            meters=Meters(_named(customers), at, buses),
            assumed=self.assumed.words(),
            loops=int(self.lit.loops[-1]),
        )

    def _loads(self, customers: Customers, at: Ints, buses: Ints) -> Matrix:
        """Expected loads shared among their phases, complex128[n, 3]."""
        there = np.array(self.phases, dtype=bool)
        found = np.zeros(there.shape, dtype=np.complex128)
        below = buses >= 0
        bits = self.projection.phases[self.lit.order[at[below]]]
        own = np.stack([bits & 1, bits & 2, bits & 4], axis=1) > 0
        low = self.volts_at[at[below]] < LEAST_V
        own[low | ~own.any(axis=1)] = True
        own &= there[buses[below]]
        count = np.maximum(own.sum(axis=1), 1)
        power = customers.expected_w[below] * complex(1.0, _TAN_PHI)
        np.add.at(found, buses[below], own * (power / count)[:, None])
        return found

    def _devices(self, begun: Ints) -> tuple[Devices, Ints]:
        """Protective switches, and the nearest one at or above each branch."""
        protecting = marks_of(self.projection, _PROTECTING)
        places = np.flatnonzero(protecting[self.lit.order[1:]]).astype(np.int32) + 1
        positions = self.lit.order[places]
        names = self.graph.keys(self.projection.numbers[positions].tolist())
        ends = self.lit.ends[places]
        zones = np.full(len(begun), -1, dtype=np.int32)
        for device, (begin, end) in enumerate(zip(places.tolist(), ends.tolist(), strict=True)):
            zones[(begun >= begin) & (begun < end)] = device  # inner ones come later
        return Devices(tuple(map(str, names)), places, ends), zones

    def _spots(self) -> dict[str, Spot]:
        """Where nodes and equipment of medium voltage are."""
        order = self.lit.order
        chosen = np.flatnonzero((self.bus_at >= 0) & (self.volts_at > LEAST_V))
        there = self.roles[order[chosen]]
        chosen = chosen[(there == EQUIPMENT) | (there == NODE)]
        through = (self.lines | marks_of(self.projection, ("Switch",)))[order[chosen]]
        begins = np.where(through, chosen, -1).tolist()
        ends = np.where(through, self.lit.ends[chosen], -1).tolist()
        named = map(str, self.graph.keys(self.projection.numbers[order[chosen]].tolist()))
        spots = map(Spot, self.bus_at[chosen].tolist(), begins, ends)
        return dict(zip(named, spots, strict=True))


def _named(customers: Customers) -> dict[str, int]:
    return {name: number for number, names in enumerate(customers.sources) for name in names}
