"""Traces, queries and the status on the command line."""

from __future__ import annotations

import io
import json

import pytest

from tests.cli.conftest import TRANSFORMER

BELOW = """
query Below($start: ID!, $from: DateTime!, $to: DateTime!) {
  trace(start: $start, kind: DOWNSTREAM) {
    series(quantity: ENERGY_IN, start: $from, stop: $to) { values memberCount }
  }
}
"""


def test_trace__downstream__counts_kinds_and_lists_steps(run, imported):
    ended = run("--data", imported, "trace", TRANSFORMER, "--state", "present", "--first", 2)
    assert ended.out.startswith("293 elements at revision 1\n")
    assert "T-0001 low side" in ended.out
    assert ended.out.endswith("... the first 2 of 293\n")


def test_trace__as_json__has_every_step_that_was_asked(run, imported):
    arguments = ["trace", TRANSFORMER, "--kind", "DOWNSTREAM", "--only", "Meter", "--first", 500]
    answer = run("--data", imported, *arguments, "--format", "json").json
    assert answer["totalCount"] == len(answer["steps"]) == 58
    assert answer["countByKind"] == {"Meter": 58}
    assert answer["hasNextPage"] is False


def test_trace__to_an_element__gives_the_way_there(run, imported):
    start = run("--data", imported, "trace", TRANSFORMER, "--only", "Meter", "--format", "json")
    meter = start.json["steps"][0]["mRID"]
    arguments = ["trace", TRANSFORMER, "--kind", "shortest-path", "--to", meter]
    steps = run("--data", imported, *arguments, "--format", "json").json["steps"]
    assert (steps[0]["mRID"], steps[-1]["mRID"]) == (TRANSFORMER, meter)


def test_trace__over_a_chosen_layer__leaves_the_others(run, imported):
    arguments = ["trace", TRANSFORMER, "--kind", "connected", "--layer", "ownership"]
    answer = run("--data", imported, *arguments, "--format", "json").json
    assert answer["totalCount"] < 293


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nobody"], "search for it by name"),
        ([TRANSFORMER, "--to", "nobody", "--kind", "shortest-path"], "search for it by name"),
        ([TRANSFORMER, "--only", "Braeker"], "did you mean Breaker"),
    ],
)
def test_trace__of_something_unknown__says_what_to_do(run, imported, arguments, told):
    ended = run("--data", imported, "trace", *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert told in ended.hint


def test_query__from_a_file_with_variables_from_a_file__prints_json(run, imported, tmp_path):
    (tmp_path / "below.graphql").write_text(BELOW)
    window = {"from": "2026-01-05T00:00:00Z", "to": "2026-01-05T02:00:00Z"}
    (tmp_path / "v.json").write_text(json.dumps({"start": TRANSFORMER, **window}))
    ended = run("--data", imported, "query", "@below.graphql", "-v", "@v.json")
    series = ended.json["data"]["trace"]["series"]
    assert (series["memberCount"], len(series["values"])) == (58, 2)


def test_query__from_standard_input__is_answered(run, imported, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("{ store { revision } }"))
    assert run("--data", imported, "query", "-").json == {"data": {"store": {"revision": 1}}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nosuchfield }", "GRAPHQL_VALIDATION_FAILED"),
        ('{ element(mRID: "nobody") { name } }', "UNKNOWN_ELEMENT"),
        ('{ elements(filter: {kinds: ["Braeker"]}) { totalCount } }', "UNKNOWN_KIND"),
        ("{ elements(first: -1) { totalCount } }", "BAD_PAGE"),
        ('{ elements(after: "abc") { totalCount } }', "BAD_CURSOR"),
        (
            '{ series(elements: [], quantity: ENERGY_IN, start: "2026-01-02T00:00:00Z", '
            'stop: "2026-01-01T00:00:00Z") { values } }',
            "BAD_WINDOW",
        ),
    ],
)
def test_query__with_a_mistake__prints_the_errors_and_exits_with_1(run, imported, query, code):
    ended = run("--data", imported, "query", query)
    assert ended.code == 1
    assert ended.json["errors"][0]["extensions"]["code"] == code


def test_status__says_what_is_in_the_store(run, imported):
    answer = run("--data", imported, "status", "--format", "json").json
    assert (answer["revision"], answer["series"], answer["kinds"]["Meter"]) == (1, 65, 60)
    text = run("--data", imported, "status").out
    assert "2,630 readings in 65 series" in text
    assert "landed" in text


def test_status__of_a_new_folder__is_empty_and_no_error(run, tmp_path):
    answer = run("--data", tmp_path / "new", "status", "--format", "json").json
    assert (answer["revision"], answer["modelSets"]) == (0, [])
