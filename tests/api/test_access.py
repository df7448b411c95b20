"""Every root field again, as who sees everything, as a stranger, and as the owner of one feeder.

A root field without a case here fails `test_every_root_field_has_a_case`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from graph_service.api.context import Context
from graph_service.api.schema import schema
from graph_service.domain.access import NOTHING, Caller, Right
from graph_service.services.imports import RUNS
from graph_service.services.keeping import Rule
from tests.api.conftest import NORTH, World

STRANGER = Caller("stranger", NOTHING, frozenset({Right.READ}))
DAY = 'quantity: ENERGY_IN, start: "2026-01-01T00:00:00Z", stop: "2026-01-01T02:00:00Z"'
JANUARY = 'start: "2026-01-01T00:00:00Z", stop: "2026-02-01T00:00:00Z"'

ELEMENT_FIELDS: dict[str, str] = {
    "node": '{ node(id: "t1") { ... on Element { mRID } } }',
    "nodes": '{ nodes(ids: ["t1", "t2"]) { ... on Element { mRID } } }',
    "element": '{ element(mRID: "t1") { mRID neighbours { totalCount nodes { element { mRID } } }'
    " owners { mRID } containers { mRID } } }",
    "elements": "{ elements(first: 500) { totalCount countByKind { count } nodes { mRID } } }",
    "organisations": "{ organisations { totalCount nodes { mRID } } }",
    "containers": "{ containers { totalCount nodes { mRID } } }",
    "trace": '{ trace(start: "t1", kind: CONNECTED) { totalCount countByKind { count }'
    " owners { mRID } steps { nodes { element { mRID } } }"
    f" series({DAY}) {{ memberCount }} readings({DAY}) {{ memberCount nodes {{ values }} }}"
    " onward(kind: UPSTREAM, layers: [OWNERSHIP]) { totalCount owners { mRID } } } }",
    "series": f'{{ series(elements: ["M4.usage"], {DAY}) {{ memberCount }} }}',
    "readings": f'{{ readings(element: "M4.usage", {DAY}) {{ values }} }}',
    "readingsOver": f'{{ readingsOver(elements: ["M4.usage"], {DAY})'
    " { memberCount nodes { values } } }",
    "quality": '{ quality(scope: {elements: ["M4.usage"]}, start: "2026-01-01T00:00:00Z",'
    ' stop: "2026-01-02T00:00:00Z") { silentCount overall { received expected }'
    " devices { totalCount nodes { element { mRID } } } } }",
    "forecast": '{ forecast(scope: {element: "t1"}, horizon: "PT1H",'
    ' asOf: "2026-01-08T00:00:00Z", quantiles: [0.5]) { issuedAt times customers metered model'
    " { name } quantiles { values } } }",
    "advice": '{ advice(scope: {element: "t1"}, horizon: "PT1H", asOf: "2026-01-08T00:00:00Z")'
    " { checked withoutLimit advice { probability element { mRID } } } }",
    "failureRisk": '{ failureRisk(scope: {element: "l2"}, asOf: "2026-01-08T00:00:00Z")'
    " { judged expected reason model { name } risks { probability element { mRID } } } }",
    "restorationForecast": '{ restorationForecast(scope: {element: "t1"}, minutes: 60,'
    ' temperature: 5, asOf: "2026-01-08T00:00:00Z") { usualLoad peak { value } reason } }',
    "backtest": '{ backtest(scope: {element: "t1"}, from: "2026-01-01T00:00:00Z",'
    ' to: "2026-01-01T02:00:00Z") { models times measured meanLoad } }',
    "faultLocation": '{ faultLocation(observations: {tripped: ["t1"]}) { sectionCount walkM model'
    " { name } evidence sections { probability element { mRID } } baselines { name } } }",
    "faultRehearsal": '{ faultRehearsal(section: "l2") { section sensors { element volts } } }',
    "timeline": f"{{ timeline({JANUARY}) {{ nodes {{ id text subjects {{ mRID }} }}"
    " availableRange { start } } }",
    "event": '{ event(id: "scada/both") { text subjects { mRID } } }',
    "timelineHistogram": f'{{ timelineHistogram({JANUARY}, bucket: "P7D") {{ total'
    " byKind { kind counts } bySeverity { counts } } }",
    "around": '{ around(entry: "scada/both") { entry { subjects { mRID } }'
    " nodes { entry { subjects { mRID } } } } }",
    "retention": "{ retention { rules { keep } lastApplied } }",
    "quarantine": "{ quarantine { totalCount nodes { identifier values } } }",
    "store": "{ store { elementCount countByKind { count } countByLayer { count } seriesCount"
    " readingCount pending { count } modelSets { elementCount linkCount documentCount } } }",
    "modelSets": "{ modelSets { elementCount documents { statementCount } } }",
    "documents": '{ documents(modelSet: "drawn") { partCount } }',
    "importRuns": "{ importRuns { totalCount nodes { objects } } }",
    "importRun": '{ importRun(id: "RUN") { objects findings { totalCount } } }',
    "revisions": "{ revisions { nodes { number } } }",
}
TABLES = {"kinds", "links", "quantities"}
"""What CIM is, not what is in the store: the same for everybody."""
CHANGES: dict[str, str] = {
    "setSwitch": 'mutation { setSwitch(mRID: "s1", open: false) { mRID } }',
    "undo": "mutation { undo(revision: 1) { number } }",
    "import": "mutation { import(files: []) { id } }",
    "addReadings": 'mutation { addReadings(input: [{element: "M4.usage", quantity: P,'
    ' times: ["2026-01-01T00:00:00Z"], values: [1]}]) { stored } }',
    "locateFault": 'mutation { locateFault(observations: {tripped: ["t1"]}) { entry } }',
    "addEvents": 'mutation { addEvents(input: [{source: "me", id: "1", kind: NOTE, text: "hello",'
    ' start: "2026-01-01T00:00:00Z", subjects: ["M4.usage"]}]) { stored } }',
}
EVENTS = {"importProgress": "RUN", "revisionChanged": "", "timelineAppended": "t1"}


@pytest.fixture(scope="module")
def owned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all who only ask."""
    world = World(tmp_path_factory.mktemp("owned"))
    world.draw_owned()
    world.read("M4.usage", "2026-01-01T00:00Z", [1, 2])
    world.bring("readings,element=not-yet-imported P=1 1767225600000000000")
    world.records.put(RUNS, [("RUN", _record())])
    world.house.keeping.state(Rule("MESSAGE", "P1Y"))
    world.happen("both", "2026-01-01T00:00Z", "t1", "t2")
    world.happen("near", "2026-01-01T00:10Z", "l2")
    world.happen("south", "2026-01-01T00:20Z", "l4")
    world.happen("nobody", "2026-01-01T00:30Z")
    yield world
    world.close()


