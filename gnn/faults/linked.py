"""Links, places and kinds of the network in memory, as reading the medium voltage asks for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from graph_service.domain import tables
from graph_service.topology.conduction import conduction, links_to
from graph_service.topology.csr import Ints, Mask
from graph_service.topology.orientation import Orientation
from graph_service.topology.projection import Projection


def targets_of(projection: Projection, name: str) -> dict[int, int]:
    """From each source of a link to its target, by position."""
    sources, targets = links_to(projection, name)
    return dict(zip(sources.tolist(), targets.tolist(), strict=True))


def sources_of(projection: Projection, name: str) -> Mapping[int, Sequence[int]]:
    """From each target to its sources, in order."""
    found: dict[int, list[int]] = defaultdict(list)
    for source, target in sorted(targets_of(projection, name).items()):
        found[target].append(source)
    return dict(found)


def ends_of(projection: Projection) -> Mapping[int, list[int]]:
    """Ends of each transformer, by position; those of its tanks as well."""
    found: dict[int, list[int]] = defaultdict(list)
    for end, transformer in sorted(
        targets_of(projection, "PowerTransformerEnd.PowerTransformer").items()
    ):
        found[transformer].append(end)
    of_tank = targets_of(projection, "TransformerTank.PowerTransformer")
    for end, tank in sorted(targets_of(projection, "TransformerTankEnd.TransformerTank").items()):
        if tank in of_tank:
            found[of_tank[tank]].append(end)
    return dict(found)


def node_of_terminals(projection: Projection) -> dict[tuple[int, int], int]:
    """Terminal that joins equipment and node, by both."""
    network = conduction(projection)
    rows = zip(
        network.left.tolist(), network.right.tolist(), network.terminals.tolist(), strict=True
    )
    return {(left, right): terminal for left, right, terminal in rows}


def places_above(lit: Orientation) -> Ints:
    """The place above each place, int32[k]."""
    found = np.zeros(len(lit.order), dtype=np.int32)
    path: list[int] = []
    for place, depth in enumerate(lit.depths.tolist()):
        del path[depth:]
        found[place] = path[-1] if path else 0
        path.append(place)
    return found


def marks_of(projection: Projection, kinds: Sequence[str]) -> Mask:
    """Marks of the positions of these kinds; the last entry is of the imagined source."""
    those = frozenset().union(*(tables.subclasses(kind) for kind in kinds))
    codes = np.array([name in those for name in projection.kind_names], dtype=bool)
    return np.append(codes[projection.kinds], False)
