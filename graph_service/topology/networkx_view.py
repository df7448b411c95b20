"""The network as a networkx graph, for analyses of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import networkx as nx
import numpy as np

from graph_service.domain.layers import Layer
from graph_service.domain.switching import State
from graph_service.topology.closed_graph import closed_graph
from graph_service.topology.conduction import conduction
from graph_service.topology.csr import Ints, Mask
from graph_service.topology.projection import LAYER_BITS, Projection
from graph_service.topology.walk_graph import towards


def to_networkx(
    projection: Projection,
    numbers: Sequence[int] | None = None,
    state: State = State.PRESENT,
) -> nx.Graph[int]:
    """Give elements and how they are joined in a switching state.

    Nodes are element numbers with `kind`, `layer` (text, None where in none) and `blocked` (an
    open switch or out of service: it has no electrical edges). Edges carry `layer` and `role`:
    `conducts` between equipment and node, `serves` from what supplies to what hangs on it,
    `towards` in the other layers. Two elements joined in several ways have one edge; the
    physical one counts.

    Args:
        projection: The network.
        numbers: Elements to keep; None for all. Unknown ones are passed over.
        state: Which switching state counts.
    """
    chosen = np.ones(len(projection), dtype=bool)
    if numbers is not None:
        positions = projection.index_of(numbers)
        chosen[:] = False
        chosen[positions[positions >= 0]] = True
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(_nodes(projection, state, np.flatnonzero(chosen).astype(np.int32)))
    for layer in (Layer.OWNERSHIP, Layer.COMMUNICATION):
        _join(graph, projection, towards(projection, layer), chosen, layer, "towards")
    network = conduction(projection)
    hung = network.supplies, network.hanging
    _join(graph, projection, hung, chosen, Layer.PHYSICAL, "serves")
    passing = closed_graph(projection, state).passing.pairs()
    _join(graph, projection, passing, chosen, Layer.PHYSICAL, "conducts")
    return graph


def _nodes(
    projection: Projection, state: State, positions: Ints
) -> list[tuple[int, dict[str, Any]]]:
    names = {0: None, **{bit: layer.value for layer, bit in LAYER_BITS.items()}}
    blocked = closed_graph(projection, state).blocked[positions].tolist()
    kinds = projection.kinds[positions].tolist()
    layers = projection.layers[positions].tolist()
    numbers = projection.numbers[positions].tolist()
    return [
        (number, {"kind": projection.kind_names[kind], "layer": names[bits], "blocked": shut})
        for number, kind, bits, shut in zip(numbers, kinds, layers, blocked, strict=True)
    ]


def _join(
    graph: nx.Graph[int],
    projection: Projection,
    pairs: tuple[Ints, Ints],
    chosen: Mask,
    layer: Layer,
    role: str,
) -> None:
    sources, targets = pairs
    kept = chosen[sources] & chosen[targets]
    ends = (projection.numbers[side[kept]].tolist() for side in (sources, targets))
    graph.add_edges_from(zip(*ends, strict=True), layer=layer.value, role=role)
