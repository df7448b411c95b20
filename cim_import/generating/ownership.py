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
        self._organisations: dict[str, str] = {}
        self._roles: dict[tuple[str, str], str] = {}

    @property
    def network(self) -> Roles:
        """The roles of what the network company owns."""
        return self.roles(NETWORK_COMPANY, NETWORK_COMPANY)

    @property
    def estate(self) -> Roles:
        """The roles of what the industrial estate owns; the network company runs it."""
        return self.roles(ESTATE, NETWORK_COMPANY)

    @property
    def data(self) -> Roles:
        """The roles of what carries the data."""
        return (self._role("cim:AssetOwner", DATA_COMPANY, "owner"),)

    @property
    def suppliers(self) -> tuple[str, ...]:
        """Those who sell energy to customers."""
        return tuple(self._role("cim:ServiceSupplier", name, "supplier") for name in SUPPLIERS)

    def roles(self, owner: str, operator: str) -> Roles:
        """Owner, operator and maintainer, by the names of the first two organisations."""
        return (
            self._role("cim:AssetOwner", owner, "owner"),
            self._role("cim:AssetUser", operator, "operator"),
            self._role("cim:Maintainer", MAINTENANCE, "maintainer"),
        )

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
        owners = {owner: self._role("cim:AssetOwner", owner, "owner") for owner in shares}
        asset = self.asset(name, (resource,), (*owners.values(), *self.network[1:]))
        for owner, per_cent in shares.items():
            self._new(
                "cim:Ownership",
                f"{owner}: {name}",
                ref("cim:Ownership.Asset", asset),
                ref("cim:Ownership.AssetOwner", owners[owner]),
                text("cim:Ownership.share", per_cent),
            )

    def device(self, kind: str, mrid: str, roles: Roles) -> None:
        """Give owners to an asset that the communication file defines."""
        self._ow.extend(kind, mrid, *(ref("cim:Asset.OrganisationRoles", role) for role in roles))

    def _role(self, kind: str, organisation: str, word: str) -> str:
        """The role an organisation has, written when it is first needed."""
        if (kind, organisation) not in self._roles:
            self._roles[kind, organisation] = self._new(
                kind,
                f"{organisation}, {word}",
                ref("cim:OrganisationRole.Organisation", self._organisation(organisation)),
            )
        return self._roles[kind, organisation]

    def _organisation(self, name: str) -> str:
        if name not in self._organisations:
            self._organisations[name] = self._new("cim:Organisation", name)
        return self._organisations[name]

    def _new(self, kind: str, name: str, *properties: str) -> str:
        mrid = self._chance.mrid()
        self._ow.define(kind, mrid, named(name), *properties)
        return mrid
