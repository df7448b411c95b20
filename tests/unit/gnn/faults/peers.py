"""The same network in power-grid-model and in OpenDSS, with a fault on one of its sections."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import power_grid_model as pgm
from power_grid_model import ComponentType, DatasetType

from gnn.faults.cases import Fault
from gnn.faults.electrical import TO_PHASES
from gnn.faults.grid import MvGrid
from gnn.faults.short import KINDS, Kind

FROM_PHASES = np.linalg.inv(TO_PHASES)
_TYPES = {
    "3ph": pgm.FaultType.three_phase,
    "2ph": pgm.FaultType.two_phase,
    "1ph-ground": pgm.FaultType.single_phase_to_ground,
    "2ph-ground": pgm.FaultType.two_phase_to_ground,
}
_PHASES = {
    "ABC": pgm.FaultPhase.abc,
    **{name: getattr(pgm.FaultPhase, name.lower()) for name in ("AB", "BC")},
    "CA": pgm.FaultPhase.ac,
    **{f"{name}G": getattr(pgm.FaultPhase, name.lower()) for name in ("A", "B", "C", "AB", "BC")},
    "CAG": pgm.FaultPhase.ac,
}


def by_power_grid_model(grid: MvGrid, faults: Sequence[Fault]) -> np.ndarray:
    """Voltages at all buses while faults last, complex128[faults, n, 3]; loads are left out.

    The faults may be on one section only: its place is a node of the network.
    """
    bus, share = faults[0].bus, faults[0].share
    size = len(grid)
    model = pgm.PowerGridModel(balanced(grid, bus, share))
    update = pgm.initialize_array(DatasetType.update, ComponentType.fault, (len(faults), 1))
    update["id"] = 900_001
    update["fault_type"] = [[_TYPES[KINDS[f.kind].family]] for f in faults]
    update["fault_phase"] = [[_PHASES[KINDS[f.kind].name]] for f in faults]
    update["r_f"] = [[f.ohm] for f in faults]
    found = model.calculate_short_circuit(
        update_data={ComponentType.fault: update},
        short_circuit_voltage_scaling=pgm.ShortCircuitVoltageScaling.minimum,
    )[ComponentType.node]
    return found["u_pu"][:, :size] * grid.volts[:, None] * np.exp(1j * found["u_angle"][:, :size])


def balanced(grid: MvGrid, bus: int, share: float) -> dict:
    size = len(grid)
    sequences = FROM_PHASES @ grid.series @ TO_PHASES
    node = pgm.initialize_array(DatasetType.input, ComponentType.node, size + 1)
    node["id"] = np.arange(size + 1)
    node["u_rated"] = [*(np.sqrt(3) * grid.volts), np.sqrt(3) * grid.volts[bus]]
    pieces = []
    for to in range(1, size):
        above = int(grid.parents[to])
        cut = [(above, size, share), (size, to, 1 - share)] if to == bus else [(above, to, 1.0)]
        pieces += [(a, b, sequences[to] * part) for a, b, part in cut]
    line = pgm.initialize_array(DatasetType.input, ComponentType.line, len(pieces))
    line["id"] = 100_000 + np.arange(len(pieces))
    line["from_node"], line["to_node"] = [p[0] for p in pieces], [p[1] for p in pieces]
    line["from_status"] = line["to_status"] = 1
    for name, at in (("0", 0), ("1", 1)):
        line[f"r{name}"] = [p[2][at, at].real for p in pieces]
        line[f"x{name}"] = [p[2][at, at].imag for p in pieces]
        line[f"c{name}"] = line[f"tan{name}"] = 0.0
    line["i_n"] = 500.0
    zero, own = sequences[0][0, 0], sequences[0][1, 1]
    source = pgm.initialize_array(DatasetType.input, ComponentType.source, 1)
    source["id"], source["node"], source["status"], source["u_ref"] = 900_000, 0, 1, 1.0
    source["sk"] = 3 * grid.volts[0] ** 2 / abs(own)
    source["rx_ratio"], source["z01_ratio"] = own.real / own.imag, abs(zero / own)
    fault = pgm.initialize_array(DatasetType.input, ComponentType.fault, 1)
    fault["id"], fault["status"], fault["fault_object"] = 900_001, 1, size
    fault["fault_type"], fault["fault_phase"] = _TYPES["3ph"], _PHASES["ABC"]
    fault["r_f"], fault["x_f"] = 0.1, 0.0
    return {
        ComponentType.node: node,
        ComponentType.line: line,
        ComponentType.source: source,
        ComponentType.fault: fault,
    }


def by_opendss(grid: MvGrid, fault: Fault) -> np.ndarray:
    """Voltages at all buses while a fault lasts, complex128[n, 3]; loads as impedances."""
    from opendssdirect import dss

    dss.Text.Command("clear")
    dss.Text.Command("set defaultbasefrequency=50")
    for command in _commands(grid, fault):
        dss.Text.Command(command)
    found = np.zeros((len(grid), 3), dtype=complex)
    for bus in range(len(grid)):
        dss.Circuit.SetActiveBus(f"b{bus}")
        values = np.array(dss.Bus.Voltages()).reshape(-1, 2) @ [1, 1j]
        for phase, value in zip(dss.Bus.Nodes(), values, strict=True):
            found[bus, phase - 1] = value
    return found


def _commands(grid: MvGrid, fault: Fault) -> list[str]:
    sequences = FROM_PHASES @ grid.series[0] @ TO_PHASES
    kilovolts = np.sqrt(3) * grid.volts[0] / 1e3
    zero, own = sequences[0, 0], sequences[1, 1]
    said = [
        f"new circuit.test basekv={kilovolts} bus1=b0 pu=1 phases=3 angle=0 "
        f"z1=[{own.real},{own.imag}] z0=[{zero.real},{zero.imag}]"
    ]
    for bus in range(1, len(grid)):
        parts = [(f"b{grid.parents[bus]}", f"b{bus}", 1.0)]
        if bus == fault.bus:
            parts = [(f"b{grid.parents[bus]}", "f", fault.share), ("f", f"b{bus}", 1 - fault.share)]
        said += [_line(grid, bus, *part) for part in parts]
        said += _loads(grid, bus)
    return [*said, *_fault(KINDS[fault.kind], fault.ohm), "set tolerance=1e-9", "solve"]


def _line(grid: MvGrid, bus: int, one: str, other: str, share: float) -> str:
    there = np.flatnonzero(grid.phases[bus])
    nodes = "".join(f".{phase + 1}" for phase in there)
    series = grid.series[bus][np.ix_(there, there)] * share
    rows = ["|".join(" ".join(map(repr, row.tolist())) for row in part)
            for part in (series.real, series.imag)]  # fmt: skip
    zeros = "|".join(" ".join("0" for _ in there) for _ in there)
    return (
        f"new line.{one}_{other} bus1={one}{nodes} bus2={other}{nodes} phases={len(there)} "
        f"length=1 rmatrix=({rows[0]}) xmatrix=({rows[1]}) cmatrix=({zeros})"
    )


def _loads(grid: MvGrid, bus: int) -> list[str]:
    return [
        f"new load.l{bus}_{phase} bus1=b{bus}.{phase + 1} phases=1 kv={grid.volts[bus] / 1e3} "
        f"kw={load.real / 1e3} kvar={load.imag / 1e3} model=2 vminpu=0 vmaxpu=9"
        for phase, load in enumerate(grid.loads_va[bus])
        if load
    ]


def _fault(kind: Kind, ohm: float) -> list[str]:
    touched = [phase + 1 for phase in range(3) if kind.phases[phase]]
    if kind.name.endswith("G"):
        return [f"new fault.g{p} bus1=f.{p} phases=1 r={ohm}" for p in touched]
    if len(touched) == 2:
        return [f"new fault.p bus1=f.{touched[0]} bus2=f.{touched[1]} phases=1 r={ohm}"]
    return [f"new fault.p{p} bus1=f.{p} bus2=f.4 phases=1 r={ohm}" for p in touched]
