"""What a bundle says about itself: JSON, checked member by member when it is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from gnn.errors import BundleError
from gnn.features.catalogue import FEATURES
from gnn.features.loads import CORRECTED
from gnn.gate import Decision
from gnn.models.sage import NAME, QUANTILES

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything beside the numbers.

    Attributes:
        task: `L1` or `L2`.
        version: First twelve digits of the hash of the arrays.
        arrays_sha256: Hash of the file with the arrays.
        data: What it was trained on: `words`, `hash`, `networks`.
        seeds: One network each.
        config: The configuration of the run.
        versions: Versions of what trained it.
        licence: Under which it may be used.
        decisions: Who serves, by level.
        evaluation: All rows of the table.
        coverage: Of who serves, on unseen networks, by level and stretch of horizons.
        format, architecture, features, quantiles: What must fit this program.
    """

    task: str
    version: str
    arrays_sha256: str
    data: Mapping[str, Any]
    seeds: tuple[int, ...]
    config: Mapping[str, Any]
    versions: Mapping[str, str]
    licence: str
    decisions: tuple[Decision, ...]
    evaluation: tuple[Mapping[str, Any], ...]
    coverage: tuple[Mapping[str, Any], ...] = ()
    format: int = FORMAT
    architecture: str = NAME
    features: tuple[tuple[str, ...], ...] = tuple(tuple(feature) for feature in FEATURES)
    quantiles: tuple[float, ...] = QUANTILES

    @property
    def corrected(self) -> str:
        """The estimate that its models correct."""
        name = "corrects_now" if self.task == "L1" else "corrects_ahead"
        found: str = self.config.get("model", {}).get(name, CORRECTED)
        return found

    def text(self) -> str:
        """The manifest as it is written."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


def read_manifest(text: str, where: str) -> Manifest:
    """Read a manifest and check that it fits this program.

    Raises:
        BundleError: it is no manifest, of another format, or for other features; says which.
    """
    try:
        given = json.loads(text)
        _check(given, where)
        given["decisions"] = tuple(Decision(**each) for each in given["decisions"])
        for name in ("seeds", "evaluation", "coverage", "quantiles"):
            given[name] = tuple(given[name])
        given["features"] = tuple(tuple(feature) for feature in given["features"])
        return Manifest(**given)
    except (ValueError, TypeError, KeyError) as error:
        raise BundleError(
            f"the manifest in {where} cannot be read: {error}",
            subject=where,
            hint="copy the bundle again, or train it anew with gridstrata-gnn train",
        ) from error


def _check(given: Any, where: str) -> None:
    if not isinstance(given, dict):
        raise TypeError("it is no JSON object")  # told with the others, see above
    if given.get("format") != FORMAT:
        raise BundleError(
            f"the bundle in {where} has format {given.get('format')}, this program reads {FORMAT}",
            subject=where,
            hint="train it anew with the gridstrata-gnn of this version",
        )
    if given.get("architecture") != NAME:
        raise BundleError(
            f"the bundle in {where} is a {given.get('architecture')}, this program knows {NAME}",
            subject=where,
            hint="it was made by another program; train one here",
        )
    stated = [tuple(feature) for feature in given.get("features", ())]
    if stated != [tuple(feature) for feature in FEATURES]:
        odd = sorted({f[0] for f in stated} ^ {f.name for f in FEATURES}) or ["another order"]
        raise BundleError(
            f"the bundle in {where} was made for other features: {', '.join(odd[:5])}",
            subject=where,
            hint="train it anew with the gridstrata-gnn of this version",
        )
    if tuple(given.get("quantiles", ())) != QUANTILES:
        raise BundleError(
            f"the bundle in {where} says other quantiles than {QUANTILES}",
            subject=where,
            hint="train it anew with the gridstrata-gnn of this version",
        )
