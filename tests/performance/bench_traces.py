"""Projection and traces on a million elements, networkx beside them; prints a Markdown table.

The network is 100 radial feeders with 1.2 million links in all: per service a terminal pair, a
line, a node, a consumer and its usage point; every hundredth line ends at an open switch.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import networkx as nx
import numpy as np

from graph_service.domain.columns import GraphColumns
from graph_service.domain.switching import State, StateBits
from graph_service.domain.traces import StopReason, TraceKind
from graph_service.services import projection_cache
from graph_service.topology.closed_graph import closed_graph
from graph_service.topology.networkx_view import to_networkx
from graph_service.topology.projection import Projection
from graph_service.topology.tracing import TraceRequest, trace

KINDS = ["ConnectivityNode", "ACLineSegment", "Terminal", "EnergyConsumer", "UsagePoint"]
KINDS += ["Breaker", "EnergySource"]
LINKS = ["Terminal.ConductingEquipment", "Terminal.ConnectivityNode", "UsagePoint.Equipments"]
LINKS += ["Equipment.EquipmentContainer"]
NODE, LINE, TERMINAL, CONSUMER, USAGE, BREAKER, SOURCE = range(7)


Step = tuple[int, int, int]
"""depth, number, stop reason"""


class Town:
    """Columns in the making."""

    def __init__(self, seed: int = 1):
        self.random = np.random.default_rng(seed)
        self.kinds: list[int] = []
        self.states: list[int] = []
        self.links: list[tuple[int, int, int]] = []

    def element(self, kind: int, state: int = 0) -> int:
        self.kinds.append(kind)
        self.states.append(state)
        return len(self.kinds)

    def joined(self, equipment: int, *nodes: int) -> None:
        for node in nodes:
            terminal = self.element(TERMINAL)
            self.links += [(terminal, equipment, 0), (terminal, node, 1)]

    def branch(self, parent: int) -> int:
        """A line to a new node with a metered consumer: 7 elements, 8 links or so."""
        node, line = self.element(NODE), self.element(LINE)
        self.joined(line, parent, node)
        consumer = self.element(CONSUMER)
        self.joined(consumer, node)
        self.links.append((self.element(USAGE), consumer, 2))
        return node

    def feeder(self, head: int, branches: int) -> None:
        """A feeder whose branches begin at one of its latest nodes: long, with laterals."""
        nodes = [head]
        for count in range(branches):
            back = min(len(nodes), 1 + int(self.random.integers(40)))
            nodes.append(self.branch(nodes[-back]))
            if count % 100 == 99:
                switch = self.element(BREAKER, StateBits.NORMALLY_OPEN | StateBits.OPEN)
                self.joined(switch, nodes[-1])

    def columns(self, links: int) -> GraphColumns:
        """As a store gives them; filled up to a number of links with links of no layer."""
        more = links - len(self.links)
        ends = self.random.integers(1, len(self.kinds) + 1, size=(max(more, 0), 2)).tolist()
        self.links += [(source, target, 3) for source, target in ends]
        order = self.random.permutation(len(self.links))
        sources, targets, names = np.array(self.links, dtype=np.int32)[order].T
        size = len(self.kinds)
        return GraphColumns(
            revision=1,
            kind_names=KINDS,
            link_names=LINKS,
            model_set_names=["town"],
            numbers=array("i", range(1, size + 1)),
            kinds=array("i", self.kinds),
            model_sets=array("i", [0]) * size,
            states=array("i", self.states),
            phases=array("i", [0]) * size,
            sources=array("i", sources.tolist()),
            targets=array("i", targets.tolist()),
            names=array("i", names.tolist()),
            owned=array("i"),
            owner=array("i"),
        )


def main() -> None:
    """Measure and print."""
    columns, head = million()
    build_s, projection = timed(lambda: Projection.build(columns), 3)
    rows = [("projection from columns", f"{build_s:.2f} s", "")]
    rows += cache_rows(projection)
    rows += trace_rows(projection, head)
    print("## Projection and traces\n")
    print(
        f"{len(projection):,} elements, {len(columns.sources):,} links. Steps come with depth, "
        "order and stop reason; networkx gives the same steps, from a graph that is directed "
        "already.\n"
    )
    print("| work | GridStrata | networkx |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def million() -> tuple[GraphColumns, int]:
    """About a million elements and 1.2 million links; the number of a node above 5,000 others."""
    town = Town()
    bus = town.element(NODE)
    town.joined(town.element(SOURCE), bus)
    heads = []
    while len(town.kinds) < 1_000_000:
        breaker, node = town.element(BREAKER), town.element(NODE)
        town.joined(breaker, bus, node)
        town.feeder(node, 1_250)
        heads.append(breaker)
    return town.columns(1_200_000), heads[len(heads) // 2]


def cache_rows(projection: Projection) -> list[tuple[str, str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        projection_cache.save(place, projection)
        load_s, loaded = timed(lambda: projection_cache.load(place, 1), 5)
        assert len(loaded) == len(projection)
    return [("projection from its copy on disk", f"{load_s * 1e3:.0f} ms", "")]


def trace_rows(projection: Projection, head: int) -> list[tuple[str, str, str]]:
    request = TraceRequest((head,), TraceKind.DOWNSTREAM)
    first_s, result = timed(lambda: trace(projection, request), 1)
    again_s, result = timed(lambda: trace(projection, request), 200)
    flip_s, _ = timed(lambda: trace(projection.with_states({head: 0}), request), 3)
    peer_s, found = networkx_downstream(projection, head)
    columns = result.depths, result.numbers, result.stop_reasons
    assert found == list(zip(*(column.tolist() for column in columns), strict=True))
    everything = TraceRequest((head,), TraceKind.CONNECTED)
    trace(projection, everything)
    all_s, whole = timed(lambda: trace(projection, everything), 3)
    up = TraceRequest((int(result.numbers[-1]),), TraceKind.PATH_TO_SOURCE)
    trace(projection, up)
    up_s, way = timed(lambda: trace(projection, up), 20)
    half = np.arange(len(projection)) % 2_000 > 0
    scoped = TraceRequest((head,), TraceKind.DOWNSTREAM, visible=half)
    trace(projection, scoped)
    scoped_s, part = timed(lambda: trace(projection, scoped), 20)
    return [
        (
            f"downstream, {len(result):,} steps",
            f"{again_s * 1e3:.2f} ms",
            f"{peer_s * 1e3:.1f} ms ({peer_s / again_s:.0f} times)",
        ),
        (f"downstream, walked around what is hidden, {len(part):,} steps", ms(scoped_s), ""),
        (f"path to source, {len(way):,} steps", ms(up_s), ""),
        (f"connected, {len(whole):,} steps", ms(all_s), ""),
        ("the first trace of a projection, which derives direction", ms(first_s), ""),
        ("the first trace after a switch moved", ms(flip_s), ""),
    ]


def networkx_downstream(projection: Projection, head: int) -> tuple[float, list[Step]]:
    """The same steps from networkx, on a graph that has a direction already."""
    graph = to_networkx(projection, state=State.PRESENT)
    source = next(number for number, kind in graph.nodes(data="kind") if kind == "EnergySource")
    tree = nx.bfs_tree(graph, source)
    tree.add_edges_from(open_ends(projection))
    is_open = {number for number, blocked in graph.nodes(data="blocked") if blocked}

    def reason(number: int) -> int:
        if number in is_open:
            return int(StopReason.OPEN)
        return int(StopReason.NONE if tree.succ[number] else StopReason.END)

    def steps() -> list[Step]:
        depths = nx.single_source_shortest_path_length(tree, head)
        return sorted((depth, number, reason(number)) for number, depth in depths.items())

    return timed(steps, 9)


def open_ends(projection: Projection) -> list[tuple[int, int]]:
    """Nodes with the open switches at them, by number."""
    closed = closed_graph(projection, State.PRESENT)
    near, far = closed.touching.pairs()
    ends = (projection.numbers[side[closed.blocked[far]]].tolist() for side in (near, far))
    return list(zip(*ends, strict=True))


def ms(seconds: float) -> str:
    return f"{seconds * 1e3:,.1f} ms"


def timed(work: Callable[[], Any], times: int) -> tuple[float, Any]:
    """The median time of a few runs, and what the last one gave."""
    seconds = []
    for _ in range(times):
        begin = perf_counter()
        result = work()
        seconds.append(perf_counter() - begin)
    return median(seconds), result


if __name__ == "__main__":
    main()
