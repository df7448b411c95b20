"""Bundles on disk: what was written comes back; what is damaged, foreign or older is told."""

import hashlib
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from gnn.bundle.file import read_bundle, write_bundle
from gnn.errors import BundleError
from gnn.features.grid import LEVELS
from gnn.models.mixing import Mixture


@pytest.fixture
def folder(tmp_path, bundle):
    write_bundle(tmp_path / "b", bundle)
    return tmp_path / "b"


def _change(folder, **members):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | members))


def test_bundle__comes_back_as_it_was_written(folder, bundle):
    found = read_bundle(folder)
    assert found.manifest.decisions == bundle.manifest.decisions
    assert found.manifest.version == found.manifest.arrays_sha256[:12]
    for name, values in bundle.networks[0].arrays.items():
        assert (found.networks[0].arrays[name] == values).all()
    assert found.calibrations.keys() == bundle.calibrations.keys()


def test_mixture__comes_back_with_its_experts_in_order(tmp_path, bundle):
    weights = np.array([[0.25, 0.75, 0.0]] * len(LEVELS), dtype=np.float32)
    mixture = Mixture(("tree-sage", "boosted", "last week"), weights)
    write_bundle(tmp_path, replace(bundle, mixture=mixture))
    found = read_bundle(tmp_path).mixture
    assert found.experts == mixture.experts
    assert (found.weights == weights).all()


def test_bundle__written_twice__has_the_same_bytes(folder, tmp_path, bundle):
    write_bundle(tmp_path / "again", bundle)
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_damaged_arrays__are_told(folder):
    path = folder / "arrays.npz"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(BundleError, match="not those the manifest was written for"):
        read_bundle(folder)


def test_damaged_manifest__is_told(folder):
    (folder / "manifest.json").write_text("{")
    with pytest.raises(BundleError, match="cannot be read"):
        read_bundle(folder)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"format": 0}, "has format 0"),
        ({"architecture": "transformer/9"}, "is a transformer/9"),
        ({"features": [["base", "1", "elsewhere"]]}, "other features: coverage"),
        ({"quantiles": [0.5]}, "other quantiles"),
        ({"decisions": [{"task": "L1"}]}, "cannot be read"),
    ],
)
def test_older_or_foreign_bundle__is_told(folder, members, said):
    _change(folder, **members)
    with pytest.raises(BundleError, match=said):
        read_bundle(folder)


def test_folder_without_a_bundle__is_told(tmp_path):
    with pytest.raises(BundleError, match="is no bundle"):
        read_bundle(tmp_path)


def test_pickled_arrays__are_never_unpickled(folder):
    with zipfile.ZipFile(folder / "arrays.npz", "w") as packing:
        np.save(folder / "x.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
        packing.write(folder / "x.npy", "network/0/mean.npy")
    digest = hashlib.sha256((folder / "arrays.npz").read_bytes()).hexdigest()
    _change(folder, arrays_sha256=digest)
    with pytest.raises(BundleError, match="cannot be read"):
        read_bundle(folder)
