"""Elements: anything with an mRID, in any layer, merged from what the documents state about it.

Identity is (model set, mRID): two deliveries may use the same id and do not meet. `number` is
the store's own small integer for it, given once, in order of mRID within a transaction, never
used again for another element; the projection and all traces speak in numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from graph_service.domain.errors import BadName
from graph_service.domain.layers import Layer

_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


def check_name(name: str) -> str:
    """Give the name back if it may name a model set or a token.

    Raises:
        BadName: it is empty, too long, or has other characters.
    """
    if not _NAME.fullmatch(name):
        raise BadName(name)
    return name


class ElementKey(NamedTuple):
    """What makes an element one and the same across imports and stores."""

    model_set: str
    mrid: str

    def __str__(self) -> str:
        """`model_set/mRID`, unambiguous in every call."""
        return f"{self.model_set}/{self.mrid}"


@dataclass(frozen=True, slots=True)
class Element:
    """An element as all its documents together describe it.

    `kind` is its most specific CIM class, `kinds` all classes it was given; `properties` maps
    local names (`Switch.normalOpen`) to text, or to a tuple where several values were given;
    enumerations appear as `Kind.value`. Units are those of the file: nothing is converted.
    """

    number: int
    key: ElementKey
    kind: str
    kinds: tuple[str, ...]
    layer: Layer | None
    name: str
    properties: Mapping[str, str | tuple[str, ...]]

    @property
    def mrid(self) -> str:
        """The id within the model set."""
        return self.key.mrid

    def text(self, name: str) -> str | None:
        """The value of a property, the first one where there are several; None if absent."""
        value = self.properties.get(name)
        return value[0] if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An element at the other end of a link; `outgoing` if the link was written from our side."""

    link: str
    outgoing: bool
    element: Element


@dataclass(frozen=True, slots=True)
class ModelSet:
    """All documents imported under one name, with what they amount to."""

    name: str
    documents: int
    elements: int
    links: int
    pending: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What a transaction does to the elements, counted; `samples` names a few of each."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    links_added: int = 0
    links_removed: int = 0
    by_kind: Mapping[str, tuple[int, int, int]] | None = None
    """kind → (added, changed, removed)"""

    @property
    def nothing(self) -> bool:
        """True where the store stays as it was."""
        return not (self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class Revision:
    """One transaction that landed."""

    number: int
    at: datetime
    author: str
    message: str
    changes: Changes
    undoes: int | None = None
