"""Scores: pinball, absolute error and coverage over the mean load."""

import numpy as np
import pytest

from gnn.evaluation.scores import score
from gnn.models.sage import QUANTILES


def test_single_number__has_half_its_absolute_error_as_pinball():
    truth = np.array([100.0, 300.0], dtype=np.float32)
    found = score(np.full((2, len(QUANTILES)), 150.0, dtype=np.float32), truth)
    assert found.nmae == pytest.approx(0.5)
    assert found.pinball == pytest.approx(0.25)
    assert found.coverage_80 == 0.0


def test_truth_within__is_covered_and_costs_little():
    spread = np.array([[-20, -10, -5, 0, 5, 10, 20]], dtype=np.float32) + 100
    found = score(spread, np.array([108.0], dtype=np.float32))
    assert found.coverage_80 == 1.0
    assert found.pinball < found.nmae


def test_unknown_truth__is_left_out():
    loads = np.full((2, len(QUANTILES)), 150.0, dtype=np.float32)
    found = score(loads, np.array([np.nan, 150.0], dtype=np.float32))
    assert (found.count, found.pinball) == (1, 0.0)


def test_nothing_known__is_no_score():
    loads = np.ones((1, len(QUANTILES)), dtype=np.float32)
    assert score(loads, np.array([np.nan], dtype=np.float32)) is None
    assert score(loads, np.array([0.0], dtype=np.float32)) is None
