from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.errors import BadZone, InvalidCall, UnknownQuantity
from graph_service.domain.readings import Quality, ReadingColumns, SeriesKey, Window, to_us
from graph_service.services import quality
from graph_service.services.quality import DataQuality, QualityQuestion
from graph_service.services.schedules import Schedule, Schedules

HOUR = 3_600_000_000
NOON = datetime.fromisoformat("2026-04-02T12:00Z")


class Timeline(SqliteTimeline):
    """A store that counts what it is asked."""

    calls: Counter[str]

    def series(self, *asked: Any) -> list[SeriesKey]:
        self.calls["series"] += 1
        return super().series(*asked)

    def versions(self, *asked: Any) -> list[ReadingColumns]:
        self.calls["versions"] += 1
        return super().versions(*asked)


class House:
    """Data quality over real stores, at noon of the second of April."""

    def __init__(self, folder: Path) -> None:
        self.timeline = Timeline(folder)
        self.timeline.calls = Counter()
        self.records = SqliteRecords(folder)
        self.schedules = Schedules(self.records)
        self.quality = DataQuality(self.timeline, self.schedules, lambda: NOON)

    def read(
        self, device: str, start: str, values: list[float], quantity: str = "ENERGY_IN"
    ) -> None:
        """Keep hourly good readings that were known at the end of their interval."""
        begin = to_us(datetime.fromisoformat(start))
        times = array("q", (begin + at * HOUR for at in range(len(values))))
        good = array("B", [Quality.GOOD] * len(values))
        known = array("q", (at + HOUR for at in times))
        key = SeriesKey(f"town/{device}", quantity, "meter")
        self.timeline.append([(key, ReadingColumns(times, array("d", values), good, known))])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.timeline.close()
    made.records.close()


def question(start: str, stop: str, **given: object) -> QualityQuestion:
    window = Window(*(to_us(datetime.fromisoformat(at)) for at in (start, stop)))
    return QualityQuestion(window, **given)


MARCH_29 = question("2026-03-28T23:00Z", "2026-03-29T22:00Z", zone="Europe/Oslo")


def test_day_of_23_hours__is_complete_with_23_readings(house: House) -> None:
    house.read("m1", "2026-03-28T23:00Z", [1.0] * 23)
    found = house.quality.of_all(["town/m1"], MARCH_29)
    assert found.by_day.counts.expected.tolist() == found.by_day.counts.received.tolist() == [23]
    assert found.overall.shares.completeness == found.overall.shares.timeliness == 1.0


def test_device_without_any_reading__is_there_with_nothing_complete(house: House) -> None:
    house.read("m1", "2026-03-28T23:00Z", [1.0] * 23)
    found = house.quality.of_all(["town/m1", "town/m2"], MARCH_29)
    assert found.silent == 1
    assert found.by_device.shares.completeness.tolist() == [1.0, 0.0]
    assert [found.devices[at] for at in found.worst] == ["town/m2", "town/m1"]
    assert (found.gap_device, found.overall.gaps.length_us) == ("town/m2", 23 * HOUR)


def test_shares_by_energy__what_large_customers_lack_counts_more(house: House) -> None:
    house.read("large", "2026-03-28T23:00Z", [9.0] * 12)
    house.read("small", "2026-03-28T23:00Z", [1.0] * 23)
    found = house.quality.of_all(["town/large", "town/small"], MARCH_29)
    assert found.overall.shares.completeness == pytest.approx(35 / 46)
    assert found.weighted is not None
    assert found.weighted.completeness == pytest.approx((9 * 12 + 23) / (10 * 23))


def test_today__nothing_is_due_that_cannot_have_come(house: House) -> None:
    house.read("m1", "2026-04-02T00:00Z", [1.0] * 12)
    found = house.quality.of_all(["town/m1"], question("2026-04-02T00:00Z", "2026-04-05T00:00Z"))
    assert found.by_day.counts.expected.tolist() == [12, 0, 0]
    assert found.overall.shares.completeness == 1.0


