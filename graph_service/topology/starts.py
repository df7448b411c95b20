"""Where a trace begins when it is asked from an element that carries no current itself.

A terminal means its equipment; a container means all equipment in it, through containers of
containers; a topological node without terminals means the connectivity nodes it sums up. These
hold where the physical layer is walked; in other layers every element means itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from graph_service.domain import containers, tables
from graph_service.domain.layers import Layer
from graph_service.topology.conduction import (
    CONTAINER,
    EQUIPMENT,
    NODE,
    TERMINAL,
    conduction,
    named_links,
    parts_of_nodes,
)
from graph_service.topology.csr import Csr, Ints
from graph_service.topology.projection import LAYER_BITS, Projection

_FED_NOT_HELD: Final = frozenset({"Feeder.NormalEnergizingSubstation"})
"""A station feeds its feeders; they do not lie in it."""


def start_positions(
    projection: Projection, numbers: Sequence[int], layers: frozenset[Layer]
) -> Ints:
    """The positions to begin at, ascending and distinct; empty where no number is known."""
    found = projection.index_of(numbers)
    found = np.unique(found[found >= 0])
    if Layer.PHYSICAL not in layers:
        return found
    roles = conduction(projection).roles[found]
    special = (roles == TERMINAL) | (roles == CONTAINER) | (roles == NODE)
    if not special.any():
        return found
    meant = [_meant(projection, int(position)) for position in found[special]]
    return np.unique(np.concatenate([found[~special], *meant])).astype(np.int32)


def layers_of(projection: Projection, numbers: Sequence[int]) -> frozenset[Layer]:
    """The layers elements are in; the physical one where they are in none."""
    found = projection.index_of(numbers)
    bits = int(np.bitwise_or.reduce(projection.layers[found[found >= 0]], initial=0))
    chosen = frozenset(layer for layer, bit in LAYER_BITS.items() if bits & bit)
    return chosen or frozenset({Layer.PHYSICAL})


def _meant(projection: Projection, position: int) -> Ints:
    network, itself = conduction(projection), np.array([position], dtype=np.int32)
    role = network.roles[position]
    if role == TERMINAL:
        meant = network.equipment_of[itself]
        return meant if meant[0] >= 0 else itself
    if role == CONTAINER:
        held = _held(projection, itself)
        return held if len(held) else itself
    parts = parts_of_nodes(projection).next_to(itself)[1]
    return parts if len(parts) and not _has_terminal(projection, position) else itself


def _held(projection: Projection, front: Ints) -> Ints:
    """The equipment in containers; rings of containers, which no model should have, end."""
    roles, contents = conduction(projection).roles, _contents(projection)
    seen = np.zeros(len(projection), dtype=bool)
    while len(front):
        inside = np.unique(contents.next_to(front)[1])
        front = inside[~seen[inside]]
        seen[front] = True
    return np.flatnonzero(seen & (roles == EQUIPMENT)).astype(np.int32)


def _contents(projection: Projection) -> Csr:
    return projection.once("contents", lambda: _derive_contents(projection))


def _derive_contents(projection: Projection) -> Csr:
    forth = containers.CONTAINMENT - _FED_NOT_HELD
    back = {row.inverse for row in map(tables.link_row, forth) if row and row.inverse}
    inside, container, _ = named_links(projection, lambda name: name in forth)
    container_2, inside_2, _ = named_links(projection, lambda name: name in back)
    return Csr.of_pairs(
        len(projection),
        np.concatenate([container, container_2]),
        np.concatenate([inside, inside_2]),
    )


def _has_terminal(projection: Projection, node: int) -> bool:
    joined = projection.once(
        "nodes with terminals",
        lambda: np.bincount(conduction(projection).right, minlength=len(projection)) > 0,
    )
    return bool(joined[node])
