"""MV/LV stations: ring main unit, transformer, low-voltage board, gateways, and who owns them."""

from __future__ import annotations

from dataclasses import dataclass

from cim_import.generating.catalogue import (
    LOW_KV,
    MEDIUM_KV,
    SECONDARY,
    THICK_SERVICE_CABLE,
    transformer_for,
)
from cim_import.generating.customers import FACTORY, Metered, draw_customer
from cim_import.generating.geography import heading
from cim_import.generating.model_file import ref
from cim_import.generating.network import FOUR_WIRES, THREE_WIRES
from cim_import.generating.ownership import Roles
from cim_import.generating.plan import StationPlan
from cim_import.generating.readings import Load
from cim_import.generating.row import NOTHING, Named, Station
from cim_import.generating.storm_plan import Interval
from cim_import.generating.streets import Board, write_streets
from cim_import.generating.writers import Writers

STATIONS_PER_CELL = 6
METERS_PER_GATEWAY = 120
_EXPECTED_VA_PER_METER = 1_500
_EXPECTED_VA_PER_FACTORY = 90_000
_CELLULAR_PER_MILLE = 30
_FIBRE_PER_MILLE = 120


@dataclass(frozen=True, slots=True)
class Bay:
    """How a station stands in its feeder: the node the cable arrives at, the node it leaves from
    (empty at the end of a branch), the states of both switches, the feeder itself, and when the
    station has no supply on the last day."""

    feeder: str
    arriving: str
    leaving: str
    roles: Roles
    industrial: bool = False
    leaving_normally_open: bool = False
    leaving_open_now: bool | None = None
    arriving_open_now: bool | None = None
    cut_off: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class _Inside:
    """What stands in a station: the low-voltage board, the transformer, the switches of the ring
    (the leaving one `NOTHING` where there is none)."""

    board: Board
    transformer: str
    arriving: Named
    leaving: Named


def write_station(w: Writers, plan: StationPlan, bay: Bay) -> Station:
    """Write a station with everything behind it."""
    w.numbers.stations += 1
    label = f"T-{w.numbers.stations:04d}"
    if w.numbers.stations % STATIONS_PER_CELL == 1:
        w.numbers.cell = w.communication.cell()
        w.ownership.asset("Cell site", (w.numbers.cell,), w.ownership.data)
    station = w.network.new(
        "cim:Substation", f"Station {label}", ref("cim:Substation.Region", w.region)
    )
    location = w.network.places.location(f"Station {label}", station, (plan.place,))
    inside = _write_inside(w, plan, bay, station, label)
    feeders: list[str] = []
    if bay.industrial:
        metered = _write_factories(w, inside.board, plan.meters)
    else:
        metered, feeders = write_streets(w, inside.board, plan.meters)
    w.ownership.asset(f"Building of station {label}", (station, *feeders), bay.roles)
    serial = f"TR{w.chance.between(100_000, 999_999)}"
    w.ownership.asset(f"Transformer {label}", (inside.transformer,), bay.roles, serial)
    gateways = _write_gateways(w, label, location, plan.meters)
    loads = tuple(_connect(w, gateways, number, m) for number, m in enumerate(metered))
    written = Station(
        w.numbers.stations,
        label,
        Named(station, f"Station {label}"),
        inside.transformer,
        inside.arriving,
        inside.leaving,
        tuple(gateways),
        loads,
    )
    w.readings.station(loads, bay.cut_off)
    w.routine.station(written, bay.cut_off)
    w.numbers.count(plan.meters)
    return written


