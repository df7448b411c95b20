"""The timeline of elements: merged, in order, counted, and what a caller may see of it."""

import pytest

from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.access import EVERYTHING, NOTHING
from graph_service.domain.calendars import cut
from graph_service.domain.errors import BadResolution, BadZone, TooManyIntervals
from graph_service.domain.events import Event, EventSeverity, entry_id, source_and_id
from graph_service.domain.readings import Window
from graph_service.domain.scopes import OfTrace, Relation
from graph_service.domain.traces import TraceKind
from graph_service.services.entries import Entries, EntryQuestion
from graph_service.services.neighbourhood import Neighbourhood
from graph_service.services.scopes import Scopes
from tests.drawing import draw
from tests.unit.services.filling import Counted

HOUR = 3_600_000_000
NIGHT = 1_774_738_800_000_000  # 2026-03-29 00:00 in Oslo, the day that has 23 hours
DAY = Window(NIGHT, NIGHT + 24 * HOUR)
NETWORK = "S1 -l1- B2 =t1= B3 -l2- M4"
BELOW = OfTrace("t1", TraceKind.DOWNSTREAM)


@pytest.fixture
def store(tmp_path):
    store = SqliteTimeline(tmp_path)
    yield Counted(store)
    store.close()


@pytest.fixture
def entries(world, store):
    around = Neighbourhood(world.graph)
    return Entries(store, Scopes(world.network, around), around)


def put(store, id, at, *mrids, kind="MESSAGE", **more):
    at_us = NIGHT + round(at * HOUR)
    subjects = tuple(f"drawn/{mrid}" for mrid in mrids)
    given = {"known_us": at_us, "text": id, "subjects": subjects} | more
    store.append_events([Event("scada", id, kind, at_us, **given)])


def ids(page):
    return [entry.event.id for entry in page.entries]


def test_page__says_how_near_the_nearest_subject_is(world, entries, store):
    world.draw(NETWORK)
    put(store, "two", 1, "l2", "B3")
    [entry] = entries.page(EntryQuestion(DAY, BELOW), EVERYTHING, 10).entries
    assert entry.standing == (1, Relation.DOWNSTREAM)


def test_page__leaves_out_what_is_elsewhere(world, entries, store):
    world.draw(NETWORK)
    put(store, "above", 1, "l1")
    put(store, "below", 2, "l2")
    assert ids(entries.page(EntryQuestion(DAY, BELOW), EVERYTHING, 10)) == ["below"]


def test_page__without_a_scope_is_everything_and_has_no_place(world, entries, store):
    world.draw(NETWORK)
    put(store, "above", 1, "l1")
    put(store, "nobody", 2)
    page = entries.page(EntryQuestion(DAY), EVERYTHING, 10)
    assert ids(page) == ["above", "nobody"]
    assert [entry.standing for entry in page.entries] == [None, None]


def test_page__without_a_scope_an_owner_is_given_what_it_may_see(world, entries, store):
    world.hold(draw(NETWORK, owners={"t1": "north"}))
    for at, mrid in enumerate(("t1", "l1", "S1")):
        put(store, mrid, at, mrid)
    put(store, "nobody", 4)
    north = world.access.scope(["north"])
    assert ids(entries.page(EntryQuestion(DAY), north, 10)) == ["t1"]
    assert ids(entries.page(EntryQuestion(DAY), NOTHING, 10)) == []


def test_page__keeps_the_kinds_and_severities_that_were_asked(world, entries, store):
    world.draw(NETWORK)
    put(store, "routine", 1, "l2")
    put(store, "outage", 2, "l2", kind="OUTAGE", severity=EventSeverity.CRITICAL)
    severe = EntryQuestion(DAY, BELOW, min_severity=EventSeverity.MAJOR)
    messages = EntryQuestion(DAY, BELOW, kinds=frozenset({"MESSAGE"}))
    assert ids(entries.page(severe, EVERYTHING, 10)) == ["outage"]
    assert ids(entries.page(messages, EVERYTHING, 10)) == ["routine"]


