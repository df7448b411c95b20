"""Other switching states of a network: an open point moved along its ring.

A switch that is open joins two parts of the network that both have supply; it is closed, and one
that is closed somewhere on the way between its two sides is opened instead, so that the network
stays radial.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graph_service.domain import tables
from graph_service.domain.switching import State, StateBits
from graph_service.topology.conduction import conduction
from graph_service.topology.orientation import Orientation, orientation
from graph_service.topology.projection import Projection


def moved(projection: Projection, chance: np.random.Generator) -> Projection | None:
    """The network in its present state, with each open point that can be moved elsewhere.

    Returns:
        None where no open point can be moved.
    """
    states: dict[int, int] = {}
    at = projection
    lit = orientation(projection, State.PRESENT)
    for tie, one, other in _ties(projection, lit):
        on_way = _switches_between(projection, lit, one, other)
        if on_way:
            opened = on_way[int(chance.integers(len(on_way)))]
            states |= {tie: _closed(at, tie), opened: _opened(at, opened)}
            at = projection.with_states(states)
            lit = orientation(at, State.PRESENT)
    return at if states else None


def _ties(projection: Projection, lit: Orientation) -> Iterator[tuple[int, int, int]]:
    """(number, node, node) of open switches between two nodes that have supply."""
    network = conduction(projection)
    switches = _switches(projection)
    is_open = (projection.states & np.uint8(StateBits.OPEN)) > 0
    for position in np.flatnonzero(switches & is_open).tolist():
        nodes = network.right[network.left == position]
        if len(nodes) == 2 and (lit.place[nodes] >= 0).all():
            yield int(projection.numbers[position]), int(nodes[0]), int(nodes[1])


def _switches_between(projection: Projection, lit: Orientation, one: int, other: int) -> list[int]:
    """Numbers of the switches on the way between two nodes in the tree."""
    switches = _switches(projection)
    places = [int(lit.place[one]), int(lit.place[other])]
    if min(places) < 0:
        return []
    found = []
    for place, beyond in (places, places[::-1]):
        while place > 0 and not place <= beyond < lit.ends[place]:
            if switches[lit.order[place]]:
                found.append(int(projection.numbers[lit.order[place]]))
            place = _above(lit, place)
    return found


def _above(lit: Orientation, place: int) -> int:
    """The place above a place."""
    at = place - 1
    while at > 0 and lit.depths[at] >= lit.depths[place]:
        at -= 1
    return at


def _switches(projection: Projection) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    those = tables.subclasses("Switch") - tables.subclasses("Fuse")
    codes = np.array([name in those for name in projection.kind_names], dtype=bool)
    return codes[projection.kinds]


def _closed(projection: Projection, number: int) -> int:
    bits = int(projection.states[projection.index_of([number])[0]])
    return (bits & ~int(StateBits.OPEN)) | int(StateBits.PRESENT_GIVEN)


def _opened(projection: Projection, number: int) -> int:
    bits = int(projection.states[projection.index_of([number])[0]])
    return bits | int(StateBits.OPEN) | int(StateBits.PRESENT_GIVEN)
