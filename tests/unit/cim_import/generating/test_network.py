"""The electrical side of a town: radial by design, plausible in its values and places."""

from math import cos, dist, radians

import networkx as nx
import pytest

from tests.deliveries import Delivery, Thing

SWITCHES = ("cim:Breaker", "cim:LoadBreakSwitch", "cim:Fuse")
CARRIERS = (*SWITCHES, "cim:ACLineSegment", "cim:PowerTransformer")


def nodes_of(town: Delivery) -> dict[str, list[str]]:
    """Equipment → its nodes, in the order of its terminals."""
    found: dict[str, list[str]] = {}
    terminals = town.of("cim:Terminal")
    for terminal in sorted(terminals, key=lambda t: t.value("cim:ACDCTerminal.sequenceNumber")):
        (equipment,) = terminal.to("cim:Terminal.ConductingEquipment")
        found.setdefault(equipment, []).extend(terminal.to("cim:Terminal.ConnectivityNode"))
    return found


def closed_network(town: Delivery, state: str) -> nx.MultiGraph:
    """Nodes and the equipment that joins them, open switches left out."""
    graph, nodes = nx.MultiGraph(), nodes_of(town)
    for thing in town.of(*CARRIERS):
        first, second = nodes[thing.mrid]
        graph.add_nodes_from((first, second))
        if thing.kind not in SWITCHES or thing.value(state) == "false":
            graph.add_edge(first, second, key=thing.mrid)
    return graph


def points_of(town: Delivery, resource: str) -> list[tuple[float, float]]:
    """The places of a resource in metres, by the longitude and latitude in the files."""
    (location,) = [
        t for t in town.of("cim:Location") if resource in t.to("cim:Location.PowerSystemResources")
    ]
    points = [
        p
        for p in town.of("cim:PositionPoint")
        if location.mrid in p.to("cim:PositionPoint.Location")
    ]
    points.sort(key=lambda p: int(p.value("cim:PositionPoint.sequenceNumber")))
    return [in_metres(point) for point in points]


def in_metres(point: Thing) -> tuple[float, float]:
    longitude = float(point.value("cim:PositionPoint.xPosition"))
    latitude = float(point.value("cim:PositionPoint.yPosition"))
    return longitude * 111_195 * cos(radians(53)), latitude * 111_195


@pytest.mark.parametrize("state", ["cim:Switch.normalOpen", "cim:Switch.open"])
def test_network__is_a_tree_that_reaches_every_consumer(town: Delivery, state: str):
    graph, nodes = closed_network(town, state), nodes_of(town)
    (source,) = town.of("cim:EnergySource")
    fed = graph.subgraph(nx.node_connected_component(graph, nodes[source.mrid][0]))
    assert nx.is_tree(fed)
    assert {nodes[c.mrid][0] for c in town.of("cim:EnergyConsumer")} <= set(fed)


def test_network__without_open_points_has_rings(town: Delivery):
    nodes = nodes_of(town)
    graph = nx.Graph(nodes[thing.mrid] for thing in town.of(*CARRIERS))
    open_points = [s for s in town.of(*SWITCHES) if s.value("cim:Switch.normalOpen") == "true"]
    assert len(nx.cycle_basis(graph)) == len(open_points) == 2  # one ring and the coupler


def test_network__present_state_opens_the_first_ring_elsewhere(town: Delivery):
    moved = [
        switch.kind
        for switch in town.of(*SWITCHES)
        if switch.value("cim:Switch.normalOpen") != switch.value("cim:Switch.open")
    ]
    assert moved == ["cim:LoadBreakSwitch"] * 2


def test_network__every_meter_has_one_way_to_one_consumer(town: Delivery):
    points = [t.to("cim:EndDevice.UsagePoint") for t in town.of("cim:Meter")]
    consumers = [t.to("cim:UsagePoint.Equipments") for t in town.of("cim:UsagePoint")]
    assert sorted(points) == sorted([t.mrid] for t in town.of("cim:UsagePoint"))
    assert sorted(consumers) == sorted([t.mrid] for t in town.of("cim:EnergyConsumer"))


def test_network__single_phase_customers_spread_over_the_phases(town: Delivery):
    codes = [
        t.value("cim:UsagePoint.phaseCode").rpartition(".")[2] for t in town.of("cim:UsagePoint")
    ]
    single = [codes.count(code) for code in ("AN", "BN", "CN")]
    assert codes.count("ABCN") > 50
    assert max(single) < 1.5 * min(single)


def test_network__phases_of_usage_point_and_consumer_agree(town: Delivery):
    phases = {
        equipment: terminal.value("cim:Terminal.phases")
        for terminal in town.of("cim:Terminal")
        for equipment in terminal.to("cim:Terminal.ConductingEquipment")
    }
    for point in town.of("cim:UsagePoint"):
        (consumer,) = point.to("cim:UsagePoint.Equipments")
        assert phases[consumer] == point.value("cim:UsagePoint.phaseCode")


def test_network__cable_lengths_follow_their_positions(town: Delivery):
    for cable in town.of("cim:ACLineSegment")[::7]:
        points = points_of(town, cable.mrid)
        way = sum(map(dist, points[:-1], points[1:]))
        length_m = float(cable.value("cim:Conductor.length")) * 1000
        assert length_m == pytest.approx(way, abs=1.5, rel=0.01)


def test_network__cables_and_transformers_have_limits(town: Delivery):
    terminals = {
        t.mrid: t.to("cim:Terminal.ConductingEquipment")[0] for t in town.of("cim:Terminal")
    }
    limited = set()
    for limits in town.of("cim:OperationalLimitSet"):
        limited |= {terminals[t] for t in limits.to("cim:OperationalLimitSet.Terminal")}
        limited |= set(limits.to("cim:OperationalLimitSet.Equipment"))
    assert limited == {t.mrid for t in town.of("cim:ACLineSegment", "cim:PowerTransformer")}


def test_network__transformers_have_two_ends_with_ratings(town: Delivery):
    rated: dict[str, list[float]] = {}
    for end in town.of("cim:PowerTransformerEnd"):
        (transformer,) = end.to("cim:PowerTransformerEnd.PowerTransformer")
        rated.setdefault(transformer, []).append(float(end.value("cim:PowerTransformerEnd.ratedU")))
    assert {tuple(sorted(voltages)) for voltages in rated.values()} == {(20, 110), (0.4, 20)}
    assert len(rated) == len(town.of("cim:PowerTransformer"))


def test_network__every_feeder_has_one_head_terminal(town: Delivery):
    heads = [f for t in town.of("cim:Terminal") for f in t.to("cim:Terminal.NormalHeadFeeder")]
    assert sorted(heads) == sorted(feeder.mrid for feeder in town.of("cim:Feeder"))
