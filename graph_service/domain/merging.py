"""Merging: one element out of what several documents state about it.

Rules:
- The kind is the most specific of all classes given (CGMES 3.0 SSH files write a superclass).
- Within one document all values of a property count. Between documents that disagree, the one
  with the highest precedence wins: what operators switched, then the later scenario time, the
  higher version, what supersedes the other, the later name. The losing value stays in its part
  and is reported.
- Every reference of every document becomes a link, once; but a terminal is at one place only, and
  there the same precedence decides (hourly topology files move terminals between nodes).
- Text is kept; an enumeration shows as `Kind.value`, any other URI whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import groupby
from typing import Final

from graph_service.domain import tables
from graph_service.domain.findings import Finding, finding
from graph_service.domain.layers import Layer
from graph_service.domain.phases import phases_of
from graph_service.domain.statements import (
    LITERAL,
    REFERENCE,
    URI,
    Document,
    Part,
    Statement,
    local_name,
    normalise,
)
from graph_service.domain.switching import OPERATIONS_DOCUMENT, state_bits

Properties = dict[str, "str | tuple[str, ...]"]

_ENUMERATION: Final = re.compile(r"[A-Z]\w*\.\w+")
_ONE_PLACE: Final = frozenset(
    {
        "Terminal.ConductingEquipment",
        "Terminal.ConnectivityNode",
        "Terminal.TopologicalNode",
        "ConnectivityNode.TopologicalNode",
        "DCBaseTerminal.DCNode",
        "DCBaseTerminal.DCTopologicalNode",
        "DCNode.DCTopologicalNode",
    }
)
"""References that lead to one element at a time."""
_DELTA: Final = frozenset({"forwardDifferences", "reverseDifferences", "preconditions"})


@dataclass(slots=True)
class Merged:
    """An element without its number: what the store keeps of it beside the parts.

    `links` are (link name, target as stated) without repetitions, in the order first met; the
    target is an mRID, or several in one text where it holds a `#` (see `targets`).
    """

    kind: str
    kinds: tuple[str, ...]
    layer: Layer | None
    name: str
    properties: Properties
    links: tuple[tuple[str, str], ...]
    state: int
    phases: int
    findings: list[Finding] = field(default_factory=list)


def precedence(document: Document) -> tuple[bool, str, str, str]:
    """The sort key of documents by how much their word counts, least first."""
    return (
        document.name == OPERATIONS_DOCUMENT,
        document.scenario_time,
        document.version.rjust(12, "0"),
        document.name,
    )


def ranked(documents: Iterable[Document]) -> list[Document]:
    """Documents by how much their word counts, least first.

    Between equal times and versions a document comes behind those its header says it supersedes;
    where documents supersede each other, the name decides.
    """
    ordered = sorted(documents, key=precedence)
    groups = groupby(ordered, key=lambda document: precedence(document)[:3])
    return [document for _, group in groups for document in _superseded_first(list(group))]


def _superseded_first(documents: list[Document]) -> list[Document]:
    places = {document.model_id: i for i, document in enumerate(documents) if document.model_id}
    older = {
        i: [places[model] for model in document.supersedes if model in places]
        for i, document in enumerate(documents)
    }
    try:
        return [documents[i] for i in TopologicalSorter(older).static_order()]
    except CycleError:
        return documents


def merge(mrid: str, stated: Sequence[tuple[str, Part]]) -> Merged | None:
    """Merge what documents state about an element.

    `stated` holds (document name, part), least precedence first. Sections of difference models
    say what should change, not what is, and are passed over. None where nothing remains, or only
    a position that an operator set: without a delivered document there is nothing to switch.
    """
    if all(document == OPERATIONS_DOCUMENT for document, _ in stated):
        return None
    properties: Properties = {}
    links: dict[tuple[str, str], None] = {}
    found: list[Finding] = []
    types: dict[str, None] = {}
    for document, part in stated:
        if part.section in _DELTA:
            continue
        types.update(dict.fromkeys(map(_kind, part.types)))
        leading: dict[tuple[str, str], None] = {}
        given = _collect(part.statements, leading)
        if properties:
            _report_conflicts(mrid, document, properties, given, found)
        if links:
            _move(mrid, document, links, leading, found)
        properties.update(given)
        links.update(leading)
    if not types and not properties and not links:
        return None
    kinds = tuple(types) or ("Unknown",)
    kind = kinds[0] if len(kinds) == 1 else tables.most_specific(kinds)
    name = properties.get("IdentifiedObject.name", "")
    return Merged(
        kind,
        kinds,
        tables.layer_of(kind),
        name if isinstance(name, str) else name[0],
        properties,
        tuple(links),
        state_bits(properties),
        phases_of(properties),
        found,
    )


def targets(form: str, value: str) -> tuple[str, ...]:
    """The mRIDs a reference names: one, or several when ids were written one after another."""
    if "#" not in value:
        return (value,)
    return tuple(normalise(piece) for piece in value.split("#") if piece)


def shown(form: str, value: str) -> str:
    """How a value of this form reads as a property: `Kind.value` for an enumeration."""
    if form == URI:
        fragment = value.rpartition("#")[2]
        return fragment if _ENUMERATION.fullmatch(fragment) else value
    return value


def _collect(statements: Sequence[Statement], links: dict[tuple[str, str], None]) -> Properties:
    given: Properties = {}
    for uri, form, value in statements:
        name = _local(uri)
        if form[:1] == REFERENCE:
            links[name, value] = None
            continue
        if form != LITERAL:
            value = shown(form, value)
        before = given.get(name)
        if before is None:
            given[name] = value
        elif isinstance(before, tuple):
            given[name] = (*before, value)
        else:
            given[name] = (before, value)
    return given


def _report_conflicts(
    mrid: str, document: str, before: Properties, given: Properties, found: list[Finding]
) -> None:
    for name, value in given.items():
        other = before.get(name)
        if other is not None and other != value:
            message = f"{name} was {other!r}, {document} says {value!r}"
            found.append(finding("CONFLICTING_VALUES", message, subject=mrid, file=document))


def _move(
    mrid: str,
    document: str,
    links: dict[tuple[str, str], None],
    leading: dict[tuple[str, str], None],
    found: list[Finding],
) -> None:
    """Take away where a terminal was, if this document says that it is elsewhere."""
    places = {name for name, _ in leading if name in _ONE_PLACE}
    left = [link for link in links if link[0] in places and link not in leading]
    for name, target in left:
        del links[name, target]
        message = f"{name} was {target!r}, {document} says otherwise"
        found.append(finding("CONFLICTING_VALUES", message, subject=mrid, file=document))


@cache
def _local(uri: str) -> str:
    return local_name(uri)


@cache
def _kind(uri: str) -> str:
    return local_name(uri)
