"""Data quality in the schema: by day, in all, by energy, the worst first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graph_service.services.keeping import Rule
from tests.api.conftest import World
from tests.building import part

DAYS = 'start: "2026-01-01T00:00:00Z", stop: "2026-01-03T00:00:00Z"'
ALL = '{trace: {start: "t1", kind: DOWNSTREAM}}'
SHARES = "completeness timeliness validity estimatedShare"


@pytest.fixture(scope="module")
def metered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """M4 sent two days but for six hours, M6 nothing at all."""
    world = World(tmp_path_factory.mktemp("metered"))
    world.draw("S1 -l1- B2 =t1= B3 -l2- M4\nB3 /s1/ B5 -l3- M6")
    world.read("M4.usage", "2026-01-01T00:00Z", [1.0] * 30)
    world.read("M4.usage", "2026-01-02T12:00Z", [1.0] * 12, known_at="2026-01-09T00:00Z")
    yield world
    world.close()


def test_element__its_quality_by_day(metered: World) -> None:
    ask = f"byDay {{ expected received {SHARES} gapSeconds gapStart }}"
    found = metered.data(f'{{ element(mRID: "M4.usage") {{ quality({DAYS}) {{ {ask} }} }} }}')
    assert found["element"]["quality"]["byDay"] == {
        "expected": [24.0, 24.0],
        "received": [24.0, 18.0],
        "completeness": [1.0, 0.75],
        "timeliness": [1.0, 1 / 3],
        "validity": [1.0, 1.0],
        "estimatedShare": [0.0, 0.0],
        "gapSeconds": [0.0, 21600.0],
        "gapStart": [None, "2026-01-02T06:00:00Z"],
    }


def test_scope__without_readings_in_the_window_says_what_range_exists(metered: World) -> None:
    later = 'start: "2026-02-01T00:00:00Z", stop: "2026-02-02T00:00:00Z"'
    ask = "silentCount availableRange { start stop }"
    found = metered.data(f"{{ quality(scope: {ALL}, {later}) {{ {ask} }} }}")["quality"]
    assert found["silentCount"] == 2
    stop = "2026-01-02T23:00:00.000001Z"
    assert found["availableRange"] == {"start": "2026-01-01T00:00:00Z", "stop": stop}


def test_scope__devices_without_readings_are_the_worst(metered: World) -> None:
    ask = "deviceCount silentCount devices { totalCount nodes { element { mRID } figures {"
    ask += " completeness longestGap { seconds start } } } }"
    found = metered.data(f"{{ quality(scope: {ALL}, {DAYS}) {{ {ask} }} }}")["quality"]
    assert (found["deviceCount"], found["silentCount"]) == (2, 1)
    worst, other = found["devices"]["nodes"]
    assert worst["element"]["mRID"] == "M6.usage"
    gap = {"seconds": 172800.0, "start": "2026-01-01T00:00:00Z"}
    assert worst["figures"] == {"completeness": 0.0, "longestGap": gap}
    assert other["figures"]["completeness"] == 42 / 48


def test_scope__the_worst_devices_come_in_pages(metered: World) -> None:
    def page(after: str) -> dict:
        ask = f"devices(first: 1{after}) {{ nodes {{ element {{ mRID }} }}"
        ask += " pageInfo { endCursor hasNextPage } }"
        return metered.data(f"{{ quality(scope: {ALL}, {DAYS}) {{ {ask} }} }}")["quality"][
            "devices"
        ]

    first = page("")
    assert first["pageInfo"]["hasNextPage"]
    second = page(f', after: "{first["pageInfo"]["endCursor"]}"')
    assert [node["element"]["mRID"] for node in second["nodes"]] == ["M4.usage"]
    assert not second["pageInfo"]["hasNextPage"]


def test_trace__its_quality_is_that_of_its_usage_points(metered: World) -> None:
    ask = f"overall {{ expected received {SHARES} }} weighted {{ {SHARES} }}"
    walk = 'trace(start: "t1", kind: DOWNSTREAM)'
    found = metered.data(f"{{ {walk} {{ quality({DAYS}) {{ {ask} }} }} }}")["trace"]["quality"]
    assert (found["overall"]["expected"], found["overall"]["received"]) == (96, 42)
    assert found["weighted"]["completeness"] == pytest.approx(42 / 96)


def test_elements__of_one_page_are_one_call_for_their_readings(metered: World) -> None:
    ask = f"... on Element {{ quality({DAYS}) {{ overall {{ completeness }} }} }}"
    calls = metered.calls(f'{{ nodes(ids: ["M4.usage", "M6.usage"]) {{ {ask} }} }}')
    assert (calls["versions"], calls["series"]) == (1, 1)


def test_scope__with_a_zone_that_nobody_knows_is_refused(metered: World) -> None:
    query = f'{{ quality(scope: {ALL}, {DAYS}, zone: "Europe/Atlantis") {{ zone }} }}'
    assert metered.error(query)["code"] == "BAD_ZONE"


def test_container__its_quality_is_that_of_what_lies_in_it(world: World) -> None:
    more = [
        part("level", "VoltageLevel"),
        part("load", "EnergyConsumer", links={"Equipment.EquipmentContainer": "level"}),
        part("point", "UsagePoint", links={"UsagePoint.Equipments": "load"}),
    ]
    world.draw("S1 -l1- M4", *more)
    found = world.data(f'{{ element(mRID: "level") {{ quality({DAYS}) {{ deviceCount }} }} }}')
    assert found["element"]["quality"] == {"deviceCount": 1}


def test_retention__is_shown_to_who_sees_everything(world: World) -> None:
    world.draw_owned()
    world.house.keeping.state(Rule("ENERGY_IN", "P3Y", "P10Y"))
    query = "{ retention { rules { name keep keepLevels } lastApplied } }"
    [rule] = world.data(query)["retention"]["rules"]
    assert rule == {"name": "ENERGY_IN", "keep": "P3Y", "keepLevels": "P10Y"}
    assert world.data(query, caller=world.caller("north"))["retention"]["rules"] == []
