"""What a customer usually uses: his own where it was read, otherwise as his class does."""

from dataclasses import replace

import numpy as np
import pytest

from gnn.features.hours import Hours
from gnn.features.loads import load_frame
from gnn.features.usual import with_usual_power
from tests.unit.gnn.worlds import METERS, usual_watts

WATTS = np.stack([usual_watts(15)[meter] for meter in METERS])


def _stated(grid, factor):
    """The grid with other powers stated."""
    customers = replace(grid.customers, expected_w=grid.customers.expected_w * factor)
    return replace(grid, customers=customers)


def test_customer_that_was_read__usually_uses_what_was_read(grid):
    found, _ = with_usual_power(grid, WATTS)
    assert found.customers.expected_w == pytest.approx(WATTS.mean(axis=1))


def test_customer_that_was_not_read__uses_as_his_class_does(grid):
    seen = WATTS.copy()
    seen[0] = np.nan
    found, _ = with_usual_power(grid, seen)
    stated = grid.customers.expected_w
    ratio = WATTS[1:].mean() / stated[1:].mean()
    assert found.customers.expected_w[0] == pytest.approx(stated[0] * ratio, rel=0.01)


def test_network_nobody_reads__is_as_stated(grid):
    found, uneven = with_usual_power(grid, np.full_like(WATTS, np.nan))
    assert found.customers.expected_w == pytest.approx(grid.customers.expected_w)
    assert uneven == pytest.approx(1.0)


def test_customers_alike__are_not_uneven(grid):
    same = np.repeat(grid.customers.expected_w[:, None], 360, axis=1)
    assert with_usual_power(grid, same)[1] == pytest.approx(0.0, abs=1e-6)


def test_features__do_not_depend_on_the_unit_that_powers_are_stated_in(grid):
    seen = WATTS.copy()
    seen[::3] = np.nan
    hours = Hours(0, seen, np.full((len(grid), 360), np.nan))
    peaks, means = (load_frame(_stated(grid, factor), hours, [0, 24]) for factor in (4.0, 1.0))
    assert peaks.features == pytest.approx(means.features, rel=1e-4)
