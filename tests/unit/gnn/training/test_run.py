"""A whole run on drawn snapshots: every model in every split, a bundle that says what it found."""

import pytest

from gnn.bundle.file import read_bundle, write_bundle
from gnn.config import Config, DataConfig, ModelConfig
from gnn.datasets.parts import PARTS, Parts, Role
from gnn.evaluation.table import SPLITS
from gnn.features.loads import ESTIMATES
from tests.unit.gnn.stacks import drawn_snapshots

pytest.importorskip("torch")
pytest.importorskip("lightgbm")
run = pytest.importorskip("gnn.training.run")
bundling = pytest.importorskip("gnn.training.bundling")

CONFIG = Config(
    ModelConfig(hidden=8, layers=1, rounds=4, rate=2e-2, seeds=(1, 2)),
    DataConfig(unseen_feeders=0.5),
)


def _networks():
    roles = [(Role.LEARN, 0.3), (Role.LEARN, 0.3), (Role.CALIBRATE, 0.3)]
    roles += [(Role.UNSEEN, 0.3), (Role.UNSEEN, 0.95)]
    return [
        Parts(
            f"drawn {number}",
            role,
            share,
            {p: drawn_snapshots(60, 10 * number + k) for k, p in enumerate(PARTS)},
        )
        for number, (role, share) in enumerate(roles)
    ]


@pytest.fixture(scope="module")
def made():
    return run.train("L2", _networks(), CONFIG, lambda _: None)


def test_every_model__is_judged_in_every_split(made):
    models = {row.model for row in made.rows}
    assert models >= {*ESTIMATES, "boosted", "boosted mean", "tree-sage", "tree-sage mean"}
    assert {row.split for row in made.rows} == set(SPLITS)
    assert {row.seed for row in made.rows if row.model == "tree-sage"} == {1, 2}


def test_bundle__holds_the_table_and_who_serves(made, tmp_path):
    data = {"words": "drawn", "hash": "0" * 64, "networks": 5}
    write_bundle(tmp_path, bundling.bundle_of(made, CONFIG, data))
    found = read_bundle(tmp_path)
    assert len(found.manifest.evaluation) == len(made.rows)
    assert {d.level for d in found.manifest.decisions} == {"mv_feeder", "transformer", "lv_feeder"}
    served = {d.served for d in found.manifest.decisions}
    assert served <= found.calibrations.keys()
    assert bool(found.forests) == ("boosted" in served)
