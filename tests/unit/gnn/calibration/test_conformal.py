"""Calibration: each quantile covers its share afterwards, and single numbers get intervals."""

import numpy as np
import pytest

from gnn.calibration.conformal import Misses, calibrate, group_of, joined, stretch_of
from gnn.features.catalogue import NAMES
from gnn.models.sage import QUANTILES

LEVELS = np.array([0, 1], dtype=np.int8)
SIZE = 20_000


def _truth(seed, size=SIZE):
    chance = np.random.default_rng(seed)
    return chance.normal([[1.0], [0.0]], [[2.0], [0.5]], (2, size)).astype(np.float32)


def _days(truth, network=0, levels=LEVELS, group=0):
    said = np.zeros((*truth.shape, len(QUANTILES)), dtype=np.float32)
    networks = np.full(len(truth), network, dtype=np.int32)
    horizons, groups = np.full(truth.shape, 24), np.full(truth.shape, group)
    return Misses.of(said, truth, networks, levels, horizons, groups)


def _moved(found, truth, group=0):
    said = np.zeros((*truth.shape, len(QUANTILES)), dtype=np.float32)
    at = np.full(truth.shape, 24)
    return found.moved(said, LEVELS, at, np.full(truth.shape, group))


def test_quantiles__cover_their_share_by_level():
    many = [_days(part, n) for n, part in enumerate(np.split(_truth(1), 400, axis=1))]
    found = calibrate(joined(many), QUANTILES, 2)
    later = _truth(2)
    moved = _moved(found, later)
    for number, share in enumerate(QUANTILES):
        below = (later <= moved[:, :, number]).mean(axis=1)
        assert below == pytest.approx([share, share], abs=0.01)


def test_bands__hold_for_networks_that_none_was_learned_from():
    chance, covers = np.random.default_rng(5), []
    low, high = QUANTILES.index(0.1), QUANTILES.index(0.9)
    for _ in range(40):
        own = chance.normal(0.0, 1.0, 30 + 100)  # each network is off by something of its own
        truth = (own[:, None] + chance.normal(0.0, 0.5, (130, 200))).astype(np.float32)
        days = [_days(row[None], n, LEVELS[:1]) for n, row in enumerate(truth[:30])]
        shifts = calibrate(joined(days), QUANTILES, 1).shifts[0, 3, 0]
        later = truth[30:]
        covers.append(((shifts[low] <= later) & (later <= shifts[high])).mean())
    assert 0.78 < np.mean(covers) < 0.82


def test_networks__count_alike_however_many_hours_they_have():
    many, few = _truth(1), _truth(2, 2_000) + 10.0
    found = calibrate(joined([_days(many, 0), _days(few, 1)]), QUANTILES, 2)
    median = found.shifts[0, 3, 0, QUANTILES.index(0.5)]
    assert 4.0 < median < 8.0


def test_group_of_few_networks__is_drawn_towards_its_level():
    usual = [_days(_truth(n), n) for n in range(4)]
    odd = _days(_truth(9) + 50.0, 4, group=3)
    found = calibrate(joined([*usual, odd]), QUANTILES, 2)
    middle = QUANTILES.index(0.5)
    level = calibrate(joined([*usual, _days(_truth(9) + 50.0, 4)]), QUANTILES, 2)
    drawn = found.shifts[0, 3, 3, middle]
    assert drawn == pytest.approx((51.0 + 4 * level.shifts[0, 3, 0, middle]) / 5, abs=1.0)


def test_level_that_was_not_met__takes_the_shifts_of_all():
    found = calibrate(_days(_truth(1), levels=np.zeros(2, dtype=np.int8)), QUANTILES, 2).shifts
    assert found[1, 3, 0] == pytest.approx(found[0, 3, 0], abs=0.05)
    assert not found[:, 0].any()


def test_truth_that_is_not_known__does_not_count():
    truth = _truth(1)
    holes = truth.copy()
    holes[:, ::2] = np.nan
    found = calibrate(_days(holes), QUANTILES, 2)
    assert (found.shifts == calibrate(_days(truth[:, 1::2]), QUANTILES, 2).shifts).all()


def test_stretches__begin_with_the_load_now():
    assert stretch_of(np.array([0, 1, 6, 7, 24, 48])).tolist() == [0, 1, 1, 2, 3, 5]


def test_moved_quantiles__ascend():
    found = calibrate(_days(_truth(3)), QUANTILES, 2)
    said = np.random.default_rng(4).normal(0, 1, (2, 50, len(QUANTILES))).astype(np.float32)
    at = np.full((2, 50), 24)
    assert (np.diff(found.moved(said, LEVELS, at, np.zeros_like(at)), axis=-1) >= 0).all()


def test_groups__tell_what_is_read_and_measured():
    features = np.zeros((2, 2, len(NAMES)), dtype=np.float32)
    features[0, :, NAMES.index("coverage")] = 0.9
    features[:, 1, NAMES.index("measured")] = 1.0
    assert group_of(features).tolist() == [[2, 3], [0, 1]]
