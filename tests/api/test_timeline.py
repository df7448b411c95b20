"""The timeline over GraphQL: entries with their place in the graph, counts, surroundings."""

from __future__ import annotations

from typing import Any

import pytest

from graph_service.domain.events import EventSeverity, Reference
from graph_service.services.access import OPEN_CALLER
from tests.api.conftest import World

JANUARY = 'start: "2026-01-01T00:00:00Z", stop: "2026-02-01T00:00:00Z"'
BELOW_T1 = 'scope: {trace: {start: "t1", kind: DOWNSTREAM}}'
RANGE = "availableRange { start }"
EVERYTHING = """
    id kind start end knownAt severity title text source distance relation
    reference { uri mediaType sha256 } subjects { mRID }
"""


def ids(connection: Any) -> list[str]:
    return [node["id"].removeprefix("scada/") for node in connection["nodes"]]


def timeline(world: World, *arguments: str, fields: str = "nodes { id }") -> Any:
    asked = f"{{ timeline({', '.join((JANUARY, *arguments))}) {{ {fields} }} }}"
    return world.data(asked)["timeline"]


def test_timeline__has_all_of_an_entry(world: World) -> None:
    world.draw()
    picture = Reference("https://example.org/1.jpg", "image/jpeg", "ab" * 32)
    severity = EventSeverity.MAJOR
    world.happen("1", "2026-01-02T10:00Z", "B3", kind="IMAGE", severity=severity, reference=picture)
    assert timeline(world, BELOW_T1, fields=f"nodes {{ {EVERYTHING} }}")["nodes"] == [
        {
            "id": "scada/1",
            "kind": "IMAGE",
            "start": "2026-01-02T10:00:00Z",
            "end": None,
            "knownAt": "2026-01-02T10:00:00Z",
            "severity": "MAJOR",
            "title": "IMAGE 1",
            "text": "IMAGE 1",
            "source": "scada",
            "distance": 1,
            "relation": "DOWNSTREAM",
            "reference": {
                "uri": "https://example.org/1.jpg",
                "mediaType": "image/jpeg",
                "sha256": "ab" * 32,
            },
            "subjects": [{"mRID": "B3"}],
        }
    ]


def test_timeline__pages_follow_one_another_in_order(world: World) -> None:
    world.draw()
    for at in range(5):
        world.happen(str(at), f"2026-01-02T1{at // 2}:00Z", "B3")
    fields, found, after = "nodes { id } pageInfo { endCursor hasNextPage }", [], ""
    for _ in range(3):
        page = timeline(world, BELOW_T1, "first: 2", after, fields=fields)
        found += ids(page)
        after = f'after: "{page["pageInfo"]["endCursor"]}"'
    assert (found, page["pageInfo"]["hasNextPage"]) == (["0", "1", "2", "3", "4"], False)


def test_timeline__a_page_goes_on_where_it_ended_though_more_came_before(world: World) -> None:
    world.draw()
    for at in range(4):
        world.happen(str(at), f"2026-01-02T1{at}:00Z", "B3")
    page = timeline(world, BELOW_T1, "first: 2", fields="nodes { id } pageInfo { endCursor }")
    world.happen("late", "2026-01-02T09:00Z", "B3")
    rest = timeline(world, BELOW_T1, f'after: "{page["pageInfo"]["endCursor"]}"')
    assert ids(page) + ids(rest) == ["0", "1", "2", "3"]


@pytest.mark.parametrize("other", ["descending: true", "minSeverity: MAJOR", "kinds: [ALARM]"])
def test_timeline__a_cursor_of_another_question_is_refused(world: World, other: str) -> None:
    world.draw()
    world.happen("1", "2026-01-02T10:00Z", "B3")
    page = timeline(world, fields="pageInfo { endCursor }")
    cursor = page["pageInfo"]["endCursor"]
    asked = f'{{ timeline({JANUARY}, {other}, after: "{cursor}") {{ truncated }} }}'
    assert world.error(asked)["code"] == "BAD_CURSOR"


def test_timeline__newest_first_where_asked(world: World) -> None:
    world.draw()
    world.happen("1", "2026-01-02T10:00Z", "B3")
    world.happen("2", "2026-01-02T11:00Z", "B3")
    assert ids(timeline(world, "descending: true")) == ["2", "1"]


