"""A bundle of F2 on disk: a folder with `manifest.json` and `arrays.npz`, read without running it.

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
from gnn.failures.columns import COLUMNS
from gnn.failures.models import Risks
from gnn.failures.table import TASK, Decision

FORMAT: Final = 1
FOLDER: Final = "failure-risk"
"""The folder among the bundles."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything beside the numbers.

    Attributes:
        version: First twelve digits of the hash of the arrays.
        arrays_sha256: Hash of the file with the arrays.
        data: What it was trained on: `words`, `hash`, `networks`.
        seeds: One truth, and one of each model, a seed.
        versions: Versions of what trained it.
        licence: Under which it may be used.
        decision: Who serves.
        evaluation: All rows of the table.
        format, task, columns: What must fit this program.
    """

    version: str
    arrays_sha256: str
    data: Mapping[str, Any]
    seeds: tuple[int, ...]
    versions: Mapping[str, str]
    licence: str
    decision: Decision
    evaluation: tuple[Mapping[str, Any], ...]
    format: int = FORMAT
    task: str = TASK
    columns: tuple[tuple[str, ...], ...] = tuple(tuple(column) for column in COLUMNS)

    def text(self) -> str:
        """The manifest as it is written."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


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
    packed = packed_arrays(arrays)
    digest = hashlib.sha256(packed).hexdigest()
    manifest = replace(bundle.manifest, arrays_sha256=digest, version=digest[:12])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ARRAYS).write_bytes(packed)
    (folder / MANIFEST).write_text(manifest.text(), encoding="utf-8")
    return replace(bundle, manifest=manifest)


def read_failure_bundle(folder: Path) -> FailureBundle:
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
        return FailureBundle(manifest, tuple(_risks(each) for each in numbered(arrays, "seed")))
    except (ValueError, OSError, KeyError, zipfile.BadZipFile) as error:
        raise BundleError(
            f"the arrays in {where} cannot be read: {error}",
            subject=where,
            hint="the bundle is damaged; copy it again",
        ) from error


def _parts(risks: Risks) -> dict[str, Mapping[str, Any]]:
    return {
        "constant": risks.constant,
        "logistic": risks.logistic,
        "boosted": risks.boosted.arrays,
        "graph": risks.graph.arrays,
    }


def _risks(arrays: dict[str, Any]) -> Risks:
    part = {name: below(arrays, name) for name in ("constant", "logistic", "boosted", "graph")}
    logistic = {name: np.asarray(part["logistic"][name]) for name in _LOGISTIC}
    return Risks(
        {"rates": np.asarray(part["constant"]["rates"])},
        logistic,
        Trees(part["boosted"]),
        Trees(part["graph"]),
    )


_LOGISTIC: Final = ("mean", "spread", "weights", "bias")


def _manifest(text: str, where: str) -> Manifest:
    try:
        given = json.loads(text)
        _check(given, where)
        given["decision"] = Decision(**given["decision"])
        for name in ("seeds", "evaluation"):
            given[name] = tuple(given[name])
        given["columns"] = tuple(tuple(column) for column in given["columns"])
        return Manifest(**given)
    except (ValueError, TypeError, KeyError) as error:
        raise BundleError(
            f"the manifest in {where} cannot be read: {error}",
            subject=where,
            hint="copy the bundle again, or train it anew with gridstrata-gnn train-failures",
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
