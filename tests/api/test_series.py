"""Series over GraphQL: any scope, any calendar, with the worth of every value beside it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import NORTH, World
from tests.building import part

MORNING = 'quantity: ENERGY_IN, start: "2026-01-01T00:00:00Z", stop: "2026-01-01T03:00:00Z"'
WORTH = "values good estimated missing coverage quality"
TWO_METERS = """
    S1 -l1- B2 =t1= B3 -l2- M4
    B3 -l3- M6
"""


def series(world: World, *arguments: str, fields: str = "values") -> Any:
    asked = f"{{ series({', '.join((MORNING, *arguments))}) {{ {fields} }} }}"
    return world.data(asked)["series"]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ('{element: "M4.usage"}', 100),
        ('{elements: ["M4.usage", "M6.usage"]}', 110),
        ('{trace: {start: "t1", kind: DOWNSTREAM}}', 110),
        ('{trace: {start: "l3", kind: DOWNSTREAM}}', 10),
        ('{container: "station"}', 100),
        ('{owner: "north"}', 10),
    ],
)
def test_series__is_summed_over_every_kind_of_scope(
    world: World, scope: str, expected: float
) -> None:
    held = {"Equipment.EquipmentContainer": "station"}
    more = part("station", "Substation"), part("M4.load", links=held)
    world.draw(TWO_METERS, *more, owners={"M6.load": "north"})
    world.read("M4.usage", "2026-01-01T00:00Z", [100] * 5)
    world.read("M6.usage", "2026-01-01T00:00Z", [10] * 5)
    assert series(world, f"scope: {scope}")["values"] == [expected] * 3


def test_series__members_of_another_kind(world: World) -> None:
    world.draw(TWO_METERS)
    world.read("M4", "2026-01-01T00:00Z", [7] * 5)
    scope = 'scope: {trace: {start: "t1", kind: DOWNSTREAM}}'
    found = series(world, scope, 'members: "EndDevice"', fields="values memberCount truncated")
    assert found == {"values": [7, 7, 7], "memberCount": 2, "truncated": False}


def test_series__has_the_worth_of_every_value_beside_it(world: World) -> None:
    world.draw(TWO_METERS)
    world.read("M4.usage", "2026-01-01T00:00Z", [100] * 5)
    world.read("M6.usage", "2026-01-01T00:00Z", [10])
    found = series(world, 'scope: {elements: ["M4.usage", "M6.usage"]}', fields=WORTH)
    assert found == {
        "values": [110, 100, 100],
        "good": [2, 1, 1],
        "estimated": [0, 0, 0],
        "missing": [0, 1, 1],
        "coverage": [1, 0.5, 0.5],
        "quality": ["GOOD", "PARTIAL", "PARTIAL"],
    }


def test_series__of_local_days(world: World) -> None:
    world.draw(TWO_METERS)
    world.read("M4.usage", "2026-03-28T23:00Z", [1] * 48)
    asked = """{ series(scope: {element: "M4.usage"}, quantity: ENERGY_IN, zone: "Europe/Oslo",
      start: "2026-03-28T23:00:00Z", stop: "2026-03-30T22:00:00Z", resolution: "P1D")
      { values times zone coverage } }"""
    assert world.data(asked)["series"] == {
        "values": [23, 24],
        "times": ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"],
        "zone": "Europe/Oslo",
        "coverage": [1, 1],
    }


def test_series__thinned_for_a_chart_keeps_the_peak(world: World) -> None:
    world.draw(TWO_METERS)
    world.read("M4.usage", "2026-01-01T00:00Z", [1] * 70 + [99] + [1] * 70)
    fields = "{ values times thinned }"
    asked = f"""{{
      series(scope: {{element: "M4.usage"}}, quantity: ENERGY_IN, maxPoints: 8,
        start: "2026-01-01T00:00:00Z", stop: "2026-01-06T00:00:00Z") {fields}
      readings(element: "M4.usage", quantity: ENERGY_IN, maxPoints: 8,
        start: "2026-01-01T00:00:00Z", stop: "2026-01-06T00:00:00Z") {fields} }}"""
    for found in world.data(asked).values():
        assert (len(found["values"]) == len(found["times"]) <= 8, found["thinned"]) == (True, True)
        assert 99 in found["values"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("", "INVALID_CALL"),
        ('elements: ["t1"], scope: {element: "t1"}', "INVALID_CALL"),
        ('scope: {trace: {start: "t1", kind: SHORTEST_PATH}}', "INVALID_CALL"),
        ('scope: {element: "t9"}', "UNKNOWN_ELEMENT"),
        ('scope: {element: "t1"}, maxPoints: 3', "INVALID_CALL"),
        ('scope: {element: "t1"}, zone: "Oslo"', "BAD_ZONE"),
        ('scope: {element: "t1"}, resolution: "P1M"', "BAD_RESOLUTION"),
        ('scope: {element: "t1"}, zone: "UTC", resolution: "P1DT1H"', "BAD_RESOLUTION"),
    ],
)
def test_series__what_means_nothing_is_refused(world: World, arguments: str, code: str) -> None:
    world.draw()
    asked = f"{{ series({MORNING}{', ' * bool(arguments)}{arguments}) {{ values }} }}"
    assert world.error(asked)["code"] == code


def test_series__over_a_scope_costs_one_call_for_each_question(world: World) -> None:
    world.draw(TWO_METERS)
    for usage_point in ("M4.usage", "M6.usage"):
        world.read(usage_point, "2026-01-01T00:00Z", [1] * 5)
    scope = 'scope: {trace: {start: "t1", kind: DOWNSTREAM}}'
    asked = f"{{ series({MORNING}, {scope}) {{ {WORTH} availableRange {{ start }} }} }}"
    assert world.calls(asked) == {"series": 1, "aggregate": 1, "available": 1}


def test_series__an_owner_sums_what_it_may_see(world: World) -> None:
    world.draw_owned()
    world.read("M4.usage", "2026-01-01T00:00Z", [100] * 5)
    world.read("M8.usage", "2026-01-01T00:00Z", [10] * 5)
    asked = (
        f'{{ series({MORNING}, scope: {{trace: {{start: "t1", kind: CONNECTED}}}})'
        " { values memberCount } }"
    )
    assert "M4.load" in NORTH
    assert world.data(asked)["series"]["values"] == [110] * 3
    north = world.data(asked, caller=world.caller("north"))["series"]
    assert (north["values"], north["memberCount"]) == ([100] * 3, 1)


OVER = f"readingsOver({MORNING}, %s)"
CONNECTED = 'scope: {trace: {start: "t1", kind: CONNECTED}}'
ENTRY = "{ memberCount truncated unit nodes { element { mRID } source values quality } }"


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ('elements: ["M6.usage", "M4.usage"]', [("M6.usage", [10, 11]), ("M4.usage", [100])]),
        ('scope: {trace: {start: "l3", kind: DOWNSTREAM}}', [("M6.usage", [10, 11])]),
        ('scope: {owner: "north"}', [("M6.usage", [10, 11])]),
        ('scope: {element: "M4.usage"}', [("M4.usage", [100])]),
    ],
)
def test_readings_over__any_scope_is_an_entry_for_each_series(
    world: World, scope: str, expected: list[tuple[str, list[float]]]
) -> None:
    world.draw(TWO_METERS, owners={"M6.load": "north"})
    world.read("M4.usage", "2026-01-01T00:00Z", [100])
    world.read("M6.usage", "2026-01-01T00:00Z", [10, 11])
    found = world.data(f"{{ {OVER % scope} {ENTRY} }}")["readingsOver"]
    assert [(one["element"]["mRID"], one["values"]) for one in found["nodes"]] == expected
    assert (found["unit"], found["truncated"]) == ("Wh", False)


def test_readings_over__a_trace_gives_those_of_its_members(world: World) -> None:
    world.draw(TWO_METERS)
    world.read("M4.usage", "2026-01-01T00:00Z", [1, 2])
    asked = f'{{ trace(start: "t1", kind: DOWNSTREAM) {{ readings({MORNING}) {ENTRY} }} }}'
    found = world.data(asked)["trace"]["readings"]
    one = {"element": {"mRID": "M4.usage"}, "source": "meter", "values": [1, 2]}
    assert found["nodes"] == [one | {"quality": ["GOOD", "GOOD"]}]
    assert (found["memberCount"], found["truncated"]) == (2, False)


def test_readings_over__an_owner_reads_what_it_may_see(world: World) -> None:
    world.draw_owned()
    for usage_point in ("M4.usage", "M8.usage"):
        world.read(usage_point, "2026-01-01T00:00Z", [1])
    asked = f"{{ {OVER % CONNECTED} {ENTRY} }}"
    assert len(world.data(asked)["readingsOver"]["nodes"]) == 2
    [own] = world.data(asked, caller=world.caller("north"))["readingsOver"]["nodes"]
    assert own["element"]["mRID"] == "M4.usage"


def test_readings_over__costs_one_call_for_each_question(world: World) -> None:
    world.draw(TWO_METERS)
    for usage_point in ("M4.usage", "M6.usage"):
        world.read(usage_point, "2026-01-01T00:00Z", [1] * 5)
    asked = f"{{ {OVER % CONNECTED} {ENTRY} }}"
    expected = {"series": 1, "available": 1, "read": 1, "by_mrid": 1}
    assert world.calls(asked) == expected


def test_readings_over__pages_go_on_behind_the_last_series(world: World) -> None:
    world.draw(TWO_METERS)
    for usage_point in ("M4.usage", "M6.usage"):
        world.read(usage_point, "2026-01-01T00:00Z", [1])
    asked = f"readingsOver({MORNING}, {CONNECTED}, first: 1%s)"
    page = "{ totalCount nodes { element { mRID } } pageInfo { hasNextPage endCursor } }"
    one = world.data(f"{{ {asked % ''} {page} }}")["readingsOver"]
    rest = f', after: "{one["pageInfo"]["endCursor"]}"'
    two = world.data(f"{{ {asked % rest} {page} }}")["readingsOver"]
    found = [node["element"]["mRID"] for node in (*one["nodes"], *two["nodes"])]
    assert (sorted(found), one["totalCount"]) == (["M4.usage", "M6.usage"], 2)
    assert (one["pageInfo"]["hasNextPage"], two["pageInfo"]["hasNextPage"]) == (True, False)
    other = f'readingsOver({MORNING}, elements: ["M4.usage"]{rest})'
    assert world.error(f"{{ {other} {page} }}")["code"] == "BAD_CURSOR"


@pytest.mark.parametrize(
    "asked",
    [OVER % 'elements: ["M4"], maxPoints: 3', f'readings(element: "M4", {MORNING}, maxPoints: 3)'],
)
def test_readings__too_few_points_are_refused_though_there_are_no_readings(
    world: World, asked: str
) -> None:
    world.draw(TWO_METERS)
    assert world.error(f"{{ {asked} {{ unit }} }}")["code"] == "INVALID_CALL"


def test_readings__of_the_elements_of_a_list_are_one_call(world: World) -> None:
    world.draw(TWO_METERS)
    for usage_point in ("M4.usage", "M6.usage"):
        world.read(usage_point, "2026-01-01T00:00Z", [1] * 5)
    asked = f'{{ nodes(ids: ["M4.usage", "M6.usage"]) {{ ...on Element {{ readings({MORNING})'
    calls = world.calls(f"{asked} {{ values }} }} }} }}")
    assert (calls["series"], calls["read"]) == (1, 1)