def _write_inside(w: Writers, plan: StationPlan, bay: Bay, station: str, label: str) -> _Inside:
    """Ring main unit, transformer and board."""
    net, medium = w.network, w.network.voltage_level(station, MEDIUM_KV)
    low = net.voltage_level(station, LOW_KV)
    bus, tap = net.node(f"{label} ring bus", medium), net.node(f"{label} tap", medium)
    under, board = net.node(f"{label} low side", low), net.node(f"{label} board", low)
    net.busbar("cim:BusbarSection", f"Ring bus {label}", medium, bus, THREE_WIRES)
    arriving = net.switch(
        "cim:LoadBreakSwitch",
        f"{label} arriving",
        medium,
        (bay.arriving, bus),
        630,
        open_now=bay.arriving_open_now,
        also_in=bay.feeder,
    )
    leaving = ""
    if bay.leaving:
        leaving = net.switch(
            "cim:LoadBreakSwitch",
            f"{label} leaving",
            medium,
            (bus, bay.leaving),
            630,
            normally_open=bay.leaving_normally_open,
            open_now=bay.leaving_open_now,
            also_in=bay.feeder,
        )
    net.switch("cim:Fuse", f"{label} transformer fuse", medium, (bus, tap), 63)
    each = _EXPECTED_VA_PER_FACTORY if bay.industrial else _EXPECTED_VA_PER_METER
    kind = transformer_for(plan.meters * each, SECONDARY)
    transformer, _ = net.transformer(label, station, (tap, under), kind, bay.feeder)
    w.numbers.first_transformer = w.numbers.first_transformer or transformer
    net.switch("cim:Breaker", f"{label} low side", low, (under, board), 1600, phases=FOUR_WIRES)
    net.busbar("cim:BusbarSection", f"Board {label}", low, board, FOUR_WIRES)
    return _Inside(
        Board(station, label, plan.place, low, board),
        transformer,
        Named(arriving, f"{label} arriving"),
        Named(leaving, f"{label} leaving") if leaving else NOTHING,
    )


def _write_factories(w: Writers, board: Board, meters: int) -> list[Metered]:
    """Large customers, each with a fuse and a cable of its own from the board."""
    metered = []
    for number in range(1, meters + 1):
        customer = draw_customer(w.chance, number, FACTORY)
        address = f"{customer.name}, hall {board.number}/{number}"
        place = board.place.towards(heading(number / meters), w.chance.between(40, 90))
        start = w.network.node(f"{board.label}/{number} start", board.voltage_level)
        home = w.network.node(address, board.voltage_level)
        w.network.switch(
            "cim:Fuse",
            f"Fuse {board.label}/{number}",
            board.voltage_level,
            (board.node, start),
            400,
            phases=FOUR_WIRES,
        )
        w.network.cable(
            f"Service {address}",
            board.voltage_level,
            (start, home),
            (board.place, place),
            THICK_SERVICE_CABLE,
            LOW_KV,
        )
        consumer = w.network.consumer(
            address, board.voltage_level, home, customer.phases, customer.mean_w
        )
        location = w.customers.service_location(address)
        w.network.places.service_location(location, place)
        solar_w = w.solar.roof(customer, address, board.voltage_level, home)
        metered.append(w.customers.customer(customer, address, location, consumer, solar_w))
    return metered


def _write_gateways(w: Writers, label: str, location: str, meters: int) -> list[Named]:
    gateways = []
    for number in range(1, -(-meters // METERS_PER_GATEWAY) + 1):
        name = f"Gateway {label}/{number}"
        gateway = w.communication.gateway(name, f"GW{label[2:]}{number}", location)
        w.ownership.device("gs:Gateway", gateway, w.ownership.data)
        if w.chance.happens(_FIBRE_PER_MILLE):
            link = w.communication.fibre(f"Fibre {label}/{number}", gateway)
            w.ownership.asset(f"Fibre {label}/{number}", (link,), w.ownership.data)
        else:
            card = w.communication.gateway_card(gateway, w.numbers.cell)
            w.ownership.device("gs:SimCard", card, w.ownership.data)
        gateways.append(Named(gateway, name))
    return gateways


def _connect(w: Writers, gateways: list[Named], number: int, metered: Metered) -> Load:
    """Give a meter its module; says which of the gateways it talks through, -1 for none."""
    name = f"Module {metered.meter_name}"
    if w.chance.happens(_CELLULAR_PER_MILLE):
        _, card = w.communication.cellular_module(metered.meter, name, w.numbers.cell)
        w.ownership.device("gs:SimCard", card, w.ownership.data)
        return Load(metered, -1)
    gateway = number // METERS_PER_GATEWAY
    w.communication.power_line_module(metered.meter, name, gateways[gateway].mrid)
    return Load(metered, gateway)
