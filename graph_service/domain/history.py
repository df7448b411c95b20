"""What a revision changed, word for word: enough to do the same again in another store.

A `RevisionLog` is the pair of statements that the change log keeps: what the revision closed
(reverse) and what it opened (forward), each at its place. A place is a document with an mRID, a
section and an ordinal, which tells parts apart that one document gives the same id.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from graph_service.domain.elements import Revision
from graph_service.domain.errors import Conflict
from graph_service.domain.statements import Document, Part


class StatedPart(NamedTuple):
    """What a document stated about an element, and where; `number` is the element's."""

    model_set: str
    document: str
    number: int
    ordinal: int
    part: Part


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A document that a revision changed, or parts of which it changed.

    `closed` is what its header said until then, `opened` what it says since; both None where
    only parts changed. `fingerprint` is the newest that the store has of it.
    """

    model_set: str
    name: str
    closed: Document | None
    opened: Document | None
    fingerprint: str


@dataclass(frozen=True, slots=True)
class RevisionLog:
    """One revision with all it changed; `closed` and `opened` are streams, to be read once."""

    revision: Revision
    documents: tuple[DocumentChange, ...]
    closed: Iterable[StatedPart]
    opened: Iterable[StatedPart]


def does_not_follow(revision: int) -> Conflict:
    """The refusal of a revision that was made on something else than what is here."""
    return Conflict(
        f"revision {revision} was not made on what is in this store",
        subject=str(revision),
        hint="copy into a store that is empty, or that a copy of the same source was begun in",
    )
