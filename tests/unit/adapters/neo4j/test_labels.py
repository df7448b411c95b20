"""Words of a model become labels and types only where they are written as CIM writes them."""

import pytest

from graph_service.adapters.neo4j.labels import OTHER_LINK, labels_of, type_of, types_of


def test_labels__are_kind_superclasses_and_layer():
    labels = labels_of("Breaker")
    assert labels[0] == "Breaker"
    assert {"Switch", "ConductingEquipment", "IdentifiedObject", "PhysicalLayer"} <= set(labels)


@pytest.mark.parametrize(
    "kind", ["", "a b", "x`) DETACH DELETE n //", "Größe", "Element", "StoreState", "Tombstone",
             "PhysicalLayer", "x" * 100],
)  # fmt: skip
def test_labels__of_a_word_that_is_none_of_cim__leave_it_out(kind):
    assert kind not in labels_of(kind)


def test_labels__of_an_unknown_class__are_its_name():
    assert labels_of("MyOwnSwitch") == ["MyOwnSwitch"]


@pytest.mark.parametrize("link", ["Terminal.ConductingEquipment", "Some.link", "a.b-c"])
def test_type__of_an_association__is_its_name(link):
    assert type_of(link) == link


@pytest.mark.parametrize("link", ["", "link", OTHER_LINK, "a.b`]->() //", "a. b", "ä.b"])
def test_type__of_another_word__is_other_link(link):
    assert type_of(link) == OTHER_LINK


def test_types__name_each_once():
    assert types_of(frozenset({"odd", "odder", "A.b"})) == ["A.b", OTHER_LINK]
