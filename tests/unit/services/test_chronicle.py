"""The service's own deeds become events: switching, imports, what was taken back, forecasts."""

from array import array
from datetime import UTC, datetime, timedelta

import pytest

from cim_import.exchange import CimExchange
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.elements import Changes, Revision
from graph_service.domain.events import EventFilter
from graph_service.domain.forecasts import Forecast
from graph_service.domain.readings import SeriesKey, Window
from graph_service.services.access import OPEN_CALLER
from graph_service.services.chronicle import Chronicle
from graph_service.services.imports import Imports
from graph_service.services.network import Network
from graph_service.services.notices import Notices

ALWAYS = Window(0, 2**52)
HOUR = 3_600_000_000
TWO_BREAKERS = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
         xmlns:cim="http://iec.ch/TC57/CIM100#">
  <cim:Breaker rdf:ID="_b1"/>
  <cim:Breaker rdf:ID="_b2"/>
</rdf:RDF>
"""
SWITCHED = "S1 -l1- B2 /s1/ B3 -l2- M4"


@pytest.fixture
def store(tmp_path):
    store = SqliteTimeline(tmp_path)
    yield store
    store.close()


@pytest.fixture
def chronicle(store):
    return Chronicle(store, Notices())


@pytest.fixture
def network(world, chronicle):
    return Network(world.graph, world.notices, chronicle=chronicle)


@pytest.fixture
def imports(world, chronicle):
    return Imports(world.graph, world.records, CimExchange(), world.notices, chronicle)


@pytest.fixture
def delivery(tmp_path):
    path = tmp_path / "breakers.xml"
    path.write_text(TWO_BREAKERS)
    return path


def happened(store):
    return store.events(EventFilter(), ALWAYS, 100)


def switch(network, is_open):
    network.set_switch(network.element("s1", OPEN_CALLER.scope), is_open, OPEN_CALLER)


def test_switching__is_an_event_about_the_switch(world, network, store):
    world.draw(SWITCHED)
    switch(network, True)
    [event] = happened(store)
    assert (event.kind, event.subjects) == ("SWITCHING", ("drawn/s1",))
    assert event.text == "Breaker s1 opened by open"
    assert (event.source, event.id) == ("gridstrata", "revision-2")


def test_switching__a_switch_that_stands_so_already_is_no_event(world, network, store):
    world.draw(SWITCHED)
    switch(network, True)
    switch(network, True)
    assert len(happened(store)) == 1


def test_undo__is_an_event_that_names_what_was_taken_back(world, network, store):
    world.draw(SWITCHED)
    switch(network, True)
    network.undo(2, OPEN_CALLER)
    event = happened(store)[-1]
    assert event.kind == "EDIT"
    assert "took revision 2 back" in event.text


def test_import__is_an_event_with_its_counts(imports, delivery, store):
    imports.take([delivery], OPEN_CALLER, into="town")
    [event] = happened(store)
    assert (event.kind, event.id) == ("IMPORT", "revision-1")
    assert event.text == "open imported 1 file with 2 objects into town"


def test_import__again_or_tried_only_is_no_event(imports, delivery, store):
    imports.take([delivery], OPEN_CALLER, dry_run=True)
    assert happened(store) == []
    imports.take([delivery], OPEN_CALLER)
    imports.take([delivery], OPEN_CALLER)
    assert len(happened(store)) == 1


def test_forecasts__of_one_issue_are_one_event_about_all_elements(chronicle, store):
    issued = [forecast("town/a", HOUR), forecast("town/b", HOUR), forecast("town/a", 2 * HOUR)]
    assert chronicle.issued(issued) == 3
    first, second = happened(store)
    assert (first.kind, first.subjects) == ("FORECAST_RUN", ("town/a", "town/b"))
    assert (second.start_us, second.subjects) == (2 * HOUR, ("town/a",))


def test_forecasts__stored_again_are_no_event(chronicle, store):
    chronicle.issued([forecast("town/a", HOUR)])
    assert chronicle.issued([forecast("town/a", HOUR)]) == 0
    assert len(happened(store)) == 1


def test_catch_up__writes_revisions_that_have_no_event(chronicle, store):
    revisions = [revision(3, links_added=1), revision(2), revision(1, added=5)]
    assert chronicle.catch_up(revisions) == 3
    kinds = {event.id: event.kind for event in happened(store)}
    assert kinds == {
        "revision-1": "TOPOLOGY_CHANGE",
        "revision-2": "EDIT",
        "revision-3": "TOPOLOGY_CHANGE",
    }


def test_catch_up__reads_no_further_than_to_one_that_has_an_event(chronicle):
    chronicle.catch_up([revision(1)])
    rest = iter([revision(2), revision(1), revision(0)])
    assert chronicle.catch_up(rest) == 1
    assert next(rest).number == 0


def test_catch_up__leaves_a_revision_alone_whose_event_may_be_on_its_way(chronicle):
    assert chronicle.catch_up([revision(1, at=datetime.now(UTC))]) == 0


def test_catch_up__does_not_replace_what_was_written_when_it_happened(world, network, store):
    world.draw(SWITCHED)
    switch(network, True)
    old = [revision(found.number, added=1) for found in world.graph.revisions(10)]
    Chronicle(store, Notices()).catch_up(old)
    assert [event.kind for event in happened(store)] == ["SWITCHING"]


def forecast(element, issued_us):
    values = (array("d", [1.0, 2.0]),)
    valid = array("q", [issued_us, issued_us + HOUR])
    return Forecast(SeriesKey(element, "P", "model"), issued_us, valid, (0.5,), values)


def revision(number, at=None, **changes):
    at = at or datetime.now(UTC) - timedelta(hours=1)
    return Revision(number, at, "somebody", "did something", Changes(**changes))
