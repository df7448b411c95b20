"""What is surprising around an entry: rare beats routine, near beats far, the figures are given."""

from dataclasses import replace

import pytest

from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import InvalidCall
from graph_service.domain.events import Event
from graph_service.domain.scopes import OfElements, Relation
from graph_service.domain.surprise import expected_count, surprise
from graph_service.services import around
from graph_service.services.around import AroundQuestion, Surroundings
from graph_service.services.entries import Entries
from graph_service.services.neighbourhood import Neighbourhood
from graph_service.services.scopes import Scopes
from tests.building import part
from tests.drawing import draw
from tests.unit.services.filling import Counted

HOUR = 3_600_000_000
DAY = 24 * HOUR
NOON = 20_000 * DAY + 12 * HOUR
NETWORK = """
    S1 -l1- B2 =t1= B3 -l2- B4 -l3- B5 -l4- B6 -l5- M7
    B2 =t2= B8 -l6- M9
"""
ASKED = AroundQuestion("scada/centre", HOUR, HOUR)


@pytest.fixture
def store(tmp_path):
    store = SqliteTimeline(tmp_path)
    yield Counted(store)
    store.close()


@pytest.fixture
def surroundings(world, store):
    beside = Neighbourhood(world.graph)
    return Surroundings(store, Entries(store, Scopes(world.network, beside), beside))


def put(store, id, minutes, *mrids, kind="MESSAGE", **more):
    """An event so many minutes from the centre."""
    at_us = NOON + round(minutes * 60_000_000)
    subjects = tuple(f"drawn/{mrid}" for mrid in mrids)
    given = {"known_us": at_us, "text": id, "subjects": subjects} | more
    store.append_events([Event("scada", id, kind, at_us, **given)])


def routine(store, *mrids, kind="MESSAGE", days=28):
    """One message every three hours for four weeks before."""
    for at in range(1, days * 8):
        put(store, f"{kind} {at}", -180 * at - 90, *mrids, kind=kind)


def ranks(found):
    return [ranked.entry.event.id for ranked in found.ranked]


def test_around__a_rare_alarm_outranks_routine_messages(world, store, surroundings):
    world.draw(NETWORK)
    put(store, "centre", 0, "t1", kind="FAULT")
    routine(store, "B3")
    put(store, "message", 1, "B3")
    put(store, "alarm", 50, "B3", kind="ALARM")
    assert ranks(surroundings.around(ASKED, EVERYTHING)) == ["alarm", "message"]


def test_around__the_figures_are_those_of_the_formula(world, store, surroundings):
    world.draw(NETWORK)
    put(store, "centre", 0, "t1")
    routine(store, "B3")
    put(store, "one", -5, "B3")
    put(store, "two", 5, "B3")
    found = surroundings.around(ASKED, EVERYTHING)
    first = found.ranked[0]
    length = found.baseline.stop_us - found.baseline.start_us
    assert (first.observed, first.before) == (2, 223)
    assert first.expected == expected_count(223, length, 2 * HOUR)
    assert first.surprise == surprise(2, first.expected)
    assert [ranked.minutes_apart for ranked in found.ranked] == [-5, 5]


def test_around__compares_like_with_like_in_hops(world, store, surroundings):
    """The same kind is routine at the transformer and rare at the far end."""
    world.draw(NETWORK)
    put(store, "centre", 0, "t1", kind="FAULT")
    routine(store, "B3")
    put(store, "near", 1, "B3")
    put(store, "far", 2, "l5")
    found = surroundings.around(ASKED, EVERYTHING)
    assert ranks(found) == ["far", "near"]
    assert [ranked.before for ranked in found.ranked] == [0, 223]


def test_around__equally_surprising_ones_are_ordered_by_distance_then_time(
    world, store, surroundings
):
    world.draw(NETWORK)
    put(store, "centre", 0, "t1", kind="FAULT")
    put(store, "later", 20, "B3")
    put(store, "sooner", -10, "B3")
    put(store, "farther", 1, "l2")
    assert ranks(surroundings.around(ASKED, EVERYTHING)) == ["sooner", "later", "farther"]


def test_around__looks_upstream_downstream_and_beside(world, store, surroundings):
    world.draw(NETWORK)
    put(store, "centre", 0, "t1", kind="FAULT")
    for at, mrid in enumerate(("B3", "l1", "t2", "t1")):
        put(store, mrid, at, mrid)
    found = surroundings.around(ASKED, EVERYTHING).ranked
    assert {ranked.entry.event.id: ranked.entry.standing.relation for ranked in found} == {
        "B3": Relation.DOWNSTREAM,
        "l1": Relation.UPSTREAM,
        "t2": Relation.CONNECTED,
        "t1": Relation.START,
    }


def test_around__looks_into_the_container_and_behind_the_gateway(world, store, surroundings):
    module = {"Asset.AssetContainer": "M7", "ComModule.Gateway": "G1"}
    world.hold(
        draw(
            NETWORK,
            part("station", "Substation"),
            part("t1", links={"Equipment.EquipmentContainer": "station"}),
            part("G1", "Gateway"),
            part("module", "ComModule", links=module),
        )
    )
    put(store, "centre", 0, "t1", "M7", kind="FAULT")
    put(store, "storm", 1, "station", kind="WEATHER_WARNING")
    put(store, "silent", 2, "G1", kind="DEVICE_EVENT")
    found = surroundings.around(replace(ASKED, hops=0), EVERYTHING).ranked
    relations = {ranked.entry.event.id: ranked.entry.standing.relation for ranked in found}
    assert relations == {"storm": Relation.CONTAINER, "silent": Relation.COMMUNICATION_PATH}


