"""The drawings tests are made of."""

from __future__ import annotations

import pytest

from tests.drawing import draw


def test_draw__row_gives_equipment_terminals_and_nodes() -> None:
    drawing = draw("S1 -l1- B2")
    kinds = {drawing.name(number): element.kind for number, element in drawing.merged.items()}
    assert kinds == {
        "S1": "EnergySource",
        "S1.1": "Terminal",
        "S1.node": "ConnectivityNode",
        "l1": "ACLineSegment",
        "l1.1": "Terminal",
        "l1.2": "Terminal",
        "B2": "ConnectivityNode",
    }


def test_draw__same_name_is_the_same_thing() -> None:
    assert len(draw("B1 -l1- B2\nB2 -l2- B1").parts) == 2 + 2 * 3


def test_draw__numbers_are_given_in_order_of_mrid() -> None:
    drawing = draw("B2 -l1- B1")
    assert drawing.names([1, 2, 3]) == ["B1", "B2", "l1"]


@pytest.mark.parametrize("text", ["B1 -l1-", "B1 -l1= B2", "Q1 -l1- B2", "B1 l1 B2"])
def test_draw__what_it_does_not_know_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"written like this|begins and ends"):
        draw(text)
