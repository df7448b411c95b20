"""What we ask of a backup: all stores as they were at one point, and those made the stores again.

Every adapter owes: a copy holds graph, records and timeline of one and the same point, also while
others write; writers wait for moments only, not for the copying; what is put back is there whole
or not at all; driver errors come out as `domain.errors.StoreError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from graph_service.ports.exchange import Progress


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """What a copy holds: the newest revision of the graph, and how many things by name."""

    revision: int
    counts: Mapping[str, int]


class Backup(Protocol):
    """Copies of all stores together."""

    def take(self, directory: Path, progress: Progress | None = None) -> BackupFacts:
        """Copy all stores, as they are at one point, into an empty folder.

        Raises:
            StoreBusy: writers did not pause in time.
            StoreError: something cannot be read, or not be written.
        """
        ...

    def facts(self, directory: Path) -> BackupFacts:
        """What a copy holds, having looked through it whole.

        Raises:
            StoreError: it is damaged, lacks something, or is of a newer version.
        """
        ...

    def staging(self, *, replace: bool) -> Path:
        """The folder in which a copy must lie to be put back; made when it is not there.

        Raises:
            Conflict: nothing may be put back, see `put_back`.
        """
        ...

    def put_back(self, directory: Path, *, replace: bool) -> Path | None:
        """Make a copy that lies in `staging` the stores.

        Returns:
            where what was there before is now; None if nothing was.

        Raises:
            Conflict: there is something already and `replace` does not say that it may go, or
                somebody uses it.
        """
        ...
