"""Data quality and schedules on the command line."""

from __future__ import annotations

import pytest

from tests.cli.conftest import TRANSFORMER

DAYS = ("--from", "2026-01-05", "--to", "2026-01-07")


def organisation(run, data):
    """One that owns usage points."""
    asked = "{ organisations { nodes { mRID name } } }"
    found = run("--data", data, "query", asked).json["data"]["organisations"]["nodes"]
    return next(one["mRID"] for one in found if "Estate" in one["name"])


def test_quality__of_everything__is_a_table_by_day_and_the_worst(run, imported):
    ended = run("--data", imported, "quality", *DAYS, "--worst", 1)
    assert ended.out.startswith("60 devices, 3 of them without any reading\n")
    assert "2026-01-06T00:00Z" in ended.out
    assert ended.out.count("town/") == 1


def test_quality__below_a_transformer_as_json__counts_its_devices(run, imported):
    arguments = ["quality", *DAYS, "--trace", TRANSFORMER, "--zone", "Europe/Oslo"]
    answer = run("--data", imported, *arguments, "--format", "json").json
    assert answer["devices"] == 58
    assert [day["start"] for day in answer["days"]] == [
        "2026-01-04T23:00:00Z",
        "2026-01-05T23:00:00Z",
    ]
    assert sum(day["expected"] for day in answer["days"]) == (58 + 6) * 48  # six give as well
    assert answer["worst"][0]["completeness"] == 0.0


def test_quality__of_what_an_organisation_owns__counts_its_devices(run, imported):
    owner = organisation(run, imported)
    arguments = ["quality", *DAYS, "--owner", owner, "--format", "json"]
    devices = run("--data", imported, *arguments).json["devices"]
    ask = f'{{ quality(scope: {{owner: "{owner}"}}, start: "2026-01-05T00:00:00Z",'
    ask += ' stop: "2026-01-07T00:00:00Z") { deviceCount } }'
    asked = run("--data", imported, "query", ask).json["data"]["quality"]
    assert devices == asked["deviceCount"] > 0


def test_quality__of_a_device_that_sent_nothing__is_zero(run, imported):
    everything = run("--data", imported, "quality", *DAYS, "--format", "json").json
    worst = everything["worst"][0]["element"]
    arguments = ["quality", *DAYS, "--element", worst, "--format", "json"]
    answer = run("--data", imported, *arguments).json
    assert (answer["devices"], answer["silent"]) == (1, 1)
    assert answer["overall"]["longestGap"]["seconds"] == 172_800


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (["--from", "monday", "--to", "2026-01-07"], "'monday' is no time"),
        ([*DAYS, "--trace", "a", "--container", "b"], "give one of"),
    ],
)
def test_quality__misused__says_how(run, imported, wrong, told):
    ended = run("--data", imported, "quality", *wrong)
    assert ended.code == 2
    assert told in ended.err


def test_quality__in_a_zone_that_nobody_knows__is_one_error(run, imported):
    ended = run("--data", imported, "quality", *DAYS, "--zone", "Europe/Atlantis")
    assert ended.code == 1
    assert "IANA" in ended.hint


def test_schedule__stated__counts_and_is_forgotten(run, data):
    assert run("--data", data, "schedule", "set", "PT15M", "--quantity", "ENERGY_IN").code == 0
    [stated] = run("--data", data, "schedule", "list", "--format", "json").json
    assert (stated["every"], stated["quantity"], stated["element"]) == ("PT15M", "ENERGY_IN", "")
    answer = run("--data", data, "quality", *DAYS, "--format", "json").json
    assert answer["overall"]["expected"] == 60 * 192 + 7 * 48  # seven give as well, by the hour
    removed = run("--data", data, "schedule", "remove", "--quantity", "ENERGY_IN")
    assert removed.out == "forgotten\n"
    assert run("--data", data, "schedule", "list", "--format", "json").json == []
