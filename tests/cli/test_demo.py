"""The demo, on a small town."""

from __future__ import annotations


def test_demo__once__answers_four_questions_and_leaves_a_town(run, tmp_path):
    ended = run("--data", tmp_path / "d", "demo", "--once", "--meters", 60, "--days", 2)
    assert ended.code == 0
    assert ended.out.count("--- question") == 4
    assert "question 1: What hangs below T-0001?" in ended.out
    assert "question 4: What happened around 15:10 on Feeder 3?" in ended.out
    assert "Feeder 3 breaker opened: protection" in ended.out
    assert "lasts since 13:00:00     WEATHER_WARNING" in ended.out
    assert "owned by Quellmoor Grid Company" in ended.out
    status = run("--data", tmp_path / "d", "status", "--format", "json").json
    assert [kept["name"] for kept in status["modelSets"]] == ["town"]


def test_demo__once__ends_with_the_day_ahead_and_its_band(run, tmp_path):
    ended = run("--data", tmp_path / "d", "demo", "--once", "--meters", 60, "--days", 2)
    told = ended.out.partition("--- and the load of the day ahead")[2].partition("\n--- ")[0]
    who, errors, *hours = told.partition("answer:\n")[2].rstrip().splitlines()
    assert who.split()[:2] == ["58", "customers,"]
    assert "usual error" in errors
    assert [line.split()[0] for line in hours] == [f"{hour:02}:00" for hour in range(24)]
    bands = [[float(line.split()[at]) for at in (7, 1, 9)] for line in hours]
    assert all(low < likely < high for low, likely, high in bands)


def test_demo__again__asks_the_town_that_is_there(run, tmp_path):
    arguments = ["--data", tmp_path / "d", "demo", "--once", "--meters", 60, "--days", 1]
    first, again = run(*arguments), run(*arguments)
    assert "a town of 60 meters" in first.out
    assert "a town of" not in again.out
    assert first.out.endswith(again.out)


def test_demo__once__ends_with_the_place_of_a_simulated_fault_beside_the_baselines(run, tmp_path):
    ended = run("--data", tmp_path / "d", "demo", "--once", "--meters", 300, "--days", 2)
    told = ended.out.partition("--- and where a fault is")[2].partition("answer:\n")[2]
    assert "sensors showed values, 3 of them with angles" in told
    assert "of the time with sensors" in told
    assert " m to walk on average" in told
    assert "apparent impedance says" in told
    assert "lowest voltage says" in told
    assert "it was on Feeder" in told.rstrip().splitlines()[-1]
