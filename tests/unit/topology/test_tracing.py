"""Traces on drawn networks: one rule, one drawing."""

from __future__ import annotations

import numpy as np
import pytest

from graph_service.domain.access import Scope
from graph_service.domain.errors import InvalidCall
from graph_service.domain.switching import State
from graph_service.domain.traces import TraceKind
from graph_service.topology.tracing import TraceRequest, trace, visible_mask
from tests.building import part
from tests.drawing import draw
from tests.unit.topology.asking import ask, names, reason, steps

CONNECTED, UPSTREAM, DOWNSTREAM = TraceKind.CONNECTED, TraceKind.UPSTREAM, TraceKind.DOWNSTREAM
PATH_TO_SOURCE, SHORTEST_PATH = TraceKind.PATH_TO_SOURCE, TraceKind.SHORTEST_PATH

FEEDER = """
    S1 -l1- B2 =t1= B3 -l2- M4
    B3 /s1!/ B5 -l3- M6
"""


def test_downstream__of_a_transformer_gives_its_side_in_order_of_depth() -> None:
    assert steps(draw(FEEDER), "t1", DOWNSTREAM) == [
        "t1 0",
        "B3 1",
        "l2 2",
        "s1 2 OPEN",
        "M4.node 3",
        "M4.load 4",
        "M4.usage 5",
        "M4 6",
    ]


def test_upstream__of_a_meter_ends_at_the_head() -> None:
    expected = "M4.usage 1,M4.load 2,M4.node 3,l2 4,B3 5,t1 6,B2 7,l1 8,S1.node 9,S1 10 HEAD"
    assert steps(draw(FEEDER), "M4", UPSTREAM) == ["M4 0", *expected.split(",")]


def test_end__where_nothing_lies_beyond_is_the_reason() -> None:
    assert reason(draw(FEEDER), "t1", DOWNSTREAM, "M4") == "END"
    assert reason(draw(FEEDER), "t1", DOWNSTREAM, "M4.load") == "NONE"


def test_state__normal_and_present_follow_their_own_switching() -> None:
    drawing = draw("S1 -l1- B2 /s1!n/ B3 -l2- M4")
    assert "M4" in names(drawing, "S1", DOWNSTREAM, state=State.PRESENT)
    assert "M4" not in names(drawing, "S1", DOWNSTREAM, state=State.NORMAL)


def test_out_of_service__line_is_reached_but_not_passed() -> None:
    drawing = draw("S1 -l1- B2 -l2~- B3 -l3- M4")
    assert reason(drawing, "S1", DOWNSTREAM, "l2") == "OUT_OF_SERVICE"
    assert "B3" not in names(drawing, "S1", DOWNSTREAM)


def test_ring__inside_it_each_element_is_up_and_downstream_of_the_others() -> None:
    drawing = draw("""
        S1 -l0- B1 -l1- B2 -l2- B3 -l3- B1
        B3 -l4- L5
    """)
    ring = {"l1", "B2", "l2", "B3", "l3"}
    assert ring < names(drawing, "l2", DOWNSTREAM)
    assert ring < names(drawing, "l2", UPSTREAM)
    assert "B1" not in names(drawing, "l2", DOWNSTREAM)
    assert "L5" in names(drawing, "l1", DOWNSTREAM)


def test_two_sources__what_lies_between_them_is_fed_from_both_sides() -> None:
    drawing = draw("S1 -l1- B2 -l2- S3")
    assert {"S1", "S3"} < names(drawing, "B2", UPSTREAM)
    assert {"S1", "S3"} < names(drawing, "B2", DOWNSTREAM)


def test_unsupplied__part_has_no_direction() -> None:
    drawing = draw("S1 /s1!/ B2 -l1- B3 -l2- L4")
    assert names(drawing, "l1", DOWNSTREAM) == {"l1"}
    assert names(drawing, "l1", UPSTREAM) == {"l1"}
    assert "L4" in names(drawing, "l1", CONNECTED)


def test_connected__from_an_open_switch_gives_both_of_its_sides() -> None:
    found = names(draw(FEEDER), "s1", CONNECTED)
    assert {"S1", "M4", "M6"} < found


