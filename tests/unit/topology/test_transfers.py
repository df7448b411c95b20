from __future__ import annotations

import numpy as np
import pytest

from graph_service.topology.transfers import above_and_at, customers_below, transfers
from tests.building import part
from tests.drawing import Drawing, draw

TWO = """
    S1 -l1- B2 =t1= B3 /x1/ B4 -l2- M5
    B3 -l3- M6
    B2 =t2= B7 -l4- M8
    B7 -l5- B9 /s1!/ B4
"""


def position(drawn: Drawing, mrid: str) -> int:
    return int(drawn.projection.index_of([drawn.number(mrid)])[0])


def names(drawn: Drawing, positions) -> list[str]:
    return sorted(drawn.names(drawn.projection.numbers[np.array(positions)].tolist()))


def test_transfers__part_behind_a_switch_goes_over_the_open_point():
    drawn = draw(TWO)
    [found] = transfers(drawn.projection, position(drawn, "t1"))
    assert names(drawn, [found.close, found.open]) == ["s1", "x1"]
    assert names(drawn, found.takers) == ["l5", "t2"]
    assert names(drawn, found.turned) == []


def test_transfers__chain_turns_round_in_what_moves():
    drawn = draw("""
        S1 -l1- B2 =t1= B3 /x1/ B4 -l2- B5 -l3- B6 /s1!/ B9
        B4 -l4- M1
        B5 -l5- M2
        B2 =t2= B9 -l6- M3
    """)
    [found] = transfers(drawn.projection, position(drawn, "t1"))
    assert names(drawn, found.takers) == ["t2"]
    assert names(drawn, found.turned) == ["l2", "l3"]


def test_transfers__those_that_move_least_come_first():
    drawn = draw("""
        S1 -l1- B2 =t1= B3 /x1/ B4 /x2/ B5 -l2- B6 /s1!/ B9
        B4 -l4- M1
        B5 -l5- M2
        B2 =t2= B9 -l6- M3
    """)
    found = transfers(drawn.projection, position(drawn, "t1"))
    assert [names(drawn, [one.open]) for one in found] == [["x2"], ["x1"]]
    assert len(transfers(drawn.projection, position(drawn, "t1"), most=1)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "S1 -l1- B2 =t1= B3 /x1/ B4 -l2- M5\nB4 /s1!/ B9",  # nothing feeds the other side
        "S1 -l1- B2 =t1= B3 /x1/ B4 -l2- M5\nB2 =t2= B9 -l3- B4\nB4 /s1!/ B9",  # a loop already
        "S1 -l1- B2 =t1= B3 -l9- B4 -l2- M5\nB2 =t2= B9 -l3- B8 /s1!/ B4",  # nothing to open
        "S1 -l1- B2 =t1= B3 /x1/ B4 -l2- M5\nB2 =t2= B9 /s1!~/ B4",  # out of service as well
    ],
)
def test_transfers__where_nothing_can_be_moved_there_is_none(text):
    drawn = draw(text)
    assert transfers(drawn.projection, position(drawn, "t1")) == []


def test_transfers__hidden_switch_is_not_used():
    drawn = draw(TWO)
    usable = np.ones(len(drawn.projection), dtype=bool)
    usable[position(drawn, "s1")] = False
    assert transfers(drawn.projection, position(drawn, "t1"), usable) == []


def test_customers_below__counts_loads_below_and_nothing_that_is_off():
    drawn = draw(TWO.rstrip() + "\nB20 -l20- M21")
    asked = np.array([position(drawn, m) for m in ("l1", "t1", "l2", "l20")], dtype=np.int32)
    assert customers_below(drawn.projection, asked).tolist() == [3, 2, 1, 0]


def test_customers_below__panels_behind_an_inverter_are_no_load():
    at = {"Terminal.ConductingEquipment": "p", "Terminal.ConnectivityNode": "B2"}
    drawn = draw(
        "S1 -l1- B2 -l2- M3",
        part("p", "PowerElectronicsConnection"),
        part("p.1", "Terminal", links=at),
        part(
            "sun",
            "PhotoVoltaicUnit",
            links={"PowerElectronicsUnit.PowerElectronicsConnection": "p"},
        ),
    )
    asked = np.array([position(drawn, m) for m in ("l1", "p")], dtype=np.int32)
    assert customers_below(drawn.projection, asked).tolist() == [1, 0]


def test_above_and_at__leads_from_the_source():
    drawn = draw(TWO)
    found = above_and_at(drawn.projection, position(drawn, "l2"))
    assert drawn.names(drawn.projection.numbers[found].tolist()) == ["S1", "l1", "t1", "x1", "l2"]
