"""Faults on the command line: rehearsed, located, kept; over a generated town, nothing faked."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def seen(run, data, tmp_path):
    """What is observed of a simulated fault, in a file."""
    ended = run("--data", data, "rehearse", "--kind", "BC", "--ohm", 2, "--sensors", 0.9)
    assert ended.code == 0, ended.err
    path = tmp_path / "seen.json"
    path.write_text(ended.out)
    return path


def test_locate__finds_what_was_rehearsed_and_says_who(run, data, seen):
    found = run("--data", data, "locate", seen, "--format", "json").json
    assert found["sections"][0]["element"] == json.loads(seen.read_text())["section"]
    assert found["sections"][0]["kind"] == "BC"
    assert found["model"]["name"]
    assert found["entry"] is None


def test_locate__text_has_odds_metres_and_what_was_missing(run, data, seen):
    told = run("--data", data, "locate", seen, "--first", 1).out
    assert "odds" in told.splitlines()[1]
    assert "m to walk" in told
    assert "seen: protection opened" in told
    assert "missing: " in told


def test_locate__keep__is_an_event_that_is_known_now(run, data, seen):
    words = ("locate", seen, "--since", "2026-01-01T00:00:00Z", "--keep", "--format", "json")
    entry = run("--data", data, *words).json["entry"]
    asked = run("--data", data, "query", f'{{ event(id: "{entry}") {{ kind start }} }}')
    event = json.loads(asked.out)["data"]["event"]
    assert event == {"kind": "PREDICTION", "start": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize("text", ["", "[]", '{"sensors": [{}]}'])
def test_locate__file_that_holds_no_observations_is_one_line_and_a_hint(run, data, tmp_path, text):
    path = tmp_path / "odd.json"
    path.write_text(text)
    ended = run("--data", data, "locate", path)
    assert ended.code == 1
    assert "holds no observations" in ended.err
    assert "hint: give a file as `gridstrata rehearse` writes it" in ended.err
