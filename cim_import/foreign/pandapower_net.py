"""A pandapower network as a CIM delivery: equipment, switch states and loads.

Read are the tables bus, line, trafo, switch, load, sgen and ext_grid, those of `pandapower` and of
`simbench`; tables are asked by name, so neither package is needed here. A feeder begins at every
line that leaves the low-voltage side of a transformer, because pandapower has none. Guarantees:
mRIDs follow from the name of the network and the row, so equal networks give equal bytes.
Limits: other tables that hold equipment are refused, not left out; asymmetric loads are among them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cim_import.foreign.windings import winding_values
from cim_import.generating.model_file import (
    Header,
    ModelFile,
    enum,
    named,
    quoted,
    ref,
    text,
    whole_file,
)
from graph_service.domain.errors import InvalidCall

_CGMES: Final = "http://iec.ch/TC57/ns/CIM"
_EQ: Final = (f"{_CGMES}/CoreEquipment-EU/3.0", f"{_CGMES}/Operation-EU/3.0")
_SSH: Final = (f"{_CGMES}/SteadyStateHypothesis-EU/3.0",)
_IDS: Final = uuid.UUID("6f1c1f0e-4c5f-4a2b-9a53-2f3d5d0f7a11")
_REFUSED: Final = (
    "trafo3w", "gen", "ward", "xward", "impedance", "dcline", "storage",
    "asymmetric_load", "asymmetric_sgen", "motor",
)  # fmt: skip
_SWITCHES: Final = {"CB": "cim:Breaker", "LBS": "cim:LoadBreakSwitch", "DS": "cim:Disconnector"}
_UNITS: Final = {"PV": "cim:PhotoVoltaicUnit", "WP": "cim:PowerElectronicsWindUnit"}
_HZ_50: Final = 314.159265


def mrid_of(net: Any, table: str, row: object) -> str:
    """The mRID that a row of a table is given."""
    return str(uuid.uuid5(_IDS, f"{net.name}/{table}/{row}"))


def write_pandapower(net: Any, directory: Path) -> tuple[Path, Path]:
    """Write a network as two files, `net_EQ.xml` and `net_SSH.xml`.

    Args:
        net: A `pandapowerNet`.
        directory: Where to; made where it is not there.

    Raises:
        InvalidCall: a table that cannot be said in these files holds equipment; names it.
    """
    for table in _REFUSED:
        if table in net and len(net[table]):
            raise InvalidCall(
                f"the network has {len(net[table])} rows in the table {table}",
                subject=table,
                hint=f"the tables {', '.join(_REFUSED)} are not converted; take them out first",
            )
    directory.mkdir(parents=True, exist_ok=True)
    paths = directory / "net_EQ.xml", directory / "net_SSH.xml"
    ids = mrid_of(net, "model", "EQ"), mrid_of(net, "model", "SSH")
    heads = (
        _header(ids[0], _EQ, (), "equipment", net),
        _header(ids[1], _SSH, ids[:1], "switch states and loads", net),
    )
    with ExitStack() as stack:
        eq, ssh = (
            ModelFile(stack.enter_context(whole_file(path)), head)
            for path, head in zip(paths, heads, strict=True)
        )
        _Board(net, eq, ssh).write()
        eq.finish()
        ssh.finish()
    return paths


def _header(
    model: str, profiles: tuple[str, ...], others: tuple[str, ...], content: str, net: Any
) -> Header:
    described = quoted(f"{net.name}: {content}, from pandapower")
    return Header(model, profiles, others, "2016-01-01T00:00:00Z", described, "pandapower")


@dataclass
class _Board:
    """Writes one table after the other."""

    net: Any
    eq: ModelFile
    ssh: ModelFile
    levels: dict[float, str] = field(default_factory=dict)
    voltages: dict[float, str] = field(default_factory=dict)
    feeders: int = 0

    def write(self) -> None:
        region = self._new("cim:GeographicalRegion", "region", 0, "Region")
        part = self._new("cim:SubGeographicalRegion", "part", 0, "Part",
                         ref("cim:SubGeographicalRegion.Region", region))  # fmt: skip
        substation = self._new("cim:Substation", "substation", 0, str(self.net.name),
                               ref("cim:Substation.Region", part))  # fmt: skip
        for kv in sorted({float(kv) for kv in self.net.bus.vn_kv}):
            self._level(kv, substation)
        for row in self._rows("bus"):
            self._node(mrid_of(self.net, "bus", row.Index), str(row.name), float(row.vn_kv))
        moved = dict(self._switches())
        self._lines(moved)
        self._transformers(moved, substation)
        self._loads()
        self._generators()
        self._sources()

    def _rows(self, table: str) -> Iterator[Any]:
        rows: Iterator[Any] = self.net[table].itertuples()
        return rows

    def _new(self, kind: str, table: str, row: object, name: str, *properties: str) -> str:
        mrid = mrid_of(self.net, table, row)
        self.eq.define(kind, mrid, named(quoted(name)), *properties)
        return mrid

    def _level(self, kv: float, substation: str) -> None:
        voltage = self._new("cim:BaseVoltage", "voltage", kv, f"{kv:g} kV",
                            text("cim:BaseVoltage.nominalVoltage", f"{kv:g}"))  # fmt: skip
        self.voltages[kv] = voltage
        self.levels[kv] = self._new(
            "cim:VoltageLevel",
            "level",
            kv,
            f"{kv:g} kV",
            ref("cim:VoltageLevel.Substation", substation),
            ref("cim:VoltageLevel.BaseVoltage", voltage),
        )

    def _node(self, mrid: str, name: str, kv: float) -> str:
        container = ref("cim:ConnectivityNode.ConnectivityNodeContainer", self.levels[kv])
        self.eq.define("cim:ConnectivityNode", mrid, named(quoted(name)), container)
        return mrid

    def _equipment(
        self, kind: str, table: str, row: Any, kv: float, *properties: str, stated: str = ""
    ) -> str:
        """A piece of equipment in a voltage level; `stated` is what the state file says beside."""
        served = text("cim:Equipment.normallyInService", _boolean(row.in_service))
        container = ref("cim:Equipment.EquipmentContainer", self.levels[kv])
        voltage = ref("cim:ConductingEquipment.BaseVoltage", self.voltages[kv])
        name = str(row.name)
        mrid = self._new(kind, table, row.Index, name, container, voltage, served, *properties)
        self.ssh.extend(
            kind, mrid, text("cim:Equipment.inService", _boolean(row.in_service)), stated
        )
        return mrid

    def _terminal(self, equipment: str, node: str, number: int, head_of: str = "") -> str:
        mrid = str(uuid.uuid5(_IDS, f"{equipment}/{number}"))
        self.eq.define(
            "cim:Terminal",
            mrid,
            ref("cim:Terminal.ConductingEquipment", equipment),
            ref("cim:Terminal.ConnectivityNode", node),
            text("cim:ACDCTerminal.sequenceNumber", number),
            enum("cim:Terminal.phases", "PhaseCode.ABC"),
            ref("cim:Terminal.NormalHeadFeeder", head_of) if head_of else "",
        )
        return mrid

    def _switches(self) -> Iterator[tuple[tuple[str, int, int], str]]:
        """Write them; gives (table, row, bus) → the node behind a switch at the end of a branch."""
        tables = {"l": "line", "t": "trafo"}
        for row in self._rows("switch"):
            bus, kv = int(row.bus), float(self.net.bus.vn_kv[row.bus])
            far = mrid_of(self.net, "bus", row.element)
            if row.et != "b":
                far = self._node(mrid_of(self.net, "behind", row.Index), f"{row.name} end", kv)
                yield (tables[row.et], int(row.element), bus), far
            opened = text("cim:Switch.open", _boolean(not row.closed))
            mrid = self._new(
                _SWITCHES.get(str(row.type), "cim:Switch"),
                "switch",
                row.Index,
                str(row.name),
                ref("cim:Equipment.EquipmentContainer", self.levels[kv]),
                text("cim:Switch.normalOpen", _boolean(not row.closed)),
                text("cim:Switch.retained", "true"),
            )
            self._terminal(mrid, mrid_of(self.net, "bus", bus), 1)
            self._terminal(mrid, far, 2)
            self.ssh.extend(_SWITCHES.get(str(row.type), "cim:Switch"), mrid, opened)

    def _lines(self, moved: dict[tuple[str, int, int], str]) -> None:
        below = self._below_transformers()
        for row in self._rows("line"):
            km, beside = float(row.length_km), float(row.parallel)
            ends = int(row.from_bus), int(row.to_bus)
            bch = _HZ_50 * row.c_nf_per_km * 1e-9 * km * beside
            mrid = self._equipment(
                "cim:ACLineSegment",
                "line",
                row,
                float(self.net.bus.vn_kv[row.from_bus]),
                text("cim:Conductor.length", f"{km:.6f}"),
                text("cim:ACLineSegment.r", f"{row.r_ohm_per_km * km / beside:.8f}"),
                text("cim:ACLineSegment.x", f"{row.x_ohm_per_km * km / beside:.8f}"),
                text("cim:ACLineSegment.bch", f"{bch:.6g}"),
            )
            for number, bus in enumerate(ends, start=1):
                feeder = self._feeder(str(row.name)) if bus in below and row.in_service else ""
                node = moved.get(("line", int(row.Index), bus), mrid_of(self.net, "bus", bus))
                terminal = self._terminal(mrid, node, number, feeder)
                if number == 1:
                    self._limit(mrid, terminal, 1000 * float(row.max_i_ka) * beside)

    def _below_transformers(self) -> set[int]:
        """Buses on the low-voltage side of a transformer, and those switched to them."""
        found = {int(bus) for bus in self.net.trafo.lv_bus}
        joined = [r for r in self._rows("switch") if r.et == "b" and r.closed]
        while True:
            pairs = [{int(r.bus), int(r.element)} for r in joined]
            more = set().union(*(pair for pair in pairs if pair & found)) - found
            if not more:
                return found
            found |= more

    def _feeder(self, line: str) -> str:
        self.feeders += 1
        return self._new("cim:Feeder", "feeder", self.feeders, f"Feeder {self.feeders} ({line})")

    def _limit(self, equipment: str, terminal: str, ampere: float) -> None:
        limits = self._new("cim:OperationalLimitSet", "limits", equipment, "PATL",
                           ref("cim:OperationalLimitSet.Terminal", terminal))  # fmt: skip
        self._new(
            "cim:CurrentLimit",
            "limit",
            equipment,
            "PATL",
            ref("cim:OperationalLimit.OperationalLimitSet", limits),
            text("cim:CurrentLimit.normalValue", f"{ampere:g}"),
        )

    def _transformers(self, moved: dict[tuple[str, int, int], str], substation: str) -> None:
        for row in self._rows("trafo"):
            mrid = self._new(
                "cim:PowerTransformer",
                "trafo",
                row.Index,
                str(row.name),
                ref("cim:Equipment.EquipmentContainer", substation),
                text("cim:Equipment.normallyInService", _boolean(row.in_service)),
            )
            self.ssh.extend(
                "cim:PowerTransformer",
                mrid,
                text("cim:Equipment.inService", _boolean(row.in_service)),
            )
            for number, side in enumerate(("hv", "lv"), start=1):
                bus = int(getattr(row, f"{side}_bus"))
                node = moved.get(("trafo", int(row.Index), bus), mrid_of(self.net, "bus", bus))
                self._winding(mrid, row, number, float(self.net.bus.vn_kv[bus]), node)

    def _winding(self, transformer: str, row: Any, number: int, kv: float, node: str) -> None:
        terminal = self._terminal(transformer, node, number)
        self._new(
            "cim:PowerTransformerEnd",
            "winding",
            f"{row.Index}/{number}",
            f"{kv:g} kV winding",
            ref("cim:PowerTransformerEnd.PowerTransformer", transformer),
            ref("cim:TransformerEnd.Terminal", terminal),
            ref("cim:TransformerEnd.BaseVoltage", self.voltages[kv]),
            text("cim:TransformerEnd.endNumber", number),
            *(
                text(f"cim:PowerTransformerEnd.{name}", f"{value:.8g}")
                for name, value in winding_values(row, number).items()
            ),
        )

    def _loads(self) -> None:
        for row in self._rows("load"):
            kv = float(self.net.bus.vn_kv[row.bus])
            stated = text("cim:EnergyConsumer.p", f"{row.p_mw * row.scaling:.6f}")
            stated += text("cim:EnergyConsumer.q", f"{row.q_mvar * row.scaling:.6f}")
            mrid = self._equipment("cim:EnergyConsumer", "load", row, kv, stated=stated)
            self._terminal(mrid, mrid_of(self.net, "bus", row.bus), 1)

    def _generators(self) -> None:
        for row in self._rows("sgen"):
            kv = float(self.net.bus.vn_kv[row.bus])
            stated = text("cim:PowerElectronicsConnection.p", f"{-row.p_mw * row.scaling:.6f}")
            rated = text("cim:PowerElectronicsConnection.ratedS", f"{row.sn_mva:g}")
            kind = "cim:PowerElectronicsConnection"
            mrid = self._equipment(kind, "sgen", row, kv, rated, stated=stated)
            self._terminal(mrid, mrid_of(self.net, "bus", row.bus), 1)
            unit = _UNITS.get(str(row.type)[:2].upper())
            if unit:
                over = ref("cim:PowerElectronicsUnit.PowerElectronicsConnection", mrid)
                self._new(unit, "unit", row.Index, str(row.name), over)

    def _sources(self) -> None:
        for row in self._rows("ext_grid"):
            kv = float(self.net.bus.vn_kv[row.bus])
            volts = text("cim:EnergySource.nominalVoltage", f"{kv:g}")
            mrid = self._equipment("cim:EnergySource", "ext_grid", row, kv, volts)
            self._terminal(mrid, mrid_of(self.net, "bus", row.bus), 1)


def _boolean(value: object) -> str:
    return "true" if value else "false"
