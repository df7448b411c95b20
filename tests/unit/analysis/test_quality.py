from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.analysis.quality import Counts, by_device, count, shares
from graph_service.analysis.receipts import Received
from graph_service.domain.calendars import cut
from graph_service.domain.readings import Window, to_us
from tests.unit.analysis.test_receipts import ESTIMATED, GOOD, HOUR, INVALID, readings

DAY = 24 * HOUR
NEVER = 2**60


def edges(start: str, stop: str, zone: str) -> np.ndarray:
    window = Window(*(to_us(datetime.fromisoformat(at)) for at in (start, stop)))
    days = cut(window, "P1D", zone)
    return np.array([*days.starts_us, days.stop_us])


def counted(found: Received, every: int, days: np.ndarray, until: int = NEVER) -> Counts:
    return count(found, np.array([every]), days, until, DAY)


@pytest.mark.parametrize(
    ("start", "stop", "hours"),
    [
        ("2026-03-28T23:00Z", "2026-03-30T22:00Z", [23, 24]),
        ("2026-10-23T22:00Z", "2026-10-25T23:00Z", [24, 25]),
    ],
)
@pytest.mark.parametrize("a_day", [1, 24, 96])
def test_expected__days_of_23_24_and_25_hours(start, stop, hours, a_day) -> None:
    days = edges(start, stop, "Europe/Oslo")
    found = counted(readings([]), DAY // a_day, days)
    due = [1 if a_day == 1 else length * a_day // 24 for length in hours]
    assert found.expected.tolist() == [due]


@pytest.mark.parametrize("minutes", [0, 7])
def test_received__a_whole_day_is_complete_wherever_in_its_interval_it_is_read(minutes) -> None:
    times = [at * HOUR // 4 + minutes * HOUR // 60 for at in range(96)]
    found = counted(readings(times), HOUR // 4, np.array([0, DAY]))
    assert (found.received.tolist(), found.expected.tolist()) == ([[96]], [[96]])


def test_received__several_readings_in_an_interval_do_not_hide_a_hole() -> None:
    times = [0, 1_000_000, 2_000_000, *(at * HOUR for at in range(2, 24))]
    found = counted(readings(times), HOUR, np.array([0, DAY]))
    assert (found.received.tolist(), found.readings.tolist()) == ([[23]], [[25]])


def test_received__never_more_than_expected() -> None:
    found = counted(readings([at * HOUR // 4 for at in range(96)]), HOUR, np.array([0, DAY]))
    assert found.received.tolist() == found.expected.tolist() == [[24]]


def test_expected__nothing_is_due_before_its_interval_is_over() -> None:
    days = np.array([0, DAY, 2 * DAY])
    assert counted(readings([]), HOUR, days, 5 * HOUR - 1).expected.tolist() == [[4, 0]]
    assert counted(readings([]), HOUR, days, 5 * HOUR).expected.tolist() == [[5, 0]]
    assert counted(readings([]), DAY, days, DAY).expected.tolist() == [[1, 0]]


def test_on_time__is_until_the_deadline_after_the_end_of_the_interval() -> None:
    found = readings([0, HOUR])._replace(known_us=np.array([HOUR + DAY, 2 * HOUR + DAY + 1]))
    assert counted(found, HOUR, np.array([0, DAY])).on_time.tolist() == [[1]]


def test_counts__of_good_and_estimated_readings() -> None:
    quality = np.array([GOOD, ESTIMATED, INVALID], np.uint8)
    found = counted(
        readings([0, HOUR, 2 * HOUR])._replace(quality=quality), HOUR, np.array([0, DAY])
    )
    assert (found.good.tolist(), found.estimated.tolist()) == ([[1]], [[1]])
    assert shares(found).validity.tolist() == [[pytest.approx(1 / 3)]]


def test_shares__of_nothing_are_not_numbers() -> None:
    nothing = shares(counted(readings([]), HOUR, np.array([0, DAY]), until=0))
    assert all(np.isnan(column).all() for column in nothing)


def test_by_device__adds_up_the_series_of_each() -> None:
    some = Counts(*(np.array([1, 2, 4]) for _ in range(6)))
    assert by_device(some, np.array([1, 0, 1]), 3).received.tolist() == [2, 5, 0]


def test_times__a_weight_that_is_no_number_takes_its_series_out() -> None:
    some = Counts(*(np.array([[1, 1], [1, 1]]) for _ in range(6)))
    weighted = some.times(np.array([2.5, np.nan])).added(0)
    assert weighted.expected.tolist() == [2.5, 2.5]


@given(
    present=st.sets(st.integers(0, 72 * 4 - 1)),
    every=st.sampled_from([1, 2, 4]),
    phase=st.integers(0, 14),
)
def test_counts__of_any_readings_on_their_schedule_are_what_counting_by_hand_gives(
    present, every, phase
) -> None:
    step = every * HOUR // 4
    grid = [at * step + phase * HOUR // 60 for at in range(72 * 4 // every)]
    came = [grid[at] for at in sorted(present) if at < len(grid)]
    days = np.array([0, 23 * HOUR, 47 * HOUR, 72 * HOUR])
    found = counted(readings(came), step, days)
    by_hand = [sum(begin <= at < stop for at in came) for begin, stop in pairwise(days.tolist())]
    assert found.received.tolist() == [by_hand]
    due = [sum(begin <= at < stop for at in grid) for begin, stop in pairwise(days.tolist())]
    assert not came or found.expected.tolist() == [due]