def test_every_root_field_has_a_case() -> None:
    core = schema._schema
    roots = [core.query_type, core.mutation_type, core.subscription_type]
    fields = [set(root.fields) for root in roots if root]
    assert fields == [set(ELEMENT_FIELDS) | TABLES, set(CHANGES), set(EVENTS)]


@pytest.mark.parametrize("field", ELEMENT_FIELDS)
def test_stranger__is_answered_as_if_the_store_were_empty(owned: World, field: str) -> None:
    answer = owned.ask(ELEMENT_FIELDS[field], caller=STRANGER)
    assert {value for value in _leaves(answer["data"]) if value} == set()
    codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
    assert codes <= {"UNKNOWN_ELEMENT"}


@pytest.mark.parametrize("field", sorted(ELEMENT_FIELDS.keys() - {"containers"}))
def test_who_sees_everything__is_answered_by_every_field(owned: World, field: str) -> None:
    data = owned.data(ELEMENT_FIELDS[field])
    assert any(value for value in _leaves(data))


@pytest.mark.parametrize("field", ELEMENT_FIELDS)
def test_owner_of_one_feeder__sees_nothing_of_the_other(owned: World, field: str) -> None:
    north = owned.caller("north")
    answer = owned.ask(ELEMENT_FIELDS[field], caller=north)
    shown = set(_mrids(answer))
    assert shown <= _all_of_north(owned)
    if field in ("node", "nodes", "element", "elements", "organisations", "trace"):
        assert shown


def test_owner_of_one_feeder__counts_are_of_what_it_sees(owned: World) -> None:
    north = owned.caller("north")
    data = owned.data(
        "{ elements { totalCount } store { elementCount modelSets { elementCount linkCount } } }",
        caller=north,
    )
    expected = len(_all_of_north(owned))
    assert data["elements"]["totalCount"] == data["store"]["elementCount"] == expected
    assert data["store"]["modelSets"] == [{"elementCount": expected, "linkCount": None}]


def test_owner_of_one_feeder__events_are_those_about_what_it_sees(owned: World) -> None:
    asked, north = f"{{ timeline({JANUARY}) {{ nodes {{ id }} }} }}", owned.caller("north")
    counted = f'{{ timelineHistogram({JANUARY}, bucket: "P31D") {{ total }} }}'
    nodes = owned.data(asked, caller=north)["timeline"]["nodes"]
    assert [node["id"] for node in nodes] == ["scada/both", "scada/near"]
    assert owned.data(counted, caller=north) == {"timelineHistogram": {"total": [2]}}
    assert len(owned.data(asked)["timeline"]["nodes"]) == 4


@pytest.mark.parametrize("id", ["south", "nobody", "unknown"])
def test_owner_of_one_feeder__other_events_are_not_there(owned: World, id: str) -> None:
    asked = "query ($id: ID!) { event(id: $id) { text } around(entry: $id) { totalCount } }"
    found = owned.data(asked, {"id": f"scada/{id}"}, owned.caller("north"))
    assert found == {"event": None, "around": None}


