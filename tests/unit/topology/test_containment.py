"""What lies in what, and what hangs on it."""

import numpy as np

from graph_service.topology.containment import contents, hanging, holders, reached
from tests.building import part
from tests.drawing import draw

STATION = (
    part("station", "Substation"),
    part("level", "VoltageLevel", links={"VoltageLevel.Substation": "station"}),
    part("feeder", "Feeder", links={"Feeder.NormalEnergizingSubstation": "station"}),
    part("M2.load", links={"Equipment.EquipmentContainer": "level"}),
)


def names(drawing, csr, begin):
    positions, distances = reached(csr, drawing.projection.index_of([drawing.number(begin)]))
    found = drawing.names(drawing.projection.numbers[positions])
    return dict(zip(found, distances.tolist(), strict=True))


def test_contents__go_through_containers_of_containers():
    drawing = draw("S1 -l1- M2", *STATION)
    assert names(drawing, contents(drawing.projection), "station") == {"level": 1, "M2.load": 2}


def test_contents__a_feeder_does_not_lie_in_the_station_that_feeds_it():
    drawing = draw("S1 -l1- M2", *STATION)
    assert "feeder" not in names(drawing, contents(drawing.projection), "station")


def test_holders__are_the_containers_upwards():
    drawing = draw("S1 -l1- M2", *STATION)
    assert names(drawing, holders(drawing.projection), "M2.load") == {"level": 1, "station": 2}


def test_hanging__leads_from_a_load_to_its_usage_point_and_meter():
    drawing = draw("S1 -l1- M2")
    assert names(drawing, hanging(drawing.projection), "M2.load") == {"M2.usage": 1, "M2": 2}


def test_reached__ends_in_a_ring_of_containers():
    ring = (
        part("a", "Bay", links={"Bay.VoltageLevel": "b"}),
        part("b", "VoltageLevel", links={"VoltageLevel.Substation": "c"}),
        part("c", "Substation", links={"Bay.Substation": "a"}),
    )
    drawing = draw("S1 -l1- M2", *ring)
    assert set(names(drawing, contents(drawing.projection), "a")) <= {"b", "c"}


def test_reached__from_nothing_is_nothing():
    drawing = draw("S1 -l1- M2")
    positions, distances = reached(contents(drawing.projection), np.zeros(0, np.int32))
    assert (len(positions), len(distances)) == (0, 0)
