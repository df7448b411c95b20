"""Where traces begin when they are asked from terminals, containers and bus-branch nodes."""

from __future__ import annotations

from graph_service.domain.layers import Layer
from graph_service.domain.traces import TraceKind
from tests.building import part
from tests.drawing import draw
from tests.unit.topology.asking import names, steps

DOWNSTREAM = TraceKind.DOWNSTREAM
HELD = {"Equipment.EquipmentContainer": "VL"}


def test_terminal__means_its_equipment() -> None:
    drawing = draw("S1 -l1- L2")
    assert steps(drawing, "l1.1", DOWNSTREAM) == steps(drawing, "l1", DOWNSTREAM)


def test_container__means_all_equipment_in_it_through_containers() -> None:
    drawing = draw(
        "S1 -l1- B2 -l2- B3 -l3- L4",
        part("ST", "Substation"),
        part("VL", "VoltageLevel", links={"VoltageLevel.Substation": "ST"}),
        part("l1", "", links=HELD),
        part("l2", "", links=HELD),
    )
    assert steps(drawing, "ST", DOWNSTREAM)[:3] == ["l1 0", "l2 0", "B2 1"]
    assert "L4" in names(drawing, "ST", DOWNSTREAM)


def test_container__written_from_its_own_side_counts_the_same() -> None:
    line = part("LINE", "Line", links={"EquipmentContainer.Equipments": "l2"})
    drawing = draw("S1 -l1- B2 -l2- L3", line)
    assert steps(drawing, "LINE", DOWNSTREAM)[0] == "l2 0"


def test_station__does_not_hold_the_feeders_it_feeds() -> None:
    drawing = draw(
        "S1 -l1- L2",
        part("ST", "Substation"),
        part("F", "Feeder", links={"Feeder.NormalEnergizingSubstation": "ST"}),
        part("l1", "", links={"Equipment.EquipmentContainer": "F"}),
    )
    assert names(drawing, "ST", DOWNSTREAM) == {"ST"}
    assert "L2" in names(drawing, "F", DOWNSTREAM)


def test_empty_container__is_the_single_step() -> None:
    assert steps(draw("S1 -l1- L2", part("VL", "VoltageLevel")), "VL", DOWNSTREAM) == ["VL 0"]


def test_ring_of_containers__ends() -> None:
    drawing = draw(
        "S1 -l1- L2",
        part("VL", "VoltageLevel", links={"VoltageLevel.Substation": "ST"}),
        part("ST", "Substation", links={"Substation.Region": "VL"}),
        part("l1", "", links=HELD),
    )
    assert steps(drawing, "ST", DOWNSTREAM)[0] == "l1 0"


def test_topological_node__of_a_node_breaker_model_means_its_connectivity_nodes() -> None:
    drawing = draw(
        "S1 -l1- B2 -l2- L3",
        part("T", "TopologicalNode"),
        part("B2", "", links={"ConnectivityNode.TopologicalNode": "T"}),
    )
    assert steps(drawing, "T", DOWNSTREAM)[0] == "B2 0"


def test_container__in_another_layer_means_itself() -> None:
    drawing = draw("S1 -l1- L2", part("ST", "Substation"), owners={"ST": "ORG"})
    found = names(drawing, "ST", TraceKind.UPSTREAM, layers=(Layer.OWNERSHIP,))
    assert found == {"ST", "ST.asset", "ORG.owner", "ORG"}
