"""Reconciling: sums agree, the surer moves less, and what is incomplete stays."""

import numpy as np
import pytest

from gnn.models.reconciling import Sums

PARENTS = np.array([-1, 0, 0, 1, 1, 1], dtype=np.int32)
CUSTOMERS = np.array([10, 6, 4, 2, 4, 3])
GIVING = np.array([True, True, True, True, True, False])


def _moved(loads, variances, customers=CUSTOMERS):
    found = np.array(loads, dtype=float)[:, None]
    wide = np.array(variances, dtype=float)[:, None]
    return (found + Sums.of(PARENTS, customers, GIVING).moves(found, wide))[:, 0]


def test_sums__agree_on_every_level():
    found = _moved([100, 50, 30, 20, 40, 7], [4, 4, 4, 4, 4, 4])
    assert found[1] + found[2] == pytest.approx(found[0])
    assert found[3] + found[4] == pytest.approx(found[1])
    assert found[5] == 7


def test_the_surer__moves_less():
    found = _moved([100, 60, 30, 30, 30, 7], [1e-6, 100, 1, 50, 50, 1])
    assert found[0] == pytest.approx(100, abs=1e-3)
    assert abs(found[1] - 60) > 20 * abs(found[2] - 30)


def test_moves__are_the_least_squares_solution():
    loads, variances = np.array([100.0, 50, 30, 20, 40]), np.array([4.0, 1, 2, 3, 5])
    summing = np.array([[1, 1, 1], [1, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 1]])
    summing = summing[:, [0, 1, 2]].astype(float)
    weights = np.diag(1 / variances)
    best = np.linalg.solve(summing.T @ weights @ summing, summing.T @ weights @ loads)
    found = _moved([*loads, 7], [*variances, 1])
    assert found[:5] == pytest.approx(summing @ best)


def test_parent_with_customers_of_its_own__is_left_alone():
    found = _moved([100, 50, 30, 20, 40, 7], [4] * 6, np.array([11, 6, 4, 2, 4, 3]))
    assert found[0] == 100
    assert found[3] + found[4] == pytest.approx(found[1])
