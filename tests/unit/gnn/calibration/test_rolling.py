"""Bands follow what the network itself showed; another one answers where it was much better."""

import numpy as np
import pytest

from gnn.calibration.rolling import Said, learn, played_levels
from gnn.features.grid import LEVELS
from gnn.models.sage import QUANTILES
from graph_service.ports.predictor import Level

TRANSFORMER, SECTION = LEVELS.index(Level.TRANSFORMER), LEVELS.index(Level.SECTION)
ISSUES, HOURS = 400, 3
COUNT = ISSUES * HOURS
CAME = np.random.default_rng(1).normal(0.0, 3.0, COUNT).astype(np.float32)


def _said(middle, wide):
    steps = wide * (np.array(QUANTILES) - 0.5)
    return Said((middle[:, None] + steps).astype(np.float32), CAME, np.ones(COUNT, np.float32))


def _learned(**said):
    levels = np.full(COUNT, TRANSFORMER)
    return learn(said, levels, np.repeat(np.arange(ISSUES), HOURS))


def _moved(rolling, name, said):
    levels = np.full(COUNT, TRANSFORMER)
    return rolling.moved(name, said.scaled[:, None], levels)[:, 0]


@pytest.mark.parametrize("wide", [4.0, 20.0])
def test_band_too_narrow_or_too_wide__is_moved_to_cover_its_share(wide):
    said = _said(np.zeros(COUNT), wide)
    moved = _moved(_learned(model=said), "model", said)
    inside = (moved[:, 1] <= CAME) & (moved[:, -2] >= CAME)
    assert 0.78 <= inside.mean() <= 0.82


def test_band_of_few_issues__stays_near_that_of_the_bundle():
    said = _said(np.zeros(COUNT), 4.0)
    few = learn({"model": said}, np.full(COUNT, TRANSFORMER), np.arange(COUNT) // (COUNT // 2))
    many = _learned(model=said)
    assert 1.0 < few.widths["model"][TRANSFORMER] < many.widths["model"][TRANSFORMER]


def test_middle_that_lies_aside__is_moved():
    said = _said(np.full(COUNT, -6.0), 8.0)
    moved = _moved(_learned(model=said), "model", said)
    assert abs(np.median(moved[:, 3] - CAME)) < 0.7


def test_quantiles__ascend_after_the_move():
    said = _said(np.zeros(COUNT), 30.0)
    assert (np.diff(_moved(_learned(model=said), "model", said), axis=-1) >= 0).all()


def test_who_was_not_replayed__is_left_as_it_is():
    said = _said(np.zeros(COUNT), 1.0)
    assert (_moved(_learned(model=said), "other", said) == said.scaled).all()


def test_one_that_was_much_better__answers():
    rolling = _learned(model=_said(np.zeros(COUNT), 1.0), knowing=_said(0.8 * CAME, 1.0))
    assert rolling.best(TRANSFORMER, "model") == "knowing"


def test_one_that_was_hardly_better__does_not_answer():
    rolling = _learned(model=_said(np.zeros(COUNT), 1.0), knowing=_said(0.05 * CAME, 1.0))
    assert rolling.best(TRANSFORMER, "model") == "model"


def test_level_that_was_not_replayed__is_answered_as_the_bundle_says():
    rolling = _learned(model=_said(np.zeros(COUNT), 1.0), knowing=_said(CAME, 1.0))
    assert rolling.best(LEVELS.index(Level.SUBSTATION), "model") == "model"


def test_section__moves_as_the_place_above_it():
    levels = np.array([TRANSFORMER, SECTION, SECTION], dtype=np.int8)
    parents = np.array([-1, 0, -1], dtype=np.int32)
    assert played_levels(levels, parents).tolist() == [TRANSFORMER, TRANSFORMER, SECTION]
