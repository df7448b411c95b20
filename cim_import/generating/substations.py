"""HV/MV substations: supply, two transformers, two busbar sections, and the feeders that leave.

By design the coupler between the sections is open and every ring is opened once, so the network
is radial; in the present state the first ring that is long enough is opened one station further.
"""

from __future__ import annotations

from dataclasses import dataclass

from cim_import.generating.catalogue import (
    BRANCH_CABLE,
    HIGH_KV,
    MEDIUM_KV,
    PRIMARY,
    RING_CABLE,
    CableType,
    transformer_for,
)
from cim_import.generating.chain import Chain, leaving_switch
from cim_import.generating.geography import Place, between
from cim_import.generating.model_file import ref, text
from cim_import.generating.network import THREE_WIRES
from cim_import.generating.ownership import JOINT_SHARES, Roles
from cim_import.generating.plan import RingPlan, StationPlan, SubstationPlan
from cim_import.generating.row import Head, Named, Row
from cim_import.generating.stations import Bay, write_station
from cim_import.generating.words import TOWN
from cim_import.generating.writers import Writers

_EXPECTED_W_PER_METER = 900


@dataclass(frozen=True, slots=True)
class Yard:
    """A substation as its feeders see it: the busbar sections A and B, and the remote unit."""

    station: str
    label: str
    place: Place
    voltage_level: str
    sections: tuple[str, str]
    remote_unit: str


def write_substation(w: Writers, plan: SubstationPlan) -> None:
    """Write a substation and all that its feeders supply."""
    yard = _write_yard(w, plan)
    for ring in plan.rings:
        _write_ring(w, yard, ring)
    if plan.factories:
        _write_branch(w, yard, plan.factories)


def _write_yard(w: Writers, plan: SubstationPlan) -> Yard:
    net, label = w.network, f"{TOWN} {plan.number}"
    station = net.new("cim:Substation", label, ref("cim:Substation.Region", w.region))
    net.places.location(label, station, (plan.place,))
    high, medium = net.voltage_level(station, HIGH_KV), net.voltage_level(station, MEDIUM_KV)
    supply = net.node(f"{label} 110 kV bus", high)
    net.busbar("cim:BusbarSection", "110 kV bus", high, supply, THREE_WIRES)
    net.source(f"Supply {label}", high, supply, plan.meters * _EXPECTED_W_PER_METER)
    sections = (net.node(f"{label} section A", medium), net.node(f"{label} section B", medium))
    for letter, section in zip("AB", sections, strict=True):
        net.busbar("cim:BusbarSection", f"Section {letter}", medium, section, THREE_WIRES)
        _write_transformer(w, plan, letter, (station, high, medium), (supply, section))
    net.switch("cim:Breaker", "Coupler", medium, sections, 2000, normally_open=True)
    w.ownership.asset(f"Substation {label}", (station,), w.ownership.network)
    unit = w.communication.remote_unit(f"RTU {label}")
    link = w.communication.remote_link(f"Fibre {label}", unit)
    w.ownership.asset(f"RTU {label}", (unit, link), w.ownership.network)
    if plan.number == 1:
        w.readings.weather(station)
    w.routine.substation(Named(station, label), Named(unit, f"RTU {label}"))
    return Yard(station, label, plan.place, medium, sections, unit)


def _write_transformer(
    w: Writers,
    plan: SubstationPlan,
    letter: str,
    places: tuple[str, str, str],
    nodes: tuple[str, str],
) -> None:
    """One of the two transformers, from the high-voltage bus to its section."""
    net, (station, high, medium) = w.network, places
    number = "AB".index(letter) + 1
    name = f"{TOWN} {plan.number} transformer {number}"
    over, under = net.node(f"{name} high side", high), net.node(f"{name} low side", medium)
    net.switch("cim:Breaker", f"Transformer {number} 110 kV", high, (nodes[0], over), 1250)
    kind = transformer_for(plan.meters * _EXPECTED_W_PER_METER, PRIMARY)
    transformer, end = net.transformer(name, station, (over, under), kind)
    net.tap_changer(f"{name} tap changer", end, HIGH_KV)
    net.switch("cim:Breaker", f"Transformer {number} 20 kV", medium, (under, nodes[1]), 2000)
    w.ownership.joint_asset(name, transformer, JOINT_SHARES)


