"""Where a trace begins when it is asked from an element that carries no current itself.

A terminal means its equipment; a container means all equipment in it, through containers of
containers; a topological node without terminals means the connectivity nodes it sums up. These
hold where the physical layer is walked; in other layers every element means itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graph_service.domain.layers import Layer
from graph_service.topology.conduction import (
    CONTAINER,
    EQUIPMENT,
    NODE,
    TERMINAL,
    conduction,
    parts_of_nodes,
)
from graph_service.topology.containment import contents, reached
from graph_service.topology.csr import Ints
from graph_service.topology.projection import LAYER_BITS, Projection


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
    """The equipment in containers, ascending."""
    inside, _ = reached(contents(projection), front)
    return np.sort(inside[conduction(projection).roles[inside] == EQUIPMENT])


def _has_terminal(projection: Projection, node: int) -> bool:
    joined = projection.once(
        "nodes with terminals",
        lambda: np.bincount(conduction(projection).right, minlength=len(projection)) > 0,
    )
    return bool(joined[node])
