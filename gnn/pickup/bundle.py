"""A bundle of L3 on disk: a folder with `manifest.json` and `arrays.npz`, read without running it.

Guarantees: nothing is unpickled; the arrays are what the manifest was written for (SHA-256); the
same run writes the same bytes. What must fit this program is checked when it is read.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from gnn.baselines.trees import Trees
from gnn.bundle.file import ARRAYS, MANIFEST
from gnn.bundle.packing import below, numbered, packed_arrays, unpacked_arrays
from gnn.errors import BundleError
from gnn.pickup.columns import COLUMNS
from gnn.pickup.models import Pickup
from gnn.pickup.table import TASK, Decision

FORMAT: Final = 1
FOLDER: Final = "outage-peak"
"""The folder among the bundles."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything beside the numbers, as in `gnn.failures.bundle`, with a decision a level."""

    version: str
    arrays_sha256: str
    data: Mapping[str, Any]
    seeds: tuple[int, ...]
    versions: Mapping[str, str]
    licence: str
    decisions: tuple[Decision, ...]
    evaluation: tuple[Mapping[str, Any], ...]
    format: int = FORMAT
    task: str = TASK
    columns: tuple[tuple[str, ...], ...] = tuple(tuple(column) for column in COLUMNS)

    def text(self) -> str:
        """The manifest as it is written."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


@dataclass(frozen=True, slots=True, eq=False)
class PickupBundle:
    """A trained pick-up: the manifest, and what was learned with each seed; said is their mean."""

    manifest: Manifest
    learned: tuple[Pickup, ...]


def write_pickup_bundle(folder: Path, bundle: PickupBundle) -> PickupBundle:
    """Write a bundle into a folder; gives it with version and hash filled in."""
    arrays: dict[str, Any] = {}
    for number, one in enumerate(bundle.learned):
        parts: dict[str, Mapping[str, Any]] = {
            "table": one.table,
            "peak": one.peak.arrays,
            "hours": one.hours.arrays,
            "shifts": one.shifts,
        }
        for name, part in parts.items():
            arrays |= {f"seed/{number}/{name}/{key}": values for key, values in part.items()}
    packed = packed_arrays(arrays)
    digest = hashlib.sha256(packed).hexdigest()
    manifest = replace(bundle.manifest, arrays_sha256=digest, version=digest[:12])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ARRAYS).write_bytes(packed)
    (folder / MANIFEST).write_text(manifest.text(), encoding="utf-8")
    return replace(bundle, manifest=manifest)


def read_pickup_bundle(folder: Path) -> PickupBundle:
    """Read a bundle.

    Raises:
        BundleError: a file is missing, damaged, or does not fit this program.
    """
    where = str(folder)
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
        packed = (folder / ARRAYS).read_bytes()
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(
            f"{where} is no bundle: {error}",
            subject=where,
            hint=f"a bundle is a folder with {MANIFEST} and {ARRAYS}",
        ) from error
    manifest = _manifest(text, where)
    if hashlib.sha256(packed).hexdigest() != manifest.arrays_sha256:
        raise BundleError(
            f"the arrays in {where} are not those the manifest was written for",
            subject=where,
            hint="the bundle is damaged, or was changed; copy it again",
        )
    try:
        arrays = unpacked_arrays(packed)
        return PickupBundle(manifest, tuple(_learned(each) for each in numbered(arrays, "seed")))
    except (ValueError, OSError, KeyError, zipfile.BadZipFile) as error:
        raise BundleError(
            f"the arrays in {where} cannot be read: {error}",
            subject=where,
            hint="the bundle is damaged; copy it again",
        ) from error


def _learned(arrays: dict[str, Any]) -> Pickup:
    tables, shifts = (
        {key: np.asarray(below(arrays, name)[key]) for key in ("peak", "hours")}
        for name in ("table", "shifts")
    )
    return Pickup(tables, Trees(below(arrays, "peak")), Trees(below(arrays, "hours")), shifts)


def _manifest(text: str, where: str) -> Manifest:
    try:
        given = json.loads(text)
        _check(given, where)
        given["decisions"] = tuple(Decision(**each) for each in given["decisions"])
        for name in ("seeds", "evaluation"):
            given[name] = tuple(given[name])
        given["columns"] = tuple(tuple(column) for column in given["columns"])
        return Manifest(**given)
    except (ValueError, TypeError, KeyError) as error:
        raise BundleError(
            f"the manifest in {where} cannot be read: {error}",
            subject=where,
            hint="copy the bundle again, or train it anew with gridstrata-gnn train-pickup",
        ) from error


def _check(given: Any, where: str) -> None:
    if not isinstance(given, dict):
        raise TypeError("it is no JSON object")  # told with the others, see above
    columns = [list(column) for column in COLUMNS]
    for name, wanted in (("format", FORMAT), ("task", TASK), ("columns", columns)):
        if given.get(name) != wanted:
            raise BundleError(
                f"the bundle in {where} has another {name} than this program knows",
                subject=where,
                hint="train it anew with the gridstrata-gnn of this version",
            )