def test_known_at__what_came_later_had_not_come(house: House) -> None:
    house.read("m1", "2026-04-01T00:00Z", [1.0] * 24)
    at_six = to_us(datetime.fromisoformat("2026-04-01T06:00Z"))
    asked = question("2026-04-01T00:00Z", "2026-04-02T00:00Z", known_us=at_six)
    found = house.quality.of_all(["town/m1"], asked)
    assert (found.overall.counts.expected, found.overall.counts.received) == (6, 6)


def test_quantity__only_its_series_count(house: House) -> None:
    house.read("m1", "2026-03-28T23:00Z", [1.0] * 23)
    house.read("m1", "2026-03-28T23:00Z", [230.0] * 4, quantity="U")
    both = house.quality.of_all(["town/m1"], MARCH_29)
    one = house.quality.of_all(
        ["town/m1"], QualityQuestion(MARCH_29.window, MARCH_29.zone, quantity="U")
    )
    assert (both.overall.counts.expected, one.overall.counts.received) == (46, 4)
    assert one.weighted is None


def test_each__is_what_all_says_of_each_alone(house: House) -> None:
    house.read("m1", "2026-03-28T23:00Z", [1.0] * 23)
    house.read("m2", "2026-03-28T23:00Z", [1.0] * 20)
    names = ["town/m2", "town/none", "town/m1", "town/m2"]
    each = house.quality.of_each(names, MARCH_29)
    for name, found in zip(names, each, strict=True):
        assert found.devices == (name,)
        alone = house.quality.of_all([name], MARCH_29)
        assert found.overall.counts.received == alone.overall.counts.received
        assert found.overall.gaps == alone.overall.gaps


def test_readings__of_all_series_are_one_call_to_the_store(house: House) -> None:
    for at in range(5):
        house.read(f"m{at}", "2026-03-28T23:00Z", [1.0] * 23)
    house.timeline.calls.clear()
    house.quality.of_all([f"town/m{at}" for at in range(5)], MARCH_29)
    assert house.timeline.calls == {"series": 1, "versions": 1}


def test_readings__of_more_series_than_fit_at_once_give_the_same(house: House, monkeypatch) -> None:
    for at in range(5):
        house.read(f"m{at}", "2026-03-28T23:00Z", [float(at)] * (23 - at))
    names = [f"town/m{at}" for at in range(6)]
    at_once = house.quality.of_all(names, MARCH_29)
    monkeypatch.setattr(quality, "VALUES_AT_ONCE", 96)
    in_lots = house.quality.of_all(names, MARCH_29)
    assert house.timeline.calls["versions"] == 6
    assert in_lots.by_device.counts.received.tolist() == at_once.by_device.counts.received.tolist()
    assert in_lots.weighted == at_once.weighted


def test_schedule__that_was_stated_counts(house: House) -> None:
    house.read("m1", "2026-03-28T23:00Z", [1.0] * 23)
    house.schedules.state(Schedule("PT15M", element="town/m1"))
    assert house.quality.of_all(["town/m1"], MARCH_29).overall.counts.expected == 92


def test_no_devices__are_nothing(house: House) -> None:
    found = house.quality.of_all([], MARCH_29)
    assert (found.devices, list(found.worst), found.gap_device) == ((), [], None)
    assert found.overall.counts.expected == 0


@pytest.mark.parametrize(
    ("given", "error"),
    [({"zone": "Mars/Olympus"}, BadZone), ({"quantity": "JOY"}, UnknownQuantity)],
)
def test_question__that_is_wrong_is_refused(house: House, given: dict, error: type) -> None:
    with pytest.raises(error):
        house.quality.of_all([], question("2026-04-01T00:00Z", "2026-04-02T00:00Z", **given))


def test_question__about_more_than_an_answer_may_hold_is_refused(house: House, monkeypatch) -> None:
    monkeypatch.setattr(quality, "MOST_CELLS", 3)
    with pytest.raises(InvalidCall, match="2 devices on 2 days"):
        house.quality.of_all(["a/1", "a/2"], question("2026-04-01T00:00Z", "2026-04-03T00:00Z"))
