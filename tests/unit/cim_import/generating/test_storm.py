"""The storm afternoon: what is told about it agrees with the network that was generated."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from cim_import.generating import generate_town
from graph_service.domain import tables
from graph_service.domain.events import EventSeverity
from tests.deliveries import Delivery, read_delivery

SWITCHES = ("cim:Breaker", "cim:LoadBreakSwitch", "cim:Fuse")
MEMBERS = {"source", "id", "kind", "start", "end", "knownAt", "severity", "text", "subjects"}
Event = dict[str, Any]


@dataclass
class Storm:
    """A generated town, its events, and the network as networkx sees it."""

    folder: Path
    town: Delivery
    events: list[Event]

    def last(self, kind: str) -> list[Event]:
        """The newest version of the events of a kind, on the day of the storm."""
        newest = {(e["source"], e["id"]): e for e in self.events if e["kind"] == kind}
        return [event for event in newest.values() if event["start"] >= self.day]

    @cached_property
    def day(self) -> str:
        return max(e["start"] for e in self.events if e["kind"] == "FAULT")[:10]

    @cached_property
    def moves(self) -> list[Event]:
        return sorted(self.last("SWITCHING"), key=lambda e: str(e["start"]))

    @cached_property
    def points(self) -> dict[str, str]:
        """Usage point → the node its consumer is connected to."""
        nodes = self.nodes
        points = self.town.of("cim:UsagePoint")
        return {p.mrid: nodes[p.to("cim:UsagePoint.Equipments")[0]][0] for p in points}

    @cached_property
    def nodes(self) -> dict[str, list[str]]:
        """Equipment → its nodes."""
        found: dict[str, list[str]] = defaultdict(list)
        for terminal in self.town.of("cim:Terminal"):
            (equipment,) = terminal.to("cim:Terminal.ConductingEquipment")
            found[equipment] += terminal.to("cim:Terminal.ConnectivityNode")
        return found

    def dark(self, opened: set[str]) -> set[str]:
        """The usage points without supply while these switches are open."""
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(node for nodes in self.nodes.values() for node in nodes)
        two = [(e, n) for e, n in self.nodes.items() if len(n) == 2 and e not in opened]
        graph.add_edges_from(nodes for _, nodes in two)
        (source,) = self.town.of("cim:EnergySource")
        fed = nx.node_connected_component(graph, self.nodes[source.mrid][0])
        return {point for point, node in self.points.items() if node not in fed}

    def named_dark(self, at: str) -> set[str]:
        """The usage points that an OUTAGE names at a moment."""
        lasting = (e for e in self.last("OUTAGE") if e["start"] <= at < e["end"])
        return {s for event in lasting for s in event["subjects"] if s in self.points}


@pytest.fixture(
    scope="module",
    params=[(1650, 1), (420, 7), (60, 3), (1, 1)],
    ids=["two rings", "branch of two", "branch of one", "one meter"],
)
def storm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Storm:
    folder: Path = tmp_path_factory.mktemp("storm")
    meters, seed = request.param
    generate_town(folder, meters=meters, seed=seed, days=2)
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return Storm(folder, read_delivery(folder), [json.loads(line) for line in lines])


def states(storm: Storm) -> Iterator[tuple[str, set[str]]]:
    """The moments of the storm, and the switches open from there on."""
    opened = {t.mrid for t in storm.town.of(*SWITCHES) if t.value("cim:Switch.open") == "true"}
    yield f"{storm.day}T00:00:00Z", set(opened)
    for move in storm.moves:
        (switch,) = move["subjects"]
        assert (switch in opened) != (" opened: " in move["text"]), move
        opened ^= {switch}
        yield move["start"], set(opened)


def test_outages__at_every_moment_name_exactly_the_usage_points_cut_off(storm: Storm):
    checked = 0
    for at, opened in states(storm):
        assert storm.named_dark(at) == storm.dark(opened), at
        checked += bool(storm.named_dark(at))
    assert checked >= 4
    assert storm.dark(opened) == set()


def test_switching__ends_where_it_began(storm: Storm):
    (_, before), *_, (_, after) = states(storm)
    assert before == after


def test_faults__are_two_around_ten_past_three_and_later_and_trip_a_breaker(storm: Storm):
    first, second = sorted(storm.last("FAULT"), key=lambda e: str(e["start"]))
    assert first["start"][11:16] == "15:10"
    assert second["start"] > first["start"]
    trips = {m["start"]: m for m in storm.moves if m["text"].endswith(": protection")}
    for fault in (first, second):
        (breaker,) = trips[fault["start"]]["subjects"]
        assert breaker in fault["subjects"]
        assert storm.town.things[breaker].kind == "cim:Breaker"


def test_faulted_cable__is_a_cable_between_switches_that_isolate_it(storm: Storm):
    for fault in storm.last("FAULT"):
        cable = storm.town.things[fault["subjects"][0]]
        assert cable.kind == "cim:ACLineSegment"
        isolated = {
            node
            for move in storm.moves
            if fault["start"] <= move["start"] < fault["end"] and " opened" in move["text"]
            for node in storm.nodes[move["subjects"][0]]
        }
        assert isolated & set(storm.nodes[cable.mrid])


def test_subjects__are_elements_of_the_delivery(storm: Storm):
    for event in storm.events:
        assert event["subjects"]
        assert set(event["subjects"]) <= storm.town.things.keys(), event


def test_events__are_written_as_they_are_read(storm: Storm):
    for event in storm.events:
        assert event.keys() - MEMBERS <= {"reference"}
        assert tables.event_kind(event["kind"]) is not None
        assert event["severity"] in EventSeverity.__members__
        assert event["text"]
        times = [datetime.fromisoformat(event[k]) for k in ("start", "end") if k in event]
        assert all(at.utcoffset() == timedelta(0) for at in times)
        assert times == sorted(times)


def test_event__is_not_known_before_it_happens_unless_it_was_planned_or_forecast(storm: Storm):
    early = {e["kind"] for e in storm.events if e["knownAt"] < e["start"]}
    ended = [e for e in storm.events if e.get("end", "") > e["knownAt"]]
    assert early <= {"WEATHER_WARNING", "WORK"}
    assert {e["kind"] for e in ended} <= {"WEATHER_WARNING", "WORK"}


def test_versions__of_one_event_are_known_one_after_the_other(storm: Storm):
    known: dict[tuple[str, str], str] = {}
    for event in storm.events:
        name = (event["source"], event["id"])
        assert known.get(name, "") < event["knownAt"]
        known[name] = event["knownAt"]
    assert len(known) < len(storm.events)


def test_last_gasps__come_from_meters_cut_off_and_none_from_behind_a_silent_gateway(storm: Storm):
    gasps = [e for e in storm.last("DEVICE_EVENT") if e["text"].startswith("Last gasp")]
    dark = {fault["start"]: storm.named_dark(fault["start"]) for fault in storm.last("FAULT")}
    for gasp in gasps:
        before = max(at for at in dark if at <= gasp["start"])
        assert gasp["subjects"][0] in dark[before]
    silent = {e["subjects"][0] for e in storm.last("ALARM") if "does not answer" in e["text"]}
    behind = {
        t.to("cim:Asset.AssetContainer")[0]
        for t in storm.town.of("cim:ComModule")
        if silent.intersection(t.to("gs:ComModule.Gateway"))
    }
    assert behind.isdisjoint(gasp["subjects"][1] for gasp in gasps)
    if len(storm.points) > 1000:
        assert behind
        assert 300 < len(gasps) < sum(map(len, dark.values()))


def test_messages__come_from_customers_without_supply(storm: Storm):
    written = [m for m in storm.last("MESSAGE") if m["id"].startswith(("message-1-", "message-2-"))]
    assert written
    for message in written:
        assert set(message["subjects"]) <= storm.named_dark(message["start"])


def test_images__are_addresses_with_the_checksum_of_what_they_show(storm: Storm):
    images = storm.last("IMAGE")
    assert len(images) >= 8
    for image in images:
        reference = image["reference"]
        assert reference["uri"].startswith("https://images.example/")
        assert reference["mediaType"] == "image/jpeg"
        assert reference["sha256"] == hashlib.sha256(image["text"].encode()).hexdigest()


def test_readings__of_hours_without_supply_are_missing(storm: Storm):
    with (storm.folder / "readings.csv").open(newline="") as file:
        rows = [row for row in list(csv.reader(file))[1:] if row[3].startswith(storm.day)]
    missing = 0
    for row in rows:
        for hour, value in enumerate(row[5:]):
            begin = f"{storm.day}T{hour:02}"
            covering = [e for e in storm.last("OUTAGE") if row[0] in e["subjects"]]
            whole = any(
                e["start"] <= begin + ":00:00Z" and begin + ":59:59Z" < e["end"] for e in covering
            )
            assert not (whole and value), row[0]
            missing += whole
    assert missing or len(storm.points) == 1
