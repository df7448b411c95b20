from __future__ import annotations

import numpy as np
import pytest

from gnn.failures.scores import score


def test_score__by_hand():
    risks = np.array([0.9, 0.8, 0.3, 0.2, 0.1])
    failed = np.array([True, False, True, False, False])
    found = score(risks, failed)
    assert found is not None
    assert (found.count, found.failed) == (5, 2)
    assert found.auroc == pytest.approx(5 / 6)  # of six pairs only (0.3, 0.8) is the wrong way
    assert found.average_precision == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert found.brier == pytest.approx((0.01 + 0.64 + 0.49 + 0.04 + 0.01) / 5)
    assert found.observed == pytest.approx(2 / 2.3)
    assert found.lift == pytest.approx(1 / 0.4)  # the first one of five failed


def test_score__risk_that_says_the_same_of_all_is_worth_a_coin():
    failed = np.arange(100) % 10 == 0
    found = score(np.full(100, 0.1), failed)
    assert found is not None
    assert (found.auroc, found.observed) == (pytest.approx(0.5), pytest.approx(1.0))


@pytest.mark.parametrize("failed", [np.zeros(4, dtype=bool), np.ones(4, dtype=bool)])
def test_score__where_nothing_or_everything_failed_is_none(failed):
    assert score(np.linspace(0, 1, 4), failed) is None