def test_usage_point__of_two_loads_conducts_nothing() -> None:
    both = part("two", "UsagePoint", links={"UsagePoint.Equipments": ("L2", "L4")})
    drawing = draw("S1 -l1- L2\nB3 -l3- L4", both)
    assert "two" in names(drawing, "S1", CONNECTED)
    assert "L4" not in names(drawing, "S1", CONNECTED)
    assert {"L2", "L4", "S1", "B3"} < names(drawing, "two", CONNECTED)


def test_meters__at_one_usage_point_reach_each_other() -> None:
    second = part("second", "Meter", links={"EndDevice.UsagePoint": "M2.usage"})
    drawing = draw("S1 -l1- M2", second)
    assert "second 2" in steps(drawing, "M2", CONNECTED)
    assert "second" not in names(drawing, "M2", UPSTREAM)


def test_meter__of_a_load_out_of_service_is_not_supplied() -> None:
    drawing = draw("S1 -l1- M2", part("M2.load", "", {"Equipment.inService": "false"}))
    assert reason(drawing, "S1", DOWNSTREAM, "M2.load") == "OUT_OF_SERVICE"
    assert "M2" not in names(drawing, "S1", DOWNSTREAM)
    assert "M2" not in names(drawing, "S1", CONNECTED)


def test_unit__behind_an_inverter_hangs_on_it() -> None:
    link = {"PowerElectronicsUnit.PowerElectronicsConnection": "p"}
    drawing = draw(
        "S1 -l1- B2",
        part("p", "PowerElectronicsConnection"),
        part("p.1", "Terminal", links=_at("p", "B2")),
        part("sun", "PhotoVoltaicUnit", links=link),
    )
    assert "sun 2" in steps(drawing, "B2", DOWNSTREAM)


def test_path_to_source__takes_the_nearest_of_two() -> None:
    drawing = draw("S1 -l1- B2 -l2- B3 -l3- B4 -l4- S5")
    expected = ["B2 0", "l1 1", "S1.node 2", "S1 3 HEAD"]
    assert steps(drawing, "B2", PATH_TO_SOURCE) == expected


def test_path_to_source__of_equal_ways_takes_smaller_numbers() -> None:
    drawing = draw("""
        S1 -l0- B1 -x- B2 -l4- L5
        B1 -a- B2
        B1 -m- B2
    """)
    assert "a" in names(drawing, "L5", PATH_TO_SOURCE)
    assert len(names(drawing, "L5", PATH_TO_SOURCE) & {"x", "a", "m"}) == 1


def test_path_to_source__without_one_is_the_start_alone() -> None:
    assert steps(draw("B1 -l1- B2"), "l1", PATH_TO_SOURCE) == ["l1 0"]


def test_shortest_path__leads_over_the_chord() -> None:
    drawing = draw("""
        S1 -l1- B2 -l2- B3 -l3- B4
        B2 -l4- B4
    """)
    expected = ["S1 0", "S1.node 1", "l1 2", "B2 3", "l4 4", "B4 5"]
    assert steps(drawing, "S1", SHORTEST_PATH, target="B4") == expected


def test_shortest_path__without_a_target_is_an_invalid_call() -> None:
    with pytest.raises(InvalidCall, match="without a target"):
        ask(draw(FEEDER), "S1", SHORTEST_PATH)


def test_several_starts__give_the_union_with_least_depths() -> None:
    found = steps(draw(FEEDER), "t1 l2", DOWNSTREAM)
    assert found[:3] == ["l2 0", "t1 0", "B3 1"]
    assert "M4.node 1" in found
    assert len(found) == len(set(found)) == 8


def test_max_steps__cuts_and_says_so() -> None:
    drawing = draw(FEEDER)
    whole, cut = ask(drawing, "t1", DOWNSTREAM), ask(drawing, "t1", DOWNSTREAM, max_steps=5)
    assert cut.truncated
    assert cut.numbers.tolist() == whole.numbers[:5].tolist()
    assert reason(drawing, "t1", DOWNSTREAM, "M4.node", max_steps=5) == "BUDGET"
    assert not ask(drawing, "t1", DOWNSTREAM, max_steps=8).truncated


