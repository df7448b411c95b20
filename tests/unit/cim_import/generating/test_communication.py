"""The communication side of a town: every meter has one way home."""

from collections import Counter

from tests.deliveries import Delivery


def test_communication__every_meter_has_one_module_and_one_function(town: Delivery):
    meters = {meter.mrid for meter in town.of("cim:Meter")}
    holders = [m for t in town.of("cim:ComModule") for m in t.to("cim:Asset.AssetContainer")]
    served = [
        m for t in town.of("cim:ComFunction") for m in t.to("cim:EndDeviceFunction.EndDevice")
    ]
    assert Counter(holders) == Counter(served) == Counter(meters)


def test_communication__module_has_either_one_gateway_or_one_card(town: Delivery):
    cards = Counter(m for card in town.of("gs:SimCard") for m in card.to("gs:SimCard.ComModule"))
    for module in town.of("cim:ComModule"):
        assert len(module.to("gs:ComModule.Gateway")) + cards[module.mrid] == 1
    assert any(cards[module.mrid] for module in town.of("cim:ComModule"))


def test_communication__gateway_reaches_the_head_end_by_card_or_fibre(town: Delivery):
    (head_end,) = town.of("gs:HeadEnd")
    carded = [m for card in town.of("gs:SimCard") for m in card.to("gs:SimCard.ComModule")]
    linked = [
        end
        for link in town.of("cim:CommunicationLink")
        for end in link.to("gs:CommunicationLink.fromEnd")
    ]
    for gateway in town.of("gs:Gateway"):
        assert gateway.to("gs:Gateway.HeadEnd") == [head_end.mrid]
        assert (carded + linked).count(gateway.mrid) == 1


def test_communication__card_is_in_one_cell_and_has_one_plan(town: Delivery):
    for card in town.of("gs:SimCard"):
        assert len(card.to("gs:SimCard.Cell")) == len(card.to("gs:SimCard.DataPlan")) == 1
    assert {len(cell.to("gs:Cell.HeadEnd")) for cell in town.of("gs:Cell")} == {1}


def test_communication__gateway_stands_in_a_station(town: Delivery):
    for gateway in town.of("gs:Gateway"):
        (location,) = gateway.to("cim:Asset.Location")
        (station,) = town.things[location].to("cim:Location.PowerSystemResources")
        assert town.things[station].kind == "cim:Substation"


def test_communication__feeder_breakers_are_seen_by_the_remote_unit(town: Delivery):
    watched = [
        town.things[resource].value("cim:IdentifiedObject.name")
        for discrete in town.of("cim:Discrete")
        for resource in discrete.to("cim:Measurement.PowerSystemResource")
    ]
    (unit,) = town.of("cim:RemoteUnit")
    sources = [s for t in town.of("cim:RemoteSource") for s in t.to("cim:RemotePoint.RemoteUnit")]
    assert watched == ["Feeder 1 breaker", "Feeder 2 breaker", "Feeder 3 breaker"]
    assert sources == [unit.mrid] * 3
