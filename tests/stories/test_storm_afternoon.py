"""What happened around 15:10 on Feeder 3? A storm from the files to the answer.

The town is generated, imported and told what happened like any other; then a shift engineer asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graph_service.bootstrap import generate_town, open_services
from graph_service.domain.traces import TraceKind
from graph_service.services.access import OPEN_CALLER
from graph_service.services.examples import WHAT_HAPPENED, examples
from graph_service.settings import Settings
from tests.stories.conftest import House

EVENTS = """
query Events($scope: ScopeInput, $from: DateTime!, $to: DateTime!, $kinds: [EventKind!],
             $known: DateTime, $first: Int!, $each: Int!) {
  timeline(
    scope: $scope, start: $from, stop: $to, kinds: $kinds, knownAt: $known, first: $first
  ) {
    nodes { kind start end title subjects(first: $each) { mRID kind } }
  }
}
"""
DAY = {"from": "2026-01-06T00:00:00Z", "to": "2026-01-07T00:00:00Z"}


class Shift:
    """A house with a storm behind it, and the questions of the day after."""

    def __init__(self, house: House) -> None:
        self.house = house
        found = examples(house.services, OPEN_CALLER.scope)
        self.question = next(each for each in found if each.query == WHAT_HAPPENED)
        self.below = self.question.variables["scope"]
        self.breaker = self.below["trace"]["start"].partition("/")[2]

    def events(self, *kinds: str, **asked: Any) -> list[Any]:
        """Events of the day of some kinds, in order."""
        given = {**DAY, "kinds": list(kinds), "first": 50, "each": 500, **asked}
        found: list[Any] = self.house.ask(EVENTS, **given)["timeline"]["nodes"]
        return found


@pytest.fixture(scope="module")
def shift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shift]:
    folder: Path = tmp_path_factory.mktemp("storm")
    generate_town(folder / "town", meters=1650, seed=5, days=2)
    with open_services(Settings(data=folder / "data")) as services:
        house = House(services)
        house.take(folder / "town")
        for name in ("readings.csv", "events.jsonl"):
            loaded = services.intake.load(folder / "town" / name, OPEN_CALLER, "model")
            assert not loaded.rejected
        yield Shift(house)


def test_question__of_the_demo_is_about_ten_past_three_on_feeder_3(shift: Shift) -> None:
    assert shift.question.title == "What happened around 15:10 on Feeder 3?"
    answer = shift.house.ask(shift.question.query, **shift.question.variables)
    kinds = {entry["kind"] for entry in answer["timeline"]["nodes"]}
    assert kinds == {"FAULT", "ALARM", "OUTAGE", "SWITCHING", "MESSAGE", "WORK"}
    texts = [node["entry"]["text"] for node in answer["around"]["nodes"]]
    assert any("Feeder 4 breaker tripped" in text for text in texts)
    assert any("gusts of up to 110 km/h" in text for text in texts)


def test_around__what_never_happens_outranks_what_happens_every_day(shift: Shift) -> None:
    answer = shift.house.ask(shift.question.query, **shift.question.variables)
    ranked = [(n["surprise"], n["entry"]["kind"]) for n in answer["around"]["nodes"]]
    assert ranked == sorted(ranked, key=lambda pair: -pair[0])
    assert ranked[0][1] == "OUTAGE"


def test_replayed__after_every_step_our_trace_leaves_out_whom_the_outages_name(
    shift: Shift,
) -> None:
    """The events say who was out; the graph, switched likewise, must say the same."""
    outages = shift.events("OUTAGE")
    [source] = [e.mrid for e in shift.house.elements.values() if e.kind == "EnergySource"]
    points = {m for m, e in shift.house.elements.items() if e.kind == "UsagePoint"}
    for move in shift.events("SWITCHING"):
        [switch] = move["subjects"]
        shift.house.throw(switch["mRID"], is_open=" opened: " in move["title"])
        supplied = set(shift.house.met(TraceKind.DOWNSTREAM, source))
        out = [o for o in outages if o["start"] <= move["start"] < o["end"]]
        named = {s["mRID"] for o in out for s in o["subjects"] if s["kind"] == "UsagePoint"}
        assert points - supplied == named, move["title"]
    assert not points - supplied


def test_known_at_quarter_past__nobody_had_counted_and_the_place_was_unknown(shift: Shift) -> None:
    known = {"known": "2026-01-06T15:14:00Z", "to": "2026-01-06T16:00:00Z"}
    [fault] = shift.events("FAULT", **known)
    assert fault["title"].endswith("place unknown")
    assert [s["kind"] for s in fault["subjects"]] == ["Breaker", "Feeder"]
    assert shift.events("OUTAGE", known="2026-01-06T15:11:00Z") == []
    assert all(event["end"] is None for event in shift.events("ALARM", **known, scope=shift.below))


def test_meters__that_were_heard_hang_below_the_breaker_and_the_silent_ones_too(
    shift: Shift,
) -> None:
    both = {"trace": {**shift.below["trace"], "layers": ["PHYSICAL", "COMMUNICATION"]}}
    window = {"from": "2026-01-06T15:10:00Z", "to": "2026-01-06T15:12:00Z"}
    found = shift.events("DEVICE_EVENT", scope=both, **window, first=500, each=5)
    heard = {s["mRID"] for e in found for s in e["subjects"] if s["kind"] == "Meter"}
    below = shift.house.met(TraceKind.DOWNSTREAM, shift.breaker)
    meters = {m for m in below if shift.house.elements[m].kind == "Meter"}
    assert 0.4 * len(meters) < len(heard) < len(meters)
    assert heard < meters


def test_load__falls_while_feeder_3_is_out_and_comes_back(shift: Shift) -> None:
    query = """
    query($scope: ScopeInput!, $from: DateTime!, $to: DateTime!) {
      series(scope: $scope, quantity: ENERGY_IN, start: $from, stop: $to) { values missing }
    }
    """
    series = shift.house.ask(query, scope=shift.below, **DAY)["series"]
    values, missing = series["values"], series["missing"]
    assert values[15] < 0.7 * values[14]
    assert values[20] > values[15]
    assert missing[17] > 3 * missing[14]
