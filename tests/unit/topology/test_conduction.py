"""How terminals become edges between equipment and nodes."""

from __future__ import annotations

from graph_service.domain.traces import TraceKind
from graph_service.topology.conduction import conduction
from tests.building import part
from tests.drawing import Drawing, draw
from tests.unit.topology.asking import names

CONNECTED = TraceKind.CONNECTED


def test_terminal__with_both_nodes_joins_the_connectivity_node_only() -> None:
    bus = part("T", "TopologicalNode")
    both = part("l1.1", "", links={"Terminal.TopologicalNode": "T"})
    drawing = draw("B1 -l1- B2", bus, both)
    assert _edges(drawing) == {("l1", "B1", "l1.1"), ("l1", "B2", "l1.2")}


def test_terminal__of_a_bus_branch_model_joins_the_topological_node() -> None:
    bus = part("T", "TopologicalNode")
    links = {"Terminal.ConductingEquipment": "l", "Terminal.TopologicalNode": "T"}
    drawing = Drawing([bus, part("l", "ACLineSegment"), part("l.1", "Terminal", links=links)])
    assert _edges(drawing) == {("l", "T", "l.1")}


def test_terminal__whose_connectivity_node_is_missing_joins_the_topological_one() -> None:
    bus = part("T", "TopologicalNode")
    also = part("l1.2", "", links={"Terminal.TopologicalNode": "T"})
    drawing = draw("B1 -l1.- B2", bus, also)
    assert ("l1", "T", "l1.2") in _edges(drawing)


def test_border__where_a_bus_branch_model_meets_a_node_breaker_one_joins_both() -> None:
    summed = part("B2", "ConnectivityNode", links={"ConnectivityNode.TopologicalNode": "T"})
    links = {"Terminal.ConductingEquipment": "l2", "Terminal.TopologicalNode": "T"}
    there = [part("T", "TopologicalNode"), part("l2", "ACLineSegment")]
    drawing = draw("B1 -l1- B2 -l3- B4", *there, part("l2.1", "Terminal", links=links))
    drawing = Drawing([*(p for p in drawing.parts if p.mrid != "B2"), summed])
    assert names(drawing, "l2", CONNECTED) == {"l2", "B2", "l1", "B1", "l3", "B4"}
    assert names(drawing, "T", CONNECTED) == names(drawing, "B2", CONNECTED)


def test_topological_node__that_sums_up_several_nodes_joins_none_of_them() -> None:
    summed = [
        part(node, "ConnectivityNode", links={"ConnectivityNode.TopologicalNode": "T"})
        for node in ("B2", "B3")
    ]
    links = {"Terminal.ConductingEquipment": "l2", "Terminal.TopologicalNode": "T"}
    there = [part("T", "TopologicalNode"), part("l2", "ACLineSegment")]
    drawing = draw("B1 -l1- B2", *there, part("l2.1", "Terminal", links=links))
    drawing = Drawing([*(p for p in drawing.parts if p.mrid != "B2"), *summed])
    assert names(drawing, "l2", CONNECTED) == {"l2", "T"}


def test_association__written_from_its_other_end_counts_the_same() -> None:
    parts = [
        part("l", "ACLineSegment", links={"ConductingEquipment.Terminals": "l.1"}),
        part("B", "ConnectivityNode", links={"ConnectivityNode.Terminals": "l.1"}),
        part("l.1", "Terminal"),
    ]
    assert _edges(Drawing(parts)) == {("l", "B", "l.1")}


def test_clamp__joins_its_line_without_a_terminal_in_between() -> None:
    clamp = part("c", "Clamp", links={"Clamp.ACLineSegment": "l1"})
    assert ("c", "l1", "") in _edges(draw("B1 -l1- B2", clamp))


def test_converter__joins_its_alternating_and_its_direct_side() -> None:
    parts = [
        part("conv", "CsConverter"),
        part("ac", "ConnectivityNode"),
        part("dc", "DCNode"),
        part("conv.1", "Terminal", links=_at("conv", "ac")),
        part(
            "conv.2",
            "ACDCConverterDCTerminal",
            links={
                "ACDCConverterDCTerminal.DCConductingEquipment": "conv",
                "DCBaseTerminal.DCNode": "dc",
            },
        ),
    ]
    assert names(Drawing(parts), "ac", CONNECTED) == {"ac", "conv", "dc"}


def test_supplies__in_a_ring_are_left_out() -> None:
    ring = [
        part("u1", "UsagePoint", links={"UsagePoint.Equipments": "u2"}),
        part("u2", "UsagePoint", links={"UsagePoint.Equipments": "u1"}),
    ]
    drawing = draw("S1 -l1- M2", *ring)
    assert names(drawing, "u1", CONNECTED) == {"u1"}
    assert "M2" in names(drawing, "S1", CONNECTED)


def test_supply__written_in_the_singular_as_some_tools_do_counts() -> None:
    drawing = draw(
        "S1 -l1- L2",
        part("u", "UsagePoint"),
        part("L2", "", links={"Equipment.UsagePoint": "u"}),
    )
    assert "u" in names(drawing, "S1", TraceKind.DOWNSTREAM)


def _edges(drawing: Drawing) -> set[tuple[str, str, str]]:
    network, numbers = conduction(drawing.projection), drawing.projection.numbers
    ends = (drawing.names(numbers[side]) for side in (network.left, network.right))
    terminals = [
        drawing.name(int(numbers[terminal])) if terminal >= 0 else ""
        for terminal in network.terminals.tolist()
    ]
    return set(zip(*ends, terminals, strict=True))


def _at(equipment: str, node: str) -> dict[str, str]:
    return {"Terminal.ConductingEquipment": equipment, "Terminal.ConnectivityNode": node}
