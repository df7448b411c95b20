from __future__ import annotations

import numpy as np

from graph_service.analysis.receipts import (
    Received,
    Versions,
    most_frequent,
    own_intervals,
    power,
    received,
)

HOUR = 3_600_000_000
GOOD, ESTIMATED, INVALID, MISSING = 0, 1, 3, 4


def versions(*rows: tuple[int, int, int, int, float]) -> Versions:
    """Rows of (series, valid, known, quality, value)."""
    series, valid, known, quality, values = (np.array(c) for c in zip(*rows, strict=True))
    return Versions(series, valid, known, quality.astype(np.uint8), values.astype(float))


def readings(*times: list[int]) -> Received:
    """One list of valid times a series, all good, known at once, of value 1."""
    series = np.repeat(np.arange(len(times)), [len(own) for own in times])
    valid = np.array([at for own in times for at in own], np.int64)
    return Received(series, valid, valid, np.zeros(len(valid), np.uint8), np.ones(len(valid)))


def test_received__a_corrected_value_came_when_its_first_version_did() -> None:
    found = received(versions((0, 10, 11, GOOD, 1.0), (0, 10, 99, ESTIMATED, 2.0)))
    assert found.known_us.tolist() == [11]
    assert (found.quality.tolist(), found.values.tolist()) == ([ESTIMATED], [2.0])


def test_received__what_is_missing_now_did_not_come() -> None:
    assert not len(received(versions((0, 10, 11, GOOD, 1.0), (0, 10, 12, MISSING, 0.0))).valid_us)


def test_received__a_value_in_the_place_of_a_missing_one_came_itself() -> None:
    found = received(versions((0, 10, 11, MISSING, 0.0), (0, 10, 50, GOOD, 3.0)))
    assert (found.known_us.tolist(), found.values.tolist()) == ([50], [3.0])


def test_received__the_same_time_of_two_series_is_two_readings() -> None:
    found = received(versions((0, 10, 11, GOOD, 1.0), (1, 10, 11, GOOD, 2.0)))
    assert found.series.tolist() == [0, 1]


def test_received__of_nothing_is_nothing() -> None:
    nothing = Versions(*(np.zeros(0, kind) for kind in ("i8", "i8", "i8", "u1", "f8")))
    assert all(len(column) == 0 for column in received(nothing))


def test_own_interval__is_the_most_frequent_distance_whatever_is_missing() -> None:
    hours = [at * HOUR for at in (0, 1, 2, 5, 6, 7, 10)]
    quarters = [at * HOUR // 4 for at in (0, 1, 2, 3, 9, 10)]
    assert own_intervals(readings(hours, quarters), 2).tolist() == [HOUR, HOUR // 4]


def test_own_interval__does_not_mind_clocks_that_are_a_little_off() -> None:
    off = [at * HOUR + wrong for at, wrong in enumerate([0, 90_000, -20_000, 310_000, 0])]
    assert own_intervals(readings(off), 1).tolist() == [HOUR]


def test_own_interval__of_few_readings_or_seldom_ones_is_not_told() -> None:
    few, seldom = [0, HOUR, 2 * HOUR], [at * 30 * 24 * HOUR for at in range(6)]
    assert own_intervals(readings(few, seldom, []), 3).tolist() == [0, 0, 0]


def test_own_interval__distances_are_not_taken_from_one_series_to_the_next() -> None:
    assert own_intervals(readings([0], [HOUR], [2 * HOUR], [3 * HOUR]), 4).tolist() == [0] * 4


def test_most_frequent__is_the_shorter_one_of_two_and_zeros_are_none() -> None:
    assert most_frequent(np.array([0, 0, 0, 60, 15, 60, 15]), 7) == 15
    assert most_frequent(np.array([0, 0]), 7) == 7


def test_power__is_energy_by_hour_of_usable_values() -> None:
    found = readings([0, HOUR // 4, HOUR // 2], [])
    quality = np.array([GOOD, ESTIMATED, INVALID], np.uint8)
    found = found._replace(values=np.array([100.0, 200.0, 9e9]), quality=quality)
    watts = power(found, np.array([HOUR // 4, HOUR // 4]))
    assert watts[0] == 600.0
    assert np.isnan(watts[1])
