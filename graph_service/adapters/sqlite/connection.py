"""One SQLite file of the data folder: who may write it, how it is read, what its errors mean.

Guarantees: a transaction that has ended is on the disk (`synchronous=FULL`); at most one writer at
a time, in this process and among all (a lock file beside the database, held until the checkpoint
is done, because SQLite before 3.51.3 can lose a commit when another connection checkpoints);
readers are `query_only`, one connection a thread, see one state per `reading()` block and never
wait for the writer. Errors of the driver leave this module as `domain.errors.StoreError`.

Limits: POSIX only (`flock`), and a local disk: WAL does not work over network file systems.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from weakref import WeakSet

from graph_service.adapters.sqlite.errors import busy, may_write, not_writable, translate
from graph_service.domain.errors import StoreError, StoreReadOnly, StoreTooNew

PATIENCE_S: Final = 30.0
"""How long a writer waits for another one before it gives up with StoreBusy."""

_POLL_S: Final = 0.005
_WRITER_CACHE_KIB: Final = 128 * 1024
_WAL_LEFT_BYTES: Final = 64 * 1024 * 1024
_READER_MAP_BYTES: Final = 1 << 30
_READER_CACHE_KIB: Final = 16 * 1024  # of what lies behind the map: a timeline of a year does


class SqliteFile:
    """A database file with one writer and many readers.

    Args:
        path: The file; its folder is made unless `read_only`.
        schema: The statements that make the tables of an empty file.
        version: The version of this schema, kept in `user_version`.
        read_only: Nothing is created or written, also no lock or log file on a read-only disk.
        functions: SQL functions of one argument, by name, for readers and the writer.
        renewals: What makes a file of the next version of one of this version, by version.
        patience_s: How long to wait for another writer.

    Raises:
        StoreReadOnly, StoreFull, StoreTooNew, StoreError: the file cannot be used.
    """

    def __init__(
        self,
        path: Path,
        schema: str,
        version: int,
        *,
        read_only: bool = False,
        functions: dict[str, Callable[[object], str | float | None]] | None = None,
        renewals: Mapping[int, Callable[[sqlite3.Connection], None]] | None = None,
        patience_s: float = PATIENCE_S,
    ):
        self.path = path
        self.read_only = read_only
        self._functions = functions or {}
        self._patience_s = patience_s
        self._turn = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._local = threading.local()
        self._readers: WeakSet[_Connection] = WeakSet()
        self._prepare(schema, version, renewals or {})

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, on one state of the file for the whole block.

        A block within a block stays on the state of the outer one.
        """
        with self.translated():
            connection = self._reader()
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("COMMIT")

    @contextmanager
    def streaming(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own on one state, for reads that go on between other reads."""
        with self.translated():
            holder = self._connect_reader()
            try:
                holder.connection.execute("BEGIN")
                yield holder.connection
            finally:
                holder.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The writer's connection within a transaction, committed when the block ends normally.

        An exception rolls it back; so may the block itself.

        Raises:
            StoreBusy: another writer did not finish in time.
            StoreReadOnly, StoreFull, StoreError: it could not be written; nothing was kept.
        """
        if self.read_only:
            raise not_writable(self.path)
        with self._own_turn(), self.translated():
            connection = self._writer_connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                if connection.in_transaction:
                    connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Nobody else is within a block of this name, which is a lock file beside the database.

        Raises:
            StoreBusy: another one did not leave in time.
        """
        lock = self._lock_file(name)
        try:
            self._wait_for(lock, time.monotonic() + self._patience_s)
            yield
        finally:
            os.close(lock)

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Let the driver's errors out as ours."""
        try:
            yield
        except sqlite3.Error as error:
            raise translate(error, self.path) from error

    def close(self) -> None:
        """Close all connections, also those of other threads."""
        for reader in list(self._readers):
            reader.close()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    # --- opening ---------------------------------------------------------------------------

    def _prepare(
        self,
        schema: str,
        version: int,
        renewals: Mapping[int, Callable[[sqlite3.Connection], None]],
    ) -> None:
        if not self.read_only and not self._is_made():
            self._make_folder()
            with self.writing() as connection:
                if not _has_tables(connection):
                    for statement in schema.split(";\n"):
                        connection.execute(statement)
                    _set_version(connection, version)
        found = self._version()
        if found in renewals and not self.read_only:
            with self.writing() as connection:
                while (found := _version_of(connection)) in renewals:
                    renewals[found](connection)
                    _set_version(connection, found + 1)
        if found != version:
            raise self._other_version(found, version, can_be_renewed=found in renewals)

    def _version(self) -> int:
        with self.reading() as connection:
            return _version_of(connection)

    def _is_made(self) -> bool:
        """Whether the tables are there; a process that is killed may leave a file without them."""
        if not self.path.exists() or self.path.stat().st_size == 0:
            return False
        with self.reading() as connection:
            return _has_tables(connection)

    def _make_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise not_writable(self.path) from error

    def _other_version(self, found: int, version: int, *, can_be_renewed: bool) -> StoreError:
        self.close()
        if can_be_renewed:
            return StoreReadOnly(
                f"{self.path.name} is of an older version ({found} instead of {version}), and it "
                "cannot be renewed without writing it",
                subject=str(self.path),
                hint="open the data folder once with the right to write it",
            )
        if found > version:
            return StoreTooNew(
                f"{self.path.name} has version {found}, this program reads version {version}",
                subject=str(self.path),
                hint="it was written by a newer GridStrata: update this one, or use another folder",
            )
        return StoreError(
            f"{self.path.name} is not a store of GridStrata (version {found} instead of {version})",
            subject=str(self.path),
            hint="use another data folder",
        )

    # --- connections -----------------------------------------------------------------------

    def _reader(self) -> sqlite3.Connection:
        holder: _Connection | None = getattr(self._local, "holder", None)
        if holder is None or holder.closed:
            holder = self._connect_reader()
            self._local.holder = holder
        return holder.connection

    def _connect_reader(self) -> _Connection:
        if self.read_only and not self.path.exists():
            raise StoreError(
                f"there is no store at {self.path}",
                subject=str(self.path),
                hint="import a model first, or name another data folder",
            )
        connection = self._connect("mode=ro" + self._frozen())
        connection.execute("PRAGMA query_only = ON")
        connection.execute(f"PRAGMA mmap_size = {_READER_MAP_BYTES}")
        connection.execute(f"PRAGMA cache_size = -{_READER_CACHE_KIB}")
        holder = _Connection(connection)
        self._readers.add(holder)
        return holder

    def _frozen(self) -> str:
        """A disk on which nobody can write needs no log, and there none can be made."""
        log = self.path.with_name(self.path.name + "-wal")
        empty = not log.exists() or log.stat().st_size == 0
        return "&immutable=1" if empty and not may_write(self.path.parent) else ""

    def _writer_connection(self) -> sqlite3.Connection:
        if self._writer is None:
            connection = self._connect("mode=rwc")
            try:
                _set_up_writer(connection)
            except sqlite3.Error:
                connection.close()
                raise
            self._writer = connection
        return self._writer

    def _connect(self, options: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?{options}",
            uri=True,
            timeout=self._patience_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        for name, function in self._functions.items():
            connection.create_function(name, 1, function, deterministic=True)
        return connection

    # --- taking turns ----------------------------------------------------------------------

    @contextmanager
    def _own_turn(self) -> Iterator[None]:
        until = time.monotonic() + self._patience_s
        if not self._turn.acquire(timeout=self._patience_s):
            raise busy(self.path)
        try:
            lock = self._lock_file(self.path.name)
            try:
                self._wait_for(lock, until)
                yield
            finally:
                os.close(lock)
        finally:
            self._turn.release()

    def _lock_file(self, name: str) -> int:
        path = self.path.with_name(f"{name}-lock")
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise not_writable(self.path) from error

    def _wait_for(self, lock: int, until: float) -> None:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    raise busy(self.path) from None
                time.sleep(_POLL_S)
            else:
                return


class _Connection:
    """A reader's connection that closes with its thread."""

    def __init__(self, connection: sqlite3.Connection):
        self.connection = connection
        self.closed = False

    def close(self) -> None:
        self.closed = True
        self.connection.close()

    def __del__(self) -> None:
        self.close()


def _set_up_writer(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA cache_size = -{_WRITER_CACHE_KIB}")
    connection.execute(f"PRAGMA temp.cache_size = -{_WRITER_CACHE_KIB // 4}")
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_LEFT_BYTES}")


def _set_version(connection: sqlite3.Connection, version: int) -> None:
    connection.execute(f"PRAGMA user_version = {version:d}")


def _version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _has_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone() is not None
