"""Panels: some of those with a roof of their own have them, stated behind an inverter."""

from cim_import.generating import TownSummary
from cim_import.generating.customers import STREET_CLASSES
from tests.deliveries import Delivery

INVERTER = "cim:PowerElectronicsConnection"


def nodes(town: Delivery) -> dict[str, str]:
    """equipment → the node of its only or last terminal."""
    found = {}
    for terminal in town.of("cim:Terminal"):
        (equipment,) = terminal.to("cim:Terminal.ConductingEquipment")
        (found[equipment],) = terminal.to("cim:Terminal.ConnectivityNode")
    return found


def test_panels__belong_to_a_few_in_a_hundred_customers(summary: TownSummary):
    panels = summary.counts["PhotoVoltaicUnit"]
    assert panels == summary.counts["PowerElectronicsConnection"]
    assert 0.03 < panels / summary.meters < 0.15


def test_inverter__is_at_the_node_and_in_the_container_of_a_consumer(town: Delivery):
    at = nodes(town)
    container = "cim:Equipment.EquipmentContainer"
    homes = {at[c.mrid]: c.to(container) for c in town.of("cim:EnergyConsumer")}
    for inverter in town.of(INVERTER):
        assert homes[at[inverter.mrid]] == inverter.to(container)


def test_panels__are_behind_an_inverter_of_their_size(town: Delivery):
    largest_mw = max(kind.solar_w[1] for kind in STREET_CLASSES) / 1e6
    for unit in town.of("cim:PhotoVoltaicUnit"):
        (inverter,) = unit.to("cim:PowerElectronicsUnit.PowerElectronicsConnection")
        rated = town.things[inverter].value("cim:PowerElectronicsConnection.ratedS")
        assert unit.value("cim:PowerElectronicsUnit.maxP") == rated
        assert 0.002 <= float(rated) <= max(largest_mw, 0.15)


def test_inverter__gives_on_average_a_tenth_of_its_peak(town: Delivery):
    for inverter in town.of(INVERTER):
        power = float(inverter.value("cim:PowerElectronicsConnection.p"))
        peak = float(inverter.value("cim:PowerElectronicsConnection.ratedS"))
        assert -0.1 * peak < power < -0.09 * peak
