"""The incident that the questions ready to run ask about."""

from datetime import UTC, datetime

import pytest

from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.bootstrap import open_services
from graph_service.domain.access import EVERYTHING, Scope
from graph_service.domain.events import Event
from graph_service.domain.readings import to_us
from graph_service.services.incidents import newest_incident
from graph_service.settings import Settings
from tests.drawing import draw

DAY_US = 86_400_000_000
TEN_PAST_THREE = to_us(datetime(2026, 1, 18, 15, 10, tzinfo=UTC))


@pytest.fixture
def ask(tmp_path):
    drawing = draw("S1 -l1- B2 /s1/ B3 -l2- M4")
    graph, timeline = SqliteGraph(tmp_path), SqliteTimeline(tmp_path)
    with graph.transaction(author="test", message="draw") as change:
        change.put_document(drawing.document, drawing.parts)
    graph.close()

    def asked(*faults: tuple[str, int, tuple[str, ...]], scope: Scope = EVERYTHING):
        timeline.append_events(
            Event("relay", id, "FAULT", at, at, id, subjects=tuple(f"drawn/{s}" for s in about))
            for id, at, about in faults
        )
        with open_services(Settings(data=tmp_path)) as house:
            return newest_incident(house, scope)

    yield asked
    timeline.close()


def test_incident__is_the_first_fault_of_the_newest_day_with_its_hour(ask):
    found = ask(
        ("old", TEN_PAST_THREE - DAY_US, ("l1",)),
        ("first", TEN_PAST_THREE, ("l2", "s1")),
        ("second", TEN_PAST_THREE + 3600, ("l1",)),
    )
    assert found.entry == "relay/first"
    assert [at.isoformat() for at in found.hour] == [
        "2026-01-18T15:00:00+00:00",
        "2026-01-18T16:00:00+00:00",
    ]


def test_incident__with_a_switch__is_asked_of_what_hangs_below_it_by_design(ask):
    below = {"trace": {"start": "drawn/s1", "kind": "DOWNSTREAM", "state": "NORMAL"}}
    assert ask(("first", TEN_PAST_THREE, ("l2", "s1"))).scope == below


def test_incident__without_a_switch__is_asked_of_its_subjects(ask):
    found = ask(("first", TEN_PAST_THREE, ("l2",)))
    assert found.scope == {"elements": ["drawn/l2"]}
    assert found.place == "l2"


def test_incident__without_a_fault_or_of_elements_unknown__is_none(ask):
    assert ask() is None
    assert ask(("first", TEN_PAST_THREE, ("gone",))) is None


def test_incident__of_elements_of_others__is_not_seen(ask):
    stranger = Scope(frozenset({999}))
    assert ask(("first", TEN_PAST_THREE, ("l2",)), scope=stranger) is None
