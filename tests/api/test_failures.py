"""Risks of failures over the API."""

from __future__ import annotations

import pytest

from tests.api.conftest import World

ASKED = 'asOf: "2026-01-12T00:00:00Z"'


@pytest.fixture
def struck(world: World) -> World:
    world.draw()
    world.happen("one", "2025-11-20T12:00+00:00", "l2", kind="FAULT")
    return world


def test_failure_risk__has_who_says_it_why_and_what_was_missing(struck: World) -> None:
    query = f"""{{ failureRisk({ASKED}, first: 1) {{
        judged expected days issuedAt reason
        model {{ name version averagePrecision }} baseline {{ name averagePrecision }}
        risks {{ element {{ mRID }} probability rung missingInputs
                 factors {{ name value unit times }} }} }} }}"""
    told = struck.data(query)["failureRisk"]
    [one] = told["risks"]
    assert (one["element"]["mRID"], told["judged"], told["days"]) == ("l2", 7, 30)
    assert (told["issuedAt"], told["reason"]) == ("2026-01-12T00:00:00Z", "")
    assert 0 < one["probability"] < 1
    assert told["model"]["name"] != told["baseline"]["name"]
    assert all(factor["times"] > 0 for factor in one["factors"])


def test_failure_risk__costs_as_many_store_calls_for_one_element_as_for_all(
    struck: World,
) -> None:
    query = "{ failureRisk(%s %s) { judged } }"
    one, every = (struck.calls(query % (scope, ASKED)) for scope in ('scope: {element: "l2"}', ""))
    assert every["events"] == one["events"] == 1


def test_failure_risk__more_than_may_be_asked_is_an_error_with_its_code(struck: World) -> None:
    error = struck.error("{ failureRisk(first: 501) { judged } }")
    assert (error["code"], bool(error["hint"])) == ("INVALID_CALL", True)