def test_around__looks_no_farther_than_the_hops(world, store, surroundings):
    world.draw(NETWORK)
    put(store, "centre", 0, "t1")
    put(store, "near", 1, "B3")
    put(store, "far", 1, "l5")
    assert ranks(surroundings.around(replace(ASKED, hops=2), EVERYTHING)) == ["near"]


def test_around__of_a_scope_that_was_named_looks_at_nothing_else(world, store, surroundings):
    world.draw(NETWORK)
    put(store, "centre", 0, "t1")
    put(store, "near", 1, "B3")
    put(store, "asked", 1, "M9")
    asked = replace(ASKED, scope=OfElements(("M9",)))
    assert ranks(surroundings.around(asked, EVERYTHING)) == ["asked"]


def test_around__the_centre_is_not_among_them(world, store, surroundings):
    world.draw(NETWORK)
    put(store, "centre", 0, "t1")
    found = surroundings.around(ASKED, EVERYTHING)
    assert (found.centre.id, found.ranked) == ("centre", ())


def test_around__what_began_before_and_lasts_is_listed_without_surprise(world, store, surroundings):
    world.draw(NETWORK)
    put(store, "centre", 0, "t1")
    put(store, "works", -500, "B3", kind="WORK", end_us=NOON + HOUR)
    [ranked] = surroundings.around(ASKED, EVERYTHING).ranked
    assert (ranked.entry.event.id, ranked.surprise, ranked.observed) == ("works", 0.0, 0)


def test_around__rates_come_from_before_the_window_only(world, store, surroundings):
    world.draw(NETWORK)
    put(store, "centre", 0, "t1")
    put(store, "before", -61, "B3")
    put(store, "after", 61, "B3")
    put(store, "within", 1, "B3")
    found = surroundings.around(ASKED, EVERYTHING)
    assert found.baseline.stop_us == found.window.start_us
    assert [(ranked.observed, ranked.before) for ranked in found.ranked] == [(1, 1)]


def test_around__the_baseline_begins_with_the_first_event_but_is_no_shorter_than_the_window(
    world, store, surroundings
):
    world.draw(NETWORK)
    put(store, "centre", 0, "t1")
    put(store, "one", 1, "B3")
    short = surroundings.around(ASKED, EVERYTHING).baseline
    put(store, "first", -60 * 24 * 7, "B3")
    week = surroundings.around(ASKED, EVERYTHING).baseline
    assert short.stop_us - short.start_us == 2 * HOUR
    assert week.start_us == NOON - 7 * DAY


def test_around__as_it_was_known(world, store, surroundings):
    world.draw(NETWORK)
    put(store, "centre", 0, "t1")
    put(store, "late", 1, "B3", known_us=NOON + DAY)
    then = replace(ASKED, known_us=NOON + HOUR)
    assert ranks(surroundings.around(then, EVERYTHING)) == []
    assert ranks(surroundings.around(ASKED, EVERYTHING)) == ["late"]


def test_around__of_an_event_about_nothing_is_empty(world, store, surroundings):
    world.draw(NETWORK)
    put(store, "centre", 0)
    put(store, "near", 1, "B3")
    assert surroundings.around(ASKED, EVERYTHING).ranked == ()


def test_around__of_an_unknown_entry_is_none(world, surroundings):
    world.draw(NETWORK)
    assert surroundings.around(ASKED, EVERYTHING) is None


@pytest.mark.parametrize(
    "wrong", [{"before_us": -1}, {"before_us": 0, "after_us": 0}, {"baseline_us": 400 * DAY}]
)
def test_around__times_that_make_no_sense_are_refused(surroundings, wrong):
    with pytest.raises(InvalidCall):
        surroundings.around(replace(ASKED, **wrong), EVERYTHING)


def test_around__costs_one_call_for_each_class_of_nearness(world, store, surroundings):
    world.draw(NETWORK)
    put(store, "centre", 0, "t1")
    for at, mrid in enumerate(("B3", "l2", "l3", "M9")):
        put(store, mrid, at, mrid)
    store.calls.clear()
    surroundings.around(ASKED, EVERYTHING)
    assert store.calls == {"event": 1, "events": 1, "events_available": 1, "event_counts": 3}


def test_around__considers_the_nearest_where_there_are_too_many(
    world, store, surroundings, monkeypatch
):
    monkeypatch.setattr(around, "MOST_ELEMENTS", 3)
    world.draw(NETWORK)
    put(store, "centre", 0, "t1")
    put(store, "near", 1, "B3")
    put(store, "far", 1, "l3")
    found = surroundings.around(ASKED, EVERYTHING)
    assert (ranks(found), found.truncated) == (["near"], True)


def test_around__the_order_is_always_the_same(world, store, surroundings):
    world.draw(NETWORK)
    put(store, "centre", 0, "t1")
    for name in "dacb":
        put(store, name, 5, "B3")
    assert ranks(surroundings.around(ASKED, EVERYTHING)) == ["a", "b", "c", "d"]
