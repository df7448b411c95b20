"""The folder of a bundle: `manifest.json` and `arrays.npz`, read without running anything.

Guarantees: nothing is unpickled; the arrays are what the manifest was written for (SHA-256); the
same run writes the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import platform
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, TypeVar

from numpy.typing import NDArray

from gnn.bundle.packing import packed_arrays, unpacked_arrays
from gnn.errors import BundleError

MANIFEST: Final = "manifest.json"
ARRAYS: Final = "arrays.npz"
LICENCE: Final = "Apache-2.0"
"""Under which what is trained here may be used."""
_ALWAYS: Final = ("numpy", "scipy", "lightgbm", "gridstrata")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What every manifest says, whatever the task.

    Attributes:
        version: First twelve digits of the hash of the arrays.
        arrays_sha256: Hash of the file with the arrays.
        data: What it was trained on: `words`, `hash`, `networks`.
        seeds: One of each model, a seed.
        versions: Versions of what trained it.
        licence: Under which it may be used.
        evaluation: All rows of the table.
    """

    version: str
    arrays_sha256: str
    data: Mapping[str, Any]
    seeds: tuple[int, ...]
    versions: Mapping[str, str]
    licence: str
    evaluation: tuple[Mapping[str, Any], ...]

    def text(self) -> str:
        """The manifest as it is written."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


def made_with(*more: str) -> dict[str, str]:
    """Versions of Python and of the packages that train a bundle, by name; of `more` as well."""
    versions = {name: version(name) for name in (*_ALWAYS, *more)}
    return {"python": platform.python_version(), **versions}


_Manifest = TypeVar("_Manifest", bound=Stated)
_Bundle = TypeVar("_Bundle")


def write_folder(
    folder: Path, manifest: _Manifest, arrays: Mapping[str, NDArray[Any]]
) -> _Manifest:
    """Write both files; gives the manifest with version and hash filled in."""
    packed = packed_arrays(arrays)
    digest = hashlib.sha256(packed).hexdigest()
    manifest = replace(manifest, arrays_sha256=digest, version=digest[:12])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ARRAYS).write_bytes(packed)
    (folder / MANIFEST).write_text(manifest.text(), encoding="utf-8")
    return manifest


def read_folder(
    folder: Path,
    stated: Callable[[str, str], _Manifest],
    made: Callable[[_Manifest, dict[str, NDArray[Any]]], _Bundle],
) -> _Bundle:
    """Read both files.

    Args:
        folder: where they lie.
        stated: gives the manifest from its text and where it lies.
        made: gives the bundle from manifest and arrays.

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
    manifest = stated(text, where)
    if hashlib.sha256(packed).hexdigest() != manifest.arrays_sha256:
        raise BundleError(
            f"the arrays in {where} are not those the manifest was written for",
            subject=where,
            hint="the bundle is damaged, or was changed; copy it again",
        )
    try:
        return made(manifest, unpacked_arrays(packed))
    except (ValueError, OSError, KeyError, zipfile.BadZipFile) as error:
        raise BundleError(
            f"the arrays in {where} cannot be read: {error}",
            subject=where,
            hint="the bundle is damaged; copy it again",
        ) from error


def read_manifest_text(
    text: str,
    where: str,
    check: Callable[[dict[str, Any], str], None],
    made: Callable[[dict[str, Any]], _Manifest],
    command: str,
) -> _Manifest:
    """A manifest from its text.

    Args:
        text: JSON.
        where: in which folder it lies.
        check: refuses one that does not fit this program.
        made: gives the manifest from its members; `seeds` and `evaluation` are tuples by then.
        command: what of `gridstrata-gnn` trains such a bundle.

    Raises:
        BundleError: it is no manifest, or does not fit; says which.
    """
    try:
        given = _members(text)
        check(given, where)
        for name in ("seeds", "evaluation"):
            given[name] = tuple(given[name])
        return made(given)
    except (ValueError, TypeError, KeyError) as error:
        raise BundleError(
            f"the manifest in {where} cannot be read: {error}",
            subject=where,
            hint=f"copy the bundle again, or train it anew with gridstrata-gnn {command}",
        ) from error


def check_members(given: Mapping[str, Any], where: str, wanted: Mapping[str, object]) -> None:
    """Refuse a manifest that states something else than this program knows.

    Raises:
        BundleError: a member differs; says which.
    """
    for name, value in wanted.items():
        if given.get(name) != value:
            raise BundleError(
                f"the bundle in {where} has another {name} than this program knows",
                subject=where,
                hint="train it anew with the gridstrata-gnn of this version",
            )


def _members(text: str) -> dict[str, Any]:
    given = json.loads(text)
    if not isinstance(given, dict):
        raise TypeError("it is no JSON object")
    return given
