"""Small random networks, and what networkx says about them by brute force.

A sketch is made twice from the same facts: as a drawing (the way through parts, merging, columns
and projection) and as a plain networkx graph. The two share no code.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import networkx as nx
from hypothesis import strategies as st

from graph_service.domain.switching import State
from graph_service.domain.traces import TraceKind
from graph_service.topology.tracing import TraceRequest, TraceResult, trace
from tests.drawing import Drawing, draw

SKY = "the imagined source"


@dataclass(frozen=True)
class Branch:
    """Something with two ends; `how` is one of `-`, `/`, `!` (open) and `~` (out of service)."""

    name: str
    left: str
    right: str
    how: str

    @property
    def row(self) -> str:
        """As a row of a drawing."""
        sign = "/" if self.how in "/!" else "-"
        mark = self.how if self.how in "!~" else ""
        return f"{self.left} {sign}{self.name}{mark}{sign} {self.right}"


@dataclass(frozen=True)
class Sketch:
    """Branches between nodes `B1` ...; places (sources, loads) hang at a node by a short line."""

    branches: tuple[Branch, ...]
    places: tuple[tuple[str, str], ...]

    @cached_property
    def drawing(self) -> Drawing:
        rows = [branch.row for branch in self.branches]
        rows += [f"{place} -{place}l- {node}" for place, node in self.places]
        return draw("\n".join(rows))

    @cached_property
    def graph(self) -> nx.Graph[str]:
        """Equipment and nodes, nothing left out."""
        graph: nx.Graph[str] = nx.Graph()
        for branch in self.branches:
            graph.add_edges_from([(branch.left, branch.name), (branch.name, branch.right)])
        for place, node in self.places:
            equipment = f"{place}.load" if place[0] == "M" else place
            nx.add_path(graph, [equipment, f"{place}.node", f"{place}l", node])
        return graph

    @cached_property
    def blocked(self) -> frozenset[str]:
        return frozenset(branch.name for branch in self.branches if branch.how in "!~")

    @cached_property
    def closed(self) -> nx.Graph[str]:
        """The part of the graph that passes current."""
        graph = self.graph.copy()
        graph.remove_nodes_from(self.blocked)
        return graph

    @cached_property
    def sources(self) -> set[str]:
        found: set[str] = set()
        for island in nx.connected_components(self.closed):
            strong = {name for name in island if name[0] == "S" and name in dict(self.places)}
            weak = {name for name in island if name[0] == "G" and name in dict(self.places)}
            found |= strong or weak
        return found

    def reach(self, start: str) -> dict[str, int]:
        """Hops to everything that ways with nothing blocked in between lead to."""
        graph = self.graph.copy()
        graph.remove_nodes_from(self.blocked - {start})
        hops = dict(nx.single_source_shortest_path_length(graph, start))
        for shut in self.blocked - {start}:
            beside = [hops[near] for near in self.graph[shut] if near in hops]
            beside += [0 for near in self.graph[shut] if near == start]
            if beside:
                hops[shut] = min(beside) + 1
        return hops

    def _ways(self, graph: nx.Graph[str]) -> Iterator[tuple[frozenset[str], str]]:
        for end in graph:
            if end != SKY:
                for way in nx.all_simple_paths(graph, SKY, end):
                    yield frozenset(way) - {SKY}, end

    @cached_property
    def downstream(self) -> dict[str, set[str]]:
        """By the definition: y is below x when some way to y passes x."""
        graph = self.closed.copy()
        graph.add_edges_from((SKY, source) for source in self.sources)
        below: dict[str, set[str]] = {name: {name} for name in self.graph}
        if not self.sources:
            return below
        for way, end in self._ways(graph):
            ends = {end} | {near for near in self.graph[end] if near in self.blocked}
            for name in way:
                below[name] |= ends
        return below

    @property
    def lit(self) -> set[str]:
        """What the sources supply, and what is blocked at its edge."""
        return set().union(*(self.downstream[source] for source in self.sources))

    def asked(self, start: str, kind: TraceKind, **more: object) -> TraceResult:
        """Ask the projection."""
        request = TraceRequest(
            (self.drawing.number(start),), kind, **({"state": State.PRESENT} | more)
        )
        return trace(self.drawing.projection, request)

    def hops(self, start: str, kind: TraceKind, **more: object) -> dict[str, int]:
        """Ask the projection: name → depth, without what hangs on the network."""
        result = self.asked(start, kind, **more)
        names = self.drawing.names(result.numbers)
        pairs = zip(names, result.depths.tolist(), strict=True)
        return {name: depth for name, depth in pairs if name in self.graph}


@st.composite
def sketches(draw_from: st.DrawFn) -> Sketch:
    """Up to six nodes, nine branches (loops, parallel ones, short circuits), three sources."""
    nodes = [f"B{i}" for i in range(1, draw_from(st.integers(2, 6)) + 1)]
    ends = st.tuples(st.sampled_from(nodes), st.sampled_from(nodes), st.sampled_from("--//!~"))
    drawn = draw_from(st.lists(ends, min_size=1, max_size=8))
    branches = [Branch(f"l{i}", *between) for i, between in enumerate(drawn)]
    at = st.lists(st.sampled_from(nodes), max_size=2)
    places = [(f"S{i}", node) for i, node in enumerate(draw_from(at))]
    places += [(f"G{i}", node) for i, node in enumerate(draw_from(at))]
    places += [(f"M{i}", node) for i, node in enumerate(draw_from(at))]
    return Sketch(tuple(branches), tuple(places))
