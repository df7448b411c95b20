"""The rules of what comes in, one test each: counted, named, stored, announced."""

import pytest

from graph_service.domain.access import EVERYTHING, Caller, Right
from graph_service.domain.errors import AccessDenied, UnknownModelSet
from graph_service.domain.readings import SeriesKey
from graph_service.services.access import OPEN_CALLER
from graph_service.services.formats.mapping import mapping_of
from tests.building import part

NOON = 1_767_268_800
HOUR = 3_600
DAY = 86_400


def line(value=1, at=NOON, field="P", element="up-1", **tags):
    tagged = "".join(f",{name}={text}" for name, text in tags.items())
    return f"readings,element={element}{tagged} {field}={value} {at}"


def json_event(**changed):
    given = {"source": "scada", "id": "1", "kind": "FAULT", "text": "Earth fault"}
    given |= {"start": "2026-01-01T12:00:00Z", "subjects": ["up-1"]} | changed
    return (
        "{"
        + ",".join(f'"{name}": {value!r}' for name, value in given.items()).replace("'", '"')
        + "}\n"
    )


def csv(*rows):
    return "element,quantity,time,value\n" + "".join(f"up-1,P,{row}\n" for row in rows)


def test_same_value_again__is_dropped_and_counted(world):
    world.load(csv("2026-01-01T12:00:00Z,1", "2026-01-01T13:00:00Z,2"))
    report = world.load(csv("2026-01-01T12:00:00Z,1", "2026-01-01T14:00:00Z,3"), "second")
    assert (report.stored, report.duplicates) == (1, 1)


def test_same_value_twice_in_one_batch__is_stored_once(world):
    report = world.load(csv(*["2026-01-01T12:00:00Z,1"] * 3))
    assert (report.stored, report.duplicates) == (1, 2)


def test_other_value__is_a_new_version_and_the_older_one_is_kept(world):
    world.bring(line(1))
    before = world.timeline.last([SeriesKey("town/up-1", "P", "meter")])[0].known_us
    report = world.load(csv("2026-01-01T12:00:00Z,2"))
    assert (report.stored, report.corrected) == (0, 1)
    assert (world.values(), world.values(known_us=before)) == ({NOON: 2.0}, {NOON: 1.0})


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line("nan"), "'nan'"),
        (line("inf"), "'inf'"),
        (line('"much"'), "text"),
        (line(1, unit="kWh"), "does not fit"),
        (line(1, 4_102_444_800), "future"),
        ("readings,element=up-1 P=1", "none is invented"),
    ],
)
def test_bad_line__is_rejected_with_its_reason_and_the_good_ones_are_stored(world, bad, reason):
    receipt = world.bring(line(1), bad, line(2, NOON + HOUR))
    assert (receipt.rows, [row.line for row in receipt.rejected]) == (2, [2])
    assert reason in receipt.rejected[0].reason
    assert world.values() == {NOON: 1.0, NOON + HOUR: 2.0}


def test_late_value__reopens_its_day_and_announces_the_stretch(world):
    world.bring(line(1, NOON), line(1, NOON + 3 * DAY))
    world.told.clear()
    world.bring(line(5, NOON + HOUR))
    [notice] = world.told
    [stretch] = notice.reopened
    assert stretch.series == SeriesKey("town/up-1", "P", "meter")
    assert stretch.start_us <= (NOON + HOUR) * 10**6 < stretch.stop_us


def test_corrected_value__announces_the_stretch(world):
    world.bring(line(1, NOON))
    world.told.clear()
    world.bring(line(2, NOON))
    [notice] = world.told
    assert [stretch.series.element for stretch in notice.reopened] == ["town/up-1"]


def test_new_values__are_announced_with_their_extent_and_nothing_reopened(world):
    world.bring(line(1, NOON), line(2, NOON + HOUR))
    [notice] = world.told
    [stretch] = notice.readings
    assert (stretch.start_us, stretch.stop_us) == (NOON * 10**6, (NOON + HOUR) * 10**6 + 1)
    assert (stretch.count, notice.reopened) == (2, ())


def test_event__is_announced_with_its_subject(world):
    world.load(json_event())
    [notice] = world.told
    assert [event.subjects for event in notice.events] == [("town/up-1",)]


