"""Columns, and the leak test: whatever comes after an issue changes no column and no risk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gnn.failures.columns import COLUMNS, NAMES, TABULAR, WATCHED_AT, Sight
from gnn.failures.log import MONTH_US
from gnn.failures.models import MODELS, completed

ISSUE = 20


def issue_us(truth):
    return truth.start_us + ISSUE * MONTH_US


def shuffled(log, after_us, seed=1):
    """The same log with everything after a time at other elements and times."""
    chance, later = np.random.default_rng(seed), log.begins_us >= after_us
    elements, begins = log.elements.copy(), log.begins_us.copy()
    elements[later] = chance.permutation(elements[later])
    begins[later] = after_us + chance.permutation(begins[later] - after_us) // 2
    kept = log.warnings_us < after_us
    return replace(
        log,
        elements=elements,
        begins_us=begins,
        known_us=np.where(later, begins, log.known_us),
        warnings_us=log.warnings_us[kept],
        warnings_known_us=log.warnings_known_us[kept],
    )


@pytest.mark.parametrize("name", MODELS)
def test_leak__what_comes_after_the_issue_changes_no_risk_by_a_bit(truth, learned, name):
    at = issue_us(truth)
    assert (truth.log.begins_us >= at).any()
    told = []
    for log in (truth.log, shuffled(truth.log, at)):
        sight = Sight(truth.assets, log)
        columns = completed(sight.columns(at), sight.past(at), learned.risks)
        told.append(learned.risks[0].said(name, columns))
    assert (told[0] == told[1]).all()


def test_leak__fault_that_became_known_after_the_issue_is_not_seen(truth):
    at = issue_us(truth)
    late = replace(truth.log, known_us=truth.log.known_us + 100 * MONTH_US)
    sight = Sight(truth.assets, late)
    assert not sight.columns(at)[:, NAMES.index("faults_24")].any()
    assert not sight.past(at).faults.any()


def test_columns__own_faults_fade(truth):
    row, at = 7, issue_us(truth)
    log = replace(
        truth.log.until(0),
        elements=np.array([row], dtype=np.int32),
        begins_us=np.array([at - 6 * MONTH_US]),
        known_us=np.array([at - 6 * MONTH_US]),
    )
    columns = Sight(truth.assets, log).columns(at)
    assert columns[row, NAMES.index("faults_6")] == pytest.approx(np.exp(-1))
    assert columns[row, NAMES.index("since")] == pytest.approx(6)
    assert columns[:, NAMES.index("faults_6")].sum() == pytest.approx(np.exp(-1))
    near = np.flatnonzero(columns[:, NAMES.index("near_6")])
    assert set(near) == set(truth.assets.adjacency[[row]].indices)


def test_columns__what_is_not_known_is_said_to_be(world, assets, truth):
    columns = Sight(assets, truth.log.until(0)).columns(issue_us(truth))
    row, age = assets.keys.index("drawn/c2"), NAMES.index("age")
    assert (columns[row, age], columns[row, age + 1]) == (-1, 0)
    assert np.isfinite(columns).all()


def test_past__each_month_is_as_it_was_seen_when_it_began(truth):
    sight, at = Sight(truth.assets, truth.log), issue_us(truth)
    past, begin = sight.past(at), at - 2 * MONTH_US
    then = Sight(truth.assets, truth.log.known_by(begin)).columns(begin)[:, WATCHED_AT]
    assert past.watched[1] == pytest.approx(then, rel=1e-5, abs=1e-5)
    within = (truth.log.begins_us >= begin) & (truth.log.begins_us < begin + MONTH_US)
    came = np.bincount(truth.log.elements[within], minlength=len(truth.assets))
    assert (past.faults[1] == came).all()


def test_past__months_that_are_not_on_record_are_left_out(truth):
    past = Sight(truth.assets, truth.log).past(issue_us(truth), 5)
    assert past.watched.shape[0] == past.faults.shape[0] == 5


def test_tabular_columns__are_the_first_and_none_is_from_far(truth):
    assert [column.name for column in COLUMNS[TABULAR:]] == ["far_ring_6", "frailty"]
    assert all(column.unit and column.source for column in COLUMNS)
