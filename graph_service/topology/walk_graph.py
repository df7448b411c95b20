"""The one graph a trace walks: the chosen layers, in the chosen direction, every rule built in.

After this no walk needs to know a rule; each step simply follows an arc. Two rules are put into
the graph by a *twin*, a second vertex for the same element with fewer ways on:
- What is blocked (an open switch) may begin an electrical way or end it, never be in between:
  arcs lead to its twin, which has no electrical way on.
- Nothing conducts through what hangs (a usage point): coming from its supply one reaches the
  twin, which leads on only to what hangs on it.
The ways on in other layers are those of the element: a trace crosses layers wherever it gets to.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Final

import numpy as np

from graph_service.domain import tables
from graph_service.domain.layers import Layer
from graph_service.domain.switching import State
from graph_service.domain.traces import StopReason
from graph_service.topology.closed_graph import closed_graph
from graph_service.topology.conduction import conduction, named_links
from graph_service.topology.csr import Bytes, Csr, Ints, Mask
from graph_service.topology.orientation import orientation
from graph_service.topology.projection import LAYER_BITS, Projection

Pairs = tuple[Ints, Ints]

_PARTS_OF_ASSETS: Final = frozenset({"Asset.AssetContainer", "AssetContainer.Assets"})
"""Walked only where the part is itself of the layer: a module in its meter, not a pole in a line"""


class Direction(Enum):
    """Which way arcs lead: away from the sources, towards them, or both."""

    DOWN = "down"
    UP = "up"
    BOTH = "both"


@dataclass(frozen=True, slots=True, eq=False)
class WalkGraph:
    """Vertices are positions of the projection, then twins.

    Attributes:
        arcs: Where each vertex leads.
        elements: Position of each vertex, int32.
        twins: Twin of each position, or the position itself, int32[n].
    """

    arcs: Csr
    elements: Ints
    twins: Ints


def walk_graph(
    projection: Projection, state: State, direction: Direction, layers: frozenset[Layer]
) -> WalkGraph:
    """The graph of a kind of walk; made once per state, direction and choice of layers."""
    return projection.once_per_state(
        ("walk", state, direction, layers), lambda: _derive(projection, state, direction, layers)
    )


def reasons(projection: Projection, state: State, layers: frozenset[Layer]) -> Bytes:
    """Why a branch ends at each element whatever the walk, `StopReason`, uint8[n]."""
    return projection.once_per_state(
        ("reasons", state, layers), lambda: _reasons(projection, state, layers)
    )


def heads(projection: Projection, state: State, layers: frozenset[Layer]) -> Ints:
    """The positions of all sources of some layers, ascending."""
    return projection.once_per_state(
        ("heads", state, layers), lambda: _heads(projection, state, layers)
    )


def _derive(
    projection: Projection, state: State, direction: Direction, layers: frozenset[Layer]
) -> WalkGraph:
    size, itself = len(projection), np.arange(len(projection), dtype=np.int32)
    twinned, twins, passed = itself[:0], itself.copy(), itself
    arcs: list[Pairs] = []
    if Layer.PHYSICAL in layers:
        blocked = closed_graph(projection, state).blocked
        twinned = _twinned(projection, blocked, direction)
        twins[twinned] = size + np.arange(len(twinned), dtype=np.int32)
        passed = np.where(blocked, twins, itself)
        arcs += _physical(projection, state, direction, twins, passed)
    for layer in layers - {Layer.PHYSICAL}:
        for sources, targets in _directed(towards(projection, layer), direction):
            second = twins[sources] != sources
            arcs += [(sources, passed[targets]), (twins[sources[second]], passed[targets[second]])]
    sources, targets = (np.concatenate(ends) for ends in zip(*arcs, strict=True))
    elements = np.concatenate([itself, twinned])
    return WalkGraph(Csr.of_pairs(len(elements), sources, targets), elements, twins)


def _twinned(projection: Projection, blocked: Mask, direction: Direction) -> Ints:
    both = direction is Direction.BOTH
    twinned = blocked | conduction(projection).hangs if both else blocked
    return np.flatnonzero(twinned).astype(np.int32)


def _physical(
    projection: Projection, state: State, direction: Direction, twins: Ints, passed: Ints
) -> list[Pairs]:
    """Arcs of the physical layer; `passed` are the twins of what is blocked only."""
    network = conduction(projection)
    sources, targets = _electrical(projection, state, direction)
    arcs = [(sources, passed[targets])]
    if direction is not Direction.DOWN:
        arcs += [(network.hanging, passed[network.supplies])]
    if direction is not Direction.UP:
        arcs += [(network.supplies, twins[network.hanging])]
        hung = network.hangs[network.supplies]
        arcs += [(twins[network.supplies[hung]], twins[network.hanging[hung]])]
    return arcs


def _electrical(projection: Projection, state: State, direction: Direction) -> Pairs:
    if direction is Direction.BOTH:
        return closed_graph(projection, state).touching.pairs()
    upper, lower = orientation(projection, state).down.pairs()
    return (upper, lower) if direction is Direction.DOWN else (lower, upper)


def _directed(towards: Pairs, direction: Direction) -> list[Pairs]:
    away = towards[1], towards[0]
    if direction is Direction.BOTH:
        return [towards, away]
    return [towards if direction is Direction.UP else away]


def towards(projection: Projection, layer: Layer) -> Pairs:
    """The links of a layer: (from, to) the end nearer to the head end or the owner."""
    sources, targets, codes = named_links(projection, lambda name: _leads(name) == layer)
    names = projection.link_names
    at_source = np.array([_upstream_end(name) == "source" for name in names], dtype=bool)
    of_parts = np.array([name in _PARTS_OF_ASSETS for name in names], dtype=bool)
    forth = ~at_source[codes]
    lower, upper = np.where(forth, sources, targets), np.where(forth, targets, sources)
    member: Mask = (projection.layers[upper] & LAYER_BITS[layer]) > 0
    kept = member | ~of_parts[codes]
    return lower[kept], upper[kept]


def _reasons(projection: Projection, state: State, layers: frozenset[Layer]) -> Bytes:
    found = np.zeros(len(projection), dtype=np.uint8)
    kinds = projection.kind_names
    for layer in layers - {Layer.PHYSICAL}:
        feeds = [tables.source_rank(kind) > 0 and tables.layer_of(kind) is layer for kind in kinds]
        found[np.array(feeds, dtype=bool)[projection.kinds]] = StopReason.HEAD
    if Layer.PHYSICAL in layers:
        physical = closed_graph(projection, state).reasons
        found = np.where(physical != StopReason.NONE, physical, found)
    return found


def _heads(projection: Projection, state: State, layers: frozenset[Layer]) -> Ints:
    at_head = reasons(projection, state, layers) == StopReason.HEAD
    return np.flatnonzero(at_head).astype(np.int32)


@cache
def _leads(name: str) -> Layer | None:
    row = tables.link_row(name)
    return row.layer if row and row.how == "towards" else None


@cache
def _upstream_end(name: str) -> str:
    row = tables.link_row(name)
    return row.upstream_end if row else ""
