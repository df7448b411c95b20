"""Values of unknown elements wait, are counted, and become the element's when it comes."""

import pytest

from graph_service.services.formats.mapping import mapping_of
from tests.building import named, part

NOON = 1_767_268_800
HOUR = 3_600
BY_NAME = {
    "measurement": "meter",
    "element": {"tag": "n", "by": "name", "kind": "UsagePoint"},
    "fields": {"p": "P"},
}


def by_name(value=1, at=NOON, name="Mill 7"):
    escaped = name.replace(" ", "\\ ")
    return f"meter,n={escaped} p={value} {at}"


@pytest.fixture
def named_world(world_with):
    return world_with(mapping_of({"rule": [BY_NAME]}))


def comes(world, mrid="up-7", name="Mill 7", **links):
    world.imported(named(mrid, "UsagePoint", name, **links), file=f"{mrid}.xml")
    world.intake.link()  # a revision starts it; this waits until it is done


def test_unknown_element__its_values_wait_and_are_counted(named_world):
    receipt = named_world.bring(by_name(1), by_name(2, NOON + HOUR))
    assert receipt.quarantined == 2
    [waiting] = named_world.intake.waiting(10)
    assert (waiting.address.value, str(waiting.address.lookup)) == ("Mill 7", "name of UsagePoint")
    assert (waiting.values, waiting.events) == (2, 0)
    assert waiting.first_seen == waiting.last_seen


def test_unknown_element__more_values_are_added_to_the_count(named_world):
    named_world.bring(by_name(1))
    named_world.bring(by_name(2, NOON + HOUR))
    [waiting] = named_world.intake.waiting(10)
    assert waiting.values == 2
    assert waiting.first_seen < waiting.last_seen


def test_element_that_comes__has_the_values_that_waited_for_it(named_world):
    named_world.bring(by_name(1), by_name(2, NOON + HOUR))
    comes(named_world)
    assert named_world.values("town/up-7") == {NOON: 1.0, NOON + HOUR: 2.0}
    assert named_world.intake.waiting_count() == 0


def test_element_that_comes__is_linked_by_the_revision_alone(named_world):
    named_world.bring(by_name(1))
    named_world.imported(named("up-7", "UsagePoint", "Mill 7"), file="new.xml")
    named_world.intake.close()
    assert named_world.values("town/up-7") == {NOON: 1.0}


def test_element_that_comes__takes_later_values_directly(named_world):
    named_world.bring(by_name(1))
    comes(named_world)
    assert named_world.bring(by_name(2, NOON + HOUR)).quarantined == 0
    assert named_world.values("town/up-7") == {NOON: 1.0, NOON + HOUR: 2.0}


def test_element_that_came_while_nobody_ran__is_linked_at_the_start(named_world):
    named_world.bring(by_name(1))
    named_world.intake.close()
    with named_world.graph.transaction(author="other", message="elsewhere") as change:
        change.put_parts("town", "new.xml", [named("up-7", "UsagePoint", "Mill 7")])
    named_world.intake = named_world.another()
    named_world.intake.link()
    assert named_world.values("town/up-7") == {NOON: 1.0}


def test_mrid_that_is_unknown__is_listed_and_leaves_when_it_comes(world):
    world.bring(f"readings,element=up-7 P=1 {NOON}")
    assert [one.address.value for one in world.intake.waiting(10)] == ["up-7"]
    comes(world)
    assert (world.values("town/up-7"), world.intake.waiting_count()) == ({NOON: 1.0}, 0)


def test_meter_without_a_usage_point__waits_until_it_is_linked(world):
    def document(meter):
        reading = "<timeStamp>2026-01-01T12:00:00Z</timeStamp><value>1</value>"
        kind = '<ReadingType ref="0.0.0.12.1.1.37.0.0.0.0.0.0.0.0.0.38.0"/>'
        inner = f"<MeterReading><Readings>{reading}{kind}</Readings>{meter}</MeterReading>"
        return f"<MeterReadings>{inner}</MeterReadings>"

    world.imported(named("m1", "Meter", "4711"), file="meter.xml")
    world.load(document("<Meter><Names><name>4711</name></Names></Meter>"))
    assert world.intake.waiting_count() == 1
    linked = part(
        "m1", "Meter", {"IdentifiedObject.name": "4711"}, links={"EndDevice.UsagePoint": "up-1"}
    )
    world.imported(linked, file="meter.xml")
    world.intake.link()
    assert world.values() == {NOON: 1.0}


def test_event_about_an_unknown_element__becomes_the_elements(world):
    world.load(
        '{"source": "scada", "id": "1", "kind": "FAULT", "start": "2026-01-01T12:00:00Z",'
        ' "text": "Earth fault", "subjects": ["up-1", "up-7"]}'
    )
    [waiting] = world.intake.waiting(10)
    assert (waiting.values, waiting.events) == (0, 1)
    comes(world)
    assert world.timeline.event("scada", "1").subjects == ("town/up-1", "town/up-7")
    assert world.intake.waiting_count() == 0


def test_element_that_comes__is_told_to_those_who_watch(named_world):
    named_world.bring(by_name(1), by_name(2, NOON + HOUR))
    named_world.told.clear()
    comes(named_world)
    [notice] = named_world.told
    [stretch] = notice.reopened
    assert stretch.series == ("town/up-7", "P", "meter")
    assert stretch.start_us == NOON * 1_000_000
    assert stretch.stop_us == (NOON + HOUR) * 1_000_000 + 1
    assert (notice.events, notice.readings) == ((), ())


def test_event_that_waited__is_told_when_its_element_comes(world):
    world.load(
        '{"source": "scada", "id": "1", "kind": "FAULT", "start": "2026-01-01T12:00:00Z",'
        ' "text": "Earth fault", "subjects": ["up-7"]}'
    )
    world.told.clear()
    comes(world)
    [notice] = world.told
    [event] = notice.events
    assert (event.id, event.subjects, notice.reopened) == ("1", ("town/up-7",), ())


def test_element_that_is_renamed__has_the_values_that_waited_for_the_name(named_world):
    named_world.imported(named("up-7", "UsagePoint", "Mill"), file="up-7.xml")
    named_world.bring(by_name(1))
    named_world.imported(part("up-8", "UsagePoint"), file="up-8.xml")
    named_world.imported(named("up-7", "UsagePoint", "Mill 7"), file="up-7.xml")
    named_world.intake.close()
    assert named_world.values("town/up-7") == {NOON: 1.0}


def test_switching__does_not_look_for_what_waits(named_world, monkeypatch):
    named_world.bring(by_name(1))
    asked = []
    monkeypatch.setattr(named_world.intake._quarantine, "link", asked.append)
    switch = part("s1", "Breaker", {"Switch.open": "false"})
    named_world.imported(switch, file="switch.xml")
    named_world.bring(by_name(2))
    asked.clear()
    named_world.imported(part("s1", "Breaker", {"Switch.open": "true"}), file="switch.xml")
    named_world.intake.close()
    assert asked == []


def test_revision_of_another_process_during_a_batch__is_not_missed(named_world, monkeypatch):
    append = named_world.timeline.append

    def meanwhile(batch):
        result = append(batch)
        with named_world.graph.transaction(author="other", message="elsewhere") as change:
            change.put_parts("town", "new.xml", [named("up-7", "UsagePoint", "Mill 7")])
        monkeypatch.undo()
        return result

    monkeypatch.setattr(named_world.timeline, "append", meanwhile)
    named_world.bring(by_name(1))
    assert named_world.values("town/up-7") == {NOON: 1.0}
    assert named_world.intake.waiting_count() == 0
