"""Calibration: each quantile covers its share afterwards, and single numbers get intervals."""

import numpy as np
import pytest

from gnn.calibration.conformal import calibrate, group_of, stretch_of
from gnn.features.catalogue import NAMES
from gnn.models.sage import QUANTILES

LEVELS = np.array([0, 1], dtype=np.int8)


def _missed(seed, size=40_000):
    truth = np.random.default_rng(seed).normal([[1.0], [0.0]], [[2.0], [0.5]], (2, size))
    return truth.astype(np.float32), np.full((2, size), 24)


def test_quantiles__cover_their_share_by_level():
    truth, horizons = _missed(1)
    said = np.zeros((*truth.shape, len(QUANTILES)), dtype=np.float32)
    shifts = calibrate(said, truth, LEVELS, horizons, np.zeros_like(horizons), QUANTILES, 2)
    later, _ = _missed(2)
    moved = shifts.moved(said, LEVELS, horizons, np.zeros_like(horizons))
    for number, share in enumerate(QUANTILES):
        below = (later <= moved[:, :, number]).mean(axis=1)
        assert below == pytest.approx([share, share], abs=0.01)


def test_level_with_few_misses__takes_the_shifts_of_all():
    truth, horizons = _missed(1)
    truth[1, 10:] = np.nan
    said = np.zeros((*truth.shape, len(QUANTILES)), dtype=np.float32)
    shifts = calibrate(said, truth, LEVELS, horizons, np.zeros_like(horizons), QUANTILES, 2).shifts
    assert shifts[1, 3, 0] == pytest.approx(shifts[0, 3, 0], abs=0.05)


def test_stretches__begin_with_the_load_now():
    assert stretch_of(np.array([0, 1, 6, 7, 24, 48])).tolist() == [0, 1, 1, 2, 3, 5]


def test_moved_quantiles__ascend():
    truth, horizons = _missed(3)
    said = np.random.default_rng(4).normal(0, 1, (*truth.shape, len(QUANTILES)))
    shifts = calibrate(
        said.astype(np.float32), truth, LEVELS, horizons, np.zeros_like(horizons), QUANTILES, 2
    )
    assert (
        np.diff(shifts.moved(said, LEVELS, horizons, np.zeros_like(horizons)), axis=-1) >= 0
    ).all()


def test_groups__tell_what_is_read_and_measured():
    features = np.zeros((2, 2, len(NAMES)), dtype=np.float32)
    features[0, :, NAMES.index("coverage")] = 0.9
    features[:, 1, NAMES.index("measured")] = 1.0
    assert group_of(features).tolist() == [[2, 3], [0, 1]]
