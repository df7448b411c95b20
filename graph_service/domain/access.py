"""Access: what a caller may see and do; the same filter in every query and every walk.

A scope names the owners whose elements may be seen. An element belongs to the owners stated for
its asset; where nothing is stated it inherits them along the links the table of kinds marks
(a terminal belongs to who owns its equipment). Elements without any owner are seen only by a
scope without bounds. What is out of scope is not there: not in pages, counts, walks or sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final


class Right(Enum):
    """What a token allows: READ asks, SWITCH sets positions, WRITE brings readings and events,
    IMPORT takes files, ADMIN does all."""

    READ = "read"
    SWITCH = "switch"
    WRITE = "write"
    IMPORT = "import"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Scope:
    """The owners a caller may see; `None` means everything.

    Owners are the element numbers of Organisations. Frozen and hashable, so that a projection
    can keep one mask per scope.
    """

    owners: frozenset[int] | None

    @property
    def everything(self) -> bool:
        """True where nothing is hidden."""
        return self.owners is None


EVERYTHING: Final = Scope(None)
NOTHING: Final = Scope(frozenset())


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a name for the audit, a scope, and rights."""

    name: str
    scope: Scope
    rights: frozenset[Right]

    def may(self, right: Right) -> bool:
        """Tell whether the caller holds this right; ADMIN holds all."""
        return right in self.rights or Right.ADMIN in self.rights
