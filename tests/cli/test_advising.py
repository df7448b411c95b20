"""Advice on the command line, with what comes along."""

from __future__ import annotations

from tests.cli.conftest import TRANSFORMER

ASKED = ("advice", TRANSFORMER, "--at", "2026-01-06T18:00:00Z", "--known", "2030-01-01T00:00:00Z")


def test_advice__says_how_likely_when_why_and_what_could_be_done(run, data):
    ended = run("--data", data, *ASKED, "--power-factor", "0.05")
    assert ended.code == 0, ended.err
    first, _, place, when, *rest = ended.out.splitlines()
    assert first.startswith("1 of 1 places; 0 have no limit, 0 no forecast")
    assert place.startswith("T-0001  100%  (rated power ")
    assert " h from 2026-01-06 18:00 to " in when
    assert rest[-1] == "  until 2026-01-08 18:00 UTC"
    assert any(line.startswith("  LIMIT: limit ") for line in rest)


def test_advice__where_all_is_well_says_so(run, data):
    ended = run("--data", data, *ASKED)
    assert ended.out.splitlines()[1].startswith("none of 1 places exceeds its limit")


def test_advice__json_has_the_same(run, data):
    told = run("--data", data, *ASKED, "--power-factor", "0.05", "--format", "json").json
    [one] = told["advice"]
    assert (told["exceeding"], one["element"]) == (1, f"town/{TRANSFORMER}")
    assert {action["kind"] for action in one["actions"]} <= {"LOWER_VOLTAGE", "LIMIT", "MEASURE"}


def test_advice__bad_argument_is_named_with_what_to_do(run, data):
    ended = run("--data", data, "advice", "--probability", "2")
    assert (ended.code, "at most 1" in ended.hint) == (1, True)
