from __future__ import annotations

import json

import numpy as np
import pytest

from gnn.baselines.trees import Trees
from gnn.errors import BundleError
from gnn.pickup.bundle import Manifest, PickupBundle, read_pickup_bundle, write_pickup_bundle
from gnn.pickup.columns import NAMES, columns
from gnn.pickup.models import BOOSTED, MEAN, MODELS, TABLE, fit_table, mean_of_trees
from gnn.pickup.table import LEVELS, SPLITS, Decision, Row, decide, markdown
from gnn.predict.pickup import NO_SLOPE, BundledPickup
from gnn.training.pickup import run_pickup
from graph_service.ports.pickup_predictor import PickupPlace, PickupQuestion
from graph_service.ports.predictor import Rung

SMALL = {"train": 6, "calibrate": 3, "test": 2}
HERE = np.zeros(1, dtype=np.int64)
"""One place at the first level."""


@pytest.fixture(scope="module")
def ran():
    return run_pickup((1,), lambda text: None, 12, SMALL)


@pytest.fixture(scope="module")
def bundle(ran):
    learned, _ = ran
    data = {"words": "a few houses", "hash": "0"}
    decisions = tuple(
        Decision(level, True, BOOSTED, 0.1, TABLE, 0.2, 0.8, {SPLITS[0]: "better"})
        for level in LEVELS
    )
    manifest = Manifest(
        version="",
        arrays_sha256="",
        data=data,
        seeds=(1,),
        versions={"numpy": "2"},
        licence="Apache-2.0",
        decisions=decisions,
        evaluation=(),
    )
    return PickupBundle(manifest, learned)


def shown(minutes=60.0, outdoor=0.0, slope=np.nan):
    one = np.array([1.0])
    return columns(minutes, outdoor, 8.0, 40 * one, 60 * one, 50 * one, 0.4 * one, slope * one)


def test_columns__what_is_not_known_is_said_to_be():
    unknown, known = shown()[0], shown(slope=2.0)[0]
    at = [NAMES.index(name) for name in ("slope", "slope known", "heating")]
    assert unknown[at].tolist() == [-1, 0, -1]
    assert known[at] == pytest.approx([2.0 / 40, 1, 2.0 * 16 / 60])


def test_run_pickup__judges_every_model_in_every_split_at_every_level(ran):
    _, rows = ran
    found = {(row.level, row.split, row.model) for row in rows}
    unseen = {(x, s, MEAN) for x in LEVELS for s in SPLITS[1:]}
    assert found == unseen | {(x, s, m) for x in LEVELS for s in SPLITS for m in MODELS}
    assert all(name in markdown(rows) for name in (*MODELS, MEAN))


@pytest.mark.parametrize("name", MODELS)
def test_said__quantiles_ascend(bundle, name):
    learned, asked = bundle.learned, shown()
    for said in (learned.ratios(name, asked, HERE), learned.settling(name, asked, HERE)):
        assert (np.diff(said, axis=1) >= 0).all()


def test_fit_table__cell_has_the_quantiles_of_what_fell_into_it():
    asked = np.concatenate([shown(60.0, 2.0)] * 50 + [shown(60.0, 12.0)] * 50)
    values = np.concatenate([np.linspace(1, 2, 50), np.linspace(3, 4, 50)])
    table = fit_table(asked, values)
    assert table[2, 2] == pytest.approx([1.1, 1.5, 1.9])
    assert table[2, 4] == pytest.approx([3.1, 3.5, 3.9])
    assert table[0, 0] == pytest.approx(np.quantile(values, (0.1, 0.5, 0.9)))


def test_mean_of_trees__says_the_mean(bundle):
    one, asked = bundle.learned.peak, shown()
    higher = Trees(
        one.arrays | {"threshold": one.arrays["threshold"] + (one.arrays["feature"] < 0)}
    )
    said = [each.predict(asked) for each in (one, higher, mean_of_trees([one, higher]))]
    assert said[2] == pytest.approx((said[0] + said[1]) / 2, rel=1e-5)
    assert (said[1] > said[0]).all()


def row(split, model, seed, error):
    return Row("transformer", split, model, seed, 10, error, error / 2, 0.8, 1.0)


@pytest.mark.parametrize(("gain", "is_open"), [(0.05, True), (0.005, False), (-0.05, False)])
def test_decide__opens_where_it_is_better_by_more_than_the_spread(gain, is_open):
    rows = [
        row(split, model, seed, 0.2 + 0.01 * seed - (gain if model in (BOOSTED, MEAN) else 0))
        for split in SPLITS
        for model in (*MODELS, MEAN)
        for seed in range(3)
    ]
    found = decide(rows, "transformer")
    assert (found.gate_open, found.served == BOOSTED) == (is_open, is_open)


def test_bundle__comes_back_and_says_the_same(bundle, tmp_path):
    write_pickup_bundle(tmp_path, bundle)
    found = read_pickup_bundle(tmp_path)
    for name in MODELS:
        mine, again = (each.learned.ratios(name, shown(), HERE) for each in (bundle, found))
        assert np.array_equal(mine, again)


@pytest.mark.parametrize("members", [{"format": 9}, {"task": "L1"}, {"columns": []}])
def test_older_or_foreign_bundle__is_told(bundle, tmp_path, members):
    write_pickup_bundle(tmp_path, bundle)
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | members))
    with pytest.raises(BundleError, match="than this program knows"):
        read_pickup_bundle(tmp_path)


def test_peaks__say_who_says_it_and_what_was_missing(bundle):
    places = (PickupPlace(40, 0.4, 60e3, 50e3), PickupPlace(40, 0.4, 60e3, 50e3, 2e3, True))
    first, second = BundledPickup(bundle).peaks(PickupQuestion(places, 120, 0, 8))
    assert (first.rung, first.missing, second.missing) == (Rung.MODEL, (NO_SLOPE,), ())
    assert (first.model.name, first.model.baseline) == (BOOSTED, TABLE)
    assert 0 < first.peak_w[0] <= first.peak_w[1] <= first.peak_w[2]
    twice = PickupPlace(40, 0.4, 120e3, 100e3)
    [one] = BundledPickup(bundle).peaks(PickupQuestion((twice,), 120, 0, 8))
    assert one.peak_w[1] > first.peak_w[1]
