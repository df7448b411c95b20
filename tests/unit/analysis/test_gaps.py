from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.analysis.gaps import Gaps, gaps, longest
from tests.unit.analysis.test_receipts import HOUR, readings

DAY = 24 * HOUR
NEVER = 2**60


def of(times: list[int], every: int = HOUR, days: list[int] | None = None, until: int = NEVER):
    """(length, start) in hours of the longest gap of each day."""
    found = gaps(readings(times), np.array([every]), np.array(days or [0, DAY]), until)
    pairs = zip(found.length_us[0].tolist(), found.start_us[0].tolist(), strict=True)
    return [(length / HOUR, start / HOUR) for length, start in pairs]


def hours(*given: int) -> list[int]:
    return [at * HOUR for at in given]


@pytest.mark.parametrize(
    ("came", "gap"),
    [
        (range(24), (0, 0)),
        ([*range(5), *range(8, 24)], (3, 5)),
        (range(6, 24), (6, 0)),
        (range(20), (4, 20)),
        ([], (24, 0)),
        ([*range(2), *range(4, 9), *range(11, 24)], (2, 2)),
    ],
)
def test_gap__its_length_and_start(came, gap) -> None:
    assert of(hours(*came)) == [gap]


def test_gap__ends_with_its_day_and_goes_on_in_the_next() -> None:
    came = hours(*range(20), *range(30, 48))
    assert of(came, days=[0, DAY, 2 * DAY]) == [(4, 20), (6, 24)]
    assert of(came, days=[0, 2 * DAY]) == [(10, 20)]


def test_gap__of_readings_within_their_interval_is_none() -> None:
    late = [at * HOUR + HOUR // 8 for at in range(24)]
    assert of(late) == [(0, 0)]


def test_gap__of_a_daily_reading_on_a_day_of_25_hours_is_none() -> None:
    assert of([0], every=DAY, days=[0, 25 * HOUR]) == [(0, 0)]
    assert of([], every=DAY, days=[0, 23 * HOUR]) == [(23, 0)]


def test_gap__ends_now() -> None:
    assert of(hours(0, 1), days=[0, DAY, 2 * DAY], until=10 * HOUR) == [(8, 2), (0, 0)]


def test_longest__of_a_device_is_that_of_any_of_its_series() -> None:
    found = Gaps(np.array([[2, 5], [7, 5], [0, 0]]), np.array([[20, 50], [70, 51], [0, 0]]))
    together = longest(found, np.array([0, 0, 1]), 3)
    assert together.length_us.tolist() == [[7, 5], [0, 0], [0, 0]]
    assert together.start_us.tolist() == [[70, 50], [0, 0], [0, 0]]


@given(came=st.sets(st.integers(0, 47)))
def test_gaps__of_any_readings_are_what_looking_at_every_hour_gives(came) -> None:
    def by_hand(begin: int, stop: int) -> tuple[int, int]:
        best, run = (0, 0), 0
        for at in range(begin, stop):
            run = 0 if at in came else run + 1
            best = (run, at - run + 1) if run > best[0] else best
        return best

    days = [0, 23, 48]
    expected = [by_hand(*day) for day in pairwise(days)]
    assert of(hours(*sorted(came)), days=hours(*days)) == expected
