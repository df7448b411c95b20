from __future__ import annotations

import threading
from array import array
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.errors import BadResolution, InvalidCall
from graph_service.domain.events import Event, EventFilter
from graph_service.domain.forecasts import Forecast
from graph_service.domain.readings import Aggregate, ReadingColumns, SeriesKey, Window, to_us
from graph_service.services.keeping import Keeping, Rule

HOUR = 3_600_000_000
DAY = 24 * HOUR
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
METER = SeriesKey("town/m1", "ENERGY_IN", "meter")
MODEL = METER._replace(source="model-1")
ALWAYS = Window(0, 2**52)


class House:
    """Keeping over real stores, with a clock that is set by hand."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.timeline = SqliteTimeline(folder)
        self.records = SqliteRecords(folder)
        self.keeping = Keeping(self.timeline, self.records, lambda: self.now)

    def read(self, day: datetime) -> None:
        """24 hourly values of a day."""
        times = array("q", (to_us(day) + at * HOUR for at in range(24)))
        ones = array("d", [1.0] * 24)
        self.timeline.append([(METER, ReadingColumns(times, ones, array("B", bytes(24)), times))])

    def issue(self, at: datetime) -> None:
        """A forecast of the hour that follows."""
        times, half = array("q", [to_us(at) + HOUR]), (array("d", [1.0]),)
        self.timeline.append_forecasts([Forecast(MODEL, to_us(at), times, (0.5,), half)])

    def days_kept(self) -> set[int]:
        """Days of the month with readings."""
        [found] = self.timeline.read([METER], ALWAYS)
        return {datetime.fromtimestamp(us / 1e6, UTC).day for us in found.valid_us}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.timeline.close()
    made.records.close()


def message(id: str, at: datetime) -> Event:
    return Event("desk", id, "MESSAGE", to_us(at), to_us(at), "hello")


def test_apply__takes_readings_older_than_their_rule_in_whole_days(house: House) -> None:
    for day in (28, 29, 30):
        house.read(NOW.replace(day=day, hour=0))
    house.keeping.state(Rule("ENERGY_IN", "P2D"))
    [outcome] = house.keeping.apply()
    assert (outcome.removed, outcome.before) == (24, datetime(2026, 3, 29, tzinfo=UTC))
    assert house.days_kept() == {29, 30}


def test_apply__aggregates_stay_until_their_own_rule_takes_them(house: House) -> None:
    day = datetime(2026, 3, 1, tzinfo=UTC)
    house.read(day)
    window = Window(to_us(day), to_us(day) + DAY)

    def by_day() -> float:
        [found] = house.timeline.aggregate([METER], window, DAY, Aggregate.SUM)
        return found.values[0]

    house.keeping.state(Rule("ENERGY_IN", "P2D", keep_levels="P1M"))
    house.keeping.apply()
    assert (house.days_kept(), by_day()) == (set(), 24.0)
    house.now = NOW + timedelta(days=30)
    house.keeping.apply()
    assert not by_day() > 0


def test_apply__takes_events_of_a_kind_and_leaves_others(house: House) -> None:
    old, new = message("old", NOW - timedelta(days=40)), message("new", NOW)
    image = Event("drone", "i", "IMAGE", old.start_us, old.known_us, "pole")
    house.timeline.append_events([old, new, image])
    house.keeping.state(Rule("MESSAGE", "P1M"))
    assert [outcome.removed for outcome in house.keeping.apply()] == [1]
    left = house.timeline.events(EventFilter(), ALWAYS, 10)
    assert [event.id for event in left] == ["i", "new"]


def test_apply__takes_forecasts_issued_before_and_leaves_readings(house: House) -> None:
    house.read(datetime(2026, 3, 1, tzinfo=UTC))
    house.issue(NOW - timedelta(days=40))
    house.issue(NOW - timedelta(days=20))
    house.keeping.state(Rule("ENERGY_IN", "P1M", of_forecasts=True))
    would = house.keeping.apply(dry_run=True)
    assert [outcome.removed for outcome in would] == [1]
    assert [outcome.removed for outcome in house.keeping.apply()] == [1]
    assert house.timeline.forecast_issues(MODEL, ALWAYS) == [to_us(NOW - timedelta(days=20))]
    assert house.days_kept() == {1}


def test_rules__of_readings_and_of_forecasts_stand_side_by_side(house: House) -> None:
    readings, forecasts = Rule("P", "P3Y"), Rule("P", "P90D", of_forecasts=True)
    house.keeping.state(readings)
    house.keeping.state(forecasts)
    assert house.keeping.rules() == [readings, forecasts]
    assert house.keeping.remove("forecasts of P")
    assert house.keeping.rules() == [readings]


def test_rules__written_down_before_there_were_rules_of_forecasts_still_hold(house: House) -> None:
    house.records.put("retention", [("P", {"keep": "P1Y", "levels": "P9Y"})])
    assert house.keeping.rules() == [Rule("P", "P1Y", "P9Y")]


def test_dry_run__says_what_would_go_and_takes_nothing(house: House) -> None:
    house.read(datetime(2026, 3, 1, tzinfo=UTC))
    house.timeline.append_events([message("old", NOW - timedelta(days=40))])
    house.keeping.state(Rule("ENERGY_IN", "P1W"))
    house.keeping.state(Rule("MESSAGE", "P1W"))
    would = [outcome.removed for outcome in house.keeping.apply(dry_run=True)]
    assert would == [outcome.removed for outcome in house.keeping.apply()] == [24, 1]
    assert [outcome.removed for outcome in house.keeping.apply()] == [0, 0]


def test_dry_run__is_no_run(house: House) -> None:
    house.keeping.apply(dry_run=True)
    assert house.keeping.last_applied() is None


@pytest.mark.parametrize(
    ("keep", "before"),
    [
        ("P90D", datetime(2025, 12, 31, tzinfo=UTC)),
        ("P2W", datetime(2026, 3, 17, tzinfo=UTC)),
        ("P1M", datetime(2026, 2, 28, tzinfo=UTC)),
        ("P13M", datetime(2025, 2, 28, tzinfo=UTC)),
        ("P2Y", datetime(2024, 3, 31, tzinfo=UTC)),
    ],
)
def test_keep__in_years_months_weeks_and_days_of_the_calendar(house: House, keep, before) -> None:
    house.keeping.state(Rule("P", keep))
    [outcome] = house.keeping.apply(dry_run=True)
    assert outcome.before == before


def test_when_due__is_once_a_day(house: House) -> None:
    house.keeping.state(Rule("P", "P1Y"))
    applied = []
    for _ in range(5):
        applied.append(house.keeping.apply_when_due() is not None)
        house.now += timedelta(hours=8)
    assert applied == [True, False, False, True, False]


def test_when_due__in_several_processes_at_once_is_done_by_one(house: House) -> None:
    house.keeping.state(Rule("ENERGY_IN", "P1D"))
    house.keeping.apply()
    house.read(NOW - timedelta(days=1))
    together = threading.Barrier(3)

    def process() -> list[int] | None:
        """All look whether it is due before one of them does it."""
        looked: list[bool] = []

        def clock() -> datetime:
            if not looked:
                looked.append(True)
                together.wait(10)
            return NOW + timedelta(days=2)

        outcomes = Keeping(house.timeline, house.records, clock).apply_when_due()
        return outcomes and [outcome.removed for outcome in outcomes]

    with ThreadPoolExecutor(3) as pool:
        done = [one.result() for one in [pool.submit(process) for _ in range(3)]]
    assert sorted(done, key=bool) == [None, None, [24]]


def test_rules__are_replaced_listed_and_removed(house: House) -> None:
    house.keeping.state(Rule("P", "P1Y"))
    house.keeping.state(Rule("P", "P2Y", "P9Y"))
    assert house.keeping.rules() == [Rule("P", "P2Y", "P9Y")]
    assert house.keeping.remove("P")
    assert not house.keeping.remove("P")


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        (Rule("JOY", "P1Y"), InvalidCall),
        (Rule("P", "PT1H"), BadResolution),
        (Rule("P", "P0D"), BadResolution),
        (Rule("P", "P9999Y"), BadResolution),
        (Rule("MESSAGE", "P1Y", "P2Y"), InvalidCall),
        (Rule("MESSAGE", "P1Y", of_forecasts=True), InvalidCall),
        (Rule("P", "P1Y", "P2Y", of_forecasts=True), InvalidCall),
        (Rule("P", "P2Y", "P1Y"), InvalidCall),
    ],
)
def test_rule__that_cannot_be_is_refused(house: House, rule: Rule, error: type) -> None:
    with pytest.raises(error):
        house.keeping.state(rule)
    assert house.keeping.rules() == []
