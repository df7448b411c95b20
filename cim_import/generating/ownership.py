"""Who owns, runs and maintains the town: organisations, their roles, assets and shares.

The network company owns nearly everything; Harbour Estate Energy owns the industrial feeders with
their stations; the transformers of the substations belong to the network company and the
transmission company in common; Beacon Metering Networks owns gateways, SIM cards and cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cim_import.generating.chance import Chance
from cim_import.generating.model_file import ModelFile, named, ref, text
from cim_import.generating.words import TOWN

NETWORK_COMPANY = f"{TOWN} Grid Company"
ESTATE = "Harbour Estate Energy"
TRANSMISSION = "Ridgeway Transmission"
DATA_COMPANY = "Beacon Metering Networks"
MAINTENANCE = "Northway Field Services"
SUPPLIERS = ("Brightwater Energy", "Commons Power", "Larkfield Electric")
JOINT_SHARES = {NETWORK_COMPANY: 70, TRANSMISSION: 30}
"""owner of a substation's transformers → per cent"""

Roles = tuple[str, ...]
"""mRIDs of the roles that organisations have for an asset."""


class OwnershipWriter:
    """Writes organisations and assets into the ownership file."""

    def __init__(self, ow: ModelFile, chance: Chance):
        self._ow, self._chance = ow, chance
        names = (NETWORK_COMPANY, ESTATE, TRANSMISSION, DATA_COMPANY, MAINTENANCE, *SUPPLIERS)
        self.organisations = {name: self._new("cim:Organisation", name) for name in names}
        owners = (NETWORK_COMPANY, ESTATE, TRANSMISSION, DATA_COMPANY)
        self.owner = {name: self._role("cim:AssetOwner", name, "owner") for name in owners}
        self._operator = self._role("cim:AssetUser", NETWORK_COMPANY, "operator")
        self._maintainer = self._role("cim:Maintainer", MAINTENANCE, "maintainer")
        self.suppliers = tuple(
            self._role("cim:ServiceSupplier", name, "supplier") for name in SUPPLIERS
        )

    @property
    def network(self) -> Roles:
        """The roles of what the network company owns."""
        return (self.owner[NETWORK_COMPANY], self._operator, self._maintainer)

    @property
    def estate(self) -> Roles:
        """The roles of what the industrial estate owns; the network company runs it."""
        return (self.owner[ESTATE], self._operator, self._maintainer)

    @property
    def data(self) -> Roles:
        """The roles of what carries the data."""
        return (self.owner[DATA_COMPANY],)

    def asset(self, name: str, resources: Sequence[str], roles: Roles, serial: str = "") -> str:
        """The asset behind one or several power system resources."""
        return self._new(
            "cim:Asset",
            name,
            text("cim:Asset.serialNumber", serial) if serial else "",
            *(ref("cim:Asset.PowerSystemResources", mrid) for mrid in resources),
            *(ref("cim:Asset.OrganisationRoles", role) for role in roles),
        )

    def joint_asset(self, name: str, resource: str, shares: Mapping[str, int]) -> None:
        """An asset of several owners: name of the organisation → share in per cent."""
        roles = (*(self.owner[owner] for owner in shares), self._operator, self._maintainer)
        asset = self.asset(name, (resource,), roles)
        for owner, per_cent in shares.items():
            self._new(
                "cim:Ownership",
                f"{owner}: {name}",
                ref("cim:Ownership.Asset", asset),
                ref("cim:Ownership.AssetOwner", self.owner[owner]),
                text("cim:Ownership.share", per_cent),
            )

    def device(self, kind: str, mrid: str, roles: Roles) -> None:
        """Give owners to an asset that the communication file defines."""
        self._ow.extend(kind, mrid, *(ref("cim:Asset.OrganisationRoles", role) for role in roles))

    def _role(self, kind: str, organisation: str, role: str) -> str:
        return self._new(
            kind,
            f"{organisation}, {role}",
            ref("cim:OrganisationRole.Organisation", self.organisations[organisation]),
        )

    def _new(self, kind: str, name: str, *properties: str) -> str:
        mrid = self._chance.mrid()
        self._ow.define(kind, mrid, named(name), *properties)
        return mrid
