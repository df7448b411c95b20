"""What the errors of SQLite mean to who uses the store: full, read-only, busy, damaged.

Every error names the file as its subject and says what to do.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from graph_service.domain.errors import StoreBusy, StoreError, StoreFull, StoreReadOnly


def translate(error: sqlite3.Error, path: Path) -> StoreError:
    """Say in our words what the driver says, with the file as subject and what to do."""
    extended = getattr(error, "sqlite_errorcode", 0)
    code = extended & 0xFF
    if code == sqlite3.SQLITE_FULL or extended in _UNWRITTEN:
        return full(path)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return not_writable(path)
    if code == sqlite3.SQLITE_CANTOPEN and not may_write(path.parent):
        return not_writable(path)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return busy(path)
    damaged = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return StoreError(
        f"{path.name} is damaged: {error}" if damaged else f"{path.name}: {error}",
        subject=str(path),
        hint="bring the data folder back from a copy, or import into another one"
        if damaged
        else "see whether the disk and the data folder can be used",
    )


_UNWRITTEN: Final = frozenset(
    {
        sqlite3.SQLITE_IOERR_WRITE,  # also where a quota or a limit on file size is reached
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR_SHMSIZE,
    }
)


def full(path: Path) -> StoreFull:
    """The disk is full; nothing was kept."""
    return StoreFull(
        f"{path.name} cannot grow: the disk is full, or a limit is reached; nothing was kept",
        subject=str(path),
        hint="make room on the disk and do it again",
    )


def not_writable(path: Path) -> StoreReadOnly:
    """The file or its folder may not be written."""
    return StoreReadOnly(
        f"{path.name} cannot be written",
        subject=str(path),
        hint="give this user the right to write the data folder and its files, or name another one",
    )


def busy(path: Path) -> StoreBusy:
    """Somebody else is writing and did not finish in time."""
    return StoreBusy(
        f"{path.name} is being written by somebody else, who did not finish in time",
        subject=str(path),
        hint="try again when the import that is running has ended",
    )


def may_write(folder: Path) -> bool:
    """Whether this user may make and write files in a folder."""
    return os.access(folder, os.W_OK, effective_ids=True)
