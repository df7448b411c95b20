"""Ordinary days: enough of everything to tell what is out of the ordinary."""

import json
from collections import Counter
from pathlib import Path

import pytest

from cim_import.generating import TownSummary, generate_town

ROUTINE = {"DEVICE_EVENT", "ALARM", "MESSAGE", "WORK", "IMAGE", "SOCIAL"}


def read(folder: Path) -> list[dict[str, str]]:
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def two_weeks(tmp_path_factory: pytest.TempPathFactory) -> tuple[TownSummary, list[dict[str, str]]]:
    folder = tmp_path_factory.mktemp("weeks")
    return generate_town(folder, meters=1000, seed=4, days=14), read(folder)


def test_routine__has_every_ordinary_kind_and_no_fault(two_weeks):
    summary, events = two_weeks
    kinds = Counter(e["kind"] for e in events if e["start"] < "2026-01-18T12")
    assert kinds.keys() == ROUTINE
    assert kinds["DEVICE_EVENT"] > kinds["MESSAGE"] > kinds["IMAGE"] > 0
    assert summary.event_lines == len(events)


def test_routine__goes_on_from_day_to_day(two_weeks):
    days = Counter(e["start"][:10] for e in two_weeks[1])
    assert len(days) == 14
    ordinary = [count for day, count in days.items() if day != "2026-01-18"]
    assert max(ordinary) < 3 * min(ordinary)


def test_events__without_days__are_none(tmp_path: Path):
    assert generate_town(tmp_path, meters=30, seed=1, days=0).event_lines == 0
    assert read(tmp_path) == []


def test_routine__says_nothing_of_a_station_while_it_has_no_supply(tmp_path: Path):
    generate_town(tmp_path, meters=1650, seed=2, days=1)
    outages = [e for e in read(tmp_path) if e["kind"] == "OUTAGE" and "end" in e]
    meters = [e for e in read(tmp_path) if e["id"].startswith("meter-")]
    assert meters
    for event in meters:
        out = [o for o in outages if event["subjects"][1] in o["subjects"]]
        assert not any(o["start"] <= event["start"] < o["end"] for o in out)
