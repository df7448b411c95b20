"""Bundles that are damaged, replaced or taken away while a predictor answers from them."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gnn.bundle.folder import ARRAYS, MANIFEST
from gnn.bundle.renewed import Renewed
from gnn.errors import BundleError
from gnn.faults.bundle import FaultBundle, read_fault_bundle, write_fault_bundle
from tests.unit.gnn.faults.asked import drawn_bundle


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_fault_bundle(tmp_path / "bundle", drawn_bundle())
    return tmp_path / "bundle"


def renewed(folder: Path) -> Renewed[FaultBundle]:
    return Renewed([folder], lambda: read_fault_bundle(folder))


def cut(folder: Path) -> None:
    whole = (folder / ARRAYS).read_bytes()
    (folder / ARRAYS).write_bytes(whole[: len(whole) // 2])


def state(name: str, value: object) -> Callable[[Path], None]:
    def made(folder: Path) -> None:
        given = json.loads((folder / MANIFEST).read_text())
        (folder / MANIFEST).write_text(json.dumps(given | {name: value}))

    return made


def half(folder: Path) -> None:
    (folder / MANIFEST).write_text((folder / MANIFEST).read_text()[:200])


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "cut off": (cut, "not those the manifest was written for"),
    "half a manifest": (half, "the manifest in"),
    "taken away": (shutil.rmtree, "is no bundle"),
    "without a manifest": (lambda folder: (folder / MANIFEST).unlink(), "is no bundle"),
    "of an older format": (state("format", 0), "another format"),
    "for other features": (state("columns", [["behind", "kW", "elsewhere"]]), "another columns"),
    "of another task": (state("task", "L1"), "another task"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_now__bundle_is_damaged__what_was_read_goes_on_and_it_is_told_once(
    folder: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    spoil, why = DAMAGES[damage]
    mine = renewed(folder)
    before = mine.now()
    spoil(folder)
    with caplog.at_level(logging.WARNING):
        assert mine.now() is before
        assert mine.now() is before
    assert why in mine.trouble
    assert [why in record.message for record in caplog.records] == [True]


def test_now__good_bundle_is_put_there__is_used_from_the_next_question_on(folder: Path) -> None:
    mine = renewed(folder)
    before = mine.now()
    cut(folder)
    assert mine.now() is before
    assert mine.trouble
    write_fault_bundle(folder, drawn_bundle(gate_open=True))
    assert mine.now() is not before
    assert mine.now().manifest.decisions[0].gate_open
    assert mine.trouble == ""


def test_now__nothing_changed__is_read_once(folder: Path) -> None:
    mine = renewed(folder)
    assert mine.now() is mine.now()


def test_renewed__no_bundle_from_the_first__is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is no bundle"):
        renewed(tmp_path)