def _write_head(w: Writers, yard: Yard, section: int, roles: Roles, remark: str = "") -> Head:
    """A feeder with its breaker, the signal of its position, and its owner."""
    w.numbers.feeders += 1
    name = f"Feeder {w.numbers.feeders}"
    feeder = w.network.new(
        "cim:Feeder",
        name,
        text("cim:IdentifiedObject.description", remark) if remark else "",
        ref("cim:Feeder.NormalEnergizingSubstation", yard.station),
    )
    node = w.network.node(f"{name} head", feeder)
    breaker = w.network.switch(
        "cim:Breaker",
        f"{name} breaker",
        yard.voltage_level,
        (yard.sections[section], node),
        630,
        head_of=feeder,
    )
    w.ownership.asset(f"{name} cables", (feeder,), roles)
    signal = f"{name} breaker position"
    w.communication.measured("Discrete", signal, "SwitchPosition", breaker, yard.remote_unit)
    return Head(feeder, name, node, Named(breaker, f"{name} breaker"))


def _write_ring(w: Writers, yard: Yard, ring: RingPlan) -> None:
    roles = w.ownership.network
    near, far = _write_head(w, yard, 0, roles), _write_head(w, yard, 1, roles)
    opened = ring.open_after
    moved = not w.numbers.switched_over and opened + 1 < len(ring.stations)
    w.numbers.switched_over = w.numbers.switched_over or moved
    row = Row(Named(yard.station, yard.label), w.region, (near, far))
    open_now = leaving_switch(opened + moved)
    plan = w.storm.plan(near, Chain(len(ring.stations), True), (open_now,))
    node, place = near.node, yard.place
    for index, station in enumerate(ring.stations):
        head = near if index <= opened else far
        arriving = _cable(w, row, head, (node, place), station.place, RING_CABLE)
        leaving = w.network.node(f"{head.name} out {index + 1}", head.feeder)
        bay = Bay(
            head.feeder,
            arriving,
            leaving,
            roles,
            leaving_normally_open=index == opened,
            leaving_open_now=_now_open(moved, index, opened),
            cut_off=plan.outages.get(index, ()) if plan else (),
        )
        row.stations.append(write_station(w, station, bay))
        node, place = leaving, station.place
    _cable(w, row, far, (node, place), yard.place, RING_CABLE, far.node)
    if plan:
        w.storm.tell(plan, row)


def _now_open(moved: bool, index: int, opened: int) -> bool | None:
    """The present state of a leaving switch where the open point was moved on by one station."""
    if not moved or index not in (opened, opened + 1):
        return None
    return index == opened + 1


def _write_branch(w: Writers, yard: Yard, factories: tuple[StationPlan, ...]) -> None:
    roles = w.ownership.estate
    head = _write_head(w, yard, 1, roles, "Industrial estate")
    row = Row(Named(yard.station, yard.label), w.region, (head,))
    plan = w.storm.plan(head, Chain(len(factories), False), ())
    node, place = head.node, yard.place
    for index, station in enumerate(factories):
        arriving = _cable(w, row, head, (node, place), station.place, BRANCH_CABLE)
        last = index == len(factories) - 1
        leaving = "" if last else w.network.node(f"{head.name} out {index + 1}", head.feeder)
        cut_off = plan.outages.get(index, ()) if plan else ()
        bay = Bay(head.feeder, arriving, leaving, roles, industrial=True, cut_off=cut_off)
        row.stations.append(write_station(w, station, bay))
        node, place = leaving, station.place
    if plan:
        w.storm.tell(plan, row)


def _cable(
    w: Writers,
    row: Row,
    head: Head,
    start: tuple[str, Place],
    place: Place,
    kind: CableType,
    arriving: str = "",
) -> str:
    """The next stretch of medium-voltage cable of a row, with one bend; gives the node where it
    arrives."""
    node = arriving or w.network.node(f"{head.name} in {w.numbers.stations + 1}", head.feeder)
    bend = between(start[1], place, 0.3 + 0.4 * w.chance.fraction(), w.chance.between(-35, 35))
    name = f"{head.name} cable {w.numbers.stations + 1}"
    way = (start[1], bend, place)
    ends = (start[0], node)
    mrid = w.network.cable(name, head.feeder, ends, way, kind, MEDIUM_KV, THREE_WIRES)
    row.cables.append(Named(mrid, name))
    return node