@pytest.mark.parametrize("kind", [CONNECTED, UPSTREAM])
def test_max_steps__of_a_walk_gives_the_first_steps_of_the_whole(kind: TraceKind) -> None:
    drawing = draw(FEEDER)
    whole, cut = ask(drawing, "l2", kind), ask(drawing, "l2", kind, max_steps=4)
    assert (cut.truncated, whole.truncated) == (True, False)
    assert cut.numbers.tolist() == whole.numbers[:4].tolist()
    assert not ask(drawing, "l2", kind, max_steps=len(whole)).truncated


def test_max_ms__that_has_passed_leaves_the_start_and_says_so() -> None:
    drawing = draw(FEEDER)
    assert steps(drawing, "t1", CONNECTED, max_ms=-1) == ["t1 0 BUDGET"]
    assert ask(drawing, "t1", CONNECTED, max_ms=-1).truncated


def test_scope__a_walk_does_not_tunnel_through_a_line_of_another_owner() -> None:
    drawing = draw(FEEDER)
    visible = np.ones(len(drawing.projection), dtype=bool)
    visible[drawing.projection.index_of([drawing.number("l2")])] = False
    assert names(drawing, "S1", DOWNSTREAM, visible=visible) & {"l2", "M4", "M4.load"} == set()
    assert "t1" in names(drawing, "S1", DOWNSTREAM, visible=visible)
    assert names(drawing, "M4.load", UPSTREAM, visible=visible) == {"M4.load", "M4.node"}


def test_scope__direction_is_that_of_the_whole_network() -> None:
    drawing = draw(FEEDER)
    hidden = drawing.projection.index_of([drawing.number("S1")])
    visible = np.ones(len(drawing.projection), dtype=bool)
    visible[hidden] = False
    assert "M4" in names(drawing, "t1", DOWNSTREAM, visible=visible)
    assert steps(drawing, "l1", PATH_TO_SOURCE, visible=visible) == ["l1 0"]


def test_scope__a_hidden_start_is_not_there() -> None:
    drawing = draw(FEEDER, owners={"l2": "ORG"})
    mask = visible_mask(drawing.projection, Scope(frozenset({drawing.number("ORG")})))
    assert steps(drawing, "t1", CONNECTED, visible=mask) == []
    assert steps(drawing, "l2", CONNECTED, visible=mask) == ["l2 0"]


def test_start__that_is_unknown_gives_no_steps() -> None:
    result = trace(draw(FEEDER).projection, TraceRequest((9999,), CONNECTED))
    assert (len(result), result.truncated) == (0, False)


def test_start__without_a_part_in_the_layers_is_the_single_step() -> None:
    drawing = draw(FEEDER, part("kV", "BaseVoltage"))
    assert steps(drawing, "kV", DOWNSTREAM) == ["kV 0"]


def test_boundary__node_beyond_which_nothing_lies_ends_the_branch() -> None:
    assert reason(draw("S1 -l1- X2"), "S1", DOWNSTREAM, "X2") == "BOUNDARY"


def test_boundary__node_where_the_neighbour_is_there_too_is_passed() -> None:
    drawing = draw("S1 -l1- X2 -l2- L3")
    assert "L3" in names(drawing, "S1", DOWNSTREAM)
    assert reason(drawing, "S1", DOWNSTREAM, "X2") == "NONE"


def test_boundary__point_named_by_an_element_counts() -> None:
    point = part("point", "BoundaryPoint", links={"BoundaryPoint.ConnectivityNode": "B2"})
    assert reason(draw("S1 -l1- B2", point), "S1", DOWNSTREAM, "B2") == "BOUNDARY"


def test_boundary__line_whose_other_node_is_missing_ends_the_branch() -> None:
    assert reason(draw("S1 -l1.- B2"), "S1", DOWNSTREAM, "l1") == "BOUNDARY"


def _at(equipment: str, node: str) -> dict[str, str]:
    return {"Terminal.ConductingEquipment": equipment, "Terminal.ConnectivityNode": node}
