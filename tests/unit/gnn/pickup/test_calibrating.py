"""Shifts of quantiles: each group covers what it says, and few outages are drawn to many."""

from __future__ import annotations

import numpy as np
import pytest

from gnn.pickup.calibrating import QUANTILES, STRETCHES, group_of, shifts_of
from gnn.pickup.columns import columns

NORMAL_TENTH = 1.2816


def drawn(count, minutes, slope=np.nan, spread=1.0, seed=1):
    """Columns of some places, and what a forecast of nothing missed there."""
    one, chance = np.ones(count), np.random.default_rng(seed)
    asked = columns(minutes, 0.0, 8.0, one, one, one, one, slope * one)
    return asked, spread * chance.standard_normal((count, 1)) * np.ones(len(QUANTILES))


def joined(*parts):
    return (np.concatenate(each) for each in zip(*parts, strict=True))


def test_group_of__says_level_slope_and_duration():
    asked, _ = joined(drawn(1, 30.0), drawn(1, 100.0, slope=2.0), drawn(1, 700.0))
    groups = group_of(asked, np.array([0, 1, 1]))
    assert [each.tolist() for each in groups] == [[0, 1, 1], [0, 1, 0], [0, 1, 2]]


def test_shifts_of__each_group_covers_what_it_says():
    asked, missed = joined(drawn(20_000, 30.0), drawn(20_000, 30.0, slope=2.0, spread=3.0))
    outages = np.arange(len(asked))
    shifts = shifts_of(missed, asked, np.zeros(len(asked), dtype=np.int64), outages, 1)
    assert shifts[0, 0, 0] == pytest.approx([-NORMAL_TENTH, 0, NORMAL_TENTH], abs=0.05)
    assert shifts[0, 1, 0] == pytest.approx([-3 * NORMAL_TENTH, 0, 3 * NORMAL_TENTH], abs=0.15)


def test_shifts_of__stretch_with_few_outages_is_drawn_to_all_durations():
    many, few = drawn(1000, 30.0), drawn(1000, 700.0, spread=5.0)
    asked, missed = joined(many, few)
    outages = np.concatenate([np.arange(1000), np.full(1000, 1000)])
    shifts = shifts_of(missed, asked, np.zeros(2000, dtype=np.int64), outages, 1)
    everywhere, own = np.quantile(missed[:, 2], 0.9), 5 * NORMAL_TENTH
    assert everywhere < shifts[0, 0, -1, 2] < everywhere + 0.1 * (own - everywhere)


def test_shifts_of__fewer_outages_ask_for_wider_bands():
    asked, missed = drawn(1000, 30.0)
    level = np.zeros(1000, dtype=np.int64)
    wide, narrow = (
        shifts_of(missed, asked, level, np.arange(1000) % count, 1)[0, 0, 0] for count in (20, 1000)
    )
    assert wide[0] < narrow[0] < narrow[2] < wide[2]
    assert wide[1] == narrow[1]


def test_shifts_of__what_was_never_met_is_not_moved():
    asked, missed = drawn(10, 30.0)
    shifts = shifts_of(missed, asked, np.zeros(10, dtype=np.int64), np.arange(10), 2)
    assert shifts.shape == (2, 2, len(STRETCHES) + 1, len(QUANTILES))
    assert not shifts[1].any()
    assert not shifts[0, 1].any()
