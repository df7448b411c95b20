"""A predictor whose bundles may be exchanged, damaged or taken away while it answers.

Before each question the files are looked at, which costs some microseconds; where they changed they
are read anew. What cannot be taken is told in the log and by `trouble`, and the predictor that was
made before goes on answering; what is written in halves is taken once it is whole.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from gnn.bundle.folder import ARRAYS, MANIFEST
from graph_service.domain.errors import GridStrataError

_Made = TypeVar("_Made")
_Stamp = tuple[tuple[int, int, int] | None, ...]

log = logging.getLogger("gridstrata.predictions")


class Renewed(Generic[_Made]):
    """Makes a predictor anew where its bundles changed.

    Args:
        folders: Where the bundles lie.
        make: Reads them and makes the predictor.

    Raises:
        BundleError: a bundle cannot be taken, and there was none before.
    """

    def __init__(self, folders: Sequence[Path], make: Callable[[], _Made]):
        self._folders, self._make = tuple(folders), make
        self._lock = Lock()
        self._stamp = _stamp(self._folders)  # before reading: what changes meanwhile is seen
        self._made = make()
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """Why bundles that had changed when last asked were not taken; empty where they were."""
        return self._trouble

    def now(self) -> _Made:
        """The predictor over the bundles as they are, or as they last were good."""
        stamp = _stamp(self._folders)
        if stamp != self._stamp:
            with self._lock:
                if stamp != self._stamp:
                    self._take(stamp)
        return self._made

    def _take(self, stamp: _Stamp) -> None:
        try:
            self._made, self._trouble = self._make(), ""
            log.info("bundles were exchanged and are used: %s", self._names())
        except GridStrataError as error:
            self._trouble = f"{error.message}; what was read before goes on answering"
            log.warning("bundles were changed: %s", self._trouble)
        self._stamp = stamp

    def _names(self) -> str:
        return ", ".join(map(str, self._folders))


def _stamp(folders: Sequence[Path]) -> _Stamp:
    return tuple(_of_file(folder / name) for folder in folders for name in (MANIFEST, ARRAYS))


def _of_file(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file does; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
