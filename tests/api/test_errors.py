"""Errors: every one has a code, a subject, a hint; nothing of the inside leaves the house."""

from __future__ import annotations

import logging

import pytest

from graph_service.domain.errors import StoreBusy
from tests.api.conftest import World


def test_parse__what_is_no_graphql_says_where(world: World) -> None:
    answer = world.ask("{ elements(first: }")
    assert "data" not in answer
    [error] = answer["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    assert error["locations"] == [{"line": 1, "column": 19}]


def test_validation__an_unknown_field_is_told_with_a_near_one(world: World) -> None:
    error = world.error("{ elements { totalCounts } }")
    assert error["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "totalCount" in error["message"]


def test_validation__a_variable_of_the_wrong_kind_is_told(world: World) -> None:
    error = world.error("query P($n: Int!) { elements(first: $n) { totalCount } }", {"n": "x"})
    assert error["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_validation__no_more_than_twenty_errors_are_listed(world: World) -> None:
    answer = world.ask("{ " + " ".join(f"x{i}" for i in range(500)) + " }")
    assert len(answer["errors"]) <= 21


def test_unexpected__is_logged_under_an_id_and_told_without_detail(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("/secret/place")

    monkeypatch.setattr(world.graph, "count", fail, raising=False)
    with caplog.at_level(logging.ERROR):
        error = world.error("{ elements { totalCount } }")
    assert error["code"] == "INTERNAL"
    assert error["subject"] in error["message"]
    assert "secret" not in str(error)
    assert error["subject"] in caplog.text
    assert "/secret/place" in caplog.text


def test_store_busy__can_be_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(*_: object, **__: object) -> None:
        raise StoreBusy("another process is writing", hint="try again")

    world.draw()
    monkeypatch.setattr(world.graph, "transaction", wait, raising=False)
    error = world.error('mutation { setSwitch(mRID: "s1", open: false) { mRID } }')
    assert (error["code"], error["retryable"]) == ("STORE_BUSY", True)


def test_partial__one_failing_field_leaves_the_others(world: World) -> None:
    world.draw()
    answer = world.ask('{ element(mRID: "no") { name } store { elementCount } }')
    assert answer["data"]["element"] is None
    assert answer["data"]["store"]["elementCount"] > 0
    assert answer["errors"][0]["path"] == ["element"]


def test_switch__what_is_no_switch_cannot_be_opened(world: World) -> None:
    world.draw()
    error = world.error('mutation { setSwitch(mRID: "t1", open: true) { mRID } }')
    assert (error["code"], error["subject"]) == ("BAD_FILTER", "t1")


def test_undo__takes_a_switching_back_and_knows_no_other_revision(world: World) -> None:
    world.draw()
    world.data('mutation { setSwitch(mRID: "s1", open: false) { mRID } }')
    undone = world.data("mutation { undo(revision: 2) { number undoes changed } }")["undo"]
    assert undone == {"number": 3, "undoes": 2, "changed": 1}
    assert world.error("mutation { undo(revision: 9) { number } }")["code"] == "UNKNOWN_REVISION"
    kept = world.data(
        "{ revisions(first: 2) { nodes { number author } pageInfo { hasNextPage } } }"
    )
    assert [row["number"] for row in kept["revisions"]["nodes"]] == [3, 2]
    assert kept["revisions"]["pageInfo"]["hasNextPage"]
