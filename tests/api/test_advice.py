"""Advice over the API, on the transformers of `tests.unit.services.test_advising`."""

from __future__ import annotations

import pytest

from tests.api.conftest import World
from tests.unit.services.test_advising import grown

ASKED = 'horizon: "PT3H", asOf: "2026-01-12T00:00:00Z", powerFactor: 1'


def test_advice__has_probability_window_causes_remedies_and_its_end(world: World) -> None:
    query = f"""{{ advice({ASKED}) {{ exceeding checked reason nextIssueAt advice {{
        element {{ mRID }} limit {{ va }} probability peakAt hoursAhead from to hours expiresAt
        contributions {{ element {{ mRID }} watts share }} forecast {{ rung missingInputs }}
        actions {{ kind watts probability takerProbability
            steps {{ element {{ mRID }} open }} }} }} }} }}"""
    told = grown(world).data(query)["advice"]
    [one] = told.pop("advice")
    assert told == {"exceeding": 1, "checked": 2, "reason": "", "nextIssueAt": None}
    assert (one["element"]["mRID"], one["probability"]) == ("t1", pytest.approx(0.25))
    assert (one["from"], one["to"]) == ("2026-01-12T00:00:00Z", "2026-01-12T03:00:00Z")
    assert one["expiresAt"] == one["to"]
    assert [part["share"] for part in one["contributions"]] == [0.5, 0.5]
    assert one["forecast"] == {"rung": "LAST_WEEK", "missingInputs": ["the weather"]}
    move, limit = one["actions"]
    assert move == {
        "kind": "MOVE", "watts": 100.0, "probability": 0.0, "takerProbability": 0.0,
        "steps": [{"element": {"mRID": "s1"}, "open": False},
                  {"element": {"mRID": "x1"}, "open": True}],
    }  # fmt: skip
    assert limit["kind"] == "LIMIT"


@pytest.mark.parametrize(
    "scope",
    ['{element: "t1"}', '{trace: {start: "t1", kind: DOWNSTREAM}}', '{elements: ["t1", "t2"]}'],
)
def test_advice__is_on_the_places_of_any_scope(world: World, scope: str) -> None:
    query = f"{{ advice(scope: {scope}, {ASKED}) {{ advice {{ element {{ mRID }} }} }} }}"
    told = grown(world).data(query)["advice"]["advice"]
    assert told == [{"element": {"mRID": "t1"}}]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("probability: 0", "INVALID_CALL"),
        ("powerFactor: 2", "INVALID_CALL"),
        ("first: -1", "INVALID_CALL"),
        ('horizon: "P365D"', "INVALID_CALL"),
        ('scope: {element: "t9"}', "UNKNOWN_ELEMENT"),
    ],
)
def test_advice__bad_question_is_an_error_with_its_code(
    world: World, given: str, code: str
) -> None:
    error = grown(world).error(f"{{ advice({given}) {{ reason }} }}")
    assert (error["code"], bool(error["hint"])) == (code, True)