def test_timeline__as_it_was_known(world: World) -> None:
    world.draw()
    world.happen("1", "2026-01-02T10:00Z", "B3", text="smoke")
    world.happen("1", "2026-01-02T10:00Z", "B3", text="fire", known_us=1_767_500_000_000_000)
    before = timeline(world, 'knownAt: "2026-01-03T00:00:00Z"', fields="nodes { text }")
    now = timeline(world, fields="nodes { text }")
    assert (before["nodes"], now["nodes"]) == ([{"text": "smoke"}], [{"text": "fire"}])


def test_timeline__an_empty_one_says_what_range_exists(world: World) -> None:
    world.draw()
    world.happen("1", "2025-12-24T10:00Z", "B3", kind="NOTE")
    found = timeline(world, BELOW_T1, fields="nodes { id } availableRange { start stop }")
    assert found["nodes"] == []
    assert found["availableRange"]["start"] == "2025-12-24T10:00:00Z"


def test_timeline__where_nothing_ever_happened_there_is_no_range(world: World) -> None:
    world.draw()
    assert timeline(world, BELOW_T1, fields="availableRange { start }") == {"availableRange": None}


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ('{element: "t1"}', ["t1"]),
        ('{elements: ["t1", "drawn/t2"]}', ["t1", "t2"]),
        ('{trace: {start: "t1", kind: UPSTREAM, hops: 2}}', ["t1", "B2"]),
        ('{owner: "north"}', ["t1"]),
    ],
)
def test_timeline__over_every_kind_of_scope(world: World, scope: str, expected: list[str]) -> None:
    world.draw(owners={"t1": "north"})
    for at, mrid in enumerate(("t1", "t2", "B2", "S1")):
        world.happen(mrid, f"2026-01-02T1{at}:00Z", mrid)
    assert ids(timeline(world, f"scope: {scope}")) == expected


@pytest.mark.parametrize("scope", ["{}", '{element: "t1", owner: "north"}', "{element: null}"])
def test_timeline__a_scope_names_exactly_one_thing(world: World, scope: str) -> None:
    world.draw()
    answer = world.ask(f"{{ timeline({JANUARY}, scope: {scope}) {{ truncated }} }}")
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_timeline__costs_one_call_for_each_question(world: World) -> None:
    world.draw()
    for at in range(9):
        world.happen(str(at), f"2026-01-02T1{at}:00Z", "B3", "t1")
    asked = f"{{ timeline({JANUARY}, {BELOW_T1}) {{ nodes {{ {EVERYTHING} }} }} }}"
    assert world.calls(asked) == {"events": 1, "by_mrid": 1}


def test_timeline__subjects_that_are_not_in_the_graph_are_not_shown(world: World) -> None:
    world.draw()
    world.happen("1", "2026-01-02T10:00Z", "B3", "not-yet")
    found = timeline(world, fields="nodes { subjects { mRID } }")
    assert found["nodes"] == [{"subjects": [{"mRID": "B3"}]}]


def test_timeline__a_switch_that_is_opened_is_in_it(world: World) -> None:
    world.draw()
    world.data('mutation { setSwitch(mRID: "s1", open: false) { mRID } }')
    asked = (
        "{ timeline(start: %s, stop: %s, scope: {element: %s}) { nodes { kind text relation } } }"
    )
    asked %= ('"2020-01-01T00:00:00Z"', '"2100-01-01T00:00:00Z"', '"s1"')
    entry = world.data(asked)["timeline"]["nodes"][0]
    text = f"Breaker s1 closed by {OPEN_CALLER.name}"
    assert entry == {"kind": "SWITCHING", "text": text, "relation": "START"}


def test_event__is_found_by_its_id(world: World) -> None:
    world.draw()
    world.happen("a/b", "2026-01-02T10:00Z", "B3", text="first line\nsecond")
    found = world.data('{ event(id: "scada/a/b") { id title text } }')["event"]
    assert found == {"id": "scada/a/b", "title": "first line", "text": "first line\nsecond"}


@pytest.mark.parametrize("id", ["scada/2", "scada", "", "/", "scada/"])
def test_event__that_is_unknown_is_null(world: World, id: str) -> None:
    assert world.data("query ($id: ID!) { event(id: $id) { id } }", {"id": id}) == {"event": None}


