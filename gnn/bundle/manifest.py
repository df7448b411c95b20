"""What a bundle says about itself: JSON, checked member by member when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gnn.bundle.folder import Stated, read_manifest_text
from gnn.errors import BundleError
from gnn.features.catalogue import FEATURES
from gnn.features.loads import CORRECTED
from gnn.gate import Decision
from gnn.models.sage import NAME, QUANTILES

FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(Stated):
    """What every manifest says, and more.

    Attributes:
        task: `L1` or `L2`.
        config: The configuration of the run.
        decisions: Who serves, by level.
        coverage: Of who serves, on unseen networks, by level and stretch of horizons.
        format, architecture, features, quantiles: What must fit this program.
    """

    task: str
    config: Mapping[str, Any]
    decisions: tuple[Decision, ...]
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


def read_manifest(text: str, where: str) -> Manifest:
    """Read a manifest and check that it fits this program.

    Raises:
        BundleError: it is no manifest, of another format, or for other features; says which.
    """
    return read_manifest_text(text, where, _check, _made, "train")


def _made(given: dict[str, Any]) -> Manifest:
    given["decisions"] = tuple(Decision(**each) for each in given["decisions"])
    for name in ("coverage", "quantiles"):
        given[name] = tuple(given[name])
    given["features"] = tuple(tuple(feature) for feature in given["features"])
    return Manifest(**given)


def _check(given: Mapping[str, Any], where: str) -> None:
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
