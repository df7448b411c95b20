"""A bundle of F2: its manifest and its models; how both lie on disk is said in `gnn.bundle.folder`.

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
from gnn.bundle.packing import below, numbered
from gnn.failures.columns import COLUMNS
from gnn.failures.field import FIELD, Field
from gnn.failures.models import Risks
from gnn.failures.table import TASK, Decision

FORMAT: Final = 2
FOLDER: Final = "failure-risk"
"""The folder among the bundles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(Stated):
    """What every manifest says, and more.

    Attributes:
        decision: Who serves.
        format, task, columns: What must fit this program.
    """

    decision: Decision
    format: int = FORMAT
    task: str = TASK
    columns: tuple[tuple[str, ...], ...] = tuple(tuple(column) for column in COLUMNS)


@dataclass(frozen=True, slots=True, eq=False)
class FailureBundle:
    """A trained risk: the manifest, and the models of each seed; what is said is their mean."""

    manifest: Manifest
    risks: tuple[Risks, ...]


def write_failure_bundle(folder: Path, bundle: FailureBundle) -> FailureBundle:
    """Write a bundle into a folder; gives it with version and hash filled in."""
    arrays: dict[str, Any] = {}
    for number, risks in enumerate(bundle.risks):
        for name, part in _parts(risks).items():
            arrays |= {f"seed/{number}/{name}/{key}": values for key, values in part.items()}
    return replace(bundle, manifest=write_folder(folder, bundle.manifest, arrays))


def read_failure_bundle(folder: Path) -> FailureBundle:
    """Read a bundle.

    Raises:
        BundleError: a file is missing, damaged, or does not fit this program.
    """
    return read_folder(folder, _manifest, _bundle)


def _bundle(manifest: Manifest, arrays: dict[str, Any]) -> FailureBundle:
    return FailureBundle(manifest, tuple(_risks(each) for each in numbered(arrays, "seed")))


def _parts(risks: Risks) -> dict[str, Mapping[str, Any]]:
    return {
        "constant": risks.constant,
        "logistic": risks.logistic,
        "boosted": risks.boosted.arrays,
        "process": risks.process.arrays,
        "graph": risks.graph.arrays,
    }


def _risks(arrays: dict[str, Any]) -> Risks:
    def part(name: str, members: tuple[str, ...]) -> dict[str, Any]:
        found = below(arrays, name)
        return {member: np.asarray(found[member]) for member in members}

    return Risks(
        part("constant", ("rates",)),
        part("logistic", ("mean", "spread", "weights", "bias")),
        Trees(below(arrays, "boosted")),
        Field(part("process", FIELD)),
        Field(part("graph", FIELD)),
    )


def _manifest(text: str, where: str) -> Manifest:
    return read_manifest_text(text, where, _check, _made, "train-failures")


def _check(given: Mapping[str, Any], where: str) -> None:
    wanted = {
        "format": FORMAT,
        "task": TASK,
        "columns": [list(column) for column in COLUMNS],
    }
    check_members(given, where, wanted)


def _made(given: dict[str, Any]) -> Manifest:
    given["decision"] = Decision(**given["decision"])
    given["columns"] = tuple(tuple(column) for column in given["columns"])
    return Manifest(**given)
