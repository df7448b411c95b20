"""Faults in networks that are not what their model says."""

from __future__ import annotations

import numpy as np

from gnn.faults.astray import observe_astray
from gnn.faults.cases import Fault, observe
from gnn.faults.matching import match
from gnn.faults.seen import Seen
from tests.unit.gnn.faults.grids import small_grid

GRID = small_grid()
FAULT = Fault(4, 0.4, 0, 1.0)


def _volts(seen: Seen) -> np.ndarray:
    return np.abs(seen.volts[seen.angles])


def test_observe_astray__is_near_what_the_model_shows_and_not_the_same() -> None:
    astray, right = (
        [_volts(look(GRID, FAULT, 0.5, np.random.default_rng(n)).seen) for n in range(20)]
        for look in (observe_astray, observe)
    )
    assert abs(np.mean(astray) / np.mean(right) - 1) < 0.05
    assert np.std(astray, axis=0).mean() > 1.5 * np.std(right, axis=0).mean()


def test_observe_astray__some_sensors_have_no_volts_and_relays_have() -> None:
    seen = observe_astray(GRID, FAULT, 1.0, np.random.default_rng(4)).seen
    blind = np.isnan(seen.volts).all(axis=1) & np.isfinite(seen.amperes).any(axis=1)
    assert blind.any()
    assert not blind[seen.angles].any()


def test_match__doubts_the_model_where_it_is_off_and_trusts_it_where_it_is_right() -> None:
    doubt = {}
    for look in (observe_astray, observe):
        found = [
            match(GRID, look(GRID, FAULT, 0.9, np.random.default_rng(n)).seen) for n in range(8)
        ]
        doubt[look] = np.median([each.doubting.max() - each.trusting.max() for each in found])
    assert doubt[observe_astray] > 0 > doubt[observe]
