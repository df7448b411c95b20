"""Allocation: known readings are kept, the others follow their class, sums agree with the head."""

import numpy as np
import pytest

from gnn.features.allocation import allocate
from gnn.features.hours import Hours
from tests.unit.gnn.worlds import METERS, START_US, usual_watts


def _hours(grid, seen=METERS, head=None):
    watts = usual_watts()
    rows = [
        watts[m][:48] if m in seen else np.full(48, np.nan)
        for m in (key.split("/")[1].split(".")[0] for key in grid.customers.keys)
    ]
    heads = np.full((len(grid), 48), np.nan)
    if head is not None:
        heads[grid.keys.index("drawn/F1")] = head
    return Hours(START_US, np.array(rows), heads)


def test_allocation__of_metered_customers__is_their_sum(grid):
    found = allocate(grid, _hours(grid))
    whole = sum(w[:48] for w in usual_watts().values())
    assert found.scaled[grid.keys.index("drawn/T0")] == pytest.approx(whole)
    assert (found.scaled == found.plain).all()


def test_allocation__below_a_measured_head__agrees_with_it(grid):
    head = np.linspace(5_000, 9_000, 48)
    found = allocate(grid, _hours(grid, METERS[::3], head))
    assert found.scaled[grid.keys.index("drawn/F1")] == pytest.approx(head)
    parts = [found.scaled[grid.keys.index(f"drawn/{t}")] for t in ("T1", "T2")]
    assert sum(parts) == pytest.approx(head)


def test_allocation__keeps_what_was_read_whatever_the_head_says(grid):
    found = allocate(grid, _hours(grid, ["M9", "M10", "M11", "M12"], np.full(48, 90_000.0)))
    kept = sum(usual_watts()[m][:48] for m in ("M9", "M10", "M11", "M12"))
    assert found.scaled[grid.keys.index("drawn/T2")] == pytest.approx(kept)


def test_allocation__when_nobody_was_read__is_nan(grid):
    assert np.isnan(allocate(grid, _hours(grid, [])).scaled).all()
