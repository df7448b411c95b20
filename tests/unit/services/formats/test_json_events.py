"""Events as JSON: lines or one document; a bad event by itself, with the reason."""

import json

import pytest

from graph_service.domain.errors import UnreadableInput
from graph_service.domain.events import EventSeverity
from graph_service.services.formats import json_events
from tests.unit.services.formats.conftest import NOW_US

EVENT = {
    "source": "scada",
    "id": "4711",
    "kind": "FAULT",
    "start": "2026-01-05T15:10:00Z",
    "text": "Earth fault",
}


@pytest.fixture
def read(reader):
    return lambda content, **more: reader(json_events.read, content, **more)


def lines(*events):
    return "".join(json.dumps(event) + "\n" for event in events)


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(EVENT),
        json.dumps(EVENT, indent=2),
        lines(EVENT),
        json.dumps([EVENT]),
        "\n" + lines(EVENT) + "\n\n",
        "\ufeff" + lines(EVENT),
    ],
)
def test_read__an_object_a_list_or_lines(read, content):
    [lot] = read(content).events
    assert (lot.event.source, lot.event.id, lot.event.kind) == ("scada", "4711", "FAULT")
    assert (lot.event.severity, lot.event.known_us) == (EventSeverity.INFO, NOW_US)


def test_read__keeps_all_that_is_said(read):
    said = EVENT | {
        "end": "2026-01-05T16:00:00+01:00",
        "severity": "critical",
        "subjects": ["_t1", "town/t2", "t1"],
        "reference": {"uri": "file:///a.jpg", "mediaType": "image/jpeg", "sha256": "AB" * 32},
        "knownAt": "2026-01-06T00:00:00Z",
    }
    said["end"] = "2026-01-05T16:20:00+01:00"
    [lot] = read(lines(said)).events
    assert [address.value for address in lot.subjects] == ["t1", "t2"]
    assert lot.event.end_us - lot.event.start_us == 600_000_000
    assert (lot.event.severity, lot.event.reference.sha256) == (EventSeverity.CRITICAL, "ab" * 32)
    assert lot.event.known_us == 1_767_657_600_000_000


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"id": None}, "'id' is missing"),
        ({"id": 4711}, "'id' is no text"),
        ({"kind": "DISASTER"}, "'DISASTER'"),
        ({"start": "2026-01-05T15:10:00"}, "zone"),
        ({"start": "2126-01-05T15:10:00Z"}, "ten years"),
        ({"end": "2026-01-05T15:10:00Z"}, "ends before"),
        ({"severity": "HUGE"}, "'HUGE'"),
        ({"subjects": "t1"}, "no list"),
        ({"subjects": [""]}, "mRID"),
        ({"reference": "a.jpg"}, "reference"),
        ({"knownAt": "2026-03-01T00:00:00Z"}, "known yet"),
        ({"colour": "red"}, "'colour'"),
    ],
)
@pytest.mark.parametrize("write", [lines, lambda *events: json.dumps(events, indent=1)])
def test_read__bad_event_is_put_aside_and_the_others_are_taken(read, wrong, reason, write):
    got = read(write(EVENT, EVENT | wrong, EVENT | {"id": "2"}))
    assert (list(got.reasons), reason in got.reasons[2]) == ([2], True)
    assert [lot.event.id for lot in got.events] == ["4711", "2"]


def test_read__line_that_is_no_json_is_put_aside(read):
    got = read(lines(EVENT) + "{oops\n" + lines(EVENT) + "5\n")
    assert (list(got.reasons), len(got.events)) == ([2, 4], 2)


@pytest.mark.parametrize("content", ["[1, 2", "{ \n oops"])
def test_read__document_that_is_no_json_is_an_error(read, content):
    with pytest.raises(UnreadableInput, match="events"):
        read(content)


@pytest.mark.parametrize("write", [lines, lambda *events: json.dumps(events)])
def test_read__goes_on_at_a_position(read, monkeypatch, write):
    monkeypatch.setattr(json_events, "EVENTS_A_BATCH", 2)
    whole = write(*(EVENT | {"id": str(at)} for at in range(5)))
    first = read(whole).batches[0]
    again = read(whole, position=first.position, line=first.line)
    assert [lot.event.id for lot in again.events] == ["2", "3", "4"]
