"""Tracing: what is connected with an element, feeds it, hangs on it, or how one gets there.

Guarantees: steps are ordered by depth, then element number; the starts come first at depth 0; a
branch that ends says why. What may not be seen is neither reported nor passed: direction is that
of the whole network, the walk goes through visible elements only. A start that is unknown or not
visible is not there.

Limits: phases do not count; a terminal is not a step of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import monotonic
from typing import Final

import numpy as np

from graph_service.domain.errors import InvalidCall
from graph_service.domain.layers import Layer
from graph_service.domain.switching import State
from graph_service.domain.traces import StopReason, TraceKind
from graph_service.topology import interval
from graph_service.topology.csr import Bytes, Csr, Ints, Mask
from graph_service.topology.projection import Projection
from graph_service.topology.starts import layers_of, start_positions
from graph_service.topology.visibility import visible_mask
from graph_service.topology.walk_graph import Direction, WalkGraph, heads, reasons, walk_graph
from graph_service.topology.walking import Budget, Walk, once_each, walk

__all__ = ["TraceRequest", "TraceResult", "trace", "visible_mask"]

_MANY: Final = 16
"""From more starts than this, one walk back from the goals is faster than a walk for each."""
_DIRECTIONS: Final = {
    TraceKind.CONNECTED: Direction.BOTH,
    TraceKind.UPSTREAM: Direction.UP,
    TraceKind.DOWNSTREAM: Direction.DOWN,
    TraceKind.PATH_TO_SOURCE: Direction.UP,
    TraceKind.SHORTEST_PATH: Direction.BOTH,
}


@dataclass(frozen=True, slots=True, eq=False)
class TraceRequest:
    """What to trace.

    Attributes:
        starts: Element numbers to begin at; a terminal means its equipment, a container all
            equipment in it.
        kind: Where to go.
        state: Which switching state counts.
        layers: Layers to walk in; empty for the layers of the starts.
        target: Element number that SHORTEST_PATH leads to.
        visible: Which positions of the projection may be seen, bool[n]; None for all.
        max_steps: Most steps in the answer.
        max_ms: Milliseconds after which the walk stops.
    """

    starts: tuple[int, ...]
    kind: TraceKind
    state: State = State.PRESENT
    layers: tuple[Layer, ...] = ()
    target: int | None = None
    visible: Mask | None = None
    max_steps: int = 1_000_000
    max_ms: float = 10_000.0


@dataclass(frozen=True, slots=True, eq=False)
class TraceResult:
    """The steps of a trace, ordered by depth, then element number.

    Attributes:
        numbers: Element numbers, int32[r]; the starts come first.
        depths: Hops from the nearest start, int32[r].
        stop_reasons: `StopReason` of each step, uint8[r].
        truncated: True where the budget ended the trace early.
    """

    numbers: Ints
    depths: Ints
    stop_reasons: Bytes
    truncated: bool

    def __len__(self) -> int:
        return len(self.numbers)


def trace(projection: Projection, request: TraceRequest) -> TraceResult:
    """Walk from the starts.

    A path that does not exist gives its start alone. Several starts give the union of what each
    gives, with the least depth; which of equally short paths is the same at every call, but may
    be another when asked for many starts at once.

    Raises:
        InvalidCall: SHORTEST_PATH was asked without a target.
    """
    question = _Question(projection, request)
    if not len(question.starts):
        return question.answer(_NOTHING, _NOTHING, _NOTHING.astype(bool), truncated=False)
    if request.kind in (TraceKind.PATH_TO_SOURCE, TraceKind.SHORTEST_PATH):
        return question.paths()
    found = question.below_one()
    return question.reached() if found is None else found


class _Question:
    """A request with numbers turned into positions."""

    def __init__(self, projection: Projection, request: TraceRequest):
        self.projection, self.request = projection, request
        self.layers = frozenset(request.layers) or layers_of(projection, request.starts)
        starts = start_positions(projection, request.starts, self.layers)
        self.starts = starts if request.visible is None else starts[request.visible[starts]]
        self.budget = Budget(request.max_steps, monotonic() + request.max_ms / 1000)
        self.reasons = reasons(projection, request.state, self.layers)

    def below_one(self) -> TraceResult | None:
        """The short way for the commonest question; None where it does not apply."""
        request = self.request
        if request.kind is not TraceKind.DOWNSTREAM or self.layers != {Layer.PHYSICAL}:
            return None
        found = interval.below(self.projection, request.state, self.starts, request.visible)
        return None if found is None else self.answer(*found, truncated=False)

    def reached(self) -> TraceResult:
        """Everything a walk reaches."""
        graph = self.graph()
        found = walk(graph.arcs, self.starts, self.hidden(graph), self.budget)
        steps = graph.elements[found.vertices], found.depths, found.goes_on
        return self.answer(*once_each(*steps), truncated=not found.finished)

    def paths(self) -> TraceResult:
        """A shortest way from each start."""
        graph, goals = self.graph(), self.goals()
        hidden, ways, finished = self.hidden(graph), [], True
        wanted = np.zeros(len(graph.elements), dtype=bool)
        wanted[goals] = wanted[graph.twins[goals]] = True
        if len(self.starts) > _MANY:
            return self.many_paths(graph, wanted, hidden)
        for start in self.starts:
            seed = np.array([start], dtype=np.int32)
            found = walk(graph.arcs, seed, hidden, self.budget, wanted)
            ways.append(_way(graph, found, wanted))
            finished = finished and found.finished
        elements, depths, goes_on = (np.concatenate(part) for part in zip(*ways, strict=True))
        return self.answer(*once_each(elements, depths, goes_on), truncated=not finished)

    def many_paths(self, graph: WalkGraph, wanted: Mask, hidden: Mask | None) -> TraceResult:
        """The same for all equipment of a container: one walk back from the goals serves all."""
        seeds = np.flatnonzero(wanted if hidden is None else wanted & ~hidden).astype(np.int32)
        sources, targets = graph.arcs.pairs()
        back = Csr.of_pairs(len(graph.arcs), targets, sources)
        found = walk(back, seeds, hidden, replace(self.budget, steps=len(graph.arcs)))
        onward = np.full(len(graph.arcs), -1, dtype=np.int32)
        onward[found.vertices[found.before >= 0]] = found.vertices[found.before[found.before >= 0]]
        vertices, depths = _along(onward, self.starts)
        steps = graph.elements[vertices], depths, onward[vertices] >= 0
        return self.answer(*once_each(*steps), truncated=not found.finished)

    def goals(self) -> Ints:
        """Positions that paths may lead to."""
        request = self.request
        if request.kind is TraceKind.PATH_TO_SOURCE:
            return heads(self.projection, request.state, self.layers)
        if request.target is None:
            raise InvalidCall(
                "a shortest path was asked for without a target",
                hint="give the mRID of the element the path leads to as `target`",
            )
        return start_positions(self.projection, [request.target], self.layers)

    def graph(self) -> WalkGraph:
        direction = _DIRECTIONS[self.request.kind]
        return walk_graph(self.projection, self.request.state, direction, self.layers)

    def hidden(self, graph: WalkGraph) -> Mask | None:
        visible = self.request.visible
        if visible is None:
            return None
        hidden: Mask = ~visible[graph.elements]
        return hidden

    def answer(
        self, elements: Ints, depths: Ints, goes_on: Mask, *, truncated: bool
    ) -> TraceResult:
        """Put distinct steps in order, cut to the budget, with the reasons why they end."""
        keys = (depths.astype(np.int64) << 33) | (elements.astype(np.int64) << 1) | goes_on
        keys.sort()
        most = self.request.max_steps
        truncated = truncated or len(keys) > most
        keys = keys[:most]
        elements = ((keys >> 1) & 0xFFFFFFFF).astype(np.int32)
        depths = (keys >> 33).astype(np.int32)
        stops = self.reasons[elements]
        stops[(depths == 0) & (stops == StopReason.HEAD)] = StopReason.NONE
        stops[((keys & 1) == 0) & (stops == StopReason.NONE)] = StopReason.END
        if truncated and len(stops):
            stops[(depths == depths[-1]) & (stops == StopReason.NONE)] = StopReason.BUDGET
        return TraceResult(self.projection.numbers[elements], depths, stops, truncated)


_NOTHING: Final = np.zeros(0, dtype=np.int32)


def _along(onward: Ints, starts: Ints) -> tuple[Ints, Ints]:
    """All ways from the starts, each vertex leading to the next one: vertices, least depths."""
    seen = np.zeros(len(onward), dtype=bool)
    levels, front = [], starts
    while len(front):
        seen[front] = True
        levels.append(front)
        front = np.unique(onward[front])
        front = front[(front >= 0) & ~seen[front]]
    depths = np.arange(len(levels), dtype=np.int32)
    return np.concatenate(levels), np.repeat(depths, [len(level) for level in levels])


def _way(graph: WalkGraph, found: Walk, wanted: Mask) -> tuple[Ints, Ints, Mask]:
    """Go back from the goal with the least number; the start alone where none was reached."""
    elements = graph.elements[found.vertices]
    arrived = np.flatnonzero(wanted[found.vertices])
    index = int(arrived[np.argmin(elements[arrived])]) if len(arrived) else 0
    indices = [index]
    while found.before[indices[-1]] >= 0:
        indices.append(int(found.before[indices[-1]]))
    way = np.array(indices[::-1], dtype=np.int32)
    goes_on = np.arange(len(way)) < len(way) - 1
    return elements[way], found.depths[way], goes_on
