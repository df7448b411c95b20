"""Customers: their classes, what they are expected to use, where their readings are."""

import pytest

from gnn.features.customers import CLASSES, USUAL_W
from gnn.features.grid import read_grid
from graph_service.topology.projection import Projection
from tests.building import part
from tests.unit.gnn.worlds import World

ONE = "S1 -l1- B1 =T1= B2 -l2- M1"


def _customers(folder, *more, text=ONE):
    world = World(folder, text, list(more))
    try:
        return read_grid(world.graph, Projection.build(world.graph.scan())).customers
    finally:
        world.close()


@pytest.mark.parametrize(
    ("ampere", "phases", "named"),
    [
        ("40", "AN", "single phase"),
        ("35", "ABCN", "three-phase home"),
        ("63", "ABCN", "small trade"),
        ("100", "ABCN", "trade"),
        ("400", "ABC", "industry"),
        ("-5", "ABC", "unknown"),
        ("many", "ABC", "unknown"),
    ],
)
def test_class__follows_from_fuse_and_phases(tmp_path, ampere, phases, named):
    stated = part("P1", "UsagePoint", {
        "UsagePoint.ratedCurrent": ampere, "UsagePoint.phaseCode": f"PhaseCode.{phases}",
    }, links={"UsagePoint.Equipments": "M1.load"})  # fmt: skip
    found = _customers(tmp_path, stated)
    assert CLASSES[found.classes[found.keys.index("drawn/P1")]] == named


def test_sources__are_the_usage_point_its_meter_and_its_load(tmp_path):
    found = _customers(tmp_path)
    assert found.sources == (("drawn/M1.usage", "drawn/M1", "drawn/M1.load"),)


@pytest.mark.parametrize(("given", "watts"), [("0.0005", 500.0), ("5000", 5000.0)])
def test_expected_power__is_that_of_the_load_in_mw_or_w(tmp_path, given, watts):
    load = part("C1", "EnergyConsumer", {"EnergyConsumer.p": given})
    ends = {"Terminal.ConductingEquipment": "C1", "Terminal.ConnectivityNode": "B2"}
    found = _customers(tmp_path, load, part("C1.1", "Terminal", links=ends))
    assert found.expected_w[found.keys.index("drawn/C1")] == pytest.approx(watts)


def test_expected_power__when_negative__is_the_usual_one_of_the_class(tmp_path):
    load = part("C1", "EnergyConsumer", {"EnergyConsumer.p": "-5000"})
    ends = {"Terminal.ConductingEquipment": "C1", "Terminal.ConnectivityNode": "B2"}
    found = _customers(tmp_path, load, part("C1.1", "Terminal", links=ends))
    assert found.expected_w[found.keys.index("drawn/C1")] == USUAL_W[-1]
