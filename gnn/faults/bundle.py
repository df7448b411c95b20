"""A bundle of F1: its manifest and its models; how both lie on disk is said in `gnn.bundle.folder`.

What must fit this program is checked when it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from gnn.baselines.trees import Trees
from gnn.bundle.folder import (
    Stated,
    check_members,
    read_folder,
    read_manifest_text,
    write_folder,
)
from gnn.bundle.packing import numbered
from gnn.faults.columns import COLUMNS
from gnn.faults.gate import Decision
from gnn.faults.ranking import Ranker
from gnn.faults.scorer import NAME, Scorer
from gnn.faults.table import TASK

FORMAT: Final = 1
FOLDER: Final = "fault-place"
"""The folder among the bundles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(Stated):
    """What every manifest says, and more.

    Attributes:
        decisions: Who serves, by share of sensors.
        format, task, architecture, columns: What must fit this program.
    """

    decisions: tuple[Decision, ...]
    format: int = FORMAT
    task: str = TASK
    architecture: str = NAME
    columns: tuple[tuple[str, ...], ...] = tuple(tuple(column) for column in COLUMNS)


@dataclass(frozen=True, slots=True, eq=False)
class FaultBundle:
    """A trained locator: the manifest, one network a seed, one ranker a seed where it serves."""

    manifest: Manifest
    scorers: tuple[Scorer, ...]
    rankers: tuple[Ranker, ...]


def write_fault_bundle(folder: Path, bundle: FaultBundle) -> FaultBundle:
    """Write a bundle into a folder; gives it with version and hash filled in."""
    arrays: dict[str, Any] = {}
    for number, scorer in enumerate(bundle.scorers):
        arrays |= {f"network/{number}/{name}": a for name, a in scorer.arrays.items()}
    for number, ranker in enumerate(bundle.rankers):
        arrays |= {f"ranker/{number}/{name}": a for name, a in ranker.trees.arrays.items()}
        arrays[f"ranker/{number}/factor"] = np.array([ranker.factor])
    return replace(bundle, manifest=write_folder(folder, bundle.manifest, arrays))


def read_fault_bundle(folder: Path) -> FaultBundle:
    """Read a bundle.

    Raises:
        BundleError: a file is missing, damaged, or does not fit this program.
    """
    return read_folder(folder, _manifest, _bundle)


def _bundle(manifest: Manifest, arrays: dict[str, Any]) -> FaultBundle:
    return FaultBundle(
        manifest,
        tuple(Scorer(each) for each in numbered(arrays, "network")),
        tuple(_ranker(each) for each in numbered(arrays, "ranker")),
    )


def _ranker(arrays: dict[str, Any]) -> Ranker:
    factor = float(arrays.pop("factor")[0])
    return Ranker(Trees(arrays), factor)


def _manifest(text: str, where: str) -> Manifest:
    return read_manifest_text(text, where, _check, _made, "train-faults")


def _check(given: Mapping[str, Any], where: str) -> None:
    wanted = {
        "format": FORMAT,
        "task": TASK,
        "architecture": NAME,
        "columns": [list(column) for column in COLUMNS],
    }
    check_members(given, where, wanted)


def _made(given: dict[str, Any]) -> Manifest:
    given["decisions"] = tuple(Decision(**each) for each in given["decisions"])
    given["columns"] = tuple(tuple(column) for column in given["columns"])
    return Manifest(**given)
