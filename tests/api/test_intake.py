"""Readings and events through GraphQL: counts, reasons item by item, quarantine, access."""

from __future__ import annotations

from typing import Any

import pytest

from graph_service.domain.access import Right
from graph_service.domain.readings import SeriesKey, Window
from graph_service.services.formats.addressed import Address
from tests.api.conftest import World

ADD = """mutation($input: [ReadingsInput!]!) { addReadings(input: $input) {
  stored duplicates corrected quarantined rejectedCount rejected { item index reason } } }"""
ADD_EVENTS = """mutation($input: [EventInput!]!) { addEvents(input: $input) {
  stored duplicates corrected quarantined rejectedCount rejected { item index reason } } }"""
WAITING = "{ quarantine { totalCount nodes { identifier rule modelSet values events } } }"
NOON = "2026-01-01T12:00:00Z"
ONE = "2026-01-01T13:00:00Z"


@pytest.fixture
def drawn(world: World) -> World:
    world.draw_owned()
    return world


def readings(**changed: Any) -> dict[str, Any]:
    given = {"element": "t1", "quantity": "P", "times": [NOON, ONE], "values": [1, 2]}
    return given | changed


def event(**changed: Any) -> dict[str, Any]:
    given = {"source": "scada", "id": "1", "kind": "FAULT", "start": NOON, "text": "Earth fault"}
    return given | {"subjects": ["t1"]} | changed


def added(world: World, *items: dict[str, Any], query: str = ADD, **more: Any) -> Any:
    data = world.data(query, {"input": list(items)}, **more)
    return data["addReadings" if query == ADD else "addEvents"]


def stored(world: World, key: str = "drawn/t1", quantity: str = "P") -> list[float]:
    [columns] = world.timeline.read([SeriesKey(key, quantity, "meter")], Window(0, 2**55))
    return list(columns.values)


def test_add_readings__are_counted_stored_known_already_and_corrected(drawn: World) -> None:
    assert added(drawn, readings())["stored"] == 2
    again = added(drawn, readings(values=[1, 3]))
    assert (again["stored"], again["duplicates"], again["corrected"]) == (0, 1, 1)
    assert stored(drawn) == [1, 3]


def test_add_readings__in_another_unit_are_converted(drawn: World) -> None:
    added(drawn, readings(unit="kW"))
    assert stored(drawn) == [1000, 2000]


def test_add_readings__bad_items_are_named_and_the_others_stored(drawn: World) -> None:
    far = "2126-01-01T00:00:00Z"
    got = added(
        drawn,
        readings(times=[NOON, "2026-01-01T13:00:00", far, ONE], values=[1, 2, 3, None]),
        readings(unit="kWh"),
        readings(values=[1]),
    )
    assert got["stored"] == 1
    assert [(row["item"], row["index"]) for row in got["rejected"]] == [
        *((0, 1), (0, 2), (0, 3)),
        *((1, None), (2, None)),
    ]
    reasons = [row["reason"] for row in got["rejected"]]
    words = ("zone", "future", "no value", "does not fit", "equally long")
    assert all(word in reason for word, reason in zip(words, reasons, strict=True))


def test_add_readings__of_an_unknown_element_wait_until_it_comes(drawn: World) -> None:
    assert added(drawn, readings(element="t9"))["quarantined"] == 2
    found = drawn.data(WAITING)["quarantine"]
    assert found["totalCount"] == 1
    waiting = {"identifier": "t9", "rule": "mrid", "modelSet": "drawn", "values": 2, "events": 0}
    assert found["nodes"] == [waiting]


def test_add_events__new_version_of_a_known_one_is_a_correction(drawn: World) -> None:
    assert added(drawn, event(), event(id="2"), query=ADD_EVENTS)["stored"] == 2
    again = added(drawn, event(), event(id="2", text="Earth fault, cleared"), query=ADD_EVENTS)
    assert (again["duplicates"], again["corrected"]) == (1, 1)
    assert drawn.timeline.event("scada", "2").text == "Earth fault, cleared"


def test_add_events__keep_subjects_severity_and_reference(drawn: World) -> None:
    image = {"uri": "s3://drone/4711.jpg", "mediaType": "image/jpeg", "sha256": "AB" * 32}
    added(drawn, event(severity="MAJOR", end=ONE, reference=image), query=ADD_EVENTS)
    kept = drawn.timeline.event("scada", "1")
    assert (kept.subjects, kept.severity.name) == (("drawn/t1",), "MAJOR")
    assert (kept.reference.uri, kept.reference.sha256) == (image["uri"], "ab" * 32)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"start": "2026-01-01T12:00:00"}, "zone"),
        ({"end": "2026-01-01T11:00:00Z"}, "ends before"),
        ({"start": "2126-01-01T12:00:00Z"}, "ten years"),
        ({"text": ""}, "'text'"),
        ({"reference": {"uri": "x"}}, "address"),
        ({"reference": {"uri": "s3://x/y", "sha256": "12"}}, "SHA-256"),
    ],
)
def test_add_events__bad_one_is_named_and_the_other_stored(
    drawn: World, wrong: dict[str, Any], reason: str
) -> None:
    got = added(drawn, event(id="0", **wrong), event(), query=ADD_EVENTS)
    assert (got["stored"], got["rejectedCount"]) == (1, 1)
    [row] = got["rejected"]
    assert (row["item"], reason in row["reason"]) == (0, True)


def test_add_readings__owner_of_one_feeder_brings_its_own_only(drawn: World) -> None:
    north = drawn.caller("north", Right.WRITE)
    got = added(drawn, readings(), readings(element="t2"), readings(element="t9"), caller=north)
    assert (got["stored"], got["quarantined"]) == (2, 0)
    assert [row["item"] for row in got["rejected"]] == [1, 2]
    assert drawn.timeline.series(["drawn/t2", "drawn/t9"]) == []


def test_add_events__owner_of_one_feeder_says_nothing_about_others_or_nobody(drawn: World) -> None:
    north = drawn.caller("north", Right.WRITE)
    both = event(id="2", subjects=["t1", "t2"])
    given = (event(), both, event(id="3", subjects=[]))
    got = added(drawn, *given, query=ADD_EVENTS, caller=north)
    assert (got["stored"], [row["item"] for row in got["rejected"]]) == (1, [1, 2])


def test_add_readings__element_of_another_model_set_is_named_with_it(drawn: World) -> None:
    added(drawn, readings(element="drawn/t1"))
    assert stored(drawn) == [1, 2]
    assert drawn.house.intake.address("drawn/t1") == Address("drawn", "t1")


def test_quarantine__pages_through_what_waits(drawn: World) -> None:
    added(drawn, *(readings(element=f"new-{at}") for at in range(5)))
    query = "query($after: String) { quarantine(first: 2, after: $after) {"
    query += " nodes { identifier } pageInfo { hasNextPage endCursor } } }"
    after, seen = None, []
    for _ in range(3):
        page = drawn.data(query, {"after": after})["quarantine"]
        seen += [row["identifier"] for row in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == [f"new-{at}" for at in range(5)]
    assert not page["pageInfo"]["hasNextPage"]
