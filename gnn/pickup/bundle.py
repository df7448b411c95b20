"""A bundle of L3: its manifest and its models; how both lie on disk is said in `gnn.bundle.folder`.

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
from gnn.bundle.packing import below
from gnn.pickup.columns import COLUMNS
from gnn.pickup.models import Pickup
from gnn.pickup.table import TASK, Decision

FORMAT: Final = 2
FOLDER: Final = "outage-peak"
"""The folder among the bundles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(Stated):
    """What every manifest says, with a decision a level and what must fit this program."""

    decisions: tuple[Decision, ...]
    format: int = FORMAT
    task: str = TASK
    columns: tuple[tuple[str, ...], ...] = tuple(tuple(column) for column in COLUMNS)


@dataclass(frozen=True, slots=True, eq=False)
class PickupBundle:
    """A trained pick-up: the manifest, and the mean of what was learned with each seed."""

    manifest: Manifest
    learned: Pickup


def write_pickup_bundle(folder: Path, bundle: PickupBundle) -> PickupBundle:
    """Write a bundle into a folder; gives it with version and hash filled in."""
    learned = bundle.learned
    parts: dict[str, Mapping[str, Any]] = {
        "table": learned.table,
        "peak": learned.peak.arrays,
        "hours": learned.hours.arrays,
        "shifts": learned.shifts,
    }
    arrays = {f"{name}/{key}": v for name, part in parts.items() for key, v in part.items()}
    return replace(bundle, manifest=write_folder(folder, bundle.manifest, arrays))


def read_pickup_bundle(folder: Path) -> PickupBundle:
    """Read a bundle.

    Raises:
        BundleError: a file is missing, damaged, or does not fit this program.
    """
    return read_folder(folder, _manifest, _bundle)


def _bundle(manifest: Manifest, arrays: dict[str, Any]) -> PickupBundle:
    tables, shifts = (
        {key: np.asarray(below(arrays, name)[key]) for key in ("peak", "hours")}
        for name in ("table", "shifts")
    )
    learned = Pickup(tables, Trees(below(arrays, "peak")), Trees(below(arrays, "hours")), shifts)
    return PickupBundle(manifest, learned)


def _manifest(text: str, where: str) -> Manifest:
    return read_manifest_text(text, where, _check, _made, "train-pickup")


def _check(given: Mapping[str, Any], where: str) -> None:
    wanted = {
        "format": FORMAT,
        "task": TASK,
        "columns": [list(column) for column in COLUMNS],
    }
    check_members(given, where, wanted)


def _made(given: dict[str, Any]) -> Manifest:
    given["decisions"] = tuple(Decision(**each) for each in given["decisions"])
    given["columns"] = tuple(tuple(column) for column in given["columns"])
    return Manifest(**given)
