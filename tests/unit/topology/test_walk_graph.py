"""Traces in the communication and ownership layers, and across layers."""

from __future__ import annotations

from graph_service.domain.layers import Layer
from graph_service.domain.traces import TraceKind
from tests.building import part
from tests.drawing import Drawing, draw
from tests.unit.topology.asking import names, reason, steps

UPSTREAM, DOWNSTREAM = TraceKind.UPSTREAM, TraceKind.DOWNSTREAM
COMMUNICATION, OWNERSHIP, PHYSICAL = Layer.COMMUNICATION, Layer.OWNERSHIP, Layer.PHYSICAL


def town() -> Drawing:
    """Two meters behind one gateway; both loads' line belongs to ORG."""
    return draw(
        "S1 -l1- B2 -l2- M3\nB2 -l4- M5",
        part("m3", "ComModule", links={"Asset.AssetContainer": "M3", "ComModule.Gateway": "GW"}),
        part("m5", "ComModule", links={"Asset.AssetContainer": "M5", "ComModule.Gateway": "GW"}),
        part("GW", "Gateway", links={"Gateway.HeadEnd": "HE"}),
        part("HE", "HeadEnd"),
        owners={"l1": "ORG", "M3.load": "ORG"},
    )


def test_communication__upstream_of_a_meter_is_its_way_to_the_head_end() -> None:
    expected = ["M3 0", "m3 1", "GW 2", "HE 3 HEAD"]
    assert steps(town(), "M3", UPSTREAM, layers=(COMMUNICATION,)) == expected


def test_communication__downstream_of_a_gateway_is_its_meters() -> None:
    found = names(town(), "GW", DOWNSTREAM, layers=(COMMUNICATION,))
    assert found == {"GW", "m3", "m5", "M3", "M5"}


def test_communication__path_to_source_ends_at_the_head_end() -> None:
    found = steps(town(), "m5", TraceKind.PATH_TO_SOURCE, layers=(COMMUNICATION,))
    assert found == ["m5 0", "GW 1", "HE 2 HEAD"]


def test_ownership__upstream_of_a_line_is_who_owns_it() -> None:
    expected = ["l1 0", "l1.asset 1", "ORG.owner 2", "ORG 3 HEAD"]
    assert steps(town(), "l1", UPSTREAM, layers=(OWNERSHIP,)) == expected


def test_ownership__downstream_of_an_organisation_is_what_it_owns() -> None:
    assert {"l1", "M3.load"} < names(town(), "ORG", DOWNSTREAM, layers=(OWNERSHIP,))


def test_layers__without_a_choice_are_those_of_the_start() -> None:
    assert names(town(), "GW", UPSTREAM) == {"GW", "HE"}
    assert "M3" in names(town(), "l1", DOWNSTREAM)
    assert "m3" not in names(town(), "l1", DOWNSTREAM)


def test_several_layers__are_crossed_at_shared_elements() -> None:
    both = (PHYSICAL, COMMUNICATION)
    assert {"S1", "HE"} < names(town(), "M3", UPSTREAM, layers=both)
    found = names(town(), "GW", TraceKind.CONNECTED, layers=both)
    assert {"HE", "M3", "M5", "S1"} < found


def test_several_layers__an_open_switch_is_still_not_passed() -> None:
    seen = part("pos", "Discrete", links={"Measurement.PowerSystemResource": "s1"})
    drawing = draw("S1 -l1- B2 /s1!/ B3 -l2- L4", seen)
    found = names(drawing, "S1", TraceKind.CONNECTED, layers=(PHYSICAL, COMMUNICATION))
    assert "pos" in found
    assert "B3" not in found


def test_stop_reason__of_an_open_switch_counts_in_the_physical_layer_only() -> None:
    seen = part("pos", "Discrete", links={"Measurement.PowerSystemResource": "s1"})
    drawing = draw("S1 /s1!/ B3", seen)
    assert reason(drawing, "pos", DOWNSTREAM, "s1", layers=(COMMUNICATION,)) == "END"


def test_asset_part__that_does_not_communicate_is_no_way_to_the_head_end() -> None:
    seal = part("seal", "Asset", links={"Asset.AssetContainer": "M3"})
    drawing = draw("S1 -l1- M3", seal)
    assert names(drawing, "M3", UPSTREAM, layers=(COMMUNICATION,)) == {"M3"}
