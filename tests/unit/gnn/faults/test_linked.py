"""Links, places and kinds, as arrays and maps over the network in memory."""

from __future__ import annotations

import numpy as np

from gnn.faults.linked import marks_of, node_of_terminals, places_above, sources_of, targets_of
from graph_service.domain.switching import State
from graph_service.topology.orientation import orientation
from tests.drawing import draw

PROJECTION = draw("S1 /b1/ B1 -l1- B2 -l2- B3").projection


def test_sources_of__are_those_whose_target_it_is() -> None:
    name = "Terminal.ConductingEquipment"
    targets, sources = targets_of(PROJECTION, name), sources_of(PROJECTION, name)
    assert targets
    assert {(s, t) for t, those in sources.items() for s in those} == set(targets.items())


def test_marks_of__a_kind_are_of_its_subclasses_too_and_not_of_the_imagined_source() -> None:
    lines, conductors = (marks_of(PROJECTION, (kind,)) for kind in ("ACLineSegment", "Conductor"))
    assert lines.sum() == 2
    assert np.array_equal(lines, conductors)
    assert not marks_of(PROJECTION, ("IdentifiedObject",))[-1]


def test_places_above__come_before_and_are_one_step_higher() -> None:
    lit = orientation(PROJECTION, State.PRESENT)
    above = places_above(lit)
    inner = np.flatnonzero(lit.depths > 0)
    assert (above[inner] < inner).all()
    assert (lit.depths[above[inner]] == lit.depths[inner] - 1).all()


def test_node_of_terminals__each_terminal_joins_one_equipment_and_one_node() -> None:
    found = node_of_terminals(PROJECTION)
    terminals = int(marks_of(PROJECTION, ("Terminal",)).sum())
    assert len(set(found.values())) == len(found) == terminals
