"""What was written past the service: what a store kept with its newest revision, and what is there.

A store that others can reach with tools of their own may hold elements that no document states, or
lack some. The statements of the documents are the truth; elements and links follow from them and
can be made again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

RESYNC: Final = "resync: elements and links made again from the documents"
"""The message of a revision that a resync makes."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How much there is.

    Attributes:
        elements: Elements of all model sets.
        links: Links between them.
        packs: Pieces that the statements of the documents are kept in; 0 where there are none.
        checksum: A sum over all that elements and links say; None where nobody looked.
    """

    elements: int
    links: int
    packs: int = 0
    checksum: int | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    """What was kept with a revision beside what is there."""

    revision: int
    kept: Tally
    found: Tally

    @property
    def is_none(self) -> bool:
        """Whether all is as the service left it, as far as was looked."""
        return self.kept == self.found


@dataclass(frozen=True, slots=True)
class LostParts:
    """Statements that are gone: how many parts of a document, each all it says of one element."""

    model_set: str
    document: str
    parts: int


@dataclass(frozen=True, slots=True)
class Repair:
    """What it took to make elements and links again what the documents say.

    Attributes:
        revision: The revision that it made; None where nothing had to be done.
        added: Elements that had gone.
        changed: Elements that said something else, or belonged to somebody else.
        removed: Elements that no document states.
        links_added: Links that had gone.
        links_removed: Links that no document states.
        lost: What cannot be made again; import these documents once more.
    """

    revision: int | None
    added: int = 0
    changed: int = 0
    removed: int = 0
    links_added: int = 0
    links_removed: int = 0
    lost: tuple[LostParts, ...] = ()
