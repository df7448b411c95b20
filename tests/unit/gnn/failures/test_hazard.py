from __future__ import annotations

import numpy as np
import pytest

from gnn.failures.hazard import FADING_MONTHS, draw_truth, second_ring, walking
from gnn.failures.log import MONTH_US
from gnn.training.failures import START_US


def test_draw_truth__same_seed_draws_the_same_and_another_one_does_not(truth):
    again = draw_truth(truth.assets, 40, START_US, 19)
    other = draw_truth(truth.assets, 40, START_US, 18)
    assert np.array_equal(
        again.log.begins_us, draw_truth(truth.assets, 40, START_US, 19).log.begins_us
    )
    assert not np.array_equal(again.hazard, other.hazard)


def test_draw_truth__as_many_fail_as_the_hazard_says(truth):
    expected = np.mean([draw_truth(truth.assets, 40, START_US, s).hazard.sum() for s in range(20)])
    came = np.mean([len(draw_truth(truth.assets, 40, START_US, s).log.elements) for s in range(20)])
    assert came == pytest.approx(expected, rel=0.15)


def test_draw_truth__fault_raises_the_hazard_of_its_neighbours_for_some_months(truth):
    first = int(np.argmin(truth.log.begins_us))
    row = int(truth.log.elements[first])
    month = int((truth.log.begins_us[first] - truth.start_us) // MONTH_US)
    near = truth.assets.adjacency[[row]].indices
    before, after = truth.hazard[month, near], truth.hazard[month + 1, near]
    assert (after > 1.5 * before).all()
    assert FADING_MONTHS > 1


def test_draw_truth__ages_that_the_model_states_are_kept(assets):
    row = assets.keys.index("drawn/c1")
    for seed in range(4):
        assert (
            draw_truth(assets, 2, START_US, seed).assets.installed_us[row]
            == (assets.installed_us[row])
        )


def test_walking__leads_to_a_neighbour_drawn_evenly(assets):
    rows = np.asarray(walking(assets.adjacency).sum(axis=1)).ravel()
    assert rows == pytest.approx(np.ones(len(assets)))


def test_second_ring__is_two_steps_away_and_no_nearer(assets):
    row = assets.keys.index("drawn/c3")
    names = {assets.keys[i].partition("/")[2] for i in second_ring(assets.adjacency)[[row]].indices}
    assert names == {"c1", "T1", "x2"}
