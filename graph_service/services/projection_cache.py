"""The projection kept on disk between starts: plain arrays that are mapped, not read.

A copy is valid for exactly one revision of one store. Copies of older revisions are removed; a
damaged or missing copy only costs the time of a scan.
"""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

import numpy as np

from graph_service.topology.projection import Projection

_UNFINISHED_AFTER_S: Final = 600


def load(folder: Path, revision: int) -> Projection | None:
    """The kept projection of this revision, or None where there is none that can be read."""
    place = folder / str(revision)
    if not place.is_dir():
        return None
    try:
        return Projection.from_buffers(
            {file.stem: np.load(file, mmap_mode="r") for file in place.glob("*.npy")}
        )
    except (OSError, ValueError, KeyError):
        return None


def save(folder: Path, projection: Projection) -> None:
    """Keep a projection and drop the copies of other revisions; a full disk is no failure."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        written = Path(mkdtemp(prefix="new-", dir=folder))
        try:
            for name, values in projection.to_buffers().items():
                np.save(written / f"{name}.npy", values)
            written.rename(folder / str(projection.revision))
        except OSError:
            shutil.rmtree(written, ignore_errors=True)
        for other in folder.iterdir():
            if _is_over(other, projection.revision):
                shutil.rmtree(other, ignore_errors=True)


def _is_over(place: Path, revision: int) -> bool:
    """Whether nobody needs a copy: an older revision, or one that was never finished.

    Another process may have written a newer one, or be about to.
    """
    if place.name.isdigit():
        return int(place.name) < revision
    return time.time() - place.stat().st_mtime > _UNFINISHED_AFTER_S
