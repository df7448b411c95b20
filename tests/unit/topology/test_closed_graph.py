"""What is closed, what is open, and where energy comes from."""

from __future__ import annotations

from graph_service.domain.statements import Part
from graph_service.domain.switching import State
from graph_service.domain.traces import TraceKind
from graph_service.topology.closed_graph import closed_graph
from tests.building import part
from tests.drawing import Drawing, draw
from tests.unit.topology.asking import names, reason

SWITCH = "S1 -l1- B2 /s1/ B3 -l2- L4"


def test_sv_switch__opens_a_switch_that_says_nothing_itself() -> None:
    drawing = draw(SWITCH, _sv_switch("true"))
    assert not _supplied(drawing)
    assert reason(drawing, "S1", TraceKind.DOWNSTREAM, "s1") == "OPEN"


def test_sv_switch__closes_a_switch_that_is_open_by_design() -> None:
    design = part("s1", "", {"Switch.normalOpen": "true"})
    assert not _supplied(draw(SWITCH, design))
    assert _supplied(draw(SWITCH, design, _sv_switch("false")))


def test_sv_switch__yields_to_what_an_operator_switched() -> None:
    operated = part("s1", "", {"Switch.open": "false"})
    assert _supplied(draw(SWITCH, operated, _sv_switch("true")))


def test_sv_switch__counts_in_the_present_state_only() -> None:
    drawing = draw(SWITCH, _sv_switch("true"))
    assert _supplied(drawing, State.NORMAL)


def test_sv_status__decides_about_service() -> None:
    status = {"SvStatus.ConductingEquipment": "l2"}
    off = part("st", "SvStatus", {"SvStatus.inService": "false"}, links=status)
    on = part("st", "SvStatus", {"SvStatus.inService": "true"}, links=status)
    out = part("l2", "", {"Equipment.inService": "false"})
    assert not _supplied(draw(SWITCH, off))
    assert _supplied(draw(SWITCH, out, on))


def test_open_switch__that_is_out_of_service_too_says_open() -> None:
    drawing = draw("S1 -l1- B2 /s1!~/ B3")
    assert reason(drawing, "S1", TraceKind.DOWNSTREAM, "s1") == "OPEN"


def test_terminal__that_is_not_connected_cuts_its_edge_now_but_not_by_design() -> None:
    loose = part("l2.2", "", {"ACDCTerminal.connected": "false"})
    drawing = draw(SWITCH, loose)
    assert not _supplied(drawing)
    assert _supplied(drawing, State.NORMAL)
    assert reason(drawing, "S1", TraceKind.DOWNSTREAM, "l2") == "OPEN"


def test_sources__of_an_island_are_of_the_strongest_kind_only() -> None:
    drawing = draw("S1 -l1- B2 -l2- G3\nB4 -l3- G5")
    assert _sources(drawing) == {"S1", "G5"}


def test_sources__out_of_service_leaves_the_next_strongest() -> None:
    out = part("S1", "", {"Equipment.inService": "false"})
    drawing = draw("S1 -l1- B2 -l2- G3", out)
    assert _sources(drawing) == {"G3"}
    assert _sources(drawing, State.NORMAL) == {"S1"}


def test_sources__open_switch_makes_two_islands() -> None:
    assert _sources(draw("S1 /s1!/ B2 -l2- G3")) == {"S1", "G3"}


def test_feeder_head__feeds_an_island_that_has_nothing_else() -> None:
    head = part("F", "Feeder", links={"Feeder.NormalHeadTerminal": "l1.1"})
    assert _sources(draw("B1 -l1- B2 -l2- L3", head)) == {"l1"}
    assert _sources(draw("S0 -l0- B1 -l1- B2 -l2- L3", head)) == {"S0"}


def test_feeder_head__may_be_named_by_its_terminal() -> None:
    named = part("l1.1", "", links={"Terminal.NormalHeadFeeder": "F"})
    assert _sources(draw("B1 -l1- L3", part("F", "Feeder"), named)) == {"l1"}


def _sv_switch(is_open: str) -> Part:
    return part("sv", "SvSwitch", {"SvSwitch.open": is_open}, links={"SvSwitch.Switch": "s1"})


def _supplied(drawing: Drawing, state: State = State.PRESENT) -> bool:
    return "L4" in names(drawing, "S1", TraceKind.DOWNSTREAM, state=state)


def _sources(drawing: Drawing, state: State = State.PRESENT) -> set[str]:
    projection = drawing.projection
    return set(drawing.names(projection.numbers[closed_graph(projection, state).sources]))
