"""Where servers for tests are kept once they were had: a folder of the person, outside the tree.

`built(name, make)` gives the path of something that `make` makes once, whoever asks and however
many ask at once; what was made half is never seen.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def folder() -> Path:
    """`$XDG_CACHE_HOME/gridstrata`, else `~/.cache/gridstrata`; made where it is not there."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(base) / "gridstrata"
    path.mkdir(parents=True, exist_ok=True)
    return path


def key_of(inputs: Iterable[Path]) -> str:
    """Twelve digits that change when one of the inputs does."""
    digest = hashlib.sha256()
    for path in inputs:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def built(name: str, make: Callable[[Path, Path], None]) -> Path:
    """The path of this name in the cache; `make(path, work)` makes it where it is not there.

    `work` is an empty folder on the same disk that is gone afterwards; the path given to `make`
    lies in it, and is moved to its place when `make` has returned.
    """
    place = folder() / name
    if place.exists():
        return place
    with _alone(name):
        if not place.exists():
            work = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=folder()))
            try:
                made = work / "made"
                make(made, work)
                made.rename(place)
            finally:
                shutil.rmtree(work, ignore_errors=True)
    return place


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """No other process is here at the same time for the same name."""
    with (folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
