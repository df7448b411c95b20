from __future__ import annotations

import numpy as np
import pytest

from graph_service.analysis.exceedance import above, exceedance

QUANTILES = (0.1, 0.5, 0.9)


def hours(*columns: tuple[float, float, float]) -> np.ndarray:
    return np.array(columns, dtype=np.float64).T


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (100.0, 0.5),  # the median
        (180.0, 0.1),  # the quantile 0.9
        (140.0, 0.3),  # half way between both
        (190.0, 0.05),  # the slope of the last stretch goes on: 40 % in 80 W
        (200.0, 0.0),  # and ends there
        (10.0, 0.95),
        (5.0, 0.975),
    ],
)
def test_above__is_read_off_straight_lines_between_quantiles(limit, expected):
    assert above(QUANTILES, hours((20, 100, 180)), limit)[0] == pytest.approx(expected)


def test_above__counts_power_that_flows_back():
    assert above(QUANTILES, hours((-180, -100, -20)), 140.0)[0] == pytest.approx(0.3)


def test_above__where_all_quantiles_are_equal_is_all_or_nothing():
    found = [above(QUANTILES, hours((100, 100, 100)), limit)[0] for limit in (99.9, 100.1)]
    assert found == [1.0, 0.0]


def test_above__falls_as_the_limit_rises():
    chance = np.random.default_rng(1)
    values = np.sort(chance.normal(0, 100, (3, 50)), axis=0)
    found = [above(QUANTILES, values, limit) for limit in (1.0, 20.0, 90.0, 300.0)]
    assert (np.diff(found, axis=0) <= 1e-12).all()


def test_exceedance__names_the_worst_hour_and_those_that_are_likely():
    found = exceedance(
        QUANTILES, hours((0, 10, 20), (20, 100, 180), (40, 200, 360), (20, 100, 180)), 140.0, 0.2
    )
    assert found is not None
    assert (found.peak, found.first, found.last, found.hours) == (2, 1, 3, 3)
    assert found.probability == pytest.approx(0.65)  # 1 - 140 / 400


def test_exceedance__where_no_hour_is_likely_is_none():
    assert exceedance(QUANTILES, hours((0, 10, 20)), 140.0, 0.2) is None
