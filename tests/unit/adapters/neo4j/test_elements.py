"""An element comes out of its node as it went in."""

from graph_service.adapters.neo4j import elements
from graph_service.domain.elements import ElementKey
from graph_service.domain.layers import Layer
from graph_service.domain.merging import merge
from graph_service.domain.statements import Part, Statement
from tests.building import CIM, named, part

KEY = ElementKey("town", "S1")


def kept(*parts: Part):
    merged = merge(KEY.mrid, [("EQ.xml", one) for one in parts])
    return elements.node(KEY, 7, merged, 0, [1], ())


def test_node__gives_back_its_element():
    given = part("S1", "Breaker", {"Switch.open": "true", "A.many": ("1", "2")})
    found = elements.element(kept(given, part("S1", "Equipment")))
    assert (found.number, found.key, found.kind) == (7, KEY, "Breaker")
    assert (found.kinds, found.layer) == (("Breaker", "Equipment"), Layer.PHYSICAL)
    assert found.properties == {"Switch.open": "true", "A.many": ("1", "2")}


def test_node__property_named_as_one_of_ours__stands_apart():
    odd = Part("S1", (CIM + "Breaker",), (Statement("http://odd#number", "", "x"),))
    node = kept(odd)
    assert node["number"] == 7
    assert elements.element(node).properties == {"number": "x"}
    assert elements.property_key("number") == "cim:number"


def test_node__owners__are_absent_where_there_are_none():
    merged = merge("S1", [("EQ.xml", named("S1", "Breaker", "b"))])
    assert "owners" not in elements.node(KEY, 7, merged, 0, [1], ())
    assert elements.node(KEY, 7, merged, 0, [1], {3, 2})["owners"] == [2, 3]


def test_tombstone__folded_id__is_kept_where_case_is_mixed():
    folded = {mrid: "foldedId" in elements.tombstone(ElementKey("t", mrid), 1, [])
              for mrid in ("ab-1", "AB-1", "aB-1")}  # fmt: skip
    assert folded == {"ab-1": False, "AB-1": False, "aB-1": True}


def test_code__carries_kind_model_set_state_and_phases():
    merged = merge("S1", [("EQ.xml", part("S1", "Breaker", {"Switch.open": "true"}))])
    merged.phases = 63
    code = elements.code_of(merged, 40_000, 300)
    parts = (elements.kind_words, elements.model_sets, elements.states, elements.phases)
    assert [read(code) for read in parts] == [40_000, 300, merged.state, 63]
