"""Poisson surprise: against scipy, and what it is for."""

from math import log

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import poisson

from graph_service.domain.surprise import expected_count, surprise

HOUR = 3_600_000_000


@given(st.integers(1, 5_000), st.floats(1e-6, 5_000))
def test_surprise__is_the_log_of_the_poisson_tail(observed, expected):
    peer = -poisson.logsf(observed - 1, expected)
    assume(peer < 700)  # beyond, scipy's probability is 0
    assert surprise(observed, expected) == pytest.approx(peer, rel=1e-6, abs=1e-9)


def test_surprise__of_no_event_is_nothing():
    assert surprise(0, 3.0) == 0.0


def test_surprise__a_single_rare_event_outranks_many_routine_ones():
    rare = surprise(1, expected_count(0, 28 * 24 * HOUR, 2 * HOUR))
    routine = surprise(20, expected_count(28 * 24 * 10, 28 * 24 * HOUR, 2 * HOUR))
    assert rare > 5 > 1 > routine


def test_surprise__is_finite_where_the_probability_is_not_a_float_any_more():
    assert 1e4 < surprise(5_000, 0.001) < 1e6


def test_expected_count__one_event_is_added_to_the_baseline():
    assert expected_count(0, 100 * HOUR, HOUR) == pytest.approx(0.01)
    assert expected_count(9, 100 * HOUR, HOUR) == pytest.approx(0.1)


def test_expected_count__never_seen_in_a_longer_time_is_more_surprising():
    long, short = (surprise(1, expected_count(0, days * 24 * HOUR, HOUR)) for days in (28, 7))
    assert long - short == pytest.approx(log(4), rel=0.01)
