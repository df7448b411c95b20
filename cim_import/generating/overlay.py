"""Communication and ownership laid over a model that is already imported.

Written are: a remote unit with a link for every substation, reporting its voltage levels and
breakers; usage points, meters and customers for consumers that have none; a module in every
meter, and gateways with SIM cards that the modules talk through; owners by region or modelling
authority for substations, feeders, lines and equipment outside of them. References point at the
mRIDs of the model, so the files belong into its model set.

Guarantees: the same model and seed give the same bytes, in whatever order the model came in; the
model itself is not changed. Limits: it holds the consumers of the model in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cim_import.generating.chance import Chance
from cim_import.generating.communication import CommunicationWriter
from cim_import.generating.customers import CustomerWriter, draw_customer
from cim_import.generating.model_file import (
    Header,
    ModelFile,
    elements_by_kind,
    enum,
    prepare_directory,
    quoted,
    ref,
    whole_file,
)
from cim_import.generating.ownership import OwnershipWriter
from cim_import.generating.surroundings import Holder, Site, Surroundings, is_equipment
from cim_import.profiles import COMMUNICATION, OWNERSHIP
from graph_service.domain.errors import InvalidCall, UnknownModelSet, UnreadableInput
from graph_service.domain.statements import Document, normalise
from graph_service.ports.graph_store import GraphStore

AUTHORITY: Final = "https://gridstrata.org/overlay"
CREATED: Final = "2026-01-05T00:00:00Z"
METERS_PER_GATEWAY: Final = 60
GATEWAYS_PER_CELL: Final = 6

_FILES: Final = {"OW": (OWNERSHIP,), "CU": (OWNERSHIP,), "CO": (COMMUNICATION,)}
_DEPENDS: Final = {"OW": ("CO",), "CU": ("OW",), "CO": ("CU",)}
_CONTENT: Final = {
    "OW": "organisations, assets and owners",
    "CU": "customers, usage points and meters",
    "CO": "communication",
}
_CELLULAR_PER_MILLE: Final = 60


@dataclass(frozen=True, slots=True)
class OverlaySummary:
    """What was written over which model set; `counts` are the new elements by kind,
    `files` the names of the files and their sizes in bytes."""

    directory: Path
    model_set: str
    counts: Mapping[str, int]
    files: Mapping[str, int]


def generate_overlay(
    store: GraphStore, model_set: str, directory: Path, *, seed: int
) -> OverlaySummary:
    """Write communication, customers and ownership for a model set as three CIM files.

    Import them with the ordinary importer into the same model set.

    Raises:
        UnknownModelSet: there is none of this name.
        InvalidCall: the model set has our communication or ownership already.
        UnreadableInput: the folder holds other files or cannot be written.
    """
    documents = _documents(store, model_set)
    names = {key: f"overlay_{key}.xml" for key in _FILES}
    prepare_directory(directory, names.values())
    headers = _headers(model_set, documents, seed)
    try:
        with ExitStack() as stack:
            files = {
                key: ModelFile(stack.enter_context(whole_file(directory / name)), headers[key])
                for key, name in names.items()
            }
            _Overlay(Surroundings(store, model_set), files, model_set, seed).write()
            for file in files.values():
                file.finish()
    except OSError as error:
        raise UnreadableInput(
            f"the overlay could not be written to {directory}: {error.strerror}",
            subject=str(directory),
            hint="make room, or name a folder that can be written",
        ) from error
    sizes = {name: (directory / name).stat().st_size for name in names.values()}
    return OverlaySummary(directory, model_set, elements_by_kind(files.values()), sizes)


class _Overlay:
    """One overlay in the making."""

    def __init__(
        self, model: Surroundings, files: Mapping[str, ModelFile], model_set: str, seed: int
    ):
        self._model, self._name = model, model_set
        self._chance = Chance(seed, f"{model_set}/overlay")
        self._ownership = OwnershipWriter(files["OW"], Chance(seed, f"{model_set}/ownership"))
        self._customers = CustomerWriter(
            files["CU"], Chance(seed, f"{model_set}/customers"), self._ownership.suppliers
        )
        self._communication = CommunicationWriter(
            files["CO"], Chance(seed, f"{model_set}/communication"), model_set
        )
        self._cell, self._gateways = "", 0

    def write(self) -> None:
        """Write all of it."""
        holders = self._model.holders()
        company = _companies(holders, self._name)
        for holder in (*holders, *self._model.loose_equipment()):
            name = f"{holder.kind} {quoted(holder.name)}"
            owner = company.get(holder.area) or next(iter(company.values()))
            self._ownership.asset(name, (quoted(holder.mrid),), self._ownership.roles(owner, owner))
        first = next(iter(company.values()))
        roles = self._ownership.roles(first, first)
        head_end = self._communication.head_end
        self._ownership.asset(f"Head end {self._name}", (head_end,), roles)
        self._write_remote_units(holders, company)
        self._write_metering()

    def _write_remote_units(self, holders: Sequence[Holder], company: Mapping[str, str]) -> None:
        units: dict[str, str] = {}
        for station in (holder for holder in holders if holder.kind == "Substation"):
            name = quoted(station.name)
            unit = units[station.mrid] = self._communication.remote_unit(f"RTU {name}")
            link = self._communication.remote_link(f"Fibre {name}", unit)
            owner = company.get(station.area) or next(iter(company.values()))
            self._ownership.asset(f"RTU {name}", (unit, link), self._ownership.roles(owner, owner))
        for watched in self._model.watched():
            kind, what = (
                ("Analog", "LineToLineVoltage")
                if watched.kind == "VoltageLevel"
                else ("Discrete", "SwitchPosition")
            )
            name = f"{quoted(watched.name)} {'voltage' if kind == 'Analog' else 'position'}"
            if reporting := units.get(watched.substation):
                self._communication.measured(kind, name, what, quoted(watched.mrid), reporting)

    def _write_metering(self) -> None:
        """Meters where there are none, and for every meter a way to the head end."""
        sites = self._model.sites()
        here = {point: site.place for site in sites for point in site.usage_points}
        meters = [
            (site.place, *self._write_customer(number, site))
            for number, site in enumerate(sites)
            if not site.usage_points
        ]
        meters += [
            (here.get(point.mrid, ""), *self._customers.meter(quoted(point.mrid)))
            for point in self._model.usage_points_without_device()
        ]
        meters += [
            ("", quoted(device.mrid), quoted(device.name or device.mrid))
            for device in self._model.devices_without_module()
        ]
        meters.sort(key=lambda meter: meter[0])
        for _, group in groupby(meters, key=lambda meter: meter[0]):
            for few in _batches(list(group), METERS_PER_GATEWAY):
                self._write_gateway([(meter, name) for _, meter, name in few])

    def _write_customer(self, number: int, site: Site) -> tuple[str, str]:
        """A customer with usage point and meter at a consumer; gives the meter and its name."""
        agreement = self._customers.agreement(draw_customer(self._chance, number))
        point = self._customers.usage_point(
            quoted(site.name),
            quoted(site.mrid),
            enum("cim:UsagePoint.phaseCode", f"PhaseCode.{site.phases}") if site.phases else "",
            ref("cim:UsagePoint.CustomerAgreement", agreement),
        )
        return self._customers.meter(point)

    def _write_gateway(self, meters: Iterable[tuple[str, str]]) -> None:
        self._gateways += 1
        if self._gateways % GATEWAYS_PER_CELL == 1:
            self._cell = self._communication.cell()
            self._ownership.asset("Cell site", (self._cell,), self._ownership.data)
        number = self._gateways
        gateway = self._communication.gateway(f"Gateway {number}", f"GW{number:06d}")
        self._own("gs:Gateway", gateway)
        self._own("gs:SimCard", self._communication.gateway_card(gateway, self._cell))
        for meter, name in meters:
            if self._chance.happens(_CELLULAR_PER_MILLE):
                _, card = self._communication.cellular_module(meter, f"Module {name}", self._cell)
                self._own("gs:SimCard", card)
            else:
                self._communication.power_line_module(meter, f"Module {name}", gateway)

    def _own(self, kind: str, device: str) -> None:
        self._ownership.device(kind, device, self._ownership.data)


def _documents(store: GraphStore, model_set: str) -> list[Document]:
    known = [known.name for known in store.model_sets()]
    if model_set not in known:
        raise UnknownModelSet(model_set, known)
    documents = store.documents(model_set)
    laid = [d.name for d in documents if {COMMUNICATION, OWNERSHIP} & set(d.profiles)]
    if laid:
        raise InvalidCall(
            f"the model set '{model_set}' has communication and ownership already: {laid[0]}",
            subject=model_set,
            hint="lay an overlay over a model that has none",
        )
    return documents


def _headers(model_set: str, documents: Sequence[Document], seed: int) -> dict[str, Header]:
    chance = Chance(seed, f"{model_set}/headers")
    ids = {key: chance.mrid() for key in _FILES}
    equipment = tuple(
        quoted(normalise(document.model_id))
        for document in documents
        if document.model_id and is_equipment(document.profiles)
    )
    return {
        key: Header(
            ids[key],
            profiles,
            (*equipment, *(ids[other] for other in _DEPENDS[key])),
            CREATED,
            f"Overlay of {model_set}, seed {seed}: {_CONTENT[key]}. Invented.",
            AUTHORITY,
        )
        for key, profiles in _FILES.items()
    }


def _companies(holders: Sequence[Holder], model_set: str) -> dict[str, str]:
    """area → the name of the network company there; one company where no area is said."""
    areas = sorted({holder.area for holder in holders if holder.area})
    names = {area: f"{quoted(_short(area))} Grid" for area in areas}
    return names or {"": f"{model_set} Grid"}


def _short(area: str) -> str:
    """`http://elia.be/CGMES` → `elia.be`; other names as they are."""
    return urlsplit(area).hostname or area


def _batches(
    of: Sequence[tuple[str, str, str]], size: int
) -> Iterator[Sequence[tuple[str, str, str]]]:
    for first in range(0, len(of), size):
        yield of[first : first + size]
