"""Elements: one, many, by filter, in pages, and what stands around them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.api.conftest import World
from tests.building import named, part
from tests.drawing import draw

PAGE = """
query Page($filter: ElementFilter, $order: ElementOrder, $first: Int! = 500, $after: String) {
  elements(filter: $filter, orderBy: $order, first: $first, after: $after) {
    nodes { mRID } edges { cursor node { mRID } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
  }
}
"""


def found(world: World, **filter: Any) -> set[str]:
    page = world.data(PAGE, {"filter": filter})["elements"]
    assert page["totalCount"] == len(page["nodes"])
    return {node["mRID"] for node in page["nodes"]}


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A network of which a part lies in a substation, for all who only ask."""
    world = World(tmp_path_factory.mktemp("station"))
    inside = {"Equipment.EquipmentContainer": "level"}
    world.draw(
        "S1 -l1- B2 =t1= B3 /s1!/ B5",
        named("region", "SubGeographicalRegion", "Moorland"),
        named("station", "Substation", "Quellmoor", **{"Substation.Region": "region"}),
        named("level", "VoltageLevel", "20 kV", **{"VoltageLevel.Substation": "station"}),
        part("load", "ConformLoad", {"IdentifiedObject.name": "Mill"}, links=inside),
        part("fuse", "Fuse", {"Fuse.rating": "80", "IdentifiedObject.name": "mill"}, links=inside),
    )
    yield world
    world.close()


def test_elements__a_superclass_finds_its_kinds(station: World) -> None:
    assert found(station, kinds=["Switch"]) == {"s1", "fuse"}
    assert found(station, kinds=["EnergyConsumer"]) == {"load"}


def test_elements__by_text_name_and_container(station: World) -> None:
    assert found(station, text="MILL") == {"load", "fuse"}
    assert found(station, name="Mill") == {"load"}
    assert found(station, container="station") == {"level", "load", "fuse"}
    assert found(station, mRIDs=["s1", "nobody"]) == {"s1"}


def test_elements__by_property_as_text_number_or_presence(station: World) -> None:
    is_open = {"name": "Switch.open", "equals": "true"}
    assert found(station, properties=[is_open]) == {"s1"}
    assert found(station, properties=[{"name": "Fuse.rating", "greaterThan": 9}]) == {"fuse"}
    assert found(station, properties=[{"name": "Fuse.rating", "lessThan": 9}]) == set()
    absent = {"name": "Switch.open", "present": False}
    assert found(station, kinds=["Switch"], properties=[absent]) == {"fuse"}


def test_elements__and_or_not_combine(station: World) -> None:
    either = [{"kinds": ["Fuse"]}, {"kinds": ["Breaker"]}]
    assert found(station, **{"or": either}) == {"s1", "fuse"}
    assert found(station, **{"or": either, "not": [{"text": "mill"}]}) == {"s1"}
    assert found(station, **{"and": [{"text": "mill"}, {"layer": "PHYSICAL"}]}) == {"load", "fuse"}


def test_elements__unknown_kind_is_an_error_with_near_ones(station: World) -> None:
    error = station.error(PAGE, {"filter": {"kinds": ["PowerTransfomer"]}})
    assert (error["code"], error["subject"]) == ("UNKNOWN_KIND", "PowerTransfomer")
    assert "PowerTransformer" in error["hint"]


@pytest.mark.parametrize(
    "filter",
    [
        {"properties": [{"name": "Switch.open"}]},
        {"properties": [{"name": "Switch.open", "equals": "a", "contains": "b"}]},
        {"or": [{"text": "x"}] * 51},
        {"not": {"not": {"not": {"not": {"not": {"text": "x"}}}}}},
    ],
)
def test_elements__a_filter_that_cannot_be_meant_is_an_error(
    station: World, filter: dict[str, Any]
) -> None:
    assert station.error(PAGE, {"filter": filter})["code"] == "BAD_FILTER"


@pytest.mark.parametrize("field", ["NUMBER", "NAME", "KIND"])
@pytest.mark.parametrize("descending", [False, True])
def test_elements__pages_give_everything_once_in_order(
    station: World, field: str, descending: bool
) -> None:
    order = {"field": field, "descending": descending}
    whole = station.data(PAGE, {"order": order})["elements"]["nodes"]
    pages: list[Any] = []
    info: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while info["hasNextPage"]:
        asked = {"order": order, "first": 7, "after": info["endCursor"]}
        page = station.data(PAGE, asked)["elements"]
        info = page["pageInfo"]
        assert info["hasPreviousPage"] == bool(pages)
        pages += page["nodes"]
    assert pages == whole


@pytest.mark.parametrize("field", ["NUMBER", "NAME", "KIND"])
def test_elements__every_edge_has_the_cursor_that_goes_on_behind_it(
    station: World, field: str
) -> None:
    order = {"field": field}
    edges = station.data(PAGE, {"order": order})["elements"]["edges"]
    for edge, following in pairwise(edges):
        asked = {"order": order, "first": 1, "after": edge["cursor"]}
        assert station.data(PAGE, asked)["elements"]["edges"] == [following]


def test_elements__a_cursor_of_another_query_is_an_error(station: World) -> None:
    page = station.data(PAGE, {"first": 2})["elements"]["pageInfo"]
    for other in ({"filter": {"kinds": ["Switch"]}}, {"order": {"field": "NAME"}}):
        error = station.error(PAGE, other | {"after": page["endCursor"]})
        assert error["code"] == "BAD_CURSOR"


@pytest.mark.parametrize("cursor", ["", "nonsense", "bnVsbA", "WyJhIiwxXQ", "é"])
def test_elements__a_damaged_cursor_is_an_error(station: World, cursor: str) -> None:
    assert station.error(PAGE, {"after": cursor})["code"] == "BAD_CURSOR"


@pytest.mark.parametrize("first", [-1, 501])
def test_elements__a_page_no_one_may_have_is_an_error(station: World, first: int) -> None:
    error = station.error("query P($n: Int!) { elements(first: $n) { totalCount } }", {"n": first})
    assert (error["code"], error["subject"]) == ("BAD_PAGE", str(first))


def test_element__has_properties_with_units_and_what_documents_say(station: World) -> None:
    query = """{ element(mRID: "fuse") {
      id modelSet layer kinds properties(names: ["Fuse.rating", "no"]) { name value values }
      statements { document kinds properties { name form value } } } }"""
    fuse = station.data(query)["element"]
    assert (fuse["id"], fuse["modelSet"], fuse["layer"]) == ("fuse", "drawn", "PHYSICAL")
    assert fuse["properties"] == [{"name": "Fuse.rating", "value": "80", "values": ["80"]}]
    [stated] = fuse["statements"]
    assert (stated["document"], stated["kinds"]) == ("drawn.xml", ["Fuse"])
    assert {"name": "Equipment.EquipmentContainer", "form": "&#_", "value": "level"} in (
        stated["properties"]
    )


def test_element__lies_in_containers_up_to_its_region(station: World) -> None:
    around = station.data('{ element(mRID: "load") { containers { mRID } } }')["element"]
    assert [c["mRID"] for c in around["containers"]] == ["level", "station", "region"]


def test_element__neighbours_come_by_link_and_in_pages(station: World) -> None:
    query = """query N($links: [String!], $after: String) { element(mRID: "level") {
      neighbours(links: $links, first: 2, after: $after) {
        totalCount nodes { link outgoing element { mRID } }
        pageInfo { hasNextPage endCursor } } } }"""
    first = station.data(query)["element"]["neighbours"]
    assert first["totalCount"] == 3
    assert first["pageInfo"]["hasNextPage"]
    after = {"after": first["pageInfo"]["endCursor"]}
    [last] = station.data(query, after)["element"]["neighbours"]["nodes"]
    assert last == {
        "link": "VoltageLevel.Substation",
        "outgoing": True,
        "element": {"mRID": "station"},
    }
    chosen = station.data(query, {"links": ["VoltageLevel.Substation"]})
    assert chosen["element"]["neighbours"]["totalCount"] == 1


def test_element__unknown_is_an_error_that_says_where_to_look(world: World) -> None:
    world.draw()
    error = world.error('{ element(mRID: "nobody") { name } }')
    assert (error["code"], error["subject"]) == ("UNKNOWN_ELEMENT", "nobody")
    assert "elements(filter" in error["hint"]


def test_node__an_id_can_be_given_back_where_two_sets_use_the_mrid(world: World) -> None:
    world.draw()
    world.hold(draw("S1 -l1- B2", model_set="twin"))
    assert world.error('{ element(mRID: "l1") { name } }')["code"] == "AMBIGUOUS_ELEMENT"
    page = world.data('{ elements(filter: {name: ""}, first: 500) { nodes { id modelSet } } }')
    ids = [node["id"] for node in page["elements"]["nodes"]]
    assert {"drawn/l1", "twin/l1", "t1"} < set(ids)
    query = "query Again($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert [node["id"] for node in world.data(query, {"ids": ids})["nodes"]] == ids


def test_nodes__unknown_ids_are_null_and_keep_their_place(world: World) -> None:
    world.draw()
    nodes = world.data('{ nodes(ids: ["x", "t1", "drawn/l1"]) { id __typename } }')["nodes"]
    assert nodes == [
        None,
        {"id": "t1", "__typename": "Element"},
        {"id": "l1", "__typename": "Element"},
    ]


def test_elements__what_stands_around_a_page_costs_a_call_for_each_question(
    station: World,
) -> None:
    calls = station.calls(
        "{ elements(first: 40) { nodes { id owners { mRID } neighbours { totalCount } } } }"
    )
    assert calls == {"find": 1, "owners_of": 1, "elements": 1, "neighbours": 1}


def test_store__counts_what_is_there(station: World) -> None:
    store = station.data(
        "{ store { revision elementCount countByKind { kind count } countByLayer { layer count }"
        " modelSets { name documentCount pendingCount documents { name partCount } } } }"
    )["store"]
    assert store["elementCount"] == sum(row["count"] for row in store["countByKind"])
    assert store["elementCount"] == sum(row["count"] for row in store["countByLayer"])
    assert {"kind": "Fuse", "count": 1} in store["countByKind"]
    [kept] = store["modelSets"]
    assert (kept["name"], kept["documentCount"], kept["pendingCount"]) == ("drawn", 1, 0)
    assert kept["documents"] == [{"name": "drawn.xml", "partCount": store["elementCount"]}]


def test_tables__kinds_links_and_quantities_can_be_looked_up(world: World) -> None:
    data = world.data(
        '{ kinds(text: "breaker") { name superclasses } quantities { name unit }'
        ' links(text: "ConductingEquipment") { name layer } }'
    )
    assert data["kinds"][0]["name"] == "Breaker"
    assert "Switch" in data["kinds"][0]["superclasses"]
    assert {"name": "ENERGY_IN", "unit": "Wh"} in data["quantities"]
    assert {"name": "Terminal.ConductingEquipment", "layer": "PHYSICAL"} in data["links"]
