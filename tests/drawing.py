"""Draws a network from text, so that a test shows the network it is about.

    draw('''
        S1 -l1- B2 =t1= B3 -l2- M4
        B3 /s1!/ B5 -l3- M6
    ''')

A line of text is a row of places with something between each two. Names are mRIDs; the same name
is the same thing, so that rings and branches are drawn with several lines of text.

Places, by their first letter; all but B and X stand at a connectivity node `NAME.node`:
    B  a connectivity node                  X  a connectivity node at the boundary of the model
    S  an energy source                     G  a synchronous machine
    L  a load without a meter               U  a busbar section
    M  a meter, with its usage point `M.usage` and its load `M.load`

Between places; the terminals are `NAME.1` and `NAME.2`:
    -l1-   a line                           =t1=   a transformer
    /s1/   a closed switch                  /s1!/  a switch that is open, by design and now
    /s1!n/ open by design, closed now       /s1!p/ closed by design, open now
    ~ behind a name: out of service now     -l1.-  a line whose second node is not there
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from graph_service.domain import ownership
from graph_service.domain.columns import GraphColumns
from graph_service.domain.merging import Merged, merge
from graph_service.domain.statements import Document, Part
from graph_service.topology.projection import Projection
from tests.building import part

_BETWEEN = re.compile(r"([-=/])([A-Za-z]\w*)(![np]?)?(~)?(\.)?\1")
_PLACE = re.compile(r"[BXSGLUM]\w*")
_KINDS = {"-": "ACLineSegment", "=": "PowerTransformer", "/": "Breaker"}
_AT_NODE = {
    "S": "EnergySource",
    "G": "SynchronousMachine",
    "L": "EnergyConsumer",
    "U": "BusbarSection",
}
_OPEN = {
    None: {},
    "!": {"Switch.normalOpen": "true", "Switch.open": "true"},
    "!n": {"Switch.normalOpen": "true", "Switch.open": "false"},
    "!p": {"Switch.normalOpen": "false", "Switch.open": "true"},
}


@dataclass
class Drawing:
    """A drawn network: as parts for a store, as columns, and as a projection."""

    parts: list[Part]
    model_set: str = "drawn"
    revision: int = 1
    _numbers: dict[str, int] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        mrids = sorted({part.mrid for part in self.parts})
        self._numbers = {mrid: number for number, mrid in enumerate(mrids, start=1)}

    @property
    def document(self) -> Document:
        """The one document all parts are in."""
        return Document(self.model_set, "drawn.xml", part_count=len(self.parts))

    def number(self, mrid: str) -> int:
        """The number of an element, as a store would give it: from 1 on, in order of mRID."""
        return self._numbers[mrid]

    def name(self, number: int) -> str:
        """The mRID of a number."""
        return list(self._numbers)[number - 1]

    def names(self, numbers: Iterable[int]) -> list[str]:
        """The mRIDs of numbers, in their order."""
        mrids = list(self._numbers)
        return [mrids[number - 1] for number in numbers]

    @cached_property
    def merged(self) -> dict[int, Merged]:
        """What the parts amount to, by number."""
        parts: dict[str, list[tuple[str, Part]]] = {}
        for stated in self.parts:
            parts.setdefault(stated.mrid, []).append(("drawn.xml", stated))
        found = {self._numbers[mrid]: merge(mrid, those) for mrid, those in parts.items()}
        return {number: element for number, element in sorted(found.items()) if element}

    @cached_property
    def columns(self) -> GraphColumns:
        """The network as a store hands it to the projection."""
        elements = list(self.merged.values())
        kinds = sorted({element.kind for element in elements})
        links = [
            (number, name, self._numbers[target])
            for number, element in self.merged.items()
            for name, target in element.links
            if target in self._numbers
        ]
        names = sorted({name for _, name, _ in links})
        of_kind = {number: element.kind for number, element in self.merged.items()}
        owners = ownership.derive_owners(of_kind, links)
        owned = [(number, owner) for number in sorted(owners) for owner in sorted(owners[number])]
        return GraphColumns(
            revision=self.revision,
            kind_names=kinds,
            link_names=names,
            model_set_names=[self.model_set],
            numbers=array("i", self.merged),
            kinds=array("i", [kinds.index(element.kind) for element in elements]),
            model_sets=array("i", [0] * len(elements)),
            states=array("i", [element.state for element in elements]),
            phases=array("i", [element.phases for element in elements]),
            sources=array("i", [source for source, _, _ in links]),
            targets=array("i", [target for _, _, target in links]),
            names=array("i", [names.index(name) for _, name, _ in links]),
            owned=array("i", [number for number, _ in owned]),
            owner=array("i", [owner for _, owner in owned]),
        )

    @cached_property
    def projection(self) -> Projection:
        """The network in memory."""
        return Projection.build(self.columns)


def draw(
    text: str, *more: Part, owners: Mapping[str, str] | None = None, model_set: str = "drawn"
) -> Drawing:
    """Draw a network.

    `more` are parts to add; `owners` maps the mRID of an element to the mRID of the organisation
    that owns its asset (`ELEMENT.asset`, role `ORGANISATION.owner`).
    """
    parts: dict[str, Part] = {}
    for line in text.strip().splitlines():
        _row(line.split(), parts)
    for stated in _owners(owners or {}):
        parts.setdefault(stated.mrid, stated)
    return Drawing([*parts.values(), *more], model_set)


def _row(tokens: list[str], parts: dict[str, Part]) -> None:
    if len(tokens) % 2 == 0:
        raise ValueError(f"a row begins and ends with a place: {' '.join(tokens)}")
    nodes = [_place(token, parts) for token in tokens[::2]]
    for token, left, right in zip(tokens[1::2], nodes, nodes[1:], strict=False):
        _between(token, left, right, parts)


def _place(token: str, parts: dict[str, Part]) -> str:
    """Draw what stands at a place and give the mRID of its node."""
    if not _PLACE.fullmatch(token):
        raise ValueError(f"no place is written like this: {token}")
    if token[0] in "BX":
        border = {"ConnectivityNode.boundaryPoint": "true"} if token[0] == "X" else {}
        parts[token] = part(token, "ConnectivityNode", properties=border)
        return token
    node, equipment = f"{token}.node", f"{token}.load" if token[0] == "M" else token
    _put(parts, part(node, "ConnectivityNode"))
    _put(parts, part(equipment, _AT_NODE.get(token[0], "EnergyConsumer")))
    _put(parts, _terminal(f"{token}.1", equipment, node))
    if token[0] == "M":
        _put(
            parts, part(f"{token}.usage", "UsagePoint", links={"UsagePoint.Equipments": equipment})
        )
        _put(parts, part(token, "Meter", links={"EndDevice.UsagePoint": f"{token}.usage"}))
    return node


def _between(token: str, left: str, right: str, parts: dict[str, Part]) -> None:
    found = _BETWEEN.fullmatch(token)
    if not found:
        raise ValueError(f"nothing between places is written like this: {token}")
    sign, name, is_open, is_out, unfinished = found.groups()
    properties = dict(_OPEN[is_open]) | ({"Equipment.inService": "false"} if is_out else {})
    _put(parts, part(name, _KINDS[sign], properties=properties))
    _put(parts, _terminal(f"{name}.1", name, left))
    _put(parts, _terminal(f"{name}.2", name, f"{name}.missing" if unfinished else right))


def _terminal(mrid: str, equipment: str, node: str) -> Part:
    links = {"Terminal.ConductingEquipment": equipment, "Terminal.ConnectivityNode": node}
    return part(mrid, "Terminal", links=links)


def _put(parts: dict[str, Part], stated: Part) -> None:
    parts.setdefault(stated.mrid, stated)


def _owners(owners: Mapping[str, str]) -> Iterable[Part]:
    for element, organisation in owners.items():
        role = f"{organisation}.owner"
        yield part(organisation, "Organisation")
        yield part(role, "AssetOwner", links={"OrganisationRole.Organisation": organisation})
        links = {"Asset.PowerSystemResources": element, "Asset.OrganisationRoles": role}
        yield part(f"{element}.asset", "Asset", links=links)
