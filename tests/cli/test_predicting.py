"""Forecasts on the command line, with a predictor that is installed for the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import TRANSFORMER

FIRST = "2026-01-12T00:00:00Z"
LATER = "2030-01-01T00:00:00Z"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that brings a predictor."""
    about = tmp_path / "packages" / "theirs-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[gridstrata.predictors]\nload = tests.predicting:LastWeek\n"
    )
    monkeypatch.syspath_prepend(about.parent)


@pytest.mark.usefixtures("installed")
def test_predict__says_by_level_who_says_it_and_why(run, data):
    ended = run("--data", data, "predict", "--at", FIRST, "--hours", "2", "--known", LATER)
    assert ended.code == 0, ended.err
    told, titles, *rows = ended.out.splitlines()
    assert told.startswith("issued at 2026-01-12T00:00:00+00:00: ")
    assert titles.split()[:2] == ["level", "rung"]
    assert {row.split()[1] for row in rows} <= {"LAST_WEEK", "NOTHING", "place"}


@pytest.mark.usefixtures("installed")
def test_predict__json_has_what_was_said_of_each_place(run, data):
    asked = ("predict", "--at", FIRST, "--known", LATER, "--hours", 2, "--format", "json")
    made = run("--data", data, *asked).json
    said = [place for place in made["places"] if place["rung"] == "LAST_WEEK"]
    assert made["new"] == len(said) > 0
    assert [len(column) for column in said[0]["values"]] == [2, 2, 2]
    assert run("--data", data, *asked).json["new"] == 0


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        (("--at", "noon"), "zone"),
        (("--at", "2026-01-08"), "zone"),
        (("--quantiles", "a,b"), "0.1,0.5,0.9"),
        (("--quantiles", "0.9,0.1"), "ascending"),
    ],
)
def test_predict__bad_argument_is_named_with_what_to_do(run, data, given, hint):
    ended = run("--data", data, "predict", *given)
    assert ended.code == 1
    assert hint in ended.hint


def test_predict__with_what_comes_along_answers_what_was_issued(run, data):
    at = "2026-01-06T18:00:00Z"
    made = run("--data", data, "predict", "--at", at, "--known", LATER, "--format", "json").json
    said = {place["element"]: place for place in made["places"]}[f"town/{TRANSFORMER}"]
    assert (said["customers"], said["level"]) == (58, "transformer")
    fields = "rung issuedAt quantiles { values } model { name version }"
    asked = f'{{ forecast(scope: {{element: "{TRANSFORMER}"}}, asOf: "{at}") {{ {fields} }} }}'
    told = run("--data", data, "query", asked).json["data"]["forecast"]
    assert [column["values"] for column in told["quantiles"]] == said["values"]
    assert (told["rung"], told["model"], told["issuedAt"]) == (said["rung"], said["model"], at)
