"""The network handed to networkx."""

from __future__ import annotations

import networkx as nx

from graph_service.domain.switching import State
from graph_service.topology.networkx_view import to_networkx
from tests.building import part
from tests.drawing import draw

DRAWN = "S1 -l1- B2 /s1!n/ B3 -l2- M4"


def test_nodes__carry_kind_layer_and_whether_they_block() -> None:
    drawing = draw(DRAWN, part("kV", "BaseVoltage"))
    graph = to_networkx(drawing.projection, state=State.NORMAL)
    assert len(graph) == len(drawing.projection)
    assert graph.nodes[drawing.number("s1")] == {
        "kind": "Breaker",
        "layer": "physical",
        "blocked": True,
    }


def test_edges__of_an_open_switch_are_left_out() -> None:
    drawing = draw(DRAWN)
    ends = drawing.number("S1"), drawing.number("M4")
    assert nx.has_path(to_networkx(drawing.projection, state=State.PRESENT), *ends)
    assert not nx.has_path(to_networkx(drawing.projection, state=State.NORMAL), *ends)


def test_edges__say_layer_and_role() -> None:
    drawing = draw(DRAWN, owners={"l1": "ORG"})
    graph = to_networkx(drawing.projection)
    number = drawing.number
    roles = nx.get_edge_attributes(graph, "role")
    assert roles[number("B2"), number("l1")] == "conducts"
    assert graph.edges[number("M4.load"), number("M4.usage")]["role"] == "serves"
    assert graph.edges[number("l1"), number("l1.asset")]["layer"] == "ownership"


def test_numbers__choose_the_part_that_is_given() -> None:
    drawing = draw(DRAWN)
    chosen = [drawing.number("l1"), drawing.number("B2"), 9999]
    graph = to_networkx(drawing.projection, chosen)
    assert set(graph) == set(chosen[:2])
    assert list(graph.edges) == [(drawing.number("B2"), drawing.number("l1"))]
