"""Labels and types of relationships: which words of a model may become part of the schema.

A label is a kind, a superclass or a layer; a relationship is named by its CIM association. A word
is taken where a table of ours knows it, or where it is written as a CIM class or association is.
Words of the store itself are not. A kind that is not taken stays a property (`kind`), a link that
is not taken is an `OtherLink` with its name as property.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from graph_service.domain import tables
from graph_service.domain.layers import Layer

OTHER_LINK: Final = "OtherLink"
"""The type of links whose own name may not be a type."""
LAYER_LABELS: Final = {
    Layer.PHYSICAL: "PhysicalLayer",
    Layer.COMMUNICATION: "CommunicationLayer",
    Layer.OWNERSHIP: "OwnershipLayer",
}

_LABEL: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")
_TYPE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}\.[A-Za-z_][A-Za-z0-9_.-]{0,120}")
_OURS: Final = frozenset({"Element", "Tombstone", *LAYER_LABELS.values()})


@cache
def labels_of(kind: str) -> list[str]:
    """The labels of an element of this kind, beside `Element`."""
    layer = tables.layer_of(kind)
    words = (kind, *tables.superclasses(kind))
    labels = [word for word in words if _LABEL.fullmatch(word) and not _is_ours(word)]
    return [*labels, LAYER_LABELS[layer]] if layer else labels


@cache
def type_of(link: str) -> str:
    """The type of the relationship for a link of this name."""
    return link if _TYPE.fullmatch(link) else OTHER_LINK


def types_of(links: frozenset[str]) -> list[str]:
    """The types among which links of these names are."""
    return sorted({type_of(link) for link in links})


def _is_ours(word: str) -> bool:
    return word in _OURS or word.startswith("Store")
