"""What the errors of Neo4j mean to who uses the store: away, refused, busy, full, another version.

Every error names the server as its subject, never the password, and says what to do.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from graph_service.domain.errors import (
    StoreBusy,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreUnavailable,
)

_BUSY: Final = (
    "LockClientStopped",
    "DeadlockDetected",
    "LockAcquisitionTimeout",
    "TransactionTimedOut",
    "TransactionTerminated",
    "Transaction.Terminated",
    "Transaction.Outdated",
)
_FULL: Final = ("OutOfDiskSpace", "NoSpaceLeft", "TransactionLogError", "DiskFull")
_MEMORY: Final = ("MemoryPoolOutOfMemory", "OutOfMemory", "StackOverFlow")
_READ_ONLY: Final = ("ReadOnly", "Security.Forbidden", "NotALeader")
_AWAY: Final = ("DatabaseUnavailable", "ServiceUnavailable")


@contextmanager
def translated(server: str) -> Iterator[None]:
    """Let the driver's errors out as ours."""
    try:
        yield
    except Exception as error:
        ours = translate(error, server)
        if ours is None:
            raise
        raise ours from error


def translate(error: BaseException, server: str) -> StoreError | None:
    """Say in our words what the driver says; None where it is no error of the driver."""
    known = driver_errors()
    if known is None or not isinstance(error, (known.DriverError, known.Neo4jError)):
        return None
    if isinstance(error, known.AuthError):
        return refused(server)
    if isinstance(error, (known.ServiceUnavailable, known.SessionExpired)):
        return away(server)
    code, said = str(getattr(error, "code", "") or ""), str(getattr(error, "message", "") or error)
    if _has(code, _AWAY):
        return away(server)
    if _has(code, _BUSY):
        return busy(server)
    if _has(code, _MEMORY):
        return StoreFull(
            f"Neo4j at {server} has not enough memory for a transaction as large as this one;"
            " nothing was kept",
            subject=server,
            hint="give it more (server.memory.heap.max_size, dbms.memory.transaction.total.max),"
            " or import in several deliveries",
        )
    if _has(code + said, _FULL):
        return StoreFull(
            f"Neo4j at {server} cannot write: {said}; nothing was kept",
            subject=server,
            hint="see whether its disk is full, make room and do it again",
        )
    if _has(code, _READ_ONLY):
        return StoreReadOnly(
            f"Neo4j at {server} does not let this user write",
            subject=server,
            hint="give the user the right to write, or name another one",
        )
    return StoreError(
        f"Neo4j at {server}: {said}",
        subject=server,
        hint="see what its log says; a store that was changed from outside may need to be mended",
    )


def passes(error: BaseException) -> bool:
    """Whether the same may work in a moment: the connection broke, or others were in the way."""
    known = driver_errors()
    if known is None or isinstance(error, known.AuthError):
        return False
    if isinstance(error, (known.ServiceUnavailable, known.SessionExpired)):
        return True
    return isinstance(error, known.Neo4jError) and bool(error.is_retryable())


def lost(error: BaseException) -> bool:
    """Whether the connection broke, so that nobody knows what the server did."""
    known = driver_errors()
    return known is not None and isinstance(
        error, (known.ServiceUnavailable, known.SessionExpired, known.IncompleteCommit)
    )


def driver_errors() -> Any:
    """The driver's module of errors; None where the driver was never loaded."""
    return sys.modules.get("neo4j.exceptions")


def refused(server: str) -> StoreError:
    """The server does not know this user and password."""
    return StoreError(
        f"Neo4j at {server} refuses the user name or the password",
        subject=server,
        hint="give the right ones; after several wrong ones the server waits some seconds",
    )


def away(server: str) -> StoreUnavailable:
    """Nobody answers."""
    return StoreUnavailable(
        f"Neo4j at {server} does not answer",
        subject=server,
        hint="see whether it runs and whether its Bolt port can be reached from here",
    )


def busy(server: str) -> StoreBusy:
    """Somebody else is writing and did not finish in time."""
    return StoreBusy(
        f"the graph in Neo4j at {server} is being written by somebody else, who did not finish"
        " in time",
        subject=server,
        hint="try again when the import that is running has ended",
    )


def not_known(server: str, revision: int) -> StoreError:
    """The server went away in the moment of the commit and did not come back."""
    return StoreError(
        f"Neo4j at {server} went away while revision {revision} was landing; it is whole or not"
        " there",
        subject=server,
        hint="bring it back, and see what its newest revision is before doing it again",
    )


def _has(text: str, marks: tuple[str, ...]) -> bool:
    return any(mark in text for mark in marks)