def test_page__the_window_is_half_open(world, entries, store):
    world.draw(NETWORK)
    for at in (0, 24):
        put(store, str(at), at, "l2")
    assert ids(entries.page(EntryQuestion(DAY, BELOW), EVERYTHING, 10)) == ["0"]


def test_page__follows_switching(world, entries, store):
    world.draw("S1 -l1- B2 =t1= B3 /s1/ B4 -l2- M5")
    put(store, "behind", 1, "l2")
    asked = EntryQuestion(DAY, BELOW)
    before = ids(entries.page(asked, EVERYTHING, 10))
    world.open("s1")
    assert (before, ids(entries.page(asked, EVERYTHING, 10))) == (["behind"], [])


def test_page__costs_one_call(world, entries, store):
    world.draw(NETWORK)
    put(store, "1", 1, "l2")
    store.calls.clear()
    entries.page(EntryQuestion(DAY, BELOW), EVERYTHING, 10)
    assert store.calls == {"events": 1}


def test_available__is_over_the_same_question_at_any_time(world, entries, store):
    world.draw(NETWORK)
    put(store, "before", -100, "l2")
    put(store, "elsewhere", -200, "l1")
    found = entries.available(EntryQuestion(DAY, BELOW), EVERYTHING)
    assert found == (NIGHT - 100 * HOUR, NIGHT - 100 * HOUR + 1)


def test_histogram__counts_by_days_of_a_zone(world, entries, store):
    world.draw(NETWORK)
    put(store, "saturday", -0.5, "l2")
    put(store, "sunday", 22.5, "l2")
    put(store, "monday", 23.5, "l2")
    days = Window(NIGHT - 24 * HOUR, NIGHT + 47 * HOUR)
    found = entries.histogram(EntryQuestion(days, BELOW), EVERYTHING, "P1D", "Europe/Oslo")
    assert found.by_kind["MESSAGE"].tolist() == [1, 1, 1]
    assert list(found.starts_us) == list(cut(days, "P1D", "Europe/Oslo").starts_us)


def test_histogram__has_a_column_for_each_kind_and_severity_there_is(world, entries, store):
    world.draw(NETWORK)
    put(store, "1", 1, "l2", severity=EventSeverity.MINOR)
    put(store, "2", 1, "l2", kind="NOTE")
    found = entries.histogram(EntryQuestion(DAY, BELOW), EVERYTHING, "PT12H")
    assert list(found.by_kind) == ["MESSAGE", "NOTE"]
    assert {k: v.tolist() for k, v in found.by_severity.items()} == {
        EventSeverity.INFO: [1, 0],
        EventSeverity.MINOR: [1, 0],
    }


@pytest.mark.parametrize(("bucket", "zone"), [("PT1H", "Europe/Oslo"), ("P1D", None)])
def test_histogram__of_equal_intervals_costs_one_call(world, entries, store, bucket, zone):
    world.draw(NETWORK)
    store.calls.clear()
    entries.histogram(EntryQuestion(DAY, BELOW), EVERYTHING, bucket, zone)
    assert store.calls == {"event_counts": 1}


@pytest.mark.parametrize(
    ("bucket", "zone", "error"),
    [("P1M", None, BadResolution), ("P1D", "Nowhere", BadZone), ("PT1S", None, TooManyIntervals)],
)
def test_histogram__a_window_that_cannot_be_cut_so_is_refused(entries, bucket, zone, error):
    with pytest.raises(error):
        entries.histogram(EntryQuestion(DAY), EVERYTHING, bucket, zone)


def test_event__about_nothing_the_caller_sees_is_not_there(world, entries, store):
    world.hold(draw(NETWORK, owners={"t1": "north"}))
    put(store, "1", 1, "l1")
    north = world.access.scope(["north"])
    assert entries.event("scada/1", EVERYTHING).id == "1"
    assert entries.event("scada/1", north) is None


@pytest.mark.parametrize("source", ["scada", "a/b", "a%2Fb", "", "%"])
def test_entry_id__is_parted_again(source):
    assert source_and_id(entry_id(source, "x/1")) == (source, "x/1")
