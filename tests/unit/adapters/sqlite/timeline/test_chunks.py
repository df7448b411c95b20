"""Chunks: what goes in comes out to the bit, in few bytes where the values are regular."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as of_numpy

from graph_service.adapters.sqlite.timeline.chunks import HEADER, decode, encode
from graph_service.adapters.timeline.rows import Rows
from graph_service.domain.readings import MICROSECONDS_PER_DAY as DAY

TODAY = 20_000
KNOWN = 1_750_000_000_000_000


def rows_of(values, step_us: int, known=KNOWN) -> Rows:
    """One day of one series."""
    count = len(values)
    valid = TODAY * DAY + np.arange(count) * step_us
    return Rows(
        np.ones(count, np.int64),
        valid,
        np.array(values, np.float64),
        np.zeros(count, np.uint8),
        np.broadcast_to(np.array(known, np.int64), count),
    )


def bytes_a_value(rows: Rows) -> float:
    [chunk] = encode(rows, np.array([0]))
    return (len(chunk) - HEADER.itemsize) / len(rows.valid)


def load_wh(count: int, seed: int = 1) -> np.ndarray:
    """Noisy load of a household, whole Wh in a quarter of an hour."""
    return np.random.default_rng(seed).gamma(2, 60, count).round()


@given(st.data())
def test_decode__gives_back_any_rows(data):
    counts = data.draw(st.lists(st.integers(1, 40), min_size=1, max_size=4))
    total = sum(counts)
    times = [np.sort(data.draw(_columns(count, 0, DAY - 1))) for count in counts]
    days = np.arange(len(counts)) - 3
    rows = Rows(
        np.repeat(np.arange(len(counts)), counts),
        np.concatenate(times) + np.repeat(days, counts) * DAY,
        data.draw(of_numpy.arrays(np.float64, total, elements=_finite)) + 0.0,
        data.draw(of_numpy.arrays(np.uint8, total, elements=st.integers(0, 4))),
        data.draw(_columns(total, -(2**55), 2**55)),
    )
    starts = np.cumsum(counts) - counts
    again = decode(encode(rows, starts), np.arange(len(counts)), days)
    assert [column.tolist() for column in again] == [column.tolist() for column in rows]


_finite = st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 10**6).map(float)


def _columns(count: int, least: int, most: int) -> st.SearchStrategy[np.ndarray]:
    return of_numpy.arrays(np.int64, count, elements=st.integers(least, most))


@pytest.mark.parametrize(
    ("values", "most"),
    [
        (np.full(96, 7.25), 0),
        (load_wh(96), 1.5),
        (load_wh(96) / 1000, 1.5),
        (np.cumsum(load_wh(96)) + 5e9, 1.8),
        (np.concatenate((np.zeros(60), load_wh(36))), 1.0),
    ],
    ids=["constant", "load", "load in kWh", "counter", "zero at night"],
)
def test_encode__quarter_hourly_values_take_few_bytes(values, most):
    assert bytes_a_value(rows_of(values, DAY // 96)) <= most


def test_encode__a_gap_in_regular_times_costs_a_bit_or_two_a_value():
    whole = rows_of(load_wh(96), DAY // 96)
    gap = whole.take(np.arange(96) != 50)
    assert bytes_a_value(gap) - bytes_a_value(whole) < 0.3


def test_encode__lag_of_live_values_takes_less_than_their_time():
    late_by = np.random.default_rng(1).integers(1_000, 4_000, 96) * 1_000
    live = rows_of(load_wh(96), DAY // 96)
    live = live._replace(known=live.valid + late_by)
    assert bytes_a_value(live) < 3.2


def test_decode__of_no_chunks_is_no_rows():
    none = np.zeros(0, np.int64)
    assert [len(column) for column in decode([], none, none)] == [0] * 5
