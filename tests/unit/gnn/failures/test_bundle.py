from __future__ import annotations

import json

import numpy as np
import pytest

from gnn.errors import BundleError
from gnn.failures.bundle import read_failure_bundle, write_failure_bundle
from gnn.failures.models import MODELS
from gnn.training.failures import seen_in


@pytest.fixture
def folder(tmp_path, learned):
    write_failure_bundle(tmp_path / "b", learned)
    return tmp_path / "b"


def test_bundle__comes_back_and_says_the_same(folder, learned, truth):
    found, columns = read_failure_bundle(folder), seen_in(truth, 32, 33).columns
    assert found.manifest.decision == learned.manifest.decision
    for name in MODELS:
        said = found.risks[0].said(name, columns)
        assert np.array_equal(said, learned.risks[0].said(name, columns))


def test_bundle__written_twice__has_the_same_bytes(folder, tmp_path, learned):
    write_failure_bundle(tmp_path / "again", learned)
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_damaged_arrays__are_told(folder):
    path = folder / "arrays.npz"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(BundleError, match="not those the manifest was written for"):
        read_failure_bundle(folder)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"format": 0}, "another format"),
        ({"task": "L1"}, "another task"),
        ({"columns": [["age", "days", "a guess"]]}, "another columns"),
        ({"decision": {"served": "me"}}, "cannot be read"),
    ],
)
def test_older_or_foreign_bundle__is_told(folder, members, said):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | members))
    with pytest.raises(BundleError, match=said) as caught:
        read_failure_bundle(folder)
    assert caught.value.hint


def test_folder_without_a_bundle__is_told(tmp_path):
    with pytest.raises(BundleError, match="is no bundle"):
        read_failure_bundle(tmp_path)
