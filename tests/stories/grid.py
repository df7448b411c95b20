"""The network of published files as networkx sees it, derived from the files and not from us.

Equipment and nodes are vertices, each terminal is an edge: to its ConnectivityNode where it has
one, otherwise to its TopologicalNode; to the one ConnectivityNode in use that this sums up, where
a bus-branch model meets a node-breaker one. What is open or out of service is reached, not passed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import networkx as nx

from tests.stories.stated import Stated

EQUIPMENT = {
    "Terminal.ConductingEquipment": "ConductingEquipment.Terminals",
    "DCTerminal.DCConductingEquipment": "DCConductingEquipment.DCTerminals",
    "ACDCConverterDCTerminal.DCConductingEquipment": "ACDCConverter.DCTerminals",
}
NODES = {
    "Terminal.ConnectivityNode": "ConnectivityNode.Terminals",
    "DCBaseTerminal.DCNode": "DCNode.DCTerminals",
}
BUSES = {
    "Terminal.TopologicalNode": "TopologicalNode.Terminal",
    "DCBaseTerminal.DCTopologicalNode": "DCTopologicalNode.DCTerminals",
}
PARTS = {
    "ConnectivityNode.TopologicalNode": "TopologicalNode.ConnectivityNodes",
    "DCNode.DCTopologicalNode": "DCTopologicalNode.DCNodes",
}
"""Associations and what they are called from their other end."""
JOINED = ("Clamp.ACLineSegment", "TransformerWinding.MemberOf_PowerTransformer")
SOURCES = (
    {"EnergySource", "ExternalNetworkInjection"},
    {"SynchronousMachine", "AsynchronousMachine", "RotatingMachine"},
    {"EquivalentInjection"},
)
"""What feeds an island, the strongest first."""


@dataclass(frozen=True)
class Grid:
    """A network in its present state; `thrown` are switches that were operated since."""

    stated: Stated
    thrown: dict[str, bool] = field(default_factory=dict)

    def after(self, **thrown: bool) -> Grid:
        """The same network with some switches opened (True) or closed (False)."""
        return replace(self, thrown={**self.thrown, **thrown})

    @cached_property
    def whole(self) -> nx.Graph[str]:
        """Everything that touches, whatever the switches say."""
        equipment, nodes = self._ends(EQUIPMENT), self._nodes()
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(equipment.values())
        for terminal in equipment.keys() & nodes.keys():
            graph.add_node(nodes[terminal])
            if self.stated.value(terminal, "ACDCTerminal.connected").lower() != "false":
                graph.add_edge(equipment[terminal], nodes[terminal])
        graph.add_edges_from(self.stated.links(*JOINED))
        return graph

    @cached_property
    def passing(self) -> nx.Graph[str]:
        """What conducts now."""
        return self.whole.subgraph([x for x in self.whole if not self.blocked(x)]).copy()

    def blocked(self, mrid: str) -> bool:
        """Whether something is open or out of service."""
        return self._open(mrid) or self._out(mrid)

    @cached_property
    def sources(self) -> set[str]:
        """In each island, all equipment of the strongest kind that feeds it."""
        found: set[str] = set()
        for island in nx.connected_components(self.passing):
            ranks = [
                {each for each in island if self.stated.classes[each] & kinds} for kinds in SOURCES
            ]
            found |= next((feeding for feeding in ranks if feeding), set())
        return found

    @cached_property
    def energised(self) -> set[str]:
        """Everything in an island with a source."""
        return self.reached(self.sources)

    def reached(self, starts: Iterable[str]) -> set[str]:
        """Everything that current from the starts can pass."""
        found: set[str] = set()
        for start in starts:
            if start not in found and start in self.passing:
                found |= nx.node_connected_component(self.passing, start)
        return found

    def with_borders(self, passed: set[str]) -> set[str]:
        """With what is reached there and not passed."""
        near = {other for each in passed for other in self.whole[each] if self.blocked(other)}
        return passed | near

    def connected(self, start: str) -> set[str]:
        """Everything connected with an element, both sides of it where it is open."""
        if not self.blocked(start):
            return self.with_borders(self.reached([start]))
        sides = self.reached(other for other in self.whole[start] if not self.blocked(other))
        touching = {other for other in self.whole[start] if self.blocked(other)}
        return {start} | touching | self.with_borders(sides)

    @cached_property
    def distances(self) -> dict[str, int]:
        """Hops from the nearest source."""
        if not self.sources:
            return {}
        lengths = nx.multi_source_dijkstra_path_length(self.passing, self.sources, weight=None)
        return dict(lengths)

    def downstream(self, start: str) -> set[str]:
        """What some way from the sources that visits nothing twice reaches through the start."""
        if start not in self.energised:
            return {start}
        (block,) = self._blocks.predecessors(("vertex", start))
        inside = nx.descendants(self._blocks, block)
        below = {each for what, each in inside if what == "vertex"}
        return self.with_borders(below)

    def _nodes(self) -> dict[str, str]:
        """The node of each terminal."""
        nodes, parts = self._ends(NODES), defaultdict(set)
        for part, whole in self._ends(PARTS).items():
            parts[whole].add(part)
        in_use = set(nodes.values())
        for terminal, bus in self._ends(BUSES).items():
            only = next(iter(parts[bus])) if len(parts[bus]) == 1 else ""
            nodes.setdefault(terminal, only if only in in_use else bus)
        return nodes

    def _ends(self, associations: dict[str, str]) -> dict[str, str]:
        """What associations lead to, from whichever end they are written."""
        forth = self.stated.links(*associations)
        back = self.stated.links(*associations.values())
        return dict([*forth, *((source, target) for target, source in back)])

    def _open(self, mrid: str) -> bool:
        if mrid in self.thrown:
            return self.thrown[mrid]
        if said := self.stated.value(mrid, "Switch.open"):
            return said.lower() == "true"
        if mrid in self._results:
            return self._results[mrid]
        return self.stated.value(mrid, "Switch.normalOpen").lower() == "true"

    def _out(self, mrid: str) -> bool:
        if mrid in self._statuses:
            return self._statuses[mrid]
        said = self.stated.value(mrid, "Equipment.inService")
        return (said or self.stated.value(mrid, "Equipment.normallyInService")).lower() == "false"

    @cached_property
    def _results(self) -> dict[str, bool]:
        return {
            switch: self.stated.value(result, "SvSwitch.open").lower() == "true"
            for result, switch in self.stated.links("SvSwitch.Switch")
        }

    @cached_property
    def _statuses(self) -> dict[str, bool]:
        return {
            equipment: self.stated.value(result, "SvStatus.inService").lower() == "false"
            for result, equipment in self.stated.links("SvStatus.ConductingEquipment")
        }

    @cached_property
    def _blocks(self) -> nx.DiGraph[tuple[str, str | int]]:
        """The tree of biconnected components, from one vertex before all sources outwards."""
        fed: nx.Graph[str] = nx.Graph(self.passing.subgraph(self.energised))
        fed.add_edges_from(("", source) for source in self.sources)
        tree: nx.Graph[tuple[str, str | int]] = nx.Graph()
        for block, members in enumerate(nx.biconnected_components(fed)):
            tree.add_edges_from((("block", block), ("vertex", each)) for each in members)
        return nx.bfs_tree(tree, ("vertex", ""))
