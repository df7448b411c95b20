"""Panels on roofs: who has some, and the inverter that joins them to the network.

Only who has a roof for himself can have panels, so none of the flats. Chance and mRIDs come from a
stream of their own: the rest of the town is the same with them and without. In the state file an
inverter gives what it gives on average; hour by hour that is in the readings.
"""

from __future__ import annotations

from typing import Final

from cim_import.generating.catalogue import LOW_KV
from cim_import.generating.chance import Chance
from cim_import.generating.customers import Customer
from cim_import.generating.model_file import ModelFile, enum, named, ref, text

MEAN_PER_MILLE: Final = 97
"""What panels give on average in the sky of the town, of what they can at most."""
_STEP_W: Final = 100
_IN_SERVICE: Final = text("cim:Equipment.inService", "true")


class SolarWriter:
    """Draws panels and writes them into the equipment and the state file.

    Args:
        eq: The equipment file.
        ssh: The state file.
        chance: Decides who has panels; gives mRIDs.
        low_voltage: The mRID of the base voltage of consumers.
    """

    def __init__(self, eq: ModelFile, ssh: ModelFile, chance: Chance, low_voltage: str):
        self._eq, self._ssh, self._chance = eq, ssh, chance
        self._low_voltage = ref("cim:ConductingEquipment.BaseVoltage", low_voltage)

    def roof(self, customer: Customer, name: str, container: str, node: str) -> int:
        """The panels of a customer, at the node of his consumer; gives their peak power in W, 0
        for none."""
        low, high = customer.kind.solar_w
        peak_w = self._chance.between(low // _STEP_W, high // _STEP_W) * _STEP_W
        if not self._chance.happens(customer.kind.solar_per_mille):
            return 0
        held = ref("cim:Equipment.EquipmentContainer", container)
        inverter = self._inverter(name, held, peak_w)
        self._terminal(inverter, node, customer.phases)
        self._panels(name, held, inverter, peak_w)
        return peak_w

    def _inverter(self, name: str, held: str, peak_w: int) -> str:
        mrid = self._chance.mrid()
        self._eq.define(
            "cim:PowerElectronicsConnection",
            mrid,
            named(f"Inverter {name}"),
            held,
            self._low_voltage,
            text("cim:PowerElectronicsConnection.ratedS", f"{peak_w / 1e6:.6f}"),
            text("cim:PowerElectronicsConnection.ratedU", f"{LOW_KV:g}"),
        )
        mean_w = peak_w * MEAN_PER_MILLE // 1000
        self._ssh.extend(
            "cim:PowerElectronicsConnection",
            mrid,
            _IN_SERVICE,
            text("cim:RegulatingCondEq.controlEnabled", "false"),
            text("cim:PowerElectronicsConnection.p", f"{-mean_w / 1e6:.6f}"),
            text("cim:PowerElectronicsConnection.q", 0),
        )
        return mrid

    def _terminal(self, inverter: str, node: str, phases: str) -> None:
        self._eq.define(
            "cim:Terminal",
            self._chance.mrid(),
            ref("cim:Terminal.ConductingEquipment", inverter),
            ref("cim:Terminal.ConnectivityNode", node),
            text("cim:ACDCTerminal.sequenceNumber", 1),
            enum("cim:Terminal.phases", f"PhaseCode.{phases}"),
        )

    def _panels(self, name: str, held: str, inverter: str, peak_w: int) -> None:
        mrid = self._chance.mrid()
        self._eq.define(
            "cim:PhotoVoltaicUnit",
            mrid,
            named(f"Panels {name}"),
            held,
            ref("cim:PowerElectronicsUnit.PowerElectronicsConnection", inverter),
            text("cim:PowerElectronicsUnit.maxP", f"{peak_w / 1e6:.6f}"),
            text("cim:PowerElectronicsUnit.minP", 0),
        )
        self._ssh.extend("cim:PhotoVoltaicUnit", mrid, _IN_SERVICE)
