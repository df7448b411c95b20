"""Other switching states: an open point goes elsewhere, and everybody keeps supply."""

from __future__ import annotations

import numpy as np

from gnn.faults.switching import moved
from graph_service.domain.switching import State
from graph_service.topology.orientation import orientation
from tests.drawing import draw

RING = "S1 /b1/ B1 -l1- B2 /s1/ B3 -l2- B4 /s2!/ B5 -l3- B6 /b2/ B1"


def _lit(projection) -> set[int]:
    place = orientation(projection, State.PRESENT).place
    return set(np.flatnonzero(place >= 0).tolist())


def test_moved__closes_the_open_point_and_opens_another_on_its_ring() -> None:
    drawing = draw(RING)
    projection = drawing.projection
    other = moved(projection, np.random.default_rng(1))
    assert other is not None
    changed = np.flatnonzero(projection.states != other.states)
    assert len(changed) == 2
    assert int(orientation(other, State.PRESENT).loops[-1]) == 0
    assert len(_lit(other)) >= len(_lit(projection))


def test_moved__without_an_open_point_there_is_none() -> None:
    projection = draw("S1 /b1/ B1 -l1- B2").projection
    assert moved(projection, np.random.default_rng(1)) is None
