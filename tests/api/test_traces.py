"""Traces: where they go, how they are cut, and how one goes on from another."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import World
from tests.building import part

STEPS = """
query Steps($start: ID!, $kind: TraceKind!, $state: State! = PRESENT, $layers: [Layer!],
            $kinds: [String!], $target: ID, $maxSteps: Int, $maxMs: Int,
            $first: Int! = 500, $after: String) {
  trace(start: $start, kind: $kind, state: $state, layers: $layers, kinds: $kinds,
        target: $target, maxSteps: $maxSteps, maxMs: $maxMs) {
    totalCount truncated
    steps(first: $first, after: $after) {
      nodes { depth stopReason element { mRID } } pageInfo { hasNextPage endCursor }
    }
  }
}
"""


def met(world: World, **asked: Any) -> list[str]:
    steps = world.data(STEPS, asked)["trace"]["steps"]["nodes"]
    return [step["element"]["mRID"] for step in steps]


def test_trace__lists_the_kinds_asked_for_and_walks_the_same(world: World) -> None:
    world.draw()
    assert met(world, start="S1", kind="DOWNSTREAM", kinds=["EndDevice"]) == ["M4", "M8"]


def test_trace__normal_and_present_state_differ_by_what_was_switched(world: World) -> None:
    world.draw()
    world.data('mutation { setSwitch(mRID: "s1", open: false) { mRID } }')
    meters = {"start": "t1", "kind": "DOWNSTREAM", "kinds": ["Meter"]}
    assert met(world, **meters, state="NORMAL") == ["M4"]
    assert met(world, **meters, state="PRESENT") == ["M4", "M6"]


def test_trace__starts_at_any_element_and_ends_at_a_target(world: World) -> None:
    world.draw()
    path = met(world, start="M4", kind="SHORTEST_PATH", target="M8", kinds=["PowerTransformer"])
    assert path == ["t1", "t2"]
    assert "S1" in met(world, start="M4.usage", kind="PATH_TO_SOURCE")


def test_trace__pages_give_every_step_once(world: World) -> None:
    world.draw()
    asked: dict[str, Any] = {"start": "S1", "kind": "DOWNSTREAM"}
    whole = met(world, **asked)
    pages: list[str] = []
    info: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while info["hasNextPage"]:
        page = world.data(STEPS, asked | {"first": 4, "after": info["endCursor"]})["trace"]["steps"]
        info = page["pageInfo"]
        pages += [step["element"]["mRID"] for step in page["nodes"]]
    assert pages == whole


def test_trace__a_cursor_of_another_trace_is_an_error(world: World) -> None:
    world.draw()
    asked = {"start": "S1", "kind": "DOWNSTREAM", "first": 2}
    cursor = world.data(STEPS, asked)["trace"]["steps"]["pageInfo"]["endCursor"]
    for other in ({"start": "t1"}, {"kind": "CONNECTED"}, {"kinds": ["Meter"]}):
        assert world.error(STEPS, asked | other | {"after": cursor})["code"] == "BAD_CURSOR"


def test_trace__a_budget_of_steps_cuts_and_says_so(world: World) -> None:
    world.draw()
    asked = {"start": "S1", "kind": "DOWNSTREAM", "maxSteps": 3}
    trace = world.data(STEPS, asked)["trace"]
    assert (trace["totalCount"], trace["truncated"]) == (3, True)
    assert "BUDGET" in {step["stopReason"] for step in trace["steps"]["nodes"]}


@pytest.mark.parametrize("budget", [{"maxSteps": 0}, {"maxSteps": -1}, {"maxMs": 10_000_000}])
def test_trace__a_budget_nobody_may_have_is_an_error(world: World, budget: dict[str, int]) -> None:
    world.draw()
    asked = {"start": "S1", "kind": "DOWNSTREAM"} | budget
    assert world.error(STEPS, asked)["code"] == "INVALID_CALL"


def test_trace__unknown_start_or_kind_is_an_error(world: World) -> None:
    world.draw()
    asked = {"start": "t1", "kind": "DOWNSTREAM"}
    assert world.error(STEPS, asked | {"start": "nobody"})["code"] == "UNKNOWN_ELEMENT"
    assert world.error(STEPS, asked | {"kinds": ["Nothing"]})["code"] == "UNKNOWN_KIND"


def test_onward__from_meters_to_gateway_and_from_equipment_to_owner(world: World) -> None:
    world.draw(
        "S1 -l1- B2 =t1= B3 -l2- M4",
        part("module", "ComModule", links={"ComModule.Meter": "M4"}),
        part("M4.function", "ComFunction", links={"EndDeviceFunction.EndDevice": "M4"}),
        owners={"l2": "north", "M4.load": "north"},
    )
    query = """{ trace(start: "t1", kind: DOWNSTREAM) {
      owners { mRID }
      ours: onward(kind: UPSTREAM, layers: [OWNERSHIP], kinds: ["Organisation"]) {
        steps { nodes { element { mRID } } } }
      back: onward(kind: UPSTREAM, layers: [PHYSICAL], kinds: ["EnergySource"]) {
        totalCount onward(kind: DOWNSTREAM, layers: [PHYSICAL], kinds: ["Meter"]) { totalCount } }
    } }"""
    trace = world.data(query)["trace"]
    assert trace["owners"] == [{"mRID": "north"}]
    assert trace["ours"]["steps"]["nodes"] == [{"element": {"mRID": "north"}}]
    assert trace["back"] == {"totalCount": 1, "onward": {"totalCount": 1}}


def test_series__over_named_elements_and_of_one(world: World) -> None:
    world.draw()
    world.read("M4.usage", "2026-01-01T00:00Z", [100, 200])
    world.read("M8.usage", "2026-01-01T00:00Z", [1, 2])
    day = 'quantity: ENERGY_IN, start: "2026-01-01T00:00:00Z", stop: "2026-01-01T02:00:00+00:00"'
    data = world.data(f"""{{
      both: series(elements: ["M4.usage", "M8.usage"], {day}, resolution: "PT2H") {{ values }}
      readings(element: "M4.usage", {day}) {{ values times quality source truncated }}
      element(mRID: "M8.usage") {{ series({day}) {{ values }} seriesSources {{ quantity source }} }}
    }}""")
    assert data["both"]["values"] == [303]
    assert data["readings"]["values"] == [100, 200]
    assert data["readings"]["quality"] == ["GOOD", "GOOD"]
    assert data["element"]["series"]["values"] == [1, 2]
    assert data["element"]["seriesSources"] == [{"quantity": "ENERGY_IN", "source": "meter"}]


def test_series__of_an_unknown_element_is_an_error(world: World) -> None:
    world.draw()
    day = 'quantity: P, start: "2026-01-01T00:00:00Z", stop: "2026-01-01T02:00:00Z"'
    error = world.error(f'{{ series(elements: ["t1", "no"], {day}) {{ values }} }}')
    assert (error["code"], error["subject"]) == ("UNKNOWN_ELEMENT", "no")


@pytest.mark.parametrize("at", ["2026-01-01T00:00:00", "yesterday", "2026-13-01T00:00:00Z", ""])
def test_times__without_a_zone_or_sense_are_refused(world: World, at: str) -> None:
    world.draw()
    query = """query S($at: DateTime!) { series(elements: ["t1"], quantity: P, start: $at,
      stop: "2026-01-01T02:00:00Z") { values } }"""
    assert world.error(query, {"at": at})["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_series__of_each_element_of_a_page_is_one_call_for_all(world: World) -> None:
    world.draw()
    world.read("M4.usage", "2026-01-01T00:00Z", [100, 200])
    world.read("M8.usage", "2026-01-01T00:00Z", [1])
    query = """{ elements(filter: {kinds: ["UsagePoint"]}) { nodes { mRID seriesSources { source }
      series(quantity: ENERGY_IN, start: "2026-01-01T00:00:00Z", stop: "2026-01-01T02:00:00Z") {
        values coverage memberCount } } } }"""
    found = {e["mRID"]: e["series"] for e in world.data(query)["elements"]["nodes"]}
    assert found["M4.usage"] == {"values": [100, 200], "coverage": [1, 1], "memberCount": 1}
    assert found["M8.usage"] == {"values": [1, None], "coverage": [1, 0], "memberCount": 1}
    assert found["M6.usage"] == {"values": [None, None], "coverage": [0, 0], "memberCount": 1}
    calls = world.calls(query)
    assert (calls["find"], calls["series"]) == (1, 2)
    assert calls["aggregate"] == 1


def test_series__is_told_as_it_was_known_at_a_time(world: World) -> None:
    world.draw()
    world.read("M4.usage", "2026-01-01T00:00Z", [100])
    world.read("M4.usage", "2026-01-01T00:00Z", [70], known_at="2026-02-01T00:00Z")
    query = """query K($at: DateTime) { series(elements: ["M4.usage"], quantity: ENERGY_IN,
      start: "2026-01-01T00:00:00Z", stop: "2026-01-01T01:00:00Z", knownAt: $at) { values } }"""
    assert world.data(query)["series"]["values"] == [70]
    assert world.data(query, {"at": "2026-01-15T00:00:00Z"})["series"]["values"] == [100]
