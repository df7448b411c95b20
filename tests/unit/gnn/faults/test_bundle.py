"""Bundles of F1: written and read, and refused where they do not fit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gnn.errors import BundleError
from gnn.faults.bundle import read_fault_bundle, write_fault_bundle
from gnn.faults.ranking import Ranker
from tests.unit.gnn.faults.asked import drawn_bundle, few
from tests.unit.gnn.faults.trees import stump


def test_bundle__read_again__says_the_same(tmp_path: Path) -> None:
    given = replace(drawn_bundle(), rankers=(Ranker(stump(), 2.0),))
    written = write_fault_bundle(tmp_path, given)
    found, asked = read_fault_bundle(tmp_path), few(1)[0]
    assert found.manifest == written.manifest
    assert found.rankers[0].odds(asked.parents, asked.columns) == pytest.approx(
        given.rankers[0].odds(asked.parents, asked.columns)
    )
    for one, other in zip(found.scorers, given.scorers, strict=True):
        assert all(np.array_equal(one.arrays[n], a) for n, a in other.arrays.items())


def test_bundle__same_content__has_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_fault_bundle(tmp_path / name, drawn_bundle())
    for name in ("arrays.npz", "manifest.json"):
        one, other = tmp_path / "one" / name, tmp_path / "other" / name
        assert one.read_bytes() == other.read_bytes()


def test_bundle__damaged_arrays__are_refused(tmp_path: Path) -> None:
    write_fault_bundle(tmp_path, drawn_bundle())
    arrays = tmp_path / "arrays.npz"
    arrays.write_bytes(arrays.read_bytes()[:-1] + b"x")
    with pytest.raises(BundleError, match="not those the manifest was written for"):
        read_fault_bundle(tmp_path)


@pytest.mark.parametrize(
    ("member", "value"),
    [("format", 0), ("task", "L1"), ("architecture", "other/1"), ("columns", [["x", "1", "y"]])],
)
def test_bundle__made_for_another_program__is_refused(tmp_path: Path, member, value) -> None:
    write_fault_bundle(tmp_path, drawn_bundle())
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {member: value}))
    with pytest.raises(BundleError, match=f"another {member}"):
        read_fault_bundle(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1'])
def test_bundle__manifest_that_is_none__is_refused(tmp_path: Path, text: str) -> None:
    write_fault_bundle(tmp_path, drawn_bundle())
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(BundleError):
        read_fault_bundle(tmp_path)


def test_bundle__empty_folder__is_none(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is no bundle"):
        read_fault_bundle(tmp_path)
