"""Snapshots: the truth from all meters, features from those that may be seen."""

import numpy as np
import pytest

from gnn.datasets.history import read_history
from gnn.datasets.snapshots import (
    LOSSES,
    Hiding,
    Moment,
    draw_moments,
    loads_of,
    seen_before,
    snapshots,
)
from gnn.errors import NothingToLearn
from gnn.features.catalogue import NAMES
from tests.unit.gnn.worlds import METERS, usual_watts

MOMENTS = [Moment(500, 0), Moment(500, 24), Moment(620, 3)]


@pytest.fixture
def history(filled, grid):
    return read_history(filled.timeline, grid)


def _loads(grid, history):
    return loads_of(grid, history.hours)


def test_truth__is_what_all_customers_used_in_the_hour_spoken_of(grid, history):
    made = snapshots("drawn", grid, history, _loads(grid, history), MOMENTS)
    flowed = sum(usual_watts()[meter] for meter in METERS)
    top = grid.keys.index("drawn/T0")
    assert made.truth[:, top] == pytest.approx([flowed[499], flowed[523], flowed[622]])
    assert made.features.shape == (3, len(grid), len(NAMES))


def test_truth__where_too_few_were_read__is_unknown(world, grid):
    world.fill({meter: usual_watts()[meter] for meter in METERS[:8]})
    loads = loads_of(grid, read_history(world.timeline, grid).hours)
    known = {key for key, row in zip(grid.keys, loads, strict=True) if np.isfinite(row).any()}
    assert known == {"drawn/T1", "drawn/LV1", "drawn/LV2"}


def test_hidden_meters__are_not_seen_and_heads_stand_in(grid, history):
    seen = seen_before(grid, history, _loads(grid, history), Hiding(0.5, 1.0, 3), 500)
    rows = np.isfinite(seen.watts).any(axis=1)
    assert 0 < rows.sum() < len(METERS)
    head = seen.heads[grid.keys.index("drawn/F1")]
    flowed = sum(usual_watts()[meter] for meter in METERS)[140:500]
    assert head.mean() == pytest.approx(flowed.mean() * (1 + LOSSES), rel=0.01)


def test_hidden_meters__are_others_at_each_issue(grid, history):
    hiding = Hiding(0.5, 1.0, 3)
    shown = [
        np.isfinite(seen_before(grid, history, _loads(grid, history), hiding, h).watts[:, 0])
        for h in (500, 501, 500)
    ]
    assert (shown[0] == shown[2]).all()
    assert (shown[0] != shown[1]).any()


def test_features__do_not_change_with_what_comes_after_the_issue(world, grid):
    early, late = usual_watts(20), usual_watts(20, seed=8)
    joined = {m: np.concatenate([early[m], late[m]]) for m in METERS}
    other = {m: np.concatenate([early[m], late[m][::-1] * 5]) for m in METERS}
    made = []
    for watts in (joined, other):
        world.fill(watts)
        past = read_history(world.timeline, grid)
        made.append(
            snapshots("drawn", grid, past, _loads(grid, past), [Moment(480, 0), Moment(480, 30)])
        )
    assert made[0].features.tobytes() == made[1].features.tobytes()
    assert made[0].estimates.tobytes() == made[1].estimates.tobytes()
    assert (made[0].truth[1] != made[1].truth[1]).all()


def test_moments__look_back_far_enough_and_end_before_the_stop():
    found = draw_moments(0, 500, 20, 6, 1)
    assert min(m.issue_h for m in found) == 360
    assert max(m.target_h for m in found) < 500
    assert {m.horizon_h for m in draw_moments(400, 500, 20, 0, 1)} == {0}


def test_nothing_seen__is_told(grid, history):
    loads, hiding = _loads(grid, history), Hiding(0.0, 0.0, 1)
    with pytest.raises(NothingToLearn, match="nothing was seen before hour 500"):
        snapshots("drawn", grid, history, loads, MOMENTS, hiding)
