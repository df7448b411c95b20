from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.domain.errors import BadResolution, InvalidCall, UnknownQuantity
from graph_service.domain.readings import SeriesKey
from graph_service.services.schedules import Schedule, Schedules

METER = SeriesKey("town/m1", "ENERGY_IN", "meter")
MINUTE = 60_000_000


@pytest.fixture
def schedules(tmp_path: Path) -> Iterator[Schedules]:
    records = SqliteRecords(tmp_path)
    yield Schedules(records)
    records.close()


def test_interval__the_schedule_that_says_most_exactly_which_series_counts(schedules) -> None:
    stated = [
        Schedule("PT60M"),
        Schedule("PT30M", quantity="ENERGY_IN"),
        Schedule("PT15M", quantity="ENERGY_IN", source="meter"),
        Schedule("PT10M", element="town/m1"),
        Schedule("PT5M", element="town/m1", quantity="ENERGY_IN"),
        Schedule("PT1M", *METER),
    ]
    found = []
    for schedule in stated:
        schedules.state(schedule)
        found += schedules.intervals_us([METER])
    assert found == [minutes * MINUTE for minutes in (60, 30, 15, 10, 5, 1)]


def test_interval__of_another_series_is_not_meant(schedules) -> None:
    schedules.state(Schedule("PT15M", element="town/m1", quantity="U"))
    schedules.state(Schedule("PT15M", quantity="ENERGY_IN", source="sensor"))
    assert schedules.intervals_us([METER]) == [0]


def test_state__again_replaces_and_remove_forgets(schedules) -> None:
    schedules.state(Schedule("PT15M", quantity="U"))
    schedules.state(Schedule("PT30M", quantity="U"))
    assert schedules.all() == [Schedule("PT30M", quantity="U")]
    assert schedules.remove(quantity="U")
    assert not schedules.remove(quantity="U")
    assert schedules.all() == []


@pytest.mark.parametrize(
    ("schedule", "error"),
    [
        (Schedule("often"), BadResolution),
        (Schedule("P2D"), InvalidCall),
        (Schedule("PT15M", quantity="JOY"), UnknownQuantity),
    ],
)
def test_state__what_cannot_be_a_schedule_is_refused(schedules, schedule, error) -> None:
    with pytest.raises(error):
        schedules.state(schedule)
