"""MeterReadings of IEC 61968-9 posted to a live server: counted, whole, refused in clear words."""

from __future__ import annotations

import gzip

import httpx
import pytest

from graph_service.api.app import make_app
from graph_service.domain.access import Right
from graph_service.domain.readings import SeriesKey, Window
from tests.api.conftest import World, served

TYPE = '<ReadingType ref="0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"/>'


def meter_readings(*usage_points: str, value: str = "0.5") -> bytes:
    reading = f"<timeStamp>2026-01-01T00:15:00Z</timeStamp><value>{value}</value>"
    block = f"<IntervalBlocks><IntervalReadings>{reading}</IntervalReadings>{TYPE}</IntervalBlocks>"
    points = (f"<UsagePoint><mRID>{mrid}</mRID></UsagePoint>" for mrid in usage_points)
    meters = "".join(f"<MeterReading>{block}{point}</MeterReading>" for point in points)
    return f"<MeterReadings>{meters}</MeterReadings>".encode()


def post(address: str, body: bytes, **headers: str) -> httpx.Response:
    return httpx.post(f"{address}/meter-readings", content=body, headers=headers)


@pytest.fixture
def drawn(world: World) -> World:
    world.draw_owned()
    return world


def stored(world: World, mrid: str) -> list[float]:
    key = SeriesKey(f"drawn/{mrid}", "ENERGY_IN", "meter")
    return list(world.timeline.read([key], Window(0, 2**55))[0].values)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_post__is_stored_and_counted(drawn: World, address: str, encoding: str) -> None:
    body = meter_readings("M4.usage", "M6.usage", "not-yet")
    packed = gzip.compress(body) if encoding == "gzip" else body
    answer = post(address, packed, **{"content-encoding": encoding})
    counts = {"stored": 3, "duplicates": 0, "corrected": 0, "quarantined": 1}
    assert answer.status_code == 200
    assert answer.json() == counts | {"rejectedCount": 0, "rejected": []}
    assert stored(drawn, "M4.usage") == stored(drawn, "M6.usage") == [500.0]
    assert post(address, body).json()["duplicates"] == 3


def test_post__bad_reading_is_named_and_the_others_stored(drawn: World, address: str) -> None:
    bad = meter_readings("M6.usage", value="much").removeprefix(b"<MeterReadings>")
    body = meter_readings("M4.usage").removesuffix(b"</MeterReadings>") + b"\n" + bad
    answer = post(address, body)
    assert (answer.status_code, answer.json()["stored"]) == (200, 1)
    [row] = answer.json()["rejected"]
    assert (row["line"], "'much'" in row["reason"]) == (2, True)


def test_post__of_bad_readings_only_is_422(drawn: World, address: str) -> None:
    assert post(address, meter_readings("M4.usage", value="nan")).status_code == 422


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<MeterReadings><MeterReading>", "not well-formed in line 1"),
        (b"<!DOCTYPE x><MeterReadings/>", "DOCTYPE"),
        (b"<Payload/>", "no MeterReadings"),
        (b"", "not well-formed"),
    ],
)
def test_post__that_cannot_be_read_is_400_and_stores_nothing(
    drawn: World, address: str, body: bytes, said: str
) -> None:
    answer = post(address, body)
    assert (answer.status_code, said in answer.json()["message"]) == (400, True)
    assert drawn.timeline.counts() == (0, 0)


def test_post__into_a_model_set_nobody_knows_is_404(drawn: World, address: str) -> None:
    answer = httpx.post(f"{address}/meter-readings?into=nowhere", content=meter_readings("x"))
    assert answer.status_code == 404


def test_post__needs_the_right_to_write(drawn: World) -> None:
    token = drawn.house.access.create("reader", None, [Right.READ])
    with served(make_app(drawn.house)) as at:
        assert post(at, meter_readings("M4.usage")).status_code == 401
        answer = post(at, meter_readings("M4.usage"), authorization=f"Bearer {token}")
    assert (answer.status_code, drawn.timeline.counts()) == (403, (0, 0))