def test_what_was_there_already__is_not_announced_again(world):
    world.bring(line(1))
    world.load(json_event())
    world.told.clear()
    world.bring(line(1))
    world.load(json_event(), again=True)
    assert world.told == []


def test_event_that_is_refused__is_not_announced(world):
    world.load(json_event(id="2", start="2050-01-01T12:00:00Z") + json_event())
    [notice] = world.told
    assert [event.id for event in notice.events] == ["1"]


def test_event_again__is_a_duplicate_and_with_other_words_a_correction(world):
    world.load(json_event())
    assert world.load(json_event(), again=True).duplicates == 1
    report = world.load(json_event(text="Cleared"), "second")
    assert (report.corrected, world.timeline.event("scada", "1").text) == (1, "Cleared")


def test_value_that_retention_took_away__is_rejected_with_the_reason_also_where_joined(world):
    world.bring(line(1, NOON), line(1, NOON + 9 * DAY))
    world.timeline.forget("P", (NOON + 5 * DAY) * 10**6)
    receipt = world.bring(line(2, NOON + HOUR), line(3, NOON + 10 * DAY))
    assert ([row.line for row in receipt.rejected], receipt.rows) == ([1], 1)
    assert world.values() == {NOON + 9 * DAY: 1.0, NOON + 10 * DAY: 3.0}


def test_meter__readings_hang_on_its_usage_point(world_with):
    rule = {
        "measurement": "meter",
        "element": {"tag": "serial", "by": "name", "follow": "EndDevice.UsagePoint"},
        "fields": {"kwh": {"quantity": "ENERGY_IN", "unit": "kWh"}},
    }
    world = world_with(mapping_of({"rule": [rule]}))
    meter = part(
        "m1", "Meter", {"IdentifiedObject.name": "4711"}, links={"EndDevice.UsagePoint": "up-1"}
    )
    world.imported(meter, file="meters.xml")
    world.bring(f"meter,serial=4711 kwh=0.5 {NOON}")
    assert world.values(quantity="ENERGY_IN") == {NOON: 500.0}


def test_name_that_two_elements_have__is_refused_with_the_reason(world_with):
    rule = {"measurement": "m", "element": {"tag": "n", "by": "name"}, "fields": {"p": "P"}}
    world = world_with(mapping_of({"rule": [rule]}))
    twins = (part(mrid, "Meter", {"IdentifiedObject.name": "twin"}) for mrid in ("a", "b"))
    world.imported(*twins, file="twins.xml")
    receipt = world.bring(f"m,n=twin p=1 {NOON}", line())
    assert "several elements" in receipt.rejected[0].reason
    assert (receipt.rows, world.intake.waiting_count()) == (1, 0)


def test_lines_without_a_stamp__are_of_their_arrival_where_the_mapping_allows(world_with):
    world = world_with(mapping_of({"arrival_time": True}))
    world.bring("readings,element=up-1 P=1")
    [reading] = world.timeline.last([SeriesKey("town/up-1", "P", "meter")])
    assert reading.valid_us == reading.known_us


@pytest.mark.parametrize("right", [Right.READ, Right.IMPORT, Right.SWITCH])
def test_caller_without_the_right__writes_nothing(world, right):
    with pytest.raises(AccessDenied):
        world.bring(line(), caller=Caller("x", EVERYTHING, frozenset({right})))
    assert world.timeline.counts() == (0, 0)


def test_caller_with_owners__brings_nothing_of_others_and_nothing_unknown(world):
    receipt = world.bring(line(), line(element="unknown"), caller=world.caller(999))
    assert [row.line for row in receipt.rejected] == [1, 2]
    assert (world.timeline.counts(), world.intake.waiting_count()) == ((0, 0), 0)


def test_model_set__bucket_else_mapping_else_the_only_one(world, world_with):
    assert world.intake.model_set("town") == world.intake.model_set("") == "town"
    with pytest.raises(UnknownModelSet):
        world.intake.model_set("elsewhere")
    mapped = world_with(mapping_of({"buckets": {"grid/autogen": "yet-to-come"}}))
    assert mapped.intake.model_set("grid/autogen") == "yet-to-come"


def test_close__stores_what_waits(world):
    future = world.intake.offer_lines(line().encode(), OPEN_CALLER, "town", "s")
    world.intake.close()
    assert (future.done(), world.values()) == (True, {NOON: 1.0})
