"""Ablations: each variant is trained and judged on the same snapshots."""

import numpy as np
import pytest

from gnn.config import Config, ModelConfig
from gnn.features.catalogue import NAMES
from tests.unit.gnn.stacks import drawn_networks, drawn_stack

pytest.importorskip("torch")
pytest.importorskip("lightgbm")
ablating = pytest.importorskip("gnn.training.ablating")

MODEL = ModelConfig(hidden=8, layers=1, rounds=6, rate=2e-2, seeds=(1, 2))


@pytest.fixture(scope="module")
def bench():
    return ablating.Bench("L2", drawn_networks(), Config(MODEL))


def test_variants__are_judged_on_the_levels_of_the_unseen(bench):
    whole = bench.networks()
    assert bench.together(whole).keys() == {"mv_feeder", "transformer", "lv_feeder"}
    assert bench.trained() == bench.together(whole)
    assert bench.alone(whole)["transformer"] >= 0.9 * bench.together(whole)["transformer"]


def test_network_that_is_not_told_what_matters__loses_more(bench):
    blind = bench.trained(without=("base",))
    assert blind["transformer"] > 1.1 * bench.trained()["transformer"]


def test_reconciled__is_judged_like_the_others(bench):
    whole = bench.networks()
    assert bench.reconciled(whole).keys() == bench.together(whole).keys()


def test_spread_of_independent_customers__takes_the_place_of_what_is_usually_missed():
    stack = drawn_stack()
    stack.features[:, :, NAMES.index("spread")] = 0.1
    stack.features[:, :, NAMES.index("usual_miss")] = np.log(0.2)
    found = ablating._of_independent(stack, "L2")
    assert found.scale == pytest.approx(stack.scale / 2, rel=1e-5)
