"""How data gets home: modules, gateways, SIM cards, cells, links and the one head end.

A module in a meter talks over the power line to the gateway in its station, or has a SIM card of
its own. A gateway reaches the head end through a cell of the mobile network, or over a fibre.
"""

from __future__ import annotations

from cim_import.generating.chance import Chance
from cim_import.generating.model_file import ModelFile, enum, named, ref, text
from cim_import.generating.words import TOWN
from cim_import.profiles import GS

GIGABYTE = 1_000_000_000


class CommunicationWriter:
    """Writes the communication file. `name` is what the head end is named after."""

    def __init__(self, co: ModelFile, chance: Chance, name: str = TOWN):
        self._co, self._chance = co, chance
        self._addresses = 0
        self._cells = 0
        self._cards = 0
        self.head_end = self._new("gs:HeadEnd", f"Head end {name}")
        self._meter_plan = self._plan("Meter 50 MB", GIGABYTE // 20)
        self._gateway_plan = self._plan("Gateway 2 GB", 2 * GIGABYTE)

    def cell(self) -> str:
        """The next cell of the mobile network."""
        self._cells += 1
        return self._new("gs:Cell", f"Cell {self._cells}", ref("gs:Cell.HeadEnd", self.head_end))

    def gateway(self, name: str, serial: str, location: str = "") -> str:
        """A gateway, in the place of the station whose location is given."""
        return self._new(
            "gs:Gateway",
            name,
            text("cim:Asset.serialNumber", serial),
            ref("cim:Asset.Location", location) if location else "",
            ref("gs:Gateway.HeadEnd", self.head_end),
        )

    def gateway_card(self, gateway: str, cell: str) -> str:
        """The SIM card of a gateway."""
        return self._card(gateway, cell, self._gateway_plan)

    def fibre(self, name: str, gateway: str) -> str:
        """A fibre from a gateway to the head end."""
        return self._link(name, gateway, "fibre")

    def power_line_module(self, meter: str, name: str, gateway: str) -> str:
        """The module of a meter that talks over the power line; gives its mRID."""
        module = self._module(meter, name, ref("gs:ComModule.Gateway", gateway))
        self._function(module, meter, "plc")
        return module

    def cellular_module(self, meter: str, name: str, cell: str) -> tuple[str, str]:
        """The module of a meter with a SIM card of its own; gives the mRIDs of both."""
        module = self._module(meter, name)
        self._function(module, meter, "cellular")
        return module, self._card(module, cell, self._meter_plan)

    def remote_unit(self, name: str) -> str:
        """The remote unit of a substation."""
        return self._new(
            "cim:RemoteUnit", name, enum("cim:RemoteUnit.remoteUnitType", "RemoteUnitType.RTU")
        )

    def remote_link(self, name: str, unit: str) -> str:
        """A fibre from a remote unit to the head end."""
        units = ref("cim:CommunicationLink.RemoteUnits", unit)
        return self._link(name, unit, "fibre", units)

    def measured(self, kind: str, name: str, what: str, resource: str, unit: str) -> None:
        """A measurement (`Analog`, `Discrete`) of a resource, sent in by a remote unit.

        `what` is CIM's name of the quantity, such as `SwitchPosition`.
        """
        measurement = self._new(
            f"cim:{kind}",
            name,
            text("cim:Measurement.measurementType", what),
            ref("cim:Measurement.PowerSystemResource", resource),
        )
        value = self._new(f"cim:{kind}Value", name, ref(f"cim:{kind}Value.{kind}", measurement))
        self.remote_source(name, unit, value)

    def remote_source(self, name: str, unit: str, value: str) -> str:
        """The point of a remote unit that sends a measured value."""
        return self._new(
            "cim:RemoteSource",
            name,
            ref("cim:RemotePoint.RemoteUnit", unit),
            ref("cim:RemoteSource.MeasurementValue", value),
            text("cim:RemoteSource.scanInterval", 10),
        )

    def _module(self, meter: str, name: str, *properties: str) -> str:
        return self._new("cim:ComModule", name, ref("cim:Asset.AssetContainer", meter), *properties)

    def _function(self, module: str, meter: str, technology: str) -> None:
        self._addresses += 1
        self._co.define(
            "cim:ComFunction",
            self._chance.mrid(),
            ref("cim:ComFunction.ComModule", module),
            ref("cim:EndDeviceFunction.EndDevice", meter),
            text("cim:ComFunction.amrAddress", f"{self._addresses:08x}"),
            enum("cim:ComFunction.technology", f"ComTechnologyKind.{technology}"),
            enum("cim:ComFunction.direction", "ComDirectionKind.biDirectional"),
        )

    def _card(self, module: str, cell: str, plan: str) -> str:
        self._cards += 1
        number = f"8900000{self._cards:012d}"
        return self._new(
            "gs:SimCard",
            f"SIM {number}",
            text("cim:Asset.serialNumber", number),
            ref("gs:SimCard.ComModule", module),
            ref("gs:SimCard.Cell", cell),
            ref("gs:SimCard.DataPlan", plan),
        )

    def _link(self, name: str, far_end: str, medium: str, *properties: str) -> str:
        return self._new(
            "cim:CommunicationLink",
            name,
            *properties,
            ref("gs:CommunicationLink.fromEnd", far_end),
            ref("gs:CommunicationLink.toEnd", self.head_end),
            enum("gs:CommunicationLink.medium", f"CommunicationMedium.{medium}", GS),
        )

    def _plan(self, name: str, allowance_bytes: int) -> str:
        return self._new(
            "gs:DataPlan",
            name,
            text("gs:DataPlan.allowanceBytes", allowance_bytes),
            text("gs:DataPlan.cycleDay", 1),
        )

    def _new(self, kind: str, name: str, *properties: str) -> str:
        mrid = self._chance.mrid()
        self._co.define(kind, mrid, named(name), *properties)
        return mrid
