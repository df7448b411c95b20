"""Elements as nodes: CIM properties by their CIM names, beside them what the store keeps.

| property | is |
|---|---|
| number, modelSet, mRID, kind | what the element is to us |
| kinds | all its classes, where there are several |
| owners | numbers of the organisations that own it; absent where there are none |
| sortName | its name without regard to case, what pages are ordered by; longName where it is cut |
| foldedId | its mRID without regard to case, where that is not plain to see |
| code | kind, model set, state and phases as one number, for the projection |
| packs | numbers of the packs with what documents state about it |
| check | the checksum of all but the owners, see `checks.py` |

A CIM property of one of these names, which CIM itself does not have, stands as `cim:number`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from graph_service.domain import tables
from graph_service.domain.elements import Element, ElementKey
from graph_service.domain.merging import Merged

SORT_LENGTH: Final = 1000
"""Longer names are cut where they are ordered: an index entry holds 8 kB."""

_OWN: Final = frozenset(
    {
        "number",
        "modelSet",
        "mRID",
        "kind",
        "kinds",
        "owners",
        "sortName",
        "longName",
        "foldedId",
        "code",
        "packs",
        "check",
    }
)
_MOVED: Final = "cim:"
_STATE_SHIFT: Final = 8
_SET_SHIFT: Final = 16
_KIND_SHIFT: Final = 32


def node(
    key: ElementKey, number: int, merged: Merged, code: int, packs: list[int], owners: Iterable[int]
) -> dict[str, Any]:
    """All properties of the node of an element."""
    found: dict[str, Any] = {
        (_MOVED + name if name in _OWN else name): value if isinstance(value, str) else list(value)
        for name, value in merged.properties.items()
    }
    folded = merged.name.casefold()
    found.update(tombstone(key, number, packs))
    found["kind"] = merged.kind
    found["sortName"] = folded[:SORT_LENGTH]
    found["code"] = code
    if len(folded) > SORT_LENGTH:
        found["longName"] = folded
    if len(merged.kinds) > 1:
        found["kinds"] = list(merged.kinds)
    if owned := sorted(owners):
        found["owners"] = owned
    return found


def tombstone(key: ElementKey, number: int, packs: list[int]) -> dict[str, Any]:
    """All properties of the node of an element that is gone."""
    found: dict[str, Any] = {
        "number": number,
        "modelSet": key.model_set,
        "mRID": key.mrid,
        "packs": packs,
    }
    folded = key.mrid.casefold()
    if key.mrid not in (folded, folded.upper()):
        found["foldedId"] = folded[:SORT_LENGTH]
    return found


def element(node: Mapping[str, Any]) -> Element:
    """The element of a node."""
    properties = {
        name.removeprefix(_MOVED): tuple(value) if isinstance(value, list) else value
        for name, value in node.items()
        if name not in _OWN
    }
    name = properties.get("IdentifiedObject.name", "")
    kind = node["kind"]
    return Element(
        node["number"],
        ElementKey(node["modelSet"], node["mRID"]),
        kind,
        tuple(node.get("kinds") or (kind,)),
        tables.layer_of(kind),
        name if isinstance(name, str) else name[0],
        properties,
    )


def property_key(name: str) -> str:
    """The key of a CIM property in a node."""
    return _MOVED + name if name in _OWN else name


def code_of(merged: Merged, kind_word: int, model_set: int) -> int:
    """Kind, model set, state and phases as one number."""
    return (
        kind_word << _KIND_SHIFT
        | model_set << _SET_SHIFT
        | merged.state << _STATE_SHIFT
        | merged.phases
    )


def kind_words(codes: Any) -> Any:
    """The kinds of an array of codes, as words."""
    return codes >> _KIND_SHIFT


def model_sets(codes: Any) -> Any:
    """The model sets of an array of codes."""
    return (codes >> _SET_SHIFT) & 0xFFFF


def states(codes: Any) -> Any:
    """The states of an array of codes."""
    return (codes >> _STATE_SHIFT) & 0xFF


def phases(codes: Any) -> Any:
    """The phases of an array of codes."""
    return codes & 0xFF
