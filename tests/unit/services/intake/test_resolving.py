"""What identifiers mean: by mRID, name, CIM Name, property, across a link; once a revision."""

import pytest

from graph_service.services.formats.addressed import Address, Lookup
from graph_service.services.intake.resolving import UNKNOWN, Resolver
from tests.building import named, part

METER = part(
    "m1",
    "Meter",
    {"IdentifiedObject.name": "Meter 7", "Asset.serialNumber": "4711"},
    links={"EndDevice.UsagePoint": "up-1"},
)
NAME = part("n1", "Name", {"Name.name": "7071"}, links={"Name.IdentifiedObject": "up-1"})


@pytest.fixture
def find(world):
    world.imported(METER, NAME, named("b1", "Breaker", "Meter 7"), file="more.xml")
    resolver = Resolver(world.graph)

    def one(value, **lookup):
        address = Address("town", value, Lookup(**lookup))
        return resolver.find([address])[address]

    return one


@pytest.mark.parametrize(
    ("value", "lookup", "key"),
    [
        ("m1", {}, "town/m1"),
        ("_m1", {}, "town/m1"),
        ("m1", {"kind": "EndDevice"}, "town/m1"),
        ("Meter 7", {"by": "name", "kind": "EndDevice"}, "town/m1"),
        ("7071", {"by": "names"}, "town/up-1"),
        ("4711", {"by": "property", "property": "Asset.serialNumber"}, "town/m1"),
        ("m1", {"follow": "EndDevice.UsagePoint"}, "town/up-1"),
        ("Meter 7", {"by": "name", "kind": "Meter", "follow": "EndDevice.UsagePoint"}, "town/up-1"),
        ("m1", {"by": "any", "kind": "Meter"}, "town/m1"),
        ("Meter 7", {"by": "any", "kind": "Meter"}, "town/m1"),
        ("7071", {"by": "any", "kind": "UsagePoint"}, "town/up-1"),
    ],
)
def test_find__the_element_an_identifier_means(find, value, lookup, key):
    assert find(value, **lookup).key == key


@pytest.mark.parametrize(
    ("value", "lookup"),
    [
        ("m2", {}),
        ("m1", {"kind": "Breaker"}),
        ("Meter 8", {"by": "name"}),
        ("meter 7", {"by": "name"}),
        ("4711", {"by": "name"}),
        ("up-1", {"follow": "EndDevice.UsagePoint"}),
    ],
)
def test_find__what_nothing_is_called_is_unknown(find, value, lookup):
    assert find(value, **lookup) == UNKNOWN


def test_find__what_two_are_called_is_neither(find):
    found = find("Meter 7", by="name")
    assert (found.key, "several" in found.reason) == ("", True)


def test_find__asks_once_a_revision(world, monkeypatch):
    asked = []
    by_mrid = world.graph.by_mrid
    monkeypatch.setattr(world.graph, "by_mrid", lambda *a: asked.append(a[0]) or by_mrid(*a))
    resolver, addresses = Resolver(world.graph), [Address("town", "up-1"), Address("town", "x")]
    for _ in range(3):
        resolver.find(addresses)
    assert asked == [["up-1", "x"]]
    world.imported(part("x", "UsagePoint"), file="more.xml")
    assert resolver.find(addresses)[addresses[1]].key == "town/x"
