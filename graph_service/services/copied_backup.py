"""Backups of stores on servers: all they hold copied into the files of a data folder, and back.

So a backup is the same wherever the stores are, and may be restored to either.

Guarantees: the graph in a backup is of one revision, with its history; what was kept of readings
and events before the backup began is in it. A restore into servers that was cut off goes on when it
is started again, and is compared at its end.

Limits: others may write meanwhile, so that of what comes while it is made some may be in it: it is
not of one instant, as that of a data folder is. Servers are never emptied: what is restored goes
into an empty database and an empty bucket.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from graph_service.domain.errors import Conflict, StoreError
from graph_service.ports.backup import Backup, BackupFacts
from graph_service.ports.exchange import Progress
from graph_service.services.copying import Copying

CopyOut = Callable[[Path], AbstractContextManager[Copying]]
"""Gives what copies the stores into a data folder."""
CopyIn = Callable[[Path, str], AbstractContextManager[Copying]]
"""Gives what copies a data folder into the stores, which remember it by this name meanwhile."""


class CopiedBackup:
    """`Backup` of stores that are not all in files.

    Args:
        copy_out: copies them into a folder.
        copy_in: copies a folder into them.
        of_folder: makes the backup of a data folder.
        data: where what is restored may lie meanwhile.
    """

    def __init__(
        self,
        copy_out: CopyOut,
        copy_in: CopyIn,
        of_folder: Callable[[Path], Backup],
        data: Path,
    ) -> None:
        self._copy_out = copy_out
        self._copy_in = copy_in
        self._of_folder = of_folder
        self._data = data

    def take(self, directory: Path, progress: Progress | None = None) -> BackupFacts:
        """Copy all stores into an empty folder."""
        with tempfile.TemporaryDirectory(prefix="copy-", dir=directory.parent) as folder:
            with self._copy_out(Path(folder)) as copying:
                copying.copy_once(progress)
            return self._of_folder(Path(folder)).take(directory, progress)

    def facts(self, directory: Path) -> BackupFacts:
        """What a copy holds, having looked through it whole."""
        return self._of_folder(directory).facts(directory)

    def staging(self, *, replace: bool) -> Path:
        """Beside the data folder."""
        if replace:
            raise Conflict(
                "stores on servers are not replaced",
                hint="empty the database and the bucket yourself, or name others, and restore"
                " without --replace",
            )
        folder = self._data.absolute().parent
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def put_back(self, directory: Path, *, replace: bool) -> Path | None:
        """Make the stores what a copy holds."""
        facts = self.facts(directory)
        called = f"a backup of revision {facts.revision}, {dict(facts.counts)}"
        with self._copy_in(directory, called) as copying:
            comparison = copying.copy().comparison
        if not comparison.is_same:
            raise StoreError(
                f"not all came back as it was: {', '.join(comparison.differing)}",
                hint="empty the database and the bucket, and restore again",
            )
        return None
