"""The field on the graph: it finds what drew the faults, and where they are alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from gnn.failures.field import ALIKE, WATCHED, Field, Past, fit_field
from gnn.failures.hazard import walking

SIZE, MONTHS = 400, 36
SPREAD = 0.3
"""Of the noise of the frailties that were drawn."""


@pytest.fixture(scope="module")
def row():
    """Cables in a row, a tenth of a fault a month each times their frailty."""
    chance = np.random.default_rng(3)
    beside = csr_array(np.eye(SIZE, k=1) + np.eye(SIZE, k=-1))
    walk = walking(beside)
    pulled = np.eye(SIZE) - ALIKE * walk.toarray()
    z = np.linalg.solve(pulled, SPREAD * chance.standard_normal(SIZE))
    watched = np.zeros((MONTHS, SIZE, len(WATCHED)), dtype=np.float32)
    watched[:, :, 0] = 1
    watched[:, :, WATCHED.index("age")] = 40
    watched[:, :, WATCHED.index("length")] = np.log1p(100)
    faults = chance.poisson(0.1 * np.exp(z), (MONTHS, SIZE)).astype(np.float64)
    return Past(watched, faults, walk), z


@pytest.fixture(scope="module")
def learned(row):
    return fit_field([row[0]], 1)


def test_fit_field__finds_the_spread_that_drew_the_frailties(learned):
    assert learned.arrays["spread"][0] == pytest.approx(SPREAD, abs=0.06)


def test_frailty__is_that_which_drew_the_faults(row, learned):
    past, z = row
    assert np.corrcoef(learned.frailty(past), z)[0, 1] > 0.8


def test_rates__times_frailty_say_how_many_come(row, learned):
    past, _ = row
    said = learned.rates(past.watched).sum(axis=0) * np.exp(learned.frailty(past))
    assert said.sum() == pytest.approx(past.faults.sum(), rel=0.1)


def test_frailty__faults_of_neighbours_raise_it_and_it_fades_with_distance(row, learned):
    past, _ = row
    faults = np.zeros_like(past.faults)
    faults[0, 100] = 5
    z = learned.frailty(replace(past, faults=faults))
    assert z[100] > z[101] > z[104] > z[300]
    assert z[101] == pytest.approx(z[99], abs=1e-3)


def test_frailty__nothing_expected_and_nothing_come_is_as_usual(row, learned):
    past, _ = row
    none = replace(past, watched=past.watched[:0], faults=past.faults[:0])
    assert learned.frailty(none) == pytest.approx(np.zeros(SIZE))


def test_fit_field__alone_has_no_frailty_and_hears_nothing_from_further_away(row):
    past, _ = row
    found = fit_field([past], 1, alone=True)
    heard = past.watched[0].copy()
    heard[:, WATCHED.index("far_ring_6")] = 2
    assert found.rates(heard) == pytest.approx(found.rates(past.watched[0]))


@pytest.mark.parametrize("column", ["faults_6", "near_6", "far_ring_6"])
def test_rates__earlier_faults_raise_them_and_fill_up(column):
    weights = np.zeros(len(WATCHED) - 2)
    field = Field({"weights": weights, "raised": np.full(3, 2.0), "spread": np.ones(1)})
    watched = np.zeros((3, len(WATCHED)), dtype=np.float32)
    watched[:, WATCHED.index(column)] = [0, 1, 100]
    assert field.rates(watched) == pytest.approx([1, 1 + 2 * (1 - np.exp(-1)), 3])
