"""Medium-voltage grids drawn by hand, and a plain nodal solution to hold the sweeps against.

0 -(breaker 0)- 1 - 2 - 3
                    2 - 4 - 5     5 has phase A only where `unbalanced`
0 -(breaker 1)- 6 - 7
"""

from __future__ import annotations

import numpy as np

from gnn.faults.electrical import TO_PHASES, of_sequences
from gnn.faults.grid import Devices, Meters, MvGrid, Spot
from gnn.faults.short import Kind

PARENTS = np.array([-1, 0, 1, 2, 2, 4, 0, 6], dtype=np.int32)
METRES = np.array([0.0, 400, 700, 300, 500, 900, 1_000, 600])
LINE = of_sequences(complex(0.8e-3, 0.5e-3), complex(0.2e-3, 0.12e-3))
SHUNT = of_sequences(0.4e-7j, 0.9e-7j)


def small_grid(unbalanced: bool = False, loads_va: complex = 150e3 + 50e3j) -> MvGrid:
    """The grid of the drawing."""
    size = len(PARENTS)
    phases = np.ones((size, 3), dtype=bool)
    if unbalanced:
        phases[5] = [True, False, False]
    there = phases[:, :, None] & phases[:, None, :]
    series = LINE * METRES[:, None, None] * there
    series[0] = of_sequences(complex(12, 2), complex(0.1, 1.5))
    shunts = np.zeros((size, 3, 3), dtype=complex)
    for bus in range(1, size):
        half = SHUNT * METRES[bus] / 2 * there[bus]
        shunts[bus] += half
        shunts[PARENTS[bus]] += half
    places = np.array([1, 3, 5, 7, 9, 11, 14, 16], dtype=np.int32)
    spans = np.array([18, 13, 13, 9, 13, 13, 18, 18], dtype=np.int32)
    devices = Devices(
        ("net/breaker0", "net/breaker1"),
        np.array([2, 13], dtype=np.int32),
        np.array([13, 18], dtype=np.int32),
    )
    loads = np.full((size, 3), loads_va) * phases
    loads[0] = 0
    spots = {"net/breaker0": Spot(0, 2, 13), "net/breaker1": Spot(0, 13, 18)}
    for bus in range(1, size):
        spots[f"net/node{bus}"] = Spot(bus)
        spots[f"net/line{bus}"] = Spot(int(PARENTS[bus]), int(places[bus]), int(spans[bus]))
    return MvGrid(
        parents=PARENTS,
        sections=("", *(f"net/line{bus}" for bus in range(1, size))),
        lengths_m=METRES,
        series=series,
        shunts=shunts,
        phases=phases,
        volts=np.full(size, 20e3 / np.sqrt(3)),
        loads_va=loads,
        places=places,
        spans=spans,
        zones=np.array([-1, 0, 0, 0, 0, 0, 1, 1], dtype=np.int32),
        spots=spots,
        devices=devices,
        meters=Meters(
            {f"net/meter{bus}": bus - 1 for bus in range(1, size)},
            np.array([4, 6, 8, 10, 12, 15, 17], dtype=np.int32),
            np.arange(1, size, dtype=np.int32),
        ),
        assumed=(),
        loops=0,
    )


def nodal(grid: MvGrid, fault: tuple[int, float, Kind, float] | None = None):
    """Voltages of all buses by the whole admittance matrix, and currents of the branches."""
    size = len(grid) + 1
    matrix = np.zeros((3 * size, 3 * size), dtype=complex)
    drive = np.zeros(3 * size, dtype=complex)
    branches = {}

    def at(bus: int) -> slice:
        return slice(3 * bus, 3 * bus + 3)

    def join(one: int, other: int, admittance: np.ndarray) -> None:
        matrix[at(one), at(one)] += admittance
        matrix[at(other), at(other)] += admittance
        matrix[at(one), at(other)] -= admittance
        matrix[at(other), at(one)] -= admittance

    for bus in range(len(grid)):
        admittance = _admittance(grid.series[bus], grid.phases[bus])
        load = np.diag(np.conj(grid.loads_va[bus]) / grid.volts[bus] ** 2)
        matrix[at(bus), at(bus)] += grid.shunts[bus] + load
        parent = int(grid.parents[bus])
        if parent < 0:
            matrix[at(bus), at(bus)] += admittance
            drive[at(bus)] += admittance @ (TO_PHASES[:, 1] * grid.volts[bus])
        elif fault is not None and bus == fault[0]:
            join(parent, size - 1, admittance / fault[1])
            join(size - 1, bus, admittance / (1 - fault[1]))
            matrix[at(size - 1), at(size - 1)] += fault[2].admittance / fault[3]
        else:
            join(parent, bus, admittance)
            branches[bus] = admittance
    empty = np.flatnonzero(np.abs(matrix).sum(axis=1) == 0)
    matrix[empty, empty] = 1.0
    volts = np.linalg.solve(matrix, drive).reshape(size, 3)
    flows = {b: y @ (volts[grid.parents[b]] - volts[b]) for b, y in branches.items()}
    return volts, flows


def _admittance(series: np.ndarray, phases: np.ndarray) -> np.ndarray:
    there = np.flatnonzero(phases)
    found = np.zeros((3, 3), dtype=complex)
    found[np.ix_(there, there)] = np.linalg.inv(series[np.ix_(there, there)])
    return found


def drawn_grid(sections: int, seed: int = 1) -> MvGrid:
    """One feeder of so many sections behind one breaker: a trunk with branches of branches."""
    chance = np.random.default_rng(seed)
    size = sections + 1
    ahead = np.maximum(np.arange(size) - 1 - chance.geometric(0.12, size) + 1, 0)
    parents = np.where(np.arange(size) > 0, ahead, -1).astype(np.int32)
    parents, depth_first = _depth_first(parents)
    metres = np.where(parents >= 0, chance.uniform(30, 120, size), 0.0)
    series = LINE * metres[:, None, None]
    series[0] = of_sequences(complex(1, 2), complex(0.1, 1.5))
    places = np.arange(size, dtype=np.int32) + 1
    loads = np.full((size, 3), 5e6 / size * (1 + 0.3j))
    return MvGrid(
        parents=parents,
        sections=("", *(f"net/line{bus}" for bus in range(1, size))),
        lengths_m=metres,
        series=series,
        shunts=np.zeros_like(series),
        phases=np.ones((size, 3), dtype=bool),
        volts=np.full(size, 20e3 / np.sqrt(3)),
        loads_va=loads,
        places=places,
        spans=(depth_first + 1).astype(np.int32),
        zones=np.full(size, -1, dtype=np.int32),
        spots={f"net/node{bus}": Spot(bus) for bus in range(size)},
        devices=Devices((), np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)),
        meters=Meters({}, np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)),
        assumed=(),
        loops=0,
    )


def _depth_first(parents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same tree with its buses in depth-first order, and the end of what is below each."""
    children: dict[int, list[int]] = {}
    for bus, parent in enumerate(parents.tolist()):
        children.setdefault(parent, []).append(bus)
    order, waiting = [], [0]
    while waiting:
        bus = waiting.pop()
        order.append(bus)
        waiting += children.get(bus, [])
    place = np.argsort(order)
    found = np.array([-1 if parents[b] < 0 else place[parents[b]] for b in order], dtype=np.int32)
    ends = np.arange(1, len(order) + 1)
    for bus in range(len(order) - 1, 0, -1):
        ends[found[bus]] = max(ends[found[bus]], ends[bus])
    return found, ends
