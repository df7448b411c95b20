"""The physical drawing board: nodes, terminals, cables, switches and transformers into the files.

Every call writes one piece of equipment with its terminals (EQ), its state (SSH), its limits
where it has any (EQ and SSH) and, where a way is given, where it lies (GL).
"""

from __future__ import annotations

from collections.abc import Sequence

from cim_import.generating.catalogue import HIGH_KV, LOW_KV, MEDIUM_KV, CableType, TransformerType
from cim_import.generating.chance import Chance
from cim_import.generating.geography import Place, distance_m
from cim_import.generating.model_file import ModelFile, enum, named, ref, text
from cim_import.generating.places import PlaceWriter

THREE_WIRES = "ABC"
FOUR_WIRES = "ABCN"

_IN_SERVICE = text("cim:Equipment.inService", "true")
_NORMALLY_IN_SERVICE = text("cim:Equipment.normallyInService", "true")
_POWER_FACTOR_TANGENT = 0.25


class Network:
    """Writes physical elements into the files of one delivery."""

    def __init__(self, eq: ModelFile, ssh: ModelFile, gl: ModelFile, chance: Chance):
        self._eq, self._ssh, self._chance = eq, ssh, chance
        self._base_voltage = {kv: self._write_voltage(kv) for kv in (HIGH_KV, MEDIUM_KV, LOW_KV)}
        self._lasting = self._write_limit_type()
        self.places = PlaceWriter(gl, chance)

    def new(self, kind: str, name: str, *properties: str) -> str:
        """Define an element in the equipment file; gives its mRID."""
        mrid = self._chance.mrid()
        self._eq.define(kind, mrid, named(name), *properties)
        return mrid

    def base_voltage(self, kv: float) -> str:
        """The base voltage of one of the voltages of the town."""
        return self._base_voltage[kv]

    def voltage_level(self, substation: str, kv: float) -> str:
        """A voltage level of a substation."""
        return self.new(
            "cim:VoltageLevel",
            f"{kv:g} kV",
            ref("cim:VoltageLevel.Substation", substation),
            ref("cim:VoltageLevel.BaseVoltage", self._base_voltage[kv]),
        )

    def node(self, name: str, container: str) -> str:
        """A connectivity node."""
        mrid = self._chance.mrid()
        self._eq.define(
            "cim:ConnectivityNode",
            mrid,
            named(name),
            ref("cim:ConnectivityNode.ConnectivityNodeContainer", container),
        )
        return mrid

    def terminal(
        self, equipment: str, node: str, number: int, phases: str, head_of: str = ""
    ) -> str:
        """A terminal; `head_of` is the feeder that begins there."""
        mrid = self._chance.mrid()
        self._eq.define(
            "cim:Terminal",
            mrid,
            ref("cim:Terminal.ConductingEquipment", equipment),
            ref("cim:Terminal.ConnectivityNode", node),
            text("cim:ACDCTerminal.sequenceNumber", number),
            enum("cim:Terminal.phases", f"PhaseCode.{phases}"),
            ref("cim:Terminal.NormalHeadFeeder", head_of) if head_of else "",
        )
        return mrid

    def busbar(self, kind: str, name: str, container: str, node: str, phases: str) -> str:
        """A `cim:BusbarSection` or `cim:Junction` at a node."""
        mrid = self.new(kind, name, ref("cim:Equipment.EquipmentContainer", container))
        self.terminal(mrid, node, 1, phases)
        return mrid

    def switch(
        self,
        kind: str,
        name: str,
        container: str,
        nodes: tuple[str, str],
        rated_a: int,
        *,
        phases: str = THREE_WIRES,
        normally_open: bool = False,
        open_now: bool | None = None,
        head_of: str = "",
        also_in: str = "",
    ) -> str:
        """A switch; `open_now` where the present state differs from the normal one."""
        mrid = self.new(
            kind,
            name,
            ref("cim:Equipment.EquipmentContainer", container),
            ref("cim:Equipment.AdditionalEquipmentContainer", also_in) if also_in else "",
            _NORMALLY_IN_SERVICE,
            text("cim:Switch.normalOpen", _boolean(normally_open)),
            text("cim:Switch.ratedCurrent", rated_a),
            text("cim:Switch.retained", "false"),
        )
        self.terminal(mrid, nodes[0], 1, phases)
        self.terminal(mrid, nodes[1], 2, phases, head_of)
        present = normally_open if open_now is None else open_now
        self._ssh.extend(kind, mrid, _IN_SERVICE, text("cim:Switch.open", _boolean(present)))
        return mrid

    def cable(
        self,
        name: str,
        container: str,
        nodes: tuple[str, str],
        way: Sequence[Place],
        kind: CableType,
        kv: float,
        phases: str = FOUR_WIRES,
    ) -> str:
        """A cable along a way; its length is that of the way, in whole metres, at least one."""
        metres = max(1, round(sum(map(distance_m, way[:-1], way[1:]))))
        km = metres / 1000
        susceptance = 314.159265 * kind.c_nf_per_km * 1e-9 * km
        mrid = self.new(
            "cim:ACLineSegment",
            name,
            ref("cim:Equipment.EquipmentContainer", container),
            ref("cim:ConductingEquipment.BaseVoltage", self._base_voltage[kv]),
            text("cim:Conductor.length", f"{km:.3f}"),
            text("cim:ACLineSegment.r", f"{kind.r_ohm_per_km * km:.6f}"),
            text("cim:ACLineSegment.x", f"{kind.x_ohm_per_km * km:.6f}"),
            text("cim:ACLineSegment.bch", f"{susceptance:.6g}"),
            text("cim:IdentifiedObject.description", kind.name),
        )
        first = self.terminal(mrid, nodes[0], 1, phases)
        self.terminal(mrid, nodes[1], 2, phases)
        self.limit("CurrentLimit", kind.rated_a, ref("cim:OperationalLimitSet.Terminal", first))
        self.places.location(name, mrid, way)
        return mrid

    def transformer(
        self,
        name: str,
        container: str,
        nodes: tuple[str, str],
        kind: TransformerType,
        also_in: str = "",
    ) -> tuple[str, str]:
        """A two-winding transformer; gives its mRID and that of its high-voltage end."""
        mrid = self.new(
            "cim:PowerTransformer",
            name,
            ref("cim:Equipment.EquipmentContainer", container),
            ref("cim:Equipment.AdditionalEquipmentContainer", also_in) if also_in else "",
            _NORMALLY_IN_SERVICE,
            text("cim:IdentifiedObject.description", kind.name),
        )
        r, x = kind.impedance_ohm()
        g, b = kind.admittance_s()
        high = self._winding(mrid, nodes[0], 1, kind, (r, x, g, b))
        self._winding(mrid, nodes[1], 2, kind, (0.0, 0.0, 0.0, 0.0))
        self.limit(
            "ApparentPowerLimit",
            f"{kind.rated_va / 1e6:g}",
            ref("cim:OperationalLimitSet.Equipment", mrid),
        )
        self._ssh.extend("cim:PowerTransformer", mrid, _IN_SERVICE)
        return mrid, high

    def consumer(self, name: str, container: str, node: str, phases: str, mean_w: int) -> str:
        """A load; its power in the state file is the mean it uses."""
        mrid = self._chance.mrid()
        self._eq.define(
            "cim:EnergyConsumer",
            mrid,
            named(name),
            ref("cim:Equipment.EquipmentContainer", container),
            ref("cim:ConductingEquipment.BaseVoltage", self._base_voltage[LOW_KV]),
            text("cim:EnergyConsumer.customerCount", 1),
        )
        self.terminal(mrid, node, 1, phases)
        self._ssh.extend(
            "cim:EnergyConsumer",
            mrid,
            _IN_SERVICE,
            text("cim:EnergyConsumer.p", f"{mean_w / 1e6:.6f}"),
            text("cim:EnergyConsumer.q", f"{mean_w * _POWER_FACTOR_TANGENT / 1e6:.6f}"),
        )
        return mrid

    def source(self, name: str, container: str, node: str, expected_w: int) -> str:
        """The supply of a substation: the rest of the world behind an impedance."""
        mrid = self.new(
            "cim:EnergySource",
            name,
            ref("cim:Equipment.EquipmentContainer", container),
            ref("cim:ConductingEquipment.BaseVoltage", self._base_voltage[HIGH_KV]),
            text("cim:EnergySource.nominalVoltage", HIGH_KV),
            text("cim:EnergySource.voltageMagnitude", HIGH_KV),
            text("cim:EnergySource.voltageAngle", 0),
            text("cim:EnergySource.r", "0.6"),
            text("cim:EnergySource.x", "6.0"),
        )
        self.terminal(mrid, node, 1, THREE_WIRES)
        self._ssh.extend(
            "cim:EnergySource",
            mrid,
            _IN_SERVICE,
            text("cim:EnergySource.activePower", f"{-expected_w / 1e6:.6f}"),
            text(
                "cim:EnergySource.reactivePower", f"{-expected_w * _POWER_FACTOR_TANGENT / 1e6:.6f}"
            ),
        )
        return mrid

    def tap_changer(self, name: str, end: str, neutral_kv: float) -> str:
        """An on-load tap changer of ±9 steps of 1.67 %, standing at neutral."""
        mrid = self.new(
            "cim:RatioTapChanger",
            name,
            ref("cim:RatioTapChanger.TransformerEnd", end),
            text("cim:RatioTapChanger.stepVoltageIncrement", "1.67"),
            text("cim:TapChanger.lowStep", -9),
            text("cim:TapChanger.highStep", 9),
            text("cim:TapChanger.neutralStep", 0),
            text("cim:TapChanger.normalStep", 0),
            text("cim:TapChanger.neutralU", f"{neutral_kv:g}"),
            text("cim:TapChanger.ltcFlag", "true"),
        )
        self._ssh.extend(
            "cim:RatioTapChanger",
            mrid,
            text("cim:TapChanger.step", 0),
            text("cim:TapChanger.controlEnabled", "false"),
        )
        return mrid

    def limit(self, kind: str, value: object, where: str) -> None:
        """A limit for ever (PATL): A for a current, MVA for a power; `where` as a property."""
        limits = self._chance.mrid()
        self._eq.define("cim:OperationalLimitSet", limits, named("PATL"), where)
        mrid = self._chance.mrid()
        self._eq.define(
            f"cim:{kind}",
            mrid,
            ref("cim:OperationalLimit.OperationalLimitSet", limits),
            ref("cim:OperationalLimit.OperationalLimitType", self._lasting),
            text(f"cim:{kind}.normalValue", value),
        )
        self._ssh.extend(f"cim:{kind}", mrid, text(f"cim:{kind}.value", value))

    def _winding(
        self,
        transformer: str,
        node: str,
        number: int,
        kind: TransformerType,
        values: tuple[float, float, float, float],
    ) -> str:
        high = number == 1
        kv = kind.high_kv if high else kind.low_kv
        connection = kind.high_connection if high else kind.low_connection
        phases = FOUR_WIRES if kv == LOW_KV else THREE_WIRES
        terminal = self.terminal(transformer, node, number, phases)
        r, x, g, b = values
        return self.new(
            "cim:PowerTransformerEnd",
            f"{kv:g} kV winding",
            ref("cim:PowerTransformerEnd.PowerTransformer", transformer),
            ref("cim:TransformerEnd.Terminal", terminal),
            ref("cim:TransformerEnd.BaseVoltage", self._base_voltage[kv]),
            text("cim:TransformerEnd.endNumber", number),
            text("cim:PowerTransformerEnd.ratedS", f"{kind.rated_va / 1e6:g}"),
            text("cim:PowerTransformerEnd.ratedU", f"{kv:g}"),
            text("cim:PowerTransformerEnd.r", f"{r:.6g}"),
            text("cim:PowerTransformerEnd.x", f"{x:.6g}"),
            text("cim:PowerTransformerEnd.g", f"{g:.6g}"),
            text("cim:PowerTransformerEnd.b", f"{b:.6g}"),
            enum("cim:PowerTransformerEnd.connectionKind", f"WindingConnection.{connection}"),
            text("cim:PowerTransformerEnd.phaseAngleClock", 0 if high else kind.clock),
        )

    def _write_voltage(self, kv: float) -> str:
        return self.new(
            "cim:BaseVoltage", f"{kv:g} kV", text("cim:BaseVoltage.nominalVoltage", f"{kv:g}")
        )

    def _write_limit_type(self) -> str:
        return self.new(
            "cim:OperationalLimitType",
            "PATL",
            enum(
                "cim:OperationalLimitType.direction", "OperationalLimitDirectionKind.absoluteValue"
            ),
            text("cim:OperationalLimitType.isInfiniteDuration", "true"),
        )


def _boolean(value: bool) -> str:
    return "true" if value else "false"
