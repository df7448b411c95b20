"""The slice below an element is what a walk would find."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from graph_service.domain.layers import Layer
from graph_service.domain.switching import State
from graph_service.domain.traces import TraceKind
from graph_service.topology.interval import below
from tests.building import part
from tests.drawing import Drawing, draw
from tests.unit.topology.asking import ask
from tests.unit.topology.sketches import Sketch, sketches

DOWNSTREAM = TraceKind.DOWNSTREAM
WALKED = (Layer.PHYSICAL, Layer.COMMUNICATION)
"""Nothing drawn here communicates, but two layers are never answered by a slice."""


@settings(max_examples=60, deadline=None)
@given(sketches())
def test_slice__any_start_has_the_steps_depths_and_reasons_of_a_walk(sketch: Sketch) -> None:
    drawing = sketch.drawing
    for start in drawing.names(drawing.projection.numbers):
        sliced = ask(drawing, start, DOWNSTREAM, layers=(Layer.PHYSICAL,))
        walked = ask(drawing, start, DOWNSTREAM, layers=WALKED)
        for column in ("numbers", "depths", "stop_reasons"):
            assert getattr(sliced, column).tolist() == getattr(walked, column).tolist()


def test_slice__answers_for_a_tree() -> None:
    assert _sliced(draw("S1 -l1- B2 -l2- M3"), "l1") is not None


def test_slice__leaves_a_loop_below_to_the_walk() -> None:
    drawing = draw("S1 -l1- B2 -l2- B3 -l3- B4 -l4- B2")
    assert _sliced(drawing, "l1") is None
    assert _sliced(drawing, "l4") is None


def test_slice__leaves_what_hangs_on_several_to_the_walk() -> None:
    both = part("two", "UsagePoint", links={"UsagePoint.Equipments": ("L2", "L3")})
    drawing = draw("S1 -l1- B1 -l2- L2\nB1 -l3- L3", both)
    assert _sliced(drawing, "l1") is None
    assert "two" in drawing.names(ask(drawing, "l1", DOWNSTREAM).numbers)


def test_slice__with_something_hidden_in_it_is_left_to_the_walk() -> None:
    drawing = draw("S1 -l1- B2 -l2- M3")
    visible = np.ones(len(drawing.projection), dtype=bool)
    assert _sliced(drawing, "l1", visible) is not None
    visible[drawing.projection.index_of([drawing.number("M3")])] = False
    assert _sliced(drawing, "l1", visible) is None


def _sliced(drawing: Drawing, start: str, visible: np.ndarray | None = None) -> object:
    position = drawing.projection.index_of([drawing.number(start)])
    return below(drawing.projection, State.PRESENT, position, visible)