def test_owner_of_one_feeder__around_an_event_ranks_its_own_only(owned: World) -> None:
    asked = '{ around(entry: "scada/both") { nodes { entry { id } } } }'
    nodes = owned.data(asked, caller=owned.caller("north"))["around"]["nodes"]
    assert [node["entry"]["id"] for node in nodes] == ["scada/near"]
    assert len(owned.data(asked)["around"]["nodes"]) == 2


def test_owner_of_one_feeder__a_trace_ends_where_the_other_begins(owned: World) -> None:
    trace = '{ trace(start: "M4", kind: CONNECTED, kinds: ["PowerTransformer"]) { %s } }'
    steps = trace % "steps { nodes { element { mRID } } }"
    assert set(_mrids(owned.data(steps))) == {"t1", "t2"}
    assert set(_mrids(owned.data(steps, caller=owned.caller("north")))) == {"t1"}


@pytest.mark.parametrize("mrid", ["t1", "B3", "M4.usage"])
def test_owner_of_one_feeder__is_told_no_figure_made_of_the_other(owned: World, mrid: str) -> None:
    fields = "customers metered times quantiles { values } issuedAt model { name }"
    asked = f'{{ forecast(asOf: "2026-01-08T00:00:00Z", horizon: "PT1H", scope: %s) {{ {fields} }}'
    asked += f' element(mRID: "{mrid}") {{ forecast(asOf: "2026-01-08T00:00:00Z") {{ {fields} }} }}'
    asked += f' trace(start: "{mrid}", kind: DOWNSTREAM) {{ forecast {{ {fields} }} }} }}'
    scope = f'{{element: "{mrid}"}}'
    found = owned.data(asked % scope, caller=owned.caller("north"))
    assert {value for value in _leaves(found) if value} == set()


@pytest.mark.parametrize("field", CHANGES)
@pytest.mark.parametrize("rights", [(Right.READ,), (Right.READ, Right.SWITCH, Right.IMPORT)])
def test_stranger__changes_nothing_whatever_its_rights(
    owned: World, field: str, rights: tuple[Right, ...]
) -> None:
    before = owned.house.network.revision()
    stranger = Caller("stranger", NOTHING, frozenset(rights))
    error = owned.error(CHANGES[field], caller=stranger)
    assert error["code"] in ("ACCESS_DENIED", "UNKNOWN_ELEMENT")
    assert owned.house.network.revision() == before


def test_owner_with_the_right__switches_its_own_switch_only(world: World) -> None:
    world.draw_owned()
    north = world.caller("north", Right.SWITCH)
    south = world.caller("south", Right.SWITCH)
    assert world.error(CHANGES["setSwitch"], caller=south)["code"] == "UNKNOWN_ELEMENT"
    assert world.data(CHANGES["setSwitch"], caller=north) == {"setSwitch": {"mRID": "s1"}}


def test_import_progress__of_somebody_elses_run_is_unknown_to_a_stranger(owned: World) -> None:
    async def first(caller: Caller) -> Any:
        query = 'subscription { importProgress(runId: "RUN") { state } }'
        stream = await schema.subscribe(query, context_value=Context(owned.house, caller))
        return await anext(stream)

    assert asyncio.run(first(owned.caller(None))).data == {"importProgress": {"state": "LANDED"}}
    assert asyncio.run(first(STRANGER)).errors[0].extensions["code"] == "INVALID_CALL"


def test_timeline_appended__of_what_a_stranger_may_not_see_cannot_be_watched(owned: World) -> None:
    async def first() -> Any:
        query = 'subscription { timelineAppended(scope: {element: "t1"}) { missed } }'
        stream = await schema.subscribe(query, context_value=Context(owned.house, STRANGER))
        return await anext(stream)

    assert asyncio.run(first()).errors[0].extensions["code"] == "UNKNOWN_ELEMENT"
    assert owned.house.live.watchers == 0


def _all_of_north(world: World) -> set[str]:
    """What belongs to north: what was drawn so, and what hangs on it."""
    hanging = {mrid for mrid in _drawn(world) if mrid.rpartition(".")[0] in NORTH}
    meters = {"M4", "M4.usage", "M6", "M6.usage", "M4.1", "M6.1"}
    return {*NORTH, "north", "north.owner"} | hanging | meters


def _drawn(world: World) -> list[str]:
    return list(_mrids(world.data("{ elements(first: 500) { nodes { mRID } } }")))


def _mrids(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (inner for key, inner in value.items() if key == "mRID")
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _mrids(inner)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)
    else:
        yield value


def _record() -> dict[str, Any]:
    return {
        "state": "landed",
        "author": "test",
        "model_set": "drawn",
        "paths": ["drawn.xml"],
        "started_at": "2026-01-01T00:00:00+00:00",
        "objects": 7,
    }
