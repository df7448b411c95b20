"""The ranker: scores of trees as odds."""

from __future__ import annotations

import numpy as np
import pytest

from gnn.faults.columns import NAMES
from gnn.faults.ranking import Ranker, wide
from tests.unit.gnn.faults.asked import few
from tests.unit.gnn.faults.trees import stump


def test_odds__sections_that_score_higher_are_likelier_by_the_factor() -> None:
    asked = few(1)[0]
    odds = Ranker(stump(NAMES.index("odds")), 1.5).odds(asked.parents, asked.columns)
    above = asked.columns[:, NAMES.index("odds")] > 0.5
    assert odds.sum() == pytest.approx(1.0)
    assert odds[above].min() / odds[~above].max() == pytest.approx(np.exp(3.0))


def test_wide__has_own_columns_those_above_and_the_mean_of_those_below() -> None:
    parents = np.array([-1, 0, 0], dtype=np.int32)
    found = wide(parents, np.array([[1.0], [2.0], [4.0]], dtype=np.float32))
    assert found.tolist() == [[1, 0, 3], [2, 1, 0], [4, 1, 0]]
