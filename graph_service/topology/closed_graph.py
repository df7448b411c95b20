"""What conducts in one switching state, what ends a branch there, and where the sources are.

Open switches and equipment out of service are reached but not passed. An operator's `Switch.open`
counts before a calculated SvSwitch, an SvStatus before `Equipment.inService`. A terminal that is
not connected cuts its edge in the present state.

Sources are found island by island: the elements of the strongest kind that feeds there; heads of
feeders only where an island has nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import connected_components

from graph_service.domain.switching import State, StateBits
from graph_service.domain.traces import StopReason
from graph_service.topology.conduction import EQUIPMENT, Conduction, conduction
from graph_service.topology.csr import Bytes, Csr, Ints, Mask
from graph_service.topology.projection import Projection


@dataclass(frozen=True, slots=True, eq=False)
class ClosedGraph:
    """The conducting network in one state; positions of the projection throughout.

    Attributes:
        blocked: What is reached but not passed, bool[n].
        touching: Who touches whom, blocked ones included; both directions.
        passing: Who passes current to whom; both directions, nothing blocked.
        sources: Where the energy comes from, ascending, int32.
        reasons: Why a branch ends at an element, `StopReason`, uint8[n]; NONE where it need not.
    """

    blocked: Mask
    touching: Csr
    passing: Csr
    sources: Ints
    reasons: Bytes


def closed_graph(projection: Projection, state: State) -> ClosedGraph:
    """The conducting network in a state; made once."""
    return projection.once_per_state(
        ("closed graph", state), lambda: _derive(projection, conduction(projection), state)
    )


def switched(projection: Projection, state: State) -> tuple[Mask, Mask]:
    """What is open and what is out of service in a state: bool[n] each."""
    network = conduction(projection)
    if state is State.NORMAL:
        return (
            _has(projection, StateBits.NORMALLY_OPEN),
            _has(projection, StateBits.NORMALLY_OUT_OF_SERVICE),
        )
    is_open = _has(projection, StateBits.OPEN)
    is_out = _has(projection, StateBits.OUT_OF_SERVICE)
    results, switches = network.switch_results
    if len(results):
        given = _has(projection, StateBits.PRESENT_GIVEN)[switches]
        _override(is_open, results[~given], switches[~given])
    if len(network.status_results[0]):
        _override(is_out, *network.status_results)
    return is_open, is_out


def _derive(projection: Projection, network: Conduction, state: State) -> ClosedGraph:
    size = len(projection)
    is_open, is_out = switched(projection, state)
    blocked = (network.roles == EQUIPMENT) & (is_open | is_out)
    live = _live(projection, network, state)
    left, right = network.left[live], network.right[live]
    touching = _both_ways(size, left, right)
    free = ~blocked[left] & ~blocked[right]
    passing = touching if free.all() else _both_ways(size, left[free], right[free])
    sources = _sources(network, passing, is_open | is_out)
    reasons = np.zeros(size, dtype=np.uint8)
    borders = _has(projection, StateBits.BOUNDARY)
    borders[network.borders] = True
    reasons[(borders & ~network.crossed) | network.unfinished] = StopReason.BOUNDARY
    reasons[network.left[~live]] = StopReason.OPEN
    reasons[sources] = StopReason.HEAD
    reasons[is_out] = StopReason.OUT_OF_SERVICE
    reasons[is_open] = StopReason.OPEN
    return ClosedGraph(blocked, touching, passing, sources, reasons)


def _has(projection: Projection, bit: StateBits) -> Mask:
    return (projection.states & np.uint8(bit)) > 0


def _override(bits: Mask, results: Ints, subjects: Ints) -> None:
    """Let results decide; where an element has several, one that is set is enough."""
    said = bits[results]
    bits[subjects] = False
    bits[subjects[said]] = True


def _live(projection: Projection, network: Conduction, state: State) -> Mask:
    live = np.ones(len(network.terminals), dtype=bool)
    if state is State.PRESENT:
        cut = _has(projection, StateBits.DISCONNECTED)[network.terminals]
        live = ~(cut & (network.terminals >= 0))
    return live


def _both_ways(size: int, left: Ints, right: Ints) -> Csr:
    return Csr.of_pairs(size, np.concatenate([left, right]), np.concatenate([right, left]))


def _sources(network: Conduction, passing: Csr, off: Mask) -> Ints:
    feeding = np.flatnonzero((network.ranks > 0) & ~off).astype(np.int32)
    heads = network.heads[~off[network.heads]]
    if not len(feeding) and not len(heads):
        return feeding
    count, island = connected_components(passing.matrix(), directed=False)
    best = np.full(count, np.iinfo(np.int32).max, dtype=np.int32)
    np.minimum.at(best, island[feeding], network.ranks[feeding])
    strongest = feeding[network.ranks[feeding] == best[island[feeding]]]
    lonely = heads[best[island[heads]] == np.iinfo(np.int32).max]
    return np.union1d(strongest, lonely).astype(np.int32)