def test_histogram__counts_by_local_day_in_columns(world: World) -> None:
    world.draw()
    for at, kind in (("28T23:30", "ALARM"), ("29T21:30", "ALARM"), ("29T22:30", "FAULT")):
        world.happen(at, f"2026-03-{at}Z", "B3", kind=kind)
    window = 'start: "2026-03-28T23:00:00Z", stop: "2026-03-30T22:00:00Z"'
    asked = 'bucket: "P1D", zone: "Europe/Oslo") { times total byKind { kind counts } } }'
    found = world.data(f"{{ timelineHistogram({window}, {asked}")["timelineHistogram"]
    assert found["times"] == ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"]
    assert found["total"] == [2, 1]
    assert found["byKind"] == [
        {"kind": "ALARM", "counts": [2, 0]},
        {"kind": "FAULT", "counts": [0, 1]},
    ]


def test_histogram__an_empty_one_says_what_range_exists(world: World) -> None:
    world.draw()
    world.happen("1", "2026-03-01T12:00Z", "B3")
    asked = f'{{ timelineHistogram({JANUARY}, bucket: "P7D") {{ byKind {{ kind }} {RANGE} }} }}'
    found = world.data(asked)["timelineHistogram"]
    assert (found["byKind"], found["availableRange"]["start"]) == ([], "2026-03-01T12:00:00Z")


def test_around__an_empty_one_says_what_range_exists(world: World) -> None:
    world.draw()
    world.happen("centre", "2026-01-15T12:00Z", "t1", kind="FAULT")
    world.happen("old", "2026-01-01T00:00Z", "B3", kind="NOTE")
    found = world.data(f'{{ around(entry: "scada/centre") {{ totalCount {RANGE} }} }}')["around"]
    assert (found["totalCount"], found["availableRange"]["start"]) == (0, "2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('bucket: "P1M"', "BAD_RESOLUTION"),
        ('bucket: "P1D", zone: "Mars/Olympus"', "BAD_ZONE"),
        ('bucket: "PT1S"', "TOO_MANY_INTERVALS"),
        ('scope: {element: "t9"}', "UNKNOWN_ELEMENT"),
    ],
)
def test_histogram__what_cannot_be_cut_is_refused(world: World, arguments: str, code: str) -> None:
    world.draw()
    asked = f"{{ timelineHistogram({JANUARY}, {arguments}) {{ total }} }}"
    assert world.error(asked)["code"] == code


def test_around__gives_the_figures_that_led_to_the_rank(world: World) -> None:
    world.draw()
    world.happen("old", "2026-01-01T00:00Z", "B3", kind="NOTE")
    world.happen("centre", "2026-01-15T12:00Z", "t1", kind="FAULT")
    world.happen("rare", "2026-01-15T12:10Z", "B3")
    fields = """
        entry { id } window { start stop } baseline { start stop } totalCount truncated
        nodes { entry { id distance relation } observed expected baselineCount minutesApart
                surprise }
    """
    found = world.data(f'{{ around(entry: "scada/centre") {{ {fields} }} }}')["around"]
    assert found["window"] == {"start": "2026-01-15T11:00:00Z", "stop": "2026-01-15T13:00:00Z"}
    assert found["baseline"] == {"start": "2026-01-01T00:00:00Z", "stop": "2026-01-15T11:00:00Z"}
    [node] = found["nodes"]
    assert node["entry"] == {"id": "scada/rare", "distance": 1, "relation": "DOWNSTREAM"}
    assert (node["observed"], node["baselineCount"], node["minutesApart"]) == (1, 0, 10)
    assert node["expected"] == pytest.approx(2 / (14 * 24 + 11))
    assert node["surprise"] == pytest.approx(5.155, abs=0.01)


@pytest.mark.parametrize(
    ("before", "code"),
    [("P2Y", "BAD_RESOLUTION"), ("yesterday", "BAD_RESOLUTION"), ("P400D", "INVALID_CALL")],
)
def test_around__a_time_that_is_no_time_is_refused(world: World, before: str, code: str) -> None:
    world.draw()
    world.happen("centre", "2026-01-15T12:00Z", "t1")
    asked = f'{{ around(entry: "scada/centre", before: "{before}") {{ totalCount }} }}'
    assert world.error(asked)["code"] == code
