"""Simulated houses: what is known of cold load pick-up holds in them."""

from __future__ import annotations

import numpy as np
import pytest

from gnn.pickup.houses import STEP_MIN, Curves, draw_houses, run


@pytest.fixture(scope="module")
def houses():
    return draw_houses(6, np.random.default_rng(1))


def ratio(houses, minutes, outdoor_c=0.0, hour=8.0, seed=2):
    curves = run(houses, minutes, outdoor_c, hour, np.random.default_rng(seed))
    return float(curves.peaks().sum() / curves.usual[:30].mean(axis=0).sum())


def test_run__longer_outage_brings_a_higher_peak(houses):
    assert ratio(houses, 240) > ratio(houses, 30) > 0.95


def test_run__heaters_that_run_nearly_all_the_time_anyway_leave_less_to_come_back(houses):
    assert ratio(houses, 240, outdoor_c=-12) < ratio(houses, 240, outdoor_c=8)


def test_run__without_an_outage_both_houses_are_the_same(houses):
    curves = run(houses, 0.0, 5.0, 8.0, np.random.default_rng(1))
    assert np.array_equal(curves.after, curves.usual)


def test_run__settles_in_the_end(houses):
    curves = run(houses, 60.0, 0.0, 8.0, np.random.default_rng(1))
    last = slice(-int(60 / STEP_MIN), None)
    assert curves.after[last].sum() == pytest.approx(curves.usual[last].sum(), rel=0.1)
    assert (curves.hours_to_settle() < 10).all()


def test_curves__peak_is_of_ten_minutes_and_settling_within_a_tenth():
    after = np.full((60, 1), 1.0)
    after[0:5], after[5:20] = 3.0, 1.5
    curves = Curves(after, np.ones((60, 1)))
    assert curves.peaks()[0] == 3.0
    # ten-minute means are at most 1.1 from the one on that begins in step 19
    assert curves.hours_to_settle()[0] == pytest.approx(19 * STEP_MIN / 60)


def test_run__each_house_may_have_an_outage_of_its_own(houses):
    first = (houses.owner == 0).astype(float)
    curves = run(houses, 240.0 * first, 5.0, 8.0, np.random.default_rng(2))
    gain = curves.peaks() / curves.usual[:30].mean(axis=0)
    assert gain[0] > 1.3
    assert np.array_equal(curves.after[:, 1:], curves.usual[:, 1:])
