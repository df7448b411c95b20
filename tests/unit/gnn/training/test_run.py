"""A whole run on drawn snapshots: every model in every split, a bundle that says what it found."""

import pytest

from gnn.bundle.card import card
from gnn.bundle.file import read_bundle, write_bundle
from gnn.config import Config, DataConfig, ModelConfig
from gnn.evaluation.table import SPLITS
from gnn.features.loads import ESTIMATES
from tests.unit.gnn.stacks import drawn_networks

pytest.importorskip("torch")
pytest.importorskip("lightgbm")
run = pytest.importorskip("gnn.training.run")
bundling = pytest.importorskip("gnn.training.bundling")
GRAPH, BOOSTED, MIXED = run.GRAPH, run.BOOSTED, run.MIXED

CONFIG = Config(
    ModelConfig(hidden=8, layers=1, rounds=4, rate=2e-2, seeds=(1, 2)),
    DataConfig(unseen_feeders=0.5),
)


@pytest.fixture(scope="module")
def made():
    return run.train("L2", drawn_networks(), CONFIG, lambda _: None)


def test_every_model__is_judged_in_every_split(made):
    models = {row.model for row in made.rows}
    trained = {f"{name}{mean}" for name in (GRAPH, BOOSTED, MIXED) for mean in ("", " mean")}
    assert models == {*ESTIMATES, *trained}
    assert {row.split for row in made.rows} == set(SPLITS)
    for name in (GRAPH, BOOSTED, MIXED):
        assert {row.seed for row in made.rows if row.model == name} == {1, 2}


def test_mixture__hears_those_who_lose_least(made):
    mixture = made.answers.mixture
    met = mixture.weights[1:4]
    assert met.sum(axis=1) == pytest.approx(1.0)
    assert (met[:, mixture.experts.index("tree-sage")] > 0.3).all()


def test_bundle__holds_the_table_and_who_serves(made, tmp_path):
    data = {"words": "drawn", "hash": "0" * 64, "networks": 5}
    write_bundle(tmp_path, bundling.bundle_of(made, CONFIG, data))
    found = read_bundle(tmp_path)
    assert len(found.manifest.evaluation) == len(made.rows)
    assert {d.level for d in found.manifest.decisions} == {"mv_feeder", "transformer", "lv_feeder"}
    served = {d.served for d in found.manifest.decisions}
    assert served <= found.calibrations.keys()
    assert bool(found.forests) == ("boosted" in served)


def test_coverage__is_told_by_level_and_horizon_of_who_serves(made):
    data = {"words": "drawn", "hash": "0" * 64, "networks": 5}
    found = bundling.bundle_of(made, CONFIG, data).manifest
    assert {each["level"] for each in found.coverage} == {d.level for d in found.decisions}
    assert {(each["first_h"], each["last_h"]) for each in found.coverage} == {(13, 24)}
    assert all(0.4 < each["share"] < 1.0 for each in found.coverage)
    assert "| level | 13 to 24 h |" in card(found)
