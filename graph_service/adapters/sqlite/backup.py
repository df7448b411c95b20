"""All SQLite files of a data folder copied at one point, while others go on writing.

How: the writers of all files are kept out for the moment it takes to begin a read transaction on
each; then they go on, and each file is copied page by page as its transaction sees it. The log of
a file grows meanwhile and shrinks with the next checkpoint.

Putting back is one exchange of two folders (`renameat2`, or two renames where the system lacks it).

Limits: the data folder must be a folder that can be renamed, not the root of a disk.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from graph_service.adapters.sqlite.errors import busy, not_writable, translate
from graph_service.adapters.sqlite.graph.store import SqliteGraph
from graph_service.adapters.sqlite.records import SqliteRecords
from graph_service.adapters.sqlite.timeline import store
from graph_service.adapters.sqlite.timeline.store import SqliteTimeline
from graph_service.domain.errors import Conflict, StoreError
from graph_service.ports.backup import BackupFacts
from graph_service.ports.exchange import Progress

FILES: Final = ("graph.sqlite", "records.sqlite", store.FILE_NAME)
PATIENCE_S: Final = 30.0

_POLL_S: Final = 0.0005  # a writer that goes on and on pauses only for moments
_PAGES_AT_ONCE: Final = 4_096
_AT_CWD: Final = -100
_EXCHANGE: Final = 2


class SqliteBackup:
    """`Backup` of the files in a data folder.

    Args:
        data: the data folder.
        patience_s: how long to wait for writers.
    """

    def __init__(self, data: Path, patience_s: float = PATIENCE_S) -> None:
        self._data = data
        self._patience_s = patience_s

    def take(self, directory: Path, progress: Progress | None = None) -> BackupFacts:
        """Copy all stores, as they are at one point, into an empty folder."""
        with ExitStack() as snapshots:
            sources = self._snapshots(snapshots)
            for name, source in zip(FILES, sources, strict=True):
                _copy(source, directory / name, progress)
        return _facts(directory)

    def facts(self, directory: Path) -> BackupFacts:
        """What a copy holds, having looked through it whole."""
        for name in FILES:
            _look_through(directory / name)
        return _facts(directory)

    def staging(self, *, replace: bool) -> Path:
        """Beside the data folder, so that the two can be exchanged."""
        self._refuse(replace)
        folder = self._data.absolute().parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise not_writable(folder) from error
        return folder

    def put_back(self, directory: Path, *, replace: bool) -> Path | None:
        """Make a copy that lies in `staging` the data folder."""
        data = self._data.absolute()
        if not data.exists() or not any(data.iterdir()):
            directory.rename(data)
            _flush(data.parent)
            return None
        self._refuse(replace)
        before = data.with_name(f"{data.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
        _exchange(directory, data)
        directory.rename(before)
        _flush(data.parent)
        return before

    def _snapshots(self, closing_: ExitStack) -> list[sqlite3.Connection]:
        """A connection a file, all on one state; none of them waits for anything afterwards."""
        sources = [closing_.enter_context(_reading(self._data / name)) for name in FILES]
        with ExitStack() as held:
            until = time.monotonic() + self._patience_s
            for name in FILES:
                held.enter_context(_writers_out(self._data / name, until))
            for name, source in zip(FILES, sources, strict=True):
                with _translated(self._data / name):
                    source.execute("BEGIN")
                    source.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
        return sources

    def _refuse(self, replace: bool) -> None:
        if not replace and self._data.exists() and any(self._data.iterdir()):
            raise Conflict(
                f"{self._data} is not empty",
                subject=str(self._data),
                hint="name another folder with --data, or say --replace",
            )
        for name in FILES:
            if (self._data / name).exists() and _is_used(self._data / name):
                raise Conflict(
                    f"{self._data} is in use: another program has {name} open",
                    subject=str(self._data),
                    hint="stop the service and other commands on this folder first",
                )


# --- copying ------------------------------------------------------------------------------------


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.exists():
        raise StoreError(
            f"there is no store at {path}", subject=str(path), hint="name another data folder"
        )
    with _translated(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
        )
    with closing(connection):
        yield connection


@contextmanager
def _writers_out(path: Path, until: float) -> Iterator[None]:
    """Hold the lock that every writer takes (see `connection.py`)."""
    try:
        lock = os.open(
            path.with_name(path.name + "-lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644
        )
    except OSError as error:
        raise not_writable(path) from error
    try:
        while not _locked(lock):
            if time.monotonic() > until:
                raise busy(path)
            time.sleep(_POLL_S)
        yield
    finally:
        os.close(lock)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _copy(source: sqlite3.Connection, path: Path, progress: Progress | None) -> None:
    def tell(_: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(path.name, total - remaining, total)

    with _translated(path):
        with closing(sqlite3.connect(path)) as target:
            target.execute("PRAGMA synchronous = OFF")  # flushed below, once
            source.backup(target, pages=_PAGES_AT_ONCE, progress=tell, sleep=0)
        source.execute("COMMIT")
    _flush(path)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise translate(error, path) from error


def _flush(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


# --- looking at copies ----------------------------------------------------------------------------


def _look_through(path: Path) -> None:
    with _reading(path) as connection, _translated(path):
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    _tidy(path)
    if found != "ok":
        raise StoreError(
            f"{path.name} is damaged: {found}", subject=str(path), hint="use another backup"
        )


def _facts(directory: Path) -> BackupFacts:
    with ExitStack() as closing_:
        graph = SqliteGraph(directory, read_only=True)
        closing_.callback(graph.close)
        records = SqliteRecords(directory, read_only=True)
        closing_.callback(records.close)
        timeline = SqliteTimeline(directory, read_only=True)
        closing_.callback(timeline.close)
        series, readings = timeline.counts()
        sets = graph.model_sets()
        counts = {
            "model_sets": len(sets),
            "documents": sum(kept.documents for kept in sets),
            "elements": sum(kept.elements for kept in sets),
            "series": series,
            "readings": readings,
        }
        facts = BackupFacts(graph.revision(), counts)
    for name in FILES:
        _tidy(directory / name)
    return facts


def _tidy(path: Path) -> None:
    """Take away the empty log that only looking leaves behind."""
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


# --- putting back ---------------------------------------------------------------------------------


def _is_used(path: Path) -> bool:
    """Whether another process has the file open: in WAL mode every connection holds a lock."""
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    with closing(connection):
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return True
        except sqlite3.DatabaseError:  # damaged: who restores has a reason
            return False
    return False


def _exchange(one: Path, other: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    exchange = getattr(libc, "renameat2", None)
    if exchange is not None:
        if exchange(_AT_CWD, os.fsencode(one), _AT_CWD, os.fsencode(other), _EXCHANGE) == 0:
            return
        number = ctypes.get_errno()
        if number not in (errno.EINVAL, errno.ENOSYS):
            raise _cannot_move(other, OSError(number, os.strerror(number)))
    _rename_both(one, other)


def _rename_both(one: Path, other: Path) -> None:
    """As good as it gets without `renameat2`; the other comes back if the second rename fails."""
    aside = other.with_name(other.name + ".aside")
    try:
        other.rename(aside)
        try:
            one.rename(other)
        except OSError:
            aside.rename(other)
            raise
        aside.rename(one)
    except OSError as error:
        raise _cannot_move(other, error) from error


def _cannot_move(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{path} cannot be exchanged: {error.strerror}",
        subject=str(path),
        hint="where the data folder is the root of a disk, restore to a folder within it and name "
        "that as --data",
    )
