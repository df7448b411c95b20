"""Retention, Parquet, backup and restore on the command line."""

from __future__ import annotations

from tests.cli.conftest import TRANSFORMER
from tests.cli.test_qualities import organisation


def test_retention__dry_run_says_what_apply_then_removes(run, data):
    assert run("--data", data, "retention", "set", "ENERGY_IN", "P1M").code == 0
    before = run("--data", data, "status", "--format", "json").json["values"]
    would = run("--data", data, "retention", "apply", "--dry-run", "--format", "json").json
    done = run("--data", data, "retention", "apply", "--format", "json").json
    assert would == done
    assert done[0]["removed"] > 2_000
    left = run("--data", data, "status", "--format", "json").json["values"]
    assert left == before - done[0]["removed"] > 0  # what was given, and the temperature


def test_retention__rules_are_listed_and_removed(run, data):
    run("--data", data, "retention", "set", "MESSAGE", "P2Y")
    listed = run("--data", data, "retention", "list").out
    assert listed.splitlines()[1].split() == ["MESSAGE", "P2Y"]
    assert run("--data", data, "retention", "remove", "MESSAGE").out == "forgotten\n"
    assert run("--data", data, "retention", "remove", "MESSAGE").out == "there was none\n"


def test_retention__of_forecasts_stands_beside_that_of_readings(run, data):
    run("--data", data, "retention", "set", "P", "P90D", "--forecasts")
    run("--data", data, "retention", "set", "P", "P3Y")
    listed = run("--data", data, "retention", "list").out.splitlines()[1:3]
    assert [" ".join(line.split()) for line in listed] == ["P P3Y for ever", "forecasts of P P90D"]
    assert run("--data", data, "retention", "remove", "P", "--forecasts").out == "forgotten\n"
    rules = run("--data", data, "retention", "list", "--format", "json").json["rules"]
    assert [(rule["name"], rule["forecasts"]) for rule in rules] == [("P", False)]


def test_retention__of_what_nobody_knows__names_what_there_is(run, data):
    ended = run("--data", data, "retention", "set", "JOY", "P1Y")
    assert ended.code == 1
    assert "ENERGY_IN" in ended.hint


def test_readings__exported_below_a_transformer__come_back_elsewhere(run, imported, tmp_path):
    arguments = ["--trace", TRANSFORMER, "--from", "2026-01-05", "--to", "2026-01-06"]
    given = run("--data", imported, "readings", "export", "out", *arguments, "--format", "json")
    taken = run("--data", "new", "readings", "import", "out", "--into", "copy", "--format", "json")
    assert given.json["files"] == ["month=2026-01/readings.parquet"]
    assert taken.json["stored"] == given.json["values"] > 1_000
    assert run("--data", "new", "readings", "import", "out").out.startswith("1,")


def test_readings__exported_of_an_owner__are_those_of_what_it_owns(run, imported):
    owner = organisation(run, imported)
    of_owner = run("--data", imported, "readings", "export", "its", "--owner", owner)
    of_all = run("--data", imported, "readings", "export", "all", "--format", "json").json
    own = int(of_owner.out.split(" values")[0].replace(",", ""))
    assert 0 < own < of_all["values"]


def test_backup__comes_back_into_a_new_folder(run, imported):
    made = run("--data", imported, "backup", "b.tar", "--format", "json").json
    back = run("--data", "back", "restore", "b.tar", "--format", "json").json
    assert back["counts"] == made["counts"]
    answers = [run("--data", at, "status", "--format", "json").json for at in (imported, "back")]
    for answer in answers:
        del answer["data"]
    assert answers[0] == answers[1]


def test_restore__over_data__needs_a_word(run, data):
    run("--data", data, "backup", "b.tar")
    refused = run("--data", data, "restore", "b.tar")
    assert refused.code == 1
    assert "--replace" in refused.hint
    done = run("--data", data, "restore", "b.tar", "--replace")
    assert done.code == 0
    assert "what was there before is in " in done.out
