"""A bundle on disk: a folder with `manifest.json` and `arrays.npz`, read without running anything.

Guarantees: nothing is unpickled; the arrays are what the manifest was written for (SHA-256); the
same run writes the same bytes.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.trees import Trees
from gnn.bundle.manifest import Manifest, read_manifest
from gnn.bundle.packing import below, numbered, packed_arrays, unpacked_arrays
from gnn.calibration.conformal import Calibration
from gnn.errors import BundleError
from gnn.models.mixing import Mixture
from gnn.models.sage import Sage

MANIFEST: Final = "manifest.json"
ARRAYS: Final = "arrays.npz"


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """A trained task, ready to answer.

    Attributes:
        manifest: What it says about itself.
        networks: One a seed; the model is their mean.
        forests: The boosted baseline, one a seed; empty where no level is served by it.
        calibrations: By the name of who answers.
        mixture: Who is heard how much where a mixture serves; None where it serves nowhere.
    """

    manifest: Manifest
    networks: tuple[Sage, ...]
    forests: tuple[Trees, ...]
    calibrations: Mapping[str, Calibration]
    mixture: Mixture | None = None


def write_bundle(folder: Path, bundle: Bundle) -> Bundle:
    """Write a bundle into a folder; gives it with version and hash filled in."""
    packed = packed_arrays(_arrays(bundle))
    digest = hashlib.sha256(packed).hexdigest()
    manifest = replace(bundle.manifest, arrays_sha256=digest, version=digest[:12])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ARRAYS).write_bytes(packed)
    (folder / MANIFEST).write_text(manifest.text(), encoding="utf-8")
    return replace(bundle, manifest=manifest)


def read_bundle(folder: Path) -> Bundle:
    """Read a bundle.

    Raises:
        BundleError: a file is missing, damaged, or does not fit this program.
    """
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
        packed = (folder / ARRAYS).read_bytes()
    except (OSError, UnicodeDecodeError) as error:
        raise BundleError(
            f"{folder} is no bundle: {error}",
            subject=str(folder),
            hint=f"a bundle is a folder with {MANIFEST} and {ARRAYS}",
        ) from error
    manifest = read_manifest(text, str(folder))
    if hashlib.sha256(packed).hexdigest() != manifest.arrays_sha256:
        raise BundleError(
            f"the arrays in {folder} are not those the manifest was written for",
            subject=str(folder),
            hint="the bundle is damaged, or was changed; copy it again",
        )
    return _unpacked(manifest, packed, str(folder))


def _arrays(bundle: Bundle) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    for number, network in enumerate(bundle.networks):
        arrays |= {f"network/{number}/{name}": a for name, a in network.arrays.items()}
    for number, forest in enumerate(bundle.forests):
        arrays |= {f"forest/{number}/{name}": a for name, a in forest.arrays.items()}
    arrays |= {f"calibration/{n}": c.shifts for n, c in bundle.calibrations.items()}
    if bundle.mixture is not None:
        shares = zip(bundle.mixture.experts, bundle.mixture.weights.T, strict=True)
        arrays |= {f"mixture/{number:02}/{name}": w for number, (name, w) in enumerate(shares)}
    return arrays


def _unpacked(manifest: Manifest, packed: bytes, where: str) -> Bundle:
    try:
        arrays = unpacked_arrays(packed)
        calibrations = below(arrays, "calibration")
        return Bundle(
            manifest,
            tuple(Sage(each) for each in numbered(arrays, "network")),
            tuple(Trees(each) for each in numbered(arrays, "forest")),
            {name: Calibration(shifts) for name, shifts in calibrations.items()},
            _mixture(below(arrays, "mixture")),
        )
    except (ValueError, OSError, KeyError, zipfile.BadZipFile) as error:
        raise BundleError(
            f"the arrays in {where} cannot be read: {error}",
            subject=where,
            hint="the bundle is damaged; copy it again",
        ) from error


def _mixture(shares: Mapping[str, NDArray[Any]]) -> Mixture | None:
    if not shares:
        return None
    names = sorted(shares)
    weights = np.stack([shares[name] for name in names], axis=-1).astype(np.float32)
    return Mixture(tuple(name.partition("/")[2] for name in names), weights)
