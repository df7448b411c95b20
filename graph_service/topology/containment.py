"""Containment: what lies in a station, a field or a feeder, and what an element lies in.

What lies in a container lies in the containers of that container, too. A station feeds its
feeders; they do not lie in it. Rings of containers, which no model should have, end.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from graph_service.domain import containers, tables
from graph_service.topology.conduction import conduction, named_links
from graph_service.topology.csr import Csr, Ints
from graph_service.topology.projection import Projection

_FED_NOT_HELD: Final = frozenset({"Feeder.NormalEnergizingSubstation"})


def contents(projection: Projection) -> Csr:
    """From each container to what lies in it directly."""
    return projection.once("contents", lambda: _derive(projection))


def holders(projection: Projection) -> Csr:
    """From each element to the containers it lies in directly."""
    return projection.once("holders", lambda: _turned(projection, contents(projection)))


def hanging(projection: Projection) -> Csr:
    """From each element to what hangs on it: usage points on equipment, meters on usage points."""
    return projection.once("hanging", lambda: _derive_hanging(projection))


def reached(csr: Csr, begin: Ints) -> tuple[Ints, Ints]:
    """Positions that are reached from some, with the least number of steps; `begin` left out.

    Returns:
        positions int32[r] by distance then position, distances int32[r].
    """
    seen = np.zeros(len(csr), dtype=bool)
    seen[begin] = True
    front, found, distance = np.unique(begin), [_NOTHING], 0
    distances = [_NOTHING]
    while len(front):
        distance += 1
        near = np.unique(csr.next_to(front)[1])
        front = near[~seen[near]].astype(np.int32)
        seen[front] = True
        found.append(front)
        distances.append(np.full(len(front), distance, dtype=np.int32))
    return np.concatenate(found), np.concatenate(distances)


def with_contents(projection: Projection, number: int) -> Ints:
    """Positions of an element and of all that lies in it; none where it is not in the graph."""
    begin = projection.index_of([number])
    begin = begin[begin >= 0]
    return np.concatenate([begin, reached(contents(projection), begin)[0]])


_NOTHING: Final = np.zeros(0, dtype=np.int32)


def _derive(projection: Projection) -> Csr:
    forth = containers.CONTAINMENT - _FED_NOT_HELD
    back = {row.inverse for row in map(tables.link_row, forth) if row and row.inverse}
    inside, container, _ = named_links(projection, lambda name: name in forth)
    container_2, inside_2, _ = named_links(projection, lambda name: name in back)
    return Csr.of_pairs(
        len(projection),
        np.concatenate([container, container_2]),
        np.concatenate([inside, inside_2]),
    )


def _turned(projection: Projection, csr: Csr) -> Csr:
    sources, targets = csr.pairs()
    return Csr.of_pairs(len(projection), targets, sources)


def _derive_hanging(projection: Projection) -> Csr:
    network = conduction(projection)
    return Csr.of_pairs(len(projection), network.supplies, network.hanging)
