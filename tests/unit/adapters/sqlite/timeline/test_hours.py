"""The hours of a day in a small block of bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.adapters.sqlite.timeline.hours import decode_hours, hours_of_rows
from graph_service.adapters.timeline.levels import DAY_US, HOUR_US, Levels, cells_of_rows
from graph_service.adapters.timeline.rows import Rows, groups_of, in_order

DAY = 20_000
reading = st.tuples(
    st.integers(1, 3),
    st.integers(DAY * DAY_US, (DAY + 2) * DAY_US - 1),
    st.sampled_from([0.0, 0.1, 230.4, 17.0, -5.25, 1 / 3, 1e300, -1e300, 5e-324]),
    st.integers(0, 4),
)


def rows(readings) -> Rows:
    once = {(series, valid): (value, quality) for series, valid, value, quality in readings}
    series, valid = zip(*once, strict=True)
    values, quality = zip(*once.values(), strict=True)
    known = np.full(len(series), (DAY + 9) * DAY_US)
    return in_order(
        Rows(
            np.array(series, np.int64),
            np.array(valid, np.int64),
            np.array(values),
            np.array(quality, np.uint8),
            known,
        )
    )


def there_and_back(given_rows: Rows) -> Levels:
    days = groups_of(given_rows)
    known = np.arange(len(days.starts)) + 5
    blocks = hours_of_rows(given_rows, days, known)
    levels, known_again = decode_hours(blocks, days.series, days.days)
    assert known_again.tolist() == known.tolist()
    return levels


@given(st.lists(reading, min_size=1, max_size=80))
def test_decode_hours__gives_back_the_cells_of_any_readings(readings):
    given_rows = rows(readings)
    expected, got = cells_of_rows(given_rows, HOUR_US), there_and_back(given_rows)
    for name in set(Levels._fields) - {"sums"}:
        assert getattr(got, name).tolist() == getattr(expected, name).tolist(), name
    assert got.sums.tolist() == pytest.approx(expected.sums.tolist(), rel=1e-12)


def test_decode_hours__whole_numbers_are_summed_exactly():
    given_rows = rows([(1, DAY * DAY_US + at * HOUR_US // 4, float(at), 0) for at in range(96)])
    assert there_and_back(given_rows).sums.tolist() == [16.0 * hour + 6 for hour in range(24)]


def test_encode_hours__a_day_of_a_meter_is_shorter_than_its_readings_by_the_second():
    chance = np.random.default_rng(1)
    given_rows = rows(
        [(1, DAY * DAY_US + at * 1_000_000, float(chance.integers(500)), 0) for at in range(86_400)]
    )
    [block] = hours_of_rows(given_rows, groups_of(given_rows), np.array([5]))
    assert len(block) < 400
