"""Low voltage: from the board of a station along streets, by cabinets and service lines, home."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cim_import.generating import words
from cim_import.generating.catalogue import (
    LOW_KV,
    SERVICE_CABLE,
    STREET_CABLE,
    THICK_SERVICE_CABLE,
)
from cim_import.generating.customers import Customer, Metered, draw_customer
from cim_import.generating.geography import Heading, Place, heading
from cim_import.generating.model_file import ref
from cim_import.generating.network import FOUR_WIRES
from cim_import.generating.writers import Writers

METERS_PER_STREET = 28
_METERS_PER_CABINET = 8
_FLATS_PER_MILLE = 130
_THICK_CABLE_FROM_W = 12_000


@dataclass(slots=True)
class Board:
    """The low-voltage side of a station, from which streets leave."""

    station: str
    label: str
    place: Place
    voltage_level: str
    node: str
    cabinets: int = 0

    @property
    def number(self) -> str:
        """The number of the station without leading zeros, for the names of its cabinets."""
        return self.label.removeprefix("T-").lstrip("0")


@dataclass(frozen=True, slots=True)
class Building:
    """Customers behind one service line."""

    number: int
    customers: tuple[Customer, ...]


def write_streets(w: Writers, board: Board, meters: int) -> tuple[list[Metered], list[str]]:
    """Write the streets of a station; gives what is metered there and the feeders."""
    streets = -(-meters // METERS_PER_STREET)
    start = w.chance.fraction()
    metered: list[Metered] = []
    feeders: list[str] = []
    for number in range(streets):
        share = meters * (number + 1) // streets - meters * number // streets
        ahead = heading(start + (number + 0.5 * w.chance.fraction()) / streets)
        feeders.append(_write_street(w, board, number + 1, ahead, share, metered))
    return metered, feeders


def _write_street(
    w: Writers, board: Board, number: int, ahead: Heading, meters: int, metered: list[Metered]
) -> str:
    label = f"{board.label}/{number}"
    feeder = w.network.new(
        "cim:Feeder",
        f"Feeder {label}",
        ref("cim:Feeder.NormalEnergizingSubstation", board.station),
    )
    node = w.network.node(f"{label} start", feeder)
    w.network.switch(
        "cim:Fuse",
        f"Fuse {label}",
        board.voltage_level,
        (board.node, node),
        250,
        phases=FOUR_WIRES,
        head_of=feeder,
    )
    street = f"{w.chance.pick(words.STREET_FIRST)} {w.chance.pick(words.STREET_LAST)}"
    place, buildings = board.place, _draw_buildings(w, meters, len(metered))
    for group in _grouped(buildings):
        board.cabinets += 1
        name = f"Cabinet {board.number}/{board.cabinets}"
        ahead = ahead.turned((w.chance.fraction() - 0.5) * 0.5)
        next_place = place.towards(ahead, w.chance.between(38, 70))
        cabinet = _write_cabinet(w, feeder, name, (node, place), next_place)
        for building in group:
            side = (1 - building.number % 2 * 2) * float(w.chance.between(8, 26))
            home = next_place.towards(ahead, w.chance.between(-24, 24)).towards(ahead.left, side)
            address = f"{building.number} {street}"
            metered += _write_building(w, feeder, building, address, (cabinet, next_place), home)
        node, place = cabinet, next_place
    return feeder


def _write_cabinet(
    w: Writers, feeder: str, name: str, start: tuple[str, Place], place: Place
) -> str:
    """A cabinet and the cable that leads to it; gives its node."""
    node = w.network.node(name, feeder)
    cabinet = w.network.busbar("cim:Junction", name, feeder, node, FOUR_WIRES)
    w.network.places.location(name, cabinet, (place,))
    way = (start[1], place)
    w.network.cable(f"Cable to {name}", feeder, (start[0], node), way, STREET_CABLE, LOW_KV)
    return node


def _write_building(
    w: Writers,
    feeder: str,
    building: Building,
    address: str,
    cabinet: tuple[str, Place],
    place: Place,
) -> Iterator[Metered]:
    """A service line and the customers behind it."""
    node = w.network.node(address, feeder)
    phases = building.customers[0].phases if len(building.customers) == 1 else FOUR_WIRES
    mean_w = sum(customer.mean_w for customer in building.customers)
    w.network.cable(
        f"Service {address}",
        feeder,
        (cabinet[0], node),
        (cabinet[1], place),
        THICK_SERVICE_CABLE if mean_w > _THICK_CABLE_FROM_W else SERVICE_CABLE,
        LOW_KV,
        phases,
    )
    location = w.customers.service_location(address)
    w.network.places.service_location(location, place)
    single = len(building.customers) == 1
    for number, customer in enumerate(building.customers, 1):
        name = address if single else f"{address}, flat {number}"
        consumer = w.network.consumer(name, feeder, node, customer.phases, customer.mean_w)
        solar_w = w.solar.roof(customer, name, feeder, node) if single else 0
        yield w.customers.customer(customer, name, location, consumer, solar_w)


def _draw_buildings(w: Writers, meters: int, before: int) -> Iterator[Building]:
    number, left = 0, meters
    while left:
        flats = min(left, w.chance.between(3, 8)) if w.chance.happens(_FLATS_PER_MILLE) else 1
        number += w.chance.between(1, 2)
        drawn = tuple(draw_customer(w.chance, before + left - n) for n in range(flats))
        yield Building(number, drawn)
        left -= flats


def _grouped(buildings: Iterator[Building]) -> Iterator[list[Building]]:
    """Buildings by cabinet: as many as fill one with customers."""
    group: list[Building] = []
    for building in buildings:
        group.append(building)
        if sum(len(member.customers) for member in group) >= _METERS_PER_CABINET:
            yield group
            group = []
    if group:
        yield group
