"""What carries current in the network: equipment joined at nodes, whatever the switches say.

Each terminal joins its equipment and its node and becomes an edge between the two. Its node is
its ConnectivityNode where that exists, otherwise its TopologicalNode, never both. At a border a
node-breaker model may meet a bus-branch one: where a TopologicalNode sums up a single
ConnectivityNode that is in use, the terminals of both are at the ConnectivityNode. What is
supplied without carrying current on (usage points, meters, units behind an inverter) hangs on the
network: it is reached from its supply and passes nothing.

Limits: derived from links and kinds only; `closed_graph` adds the switching state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from graph_service.domain import tables
from graph_service.domain.layers import Layer
from graph_service.topology.csr import Bytes, Csr, Ints, Mask
from graph_service.topology.projection import Projection

NO_ROLE: Final = 0
EQUIPMENT: Final = 1
NODE: Final = 2
TERMINAL: Final = 3
CONTAINER: Final = 4
_ROLES: Final = {
    "equipment": EQUIPMENT,
    "switch": EQUIPMENT,
    "node": NODE,
    "terminal": TERMINAL,
    "container": CONTAINER,
}
_BUS_BRANCH_NODES: Final = ("TopologicalNode", "DCTopologicalNode")
_HEAD_LINKS: Final = frozenset(
    {
        "Terminal.NormalHeadFeeder",
        "Terminal.NormalHeadLvFeeder",
        "Feeder.NormalHeadTerminal",
        "Feeder.NormalHeadTerminals",
        "LvFeeder.NormalHeadTerminal",
        "LvFeeder.NormalHeadTerminals",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Conduction:
    """The network as edges between equipment and nodes; positions of the projection throughout.

    Attributes:
        roles: One of NO_ROLE, EQUIPMENT, NODE, TERMINAL, CONTAINER, uint8[n].
        left: Equipment of each edge, int32[e].
        right: Node of each edge (the other equipment where two are joined directly), int32[e].
        terminals: Terminal that makes each edge, int32[e]; -1 where two are joined directly.
        equipment_of: Equipment of each terminal, int32[n]; -1 where there is none.
        unfinished: Equipment with a terminal at a node that is not there, bool[n].
        borders: Nodes that are named as boundary points, int32.
        crossed: Nodes where two branches meet, so that the network goes on, bool[n].
        supplies: What supplies something that hangs, int32[h].
        hanging: What hangs on it, int32[h].
        hangs: Whether an element hangs, bool[n].
        ranks: How strongly equipment feeds its island, 1 the strongest, 0 not, int32[n].
        heads: Equipment at the head of a feeder, int32.
        switch_results: (SvSwitch, its switch), two int32 columns.
        status_results: (SvStatus, its equipment), two int32 columns.
    """

    roles: Bytes
    left: Ints
    right: Ints
    terminals: Ints
    equipment_of: Ints
    unfinished: Mask
    borders: Ints
    crossed: Mask
    supplies: Ints
    hanging: Ints
    hangs: Mask
    ranks: Ints
    heads: Ints
    switch_results: tuple[Ints, Ints]
    status_results: tuple[Ints, Ints]


def conduction(projection: Projection) -> Conduction:
    """The conducting network of a projection; made once for all its states."""
    return projection.once("conduction", lambda: _derive(projection))


def named_links(projection: Projection, wanted: Callable[[str], bool]) -> tuple[Ints, Ints, Ints]:
    """The links whose name is wanted: source position, target position, code of the name."""
    codes = np.array([wanted(name) for name in projection.link_names], dtype=bool)
    sources, targets, names = projection.links()
    if not codes.any():
        return sources[:0], targets[:0], names[:0]
    chosen = codes[names]
    return sources[chosen], targets[chosen], names[chosen]


def links_to(projection: Projection, name: str) -> tuple[Ints, Ints]:
    """The links of one association, in its direction, from whichever end they are written."""
    row = tables.link_row(name)
    inverse = row.inverse if row else ""
    forth = named_links(projection, lambda other: other == name)
    back = named_links(projection, lambda other: bool(inverse) and other == inverse)
    return _join(forth[0], back[1]), _join(forth[1], back[0])


def parts_of_nodes(projection: Projection) -> Csr:
    """The connectivity nodes that each topological node sums up."""
    return projection.once("parts of nodes", lambda: _derive_parts(projection))


def _derive_parts(projection: Projection) -> Csr:
    parts, wholes = links_to(projection, "ConnectivityNode.TopologicalNode")
    parts_2, wholes_2 = links_to(projection, "DCNode.DCTopologicalNode")
    return Csr.of_pairs(len(projection), _join(wholes, wholes_2), _join(parts, parts_2))


def _derive(projection: Projection) -> Conduction:
    roles = _roles(projection)
    equipment_of, node_of, left, right, terminals = _edges(projection, roles)
    supplies, hanging, hangs = _hanging(projection, roles)
    loose = (equipment_of >= 0) & (node_of < 0)
    return Conduction(
        roles=roles,
        left=left,
        right=right,
        terminals=terminals,
        equipment_of=equipment_of,
        unfinished=_mark(len(projection), equipment_of[loose]),
        borders=links_to(projection, "BoundaryPoint.ConnectivityNode")[1],
        crossed=_crossed(equipment_of, node_of),
        supplies=supplies,
        hanging=hanging,
        hangs=hangs,
        ranks=_ranks(projection, roles),
        heads=_heads(projection, roles, equipment_of),
        switch_results=links_to(projection, "SvSwitch.Switch"),
        status_results=links_to(projection, "SvStatus.ConductingEquipment"),
    )


def _roles(projection: Projection) -> Bytes:
    roles = [_ROLES.get(tables.role_of(kind), NO_ROLE) for kind in projection.kind_names]
    return np.array(roles, dtype=np.uint8)[projection.kinds]


def _edges(projection: Projection, roles: Bytes) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    sources, targets, _ = named_links(projection, lambda name: _how(name) == "conducts")
    turned = (roles[targets] == TERMINAL) & (roles[sources] != TERMINAL)
    terminals, others = np.where(turned, targets, sources), np.where(turned, sources, targets)
    at_terminal = roles[terminals] == TERMINAL
    bus_branch = _is_any(projection, _BUS_BRANCH_NODES)
    node = at_terminal & (roles[others] == NODE)
    equipment_of = _least(projection, terminals, others, at_terminal & (roles[others] == EQUIPMENT))
    node_of = _least(projection, terminals, others, node & ~bus_branch[others])
    topological = _least(projection, terminals, others, node & bus_branch[others])
    topological = _at_only_part(projection, topological, node_of)
    node_of = np.where(node_of >= 0, node_of, topological)
    made = np.flatnonzero((equipment_of >= 0) & (node_of >= 0)).astype(np.int32)
    direct = (roles[terminals] == EQUIPMENT) & (roles[others] == EQUIPMENT)
    return (
        equipment_of,
        node_of,
        _join(equipment_of[made], terminals[direct]),
        _join(node_of[made], others[direct]),
        _join(made, np.full(int(direct.sum()), -1, dtype=np.int32)),
    )


def _least(projection: Projection, terminals: Ints, others: Ints, chosen: Mask) -> Ints:
    """One element per terminal: the one with the least number where data gives several."""
    found = np.full(len(projection), len(projection), dtype=np.int32)
    np.minimum.at(found, terminals[chosen], others[chosen])
    return np.where(found < len(projection), found, -1).astype(np.int32)


def _at_only_part(projection: Projection, topological: Ints, node_of: Ints) -> Ints:
    """Topological nodes, but the connectivity node of those that sum up one which is in use."""
    parts = parts_of_nodes(projection)
    in_use = _mark(len(projection), node_of[node_of >= 0])
    wholes = np.flatnonzero(np.diff(parts.indptr) == 1)
    only = parts.indices[parts.indptr[wholes]]
    meant = np.arange(len(projection), dtype=np.int32)
    meant[wholes[in_use[only]]] = only[in_use[only]]
    return np.where(topological >= 0, meant[topological], -1).astype(np.int32)


def _crossed(equipment_of: Ints, node_of: Ints) -> Mask:
    """A branch is equipment with several terminals, whether or not their nodes are there."""
    size = len(equipment_of)
    branch = np.bincount(equipment_of[equipment_of >= 0], minlength=size) > 1
    joined = (node_of >= 0) & (equipment_of >= 0)
    joined[joined] = branch[equipment_of[joined]]
    return np.bincount(node_of[joined], minlength=size) > 1


def _hanging(projection: Projection, roles: Bytes) -> tuple[Ints, Ints, Mask]:
    """Links from supply to what it supplies, each leading one or more ranks further away.

    Rank 0 carries current or is supplied by nothing; a ring of supplies is left out.
    """
    sources, targets, codes = named_links(projection, lambda name: _how(name) == "serves")
    at_source = np.array([_upstream_end(n) == "source" for n in projection.link_names], dtype=bool)
    forth = at_source[codes]
    supplies, hanging = np.where(forth, sources, targets), np.where(forth, targets, sources)
    free = (roles[hanging] != EQUIPMENT) & (roles[hanging] != NODE)
    supplies, hanging = supplies[free], hanging[free]
    rank = np.full(len(projection), -1, dtype=np.int32)
    rank[supplies] = 0
    rank[hanging] = -1
    below, front = Csr.of_pairs(len(projection), supplies, hanging), np.flatnonzero(rank == 0)
    step = 0
    while len(front):
        step += 1
        reached = below.next_to(front.astype(np.int32))[1]
        front = np.unique(reached[rank[reached] < 0])
        rank[front] = step
    kept = (rank[supplies] >= 0) & (rank[supplies] < rank[hanging])
    return supplies[kept], hanging[kept], rank > 0


def _ranks(projection: Projection, roles: Bytes) -> Ints:
    ranks = [
        tables.source_rank(kind) if tables.layer_of(kind) is Layer.PHYSICAL else 0
        for kind in projection.kind_names
    ]
    of_element = np.array(ranks, dtype=np.int32)[projection.kinds]
    return np.where(roles == EQUIPMENT, of_element, 0).astype(np.int32)


def _heads(projection: Projection, roles: Bytes, equipment_of: Ints) -> Ints:
    sources, targets, _ = named_links(projection, lambda name: name in _HEAD_LINKS)
    terminals = np.where(roles[sources] == TERMINAL, sources, targets)
    heads = equipment_of[terminals]
    return np.unique(heads[heads >= 0])


def _is_any(projection: Projection, classes: tuple[str, ...]) -> Mask:
    those = [any(tables.is_a(kind, c) for c in classes) for kind in projection.kind_names]
    return np.array(those, dtype=bool)[projection.kinds]


def _mark(size: int, positions: Ints) -> Mask:
    marked = np.zeros(size, dtype=bool)
    marked[positions] = True
    return marked


def _join(first: Ints, second: Ints) -> Ints:
    return np.concatenate([first, second]).astype(np.int32)


@cache
def _how(name: str) -> str:
    row = tables.link_row(name)
    return row.how if row else ""


@cache
def _upstream_end(name: str) -> str:
    row = tables.link_row(name)
    return row.upstream_end if row else ""
