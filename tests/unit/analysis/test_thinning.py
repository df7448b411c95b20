"""Thinned series: no peak lost, none made up, never more than asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from graph_service.analysis.thinning import thinned

HOUR = 3_600_000_000


@given(arrays(np.float64, st.integers(1, 400), elements=st.floats(-1e6, 1e6)), st.integers(4, 100))
def test_thinned__keeps_ends_and_extremes_and_no_more_than_asked(values, most):
    times = np.arange(len(values), dtype=np.int64) * HOUR
    kept = thinned(times, values, most)
    assert len(kept) <= max(most, 1)
    assert np.all(np.diff(kept) > 0)
    assert {0, len(values) - 1} <= set(kept.tolist())
    assert (values[kept].min(), values[kept].max()) == (values.min(), values.max())


def test_thinned__keeps_the_extremes_of_every_stretch():
    times = np.arange(100, dtype=np.int64) * HOUR
    values = np.zeros(100)
    values[[10, 40, 60, 90]] = [5, -5, 7, -7]
    kept = set(thinned(times, values, 8).tolist())
    assert {0, 10, 40, 49, 50, 60, 90, 99} <= kept


def test_thinned__stretches_are_of_time_not_of_points():
    times = np.concatenate([np.arange(1_000), [10_000_000]]).astype(np.int64)
    kept = thinned(times, np.arange(1001.0), 8)
    assert kept.tolist() == [0, 999, 1000]


def test_thinned__what_is_missing_is_no_extreme():
    values = np.full(100, np.nan)
    values[50] = 1.0
    assert 50 in thinned(np.arange(100, dtype=np.int64), values, 4)


@pytest.mark.parametrize("count", [0, 1, 4])
def test_thinned__a_short_series_stays_as_it_is(count):
    kept = thinned(np.arange(count, dtype=np.int64), np.zeros(count), 4)
    assert kept.tolist() == list(range(count))


def test_thinned__of_centuries_does_not_overflow():
    times = np.linspace(-6e16, 2.5e17, 100_000).astype(np.int64)
    assert len(thinned(times, np.zeros(100_000), 50_000)) <= 50_000
