"""Sensors weigh less where the model is doubted, and stand in the network that is asked."""

from __future__ import annotations

import numpy as np

from gnn.faults.cases import Fault, observe
from gnn.faults.solver import solve
from gnn.faults.telling import fed_as_seen
from gnn.faults.watching import watch
from tests.unit.gnn.faults.grids import small_grid

GRID = small_grid()
SEEN = observe(GRID, Fault(5, 0.5, 0, 1.0), 0.9, np.random.default_rng(3)).seen
SOLVED = solve(GRID, GRID.loads_va)


def test_doubting__every_channel_weighs_less_and_the_price_is_that_much() -> None:
    trusting = watch(SOLVED, SEEN)
    doubting = trusting.doubting(None)
    known = trusting.weights.volts > 0
    assert (doubting.weights.volts[known] < trusting.weights.volts[known]).all()
    assert (np.asarray(doubting.wider)[known.any(axis=1)] > 0).all()


def test_doubting__network_is_fed_as_seen__sensors_stand_there_and_are_doubted_less() -> None:
    fed = fed_as_seen(SOLVED, SEEN)
    trusting = watch(SOLVED, SEEN)
    unfed, doubting = trusting.doubting(None), trusting.doubting(fed)
    assert doubting.solved is fed
    known = trusting.weights.amperes > 0
    assert (doubting.weights.amperes[known] >= unfed.weights.amperes[known]).any()
    assert np.array_equal(doubting.sensors.buses, trusting.sensors.buses)


def test_first__are_the_first_in_everything() -> None:
    every = watch(SOLVED, SEEN)
    few = every.first(2)
    assert (len(few), len(few.sensors)) == (2, 2)
    assert np.array_equal(few.weights.volts, every.weights.volts[:2])
    assert every.first(len(every)) is every
