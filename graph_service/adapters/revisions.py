"""Revisions as graph stores keep them, and how one comes about: alike for every engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

import orjson

from graph_service.domain.elements import Changes, Revision
from graph_service.domain.errors import Conflict
from graph_service.domain.history import RevisionLog


class Landing(Protocol):
    """A write that may become a revision."""

    landed: Revision | None

    def land(self, author: str, message: str) -> None:
        """Become a revision, where anything changed."""

    def undo(self, revision: int) -> None:
        """Take an earlier revision back."""

    def replay(self, log: RevisionLog) -> None:
        """Become a revision just as another store has it."""


_Write = TypeVar("_Write", bound=Landing)


class WritesRevisions(Generic[_Write]):
    """The methods of a graph store that make a revision, upon `_landing` of its engine."""

    def _landing(self) -> AbstractContextManager[_Write]:
        """A write that is kept where it has landed at the end of the block."""
        raise NotImplementedError

    @contextmanager
    def transaction(self, *, author: str, message: str) -> Iterator[_Write]:
        """Begin a write. A block that changes nothing makes no revision."""
        with self._landing() as transaction:
            yield transaction
            transaction.land(author, message)

    def undo(self, revision: int, *, author: str) -> Revision:
        """Make a new revision that takes an earlier one back."""
        message = f"undo of revision {revision}"
        with self.transaction(author=author, message=message) as transaction:
            transaction.undo(revision)
        if transaction.landed is None:
            raise Conflict(
                f"nothing of revision {revision} can be taken back",
                subject=str(revision),
                hint="undo the revisions that came after it first",
            )
        return transaction.landed

    def replay(self, log: RevisionLog) -> None:
        """Make a revision just as another store has it."""
        with self._landing() as transaction:
            transaction.replay(log)


def revision_of(row: Sequence[Any]) -> Revision:
    """A revision from its row: number, time, author, message, changes as JSON, what it undoes."""
    number, at, author, message, changes, undoes = row
    counts = orjson.loads(changes)
    by_kind = counts.pop("by_kind") or {}
    changed = Changes(**counts, by_kind={kind: tuple(c) for kind, c in by_kind.items()})
    return Revision(number, datetime.fromisoformat(at), author, message, changed, undoes)
