"""A bundle of L1 or L2: networks, forests, calibrations; how it lies on disk says `folder.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gnn.baselines.trees import Trees
from gnn.bundle.folder import read_folder, write_folder
from gnn.bundle.manifest import Manifest, read_manifest
from gnn.bundle.packing import below, numbered
from gnn.calibration.conformal import Calibration
from gnn.models.mixing import Mixture
from gnn.models.sage import Sage


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
    return replace(bundle, manifest=write_folder(folder, bundle.manifest, _arrays(bundle)))


def read_bundle(folder: Path) -> Bundle:
    """Read a bundle.

    Raises:
        BundleError: a file is missing, damaged, or does not fit this program.
    """
    return read_folder(folder, read_manifest, _made)


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


def _made(manifest: Manifest, arrays: dict[str, NDArray[Any]]) -> Bundle:
    calibrations = below(arrays, "calibration")
    return Bundle(
        manifest,
        tuple(Sage(each) for each in numbered(arrays, "network")),
        tuple(Trees(each) for each in numbered(arrays, "forest")),
        {name: Calibration(shifts) for name, shifts in calibrations.items()},
        _mixture(below(arrays, "mixture")),
    )


def _mixture(shares: Mapping[str, NDArray[Any]]) -> Mixture | None:
    if not shares:
        return None
    names = sorted(shares)
    weights = np.stack([shares[name] for name in names], axis=-1).astype(np.float32)
    return Mixture(tuple(name.partition("/")[2] for name in names), weights)
