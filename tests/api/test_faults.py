"""Where faults are, over the API: given by hand, taken from the timeline, rehearsed, kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from graph_service.domain.access import Caller, Right
from tests.api.conftest import World

GIVEN = 'observations: {tripped: ["t1"], sensors: [{element: "l2", volts: [1, null, 3]}]}'
FIELDS = """ rung reason walkM sectionCount evidence missingInputs
    sections { probability lengthM kind ohm element { mRID kind } }
    model { name version trainedOn level top1 top3 metres }
    baselines { name probability top1 element { mRID } } """


@pytest.fixture
def drawn(world: World) -> World:
    """Two feeders behind a breaker."""
    world.draw("S1 /b1/ B1 -l1- B2 =t1= B3 -l2- M4\n B2 =t2= B7 -l4- M6")
    return world


def test_fault_location__has_odds_by_section_and_who_said_it(drawn: World) -> None:
    told = drawn.data(f"{{ faultLocation({GIVEN}) {{ {FIELDS} }} }}")["faultLocation"]
    assert [s["element"]["mRID"] for s in told.pop("sections")] == ["l2"]
    assert told == {
        "rung": "BASELINE", "reason": "there is no model", "walkM": 50.0, "sectionCount": 1,
        "evidence": ["1 sensors", "0 silent"], "missingInputs": ["the weather"],
        "model": {"name": "by-name", "version": "1", "trainedOn": "nothing",
                  "level": "sensors 30 %", "top1": 0.5, "top3": 0.75, "metres": 120.0},
        "baselines": [{"name": "guess", "probability": 0.1, "top1": 0.25,
                       "element": {"mRID": "l2"}}],
    }  # fmt: skip


def test_fault_location__first__shows_the_likeliest(drawn: World) -> None:
    query = '{ faultLocation(observations: {tripped: ["l1"]}, first: 2) { sectionCount sections'
    told = drawn.data(query + " { probability element { mRID } } } }")["faultLocation"]
    assert [s["element"]["mRID"] for s in told["sections"]] == ["l1", "l2"]
    assert told["sectionCount"] > 2


def test_fault_location__since__takes_signs_from_the_timeline(drawn: World) -> None:
    drawn.happen("trip", "2026-01-01T00:00:01Z", "b1", "l1", kind="FAULT")
    for meter, minute in (("M4", "00"), ("M6", "05")):
        gasp = {"kind": "DEVICE_EVENT", "text": f"Last gasp of {meter}"}
        drawn.happen(meter, f"2026-01-01T00:{minute}:02Z", meter, **gasp)
    query = '{ faultLocation(since: "2026-01-01T00:00:00Z") { evidence rung reason } }'
    told = drawn.data(query)["faultLocation"]
    assert told["evidence"] == ["0 sensors", "1 silent"]


def test_fault_location__nothing_observed__says_so(drawn: World) -> None:
    told = drawn.data("{ faultLocation { rung reason sections { probability } } }")
    assert told["faultLocation"]["rung"] == "NOTHING"
    assert "nothing was observed" in told["faultLocation"]["reason"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ('observations: {tripped: ["t9"]}', "UNKNOWN_ELEMENT"),
        ('observations: {sensors: [{element: "l2", volts: [1, 2]}]}', "INVALID_CALL"),
        ('observations: {sensors: [{element: "l2", amperes: [-1, 2, 3]}]}', "INVALID_CALL"),
        ("first: 501", "INVALID_CALL"),
    ],
)
def test_fault_location__bad_question_is_an_error_with_its_code(
    drawn: World, arguments: str, code: str
) -> None:
    error = drawn.error(f"{{ faultLocation({arguments}) {{ rung }} }}")
    assert error["code"] == code
    assert error["message"]


def test_locate_fault__keeps_what_was_said_and_a_later_answer_beside_it(drawn: World) -> None:
    drawn.happen("trip", "2026-01-01T00:00:01Z", "s1", kind="FAULT")
    query = (
        'mutation { locateFault(since: "2026-01-01T00:00:00Z", %s) { entry location { rung } } }'
    )
    before = datetime.now(UTC)
    first = drawn.data(query % GIVEN)["locateFault"]
    second = drawn.data(query % 'observations: {tripped: ["l1"]}')["locateFault"]
    assert first["entry"] == second["entry"]
    entry = first["entry"]
    now = drawn.data(f'{{ event(id: "{entry}") {{ kind start text }} }}')["event"]
    assert (now["kind"], now["start"]) == ("PREDICTION", "2026-01-01T00:00:00Z")
    assert "drawn/l1" in now["text"]
    then = f'{{ event(id: "{entry}", knownAt: "{before.isoformat()}") {{ text }} }}'
    assert drawn.data(then)["event"] is None


def test_locate_fault__who_may_only_read_may_not(drawn: World) -> None:
    reader = Caller("reader", drawn.caller(None).scope, frozenset({Right.READ}))
    query = f"mutation {{ locateFault({GIVEN}) {{ entry }} }}"
    error = drawn.ask(query, caller=reader)["errors"][0]
    assert error["extensions"]["code"] == "ACCESS_DENIED"


def test_fault_location__owner_of_one_feeder__is_not_told_of_what_is_joined(world: World) -> None:
    world.draw_owned()
    north = world.caller("north")
    query = f"{{ faultLocation({GIVEN}) {{ rung reason sections {{ probability }} evidence }} }}"
    told = world.data(query, caller=north)["faultLocation"]
    assert (told["rung"], told["sections"], told["evidence"]) == ("NOTHING", [], [])
    assert "not all of that may" in told["reason"]


def test_fault_rehearsal__is_what_fault_location_takes(drawn: World) -> None:
    query = '{ faultRehearsal(section: "l2") { section sensors { element volts amperes } } }'
    made = drawn.data(query)["faultRehearsal"]
    assert made["section"] == "drawn/l2"
    assert made["sensors"][0]["volts"] == [100.0, 200.0, None]
