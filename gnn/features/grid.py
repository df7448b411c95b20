"""The network as predictions see it: places where load is said, customers below them, a tree.

Places are transformers and feeders; any other equipment may be added to ask about it. In
depth-first order of the network (`topology.orientation`) all customers below a place are one
slice, so a sum over a subtree is a difference of two running sums, however deep the tree is.

Guarantees: parents come before their children; added places are leaves and change nothing for
the others; networks that are not connected with each other are told apart.
Limits: in a loop a place has what hangs below it in the depth-first tree, and `radial` is false
there; what is not energised in the state asked for is no place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gnn.features.customers import Customers, read_customers
from graph_service.domain import tables
from graph_service.domain.switching import State
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.predictor import Level
from graph_service.topology.conduction import conduction, links_to
from graph_service.topology.containment import contents
from graph_service.topology.csr import Ints, Mask
from graph_service.topology.orientation import orientation
from graph_service.topology.projection import Projection

Floats = NDArray[np.float64]

LEVELS: Final = tuple(Level)
"""Levels by code."""
_CODE: Final = {level: code for code, level in enumerate(LEVELS)}
_LEAST_CUSTOMERS_OF_A_SECTION: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Places and customers of one network in one state.

    Attributes:
        keys: Element of each place, `model_set/mRID`.
        heads: Equipment through which the load of each place flows; the element itself, but for
            feeders.
        levels: Codes of `LEVELS`, int8[p].
        parents: Index of the next place above, int32[p]; -1 at the top.
        begins, ends: The customers below each place are `customers[begins:ends]`, int32[p].
        radial: Whether no loop passes the place, bool[p].
        networks: Which of the networks that are not connected each place is in, int32[p].
        bounds: The customers of network k are `customers[bounds[k]:bounds[k + 1]]`, int32[k + 1].
        base: How many places are transformers and feeders; those after them were added.
        customers: In depth-first order.
    """

    keys: tuple[str, ...]
    heads: tuple[str, ...]
    levels: NDArray[np.int8]
    parents: Ints
    begins: Ints
    ends: Ints
    radial: Mask
    networks: Ints
    bounds: Ints
    base: int
    customers: Customers

    def __len__(self) -> int:
        return len(self.keys)

    def below(self, values: NDArray[Any]) -> NDArray[Any]:
        """Sums over the customers below each place: [m, ...] to [p, ...]."""
        running = np.zeros((len(values) + 1, *values.shape[1:]))
        np.cumsum(values, axis=0, out=running[1:])
        return running[self.ends] - running[self.begins]

    def by_network(self, values: NDArray[Any]) -> NDArray[Any]:
        """Sums over the customers of each network: [m, ...] to [networks, ...]."""
        found: NDArray[Any] = np.add.reduceat(values, self.bounds[:-1], axis=0)
        return found

    def only(self, kept: Mask) -> Grid:
        """The network as it would be with some of its customers alone, bool[m]; places that
        supply none of them, and added ones, are left out."""
        running = np.concatenate([[0], np.cumsum(kept)]).astype(np.int32)
        begins, ends, bounds = (running[each] for each in (self.begins, self.ends, self.bounds))
        there = np.flatnonzero((ends > begins)[: self.base])
        number = np.full(len(self) + 1, -1, dtype=np.int32)
        number[there] = np.arange(len(there), dtype=np.int32)
        lit = np.diff(bounds) > 0
        networks = (np.cumsum(lit) - 1).astype(np.int32)
        return Grid(
            keys=tuple(self.keys[place] for place in there),
            heads=tuple(self.heads[place] for place in there),
            levels=self.levels[there],
            parents=number[self.parents[there]],
            begins=begins[there],
            ends=ends[there],
            radial=self.radial[there],
            networks=networks[self.networks[there]],
            bounds=np.append(bounds[:-1][lit], bounds[-1]),
            base=len(there),
            customers=self.customers.only(kept),
        )

    def network_of_customers(self) -> Ints:
        """Which network each customer is in, int32[m]."""
        return np.repeat(np.arange(len(self.bounds) - 1, dtype=np.int32), np.diff(self.bounds))

    def tops(self) -> Ints:
        """The highest place above each place, or itself, int32[p]."""
        top = np.arange(len(self), dtype=np.int32)
        for place, parent in enumerate(self.parents):
            if parent >= 0:
                top[place] = top[parent]
        return top

    def within(self, level: Level) -> Ints:
        """The nearest place of a level at or above each place, int32[p]; -1 where none is."""
        found = np.full(len(self), -1, dtype=np.int32)
        for place, parent in enumerate(self.parents):
            own = self.levels[place] == _CODE[level]
            found[place] = place if own else found[parent] if parent >= 0 else -1
        return found


def read_grid(
    graph: GraphStore,
    projection: Projection,
    state: State = State.PRESENT,
    added: Sequence[int] = (),
) -> Grid:
    """The places of a network.

    Args:
        graph: Where names and ratings are read.
        projection: The network in memory.
        state: Which switching state counts.
        added: Element numbers of further equipment to say loads of.
    """
    lit = orientation(projection, state)
    customers, at = projection.once_per_state(
        ("customers", state), lambda: read_customers(graph, projection, lit.place)
    )
    elements, heads, levels = _base_places(projection, lit.place, lit.ends, at)
    begins = lit.place[heads]
    order = np.argsort(begins, kind="stable")
    elements, heads, levels = elements[order], heads[order], levels[order]
    base = len(elements)
    more = _energised(projection, lit.place, added, at, lit.ends)
    elements, heads = np.append(elements, more), np.append(heads, more)
    levels = np.append(levels, np.full(len(more), _CODE[Level.SECTION], dtype=np.int8))
    begins, ends = lit.place[heads], lit.ends[lit.place[heads]]
    networks, bounds = _networks(lit.depths, begins, at)
    looped = (lit.tops[begins] != begins) | (lit.loops[ends] > lit.loops[begins])
    return Grid(
        keys=_keys(graph, projection, elements),
        heads=_keys(graph, projection, heads),
        levels=levels.astype(np.int8),
        parents=_parents(begins, ends, base),
        begins=np.searchsorted(at, begins).astype(np.int32),
        ends=np.searchsorted(at, ends).astype(np.int32),
        radial=~looped,
        networks=networks,
        bounds=bounds,
        base=base,
        customers=customers,
    )


def sections(projection: Projection, state: State, most: int, seed: int) -> list[int]:
    """Numbers of some line segments with several customers below, drawn by seed, ascending."""
    lit = orientation(projection, state)
    lines = _of_kind(projection, "ACLineSegment")
    lines = lines[lit.place[lines] >= 0]
    network = conduction(projection)
    points = _of_kind(projection, "UsagePoint")
    metered = network.supplies[np.isin(network.hanging, points)]
    loads = np.sort(lit.place[np.unique(metered)])
    begins = lit.place[lines]
    counts = np.searchsorted(loads, lit.ends[begins]) - np.searchsorted(loads, begins)
    lines = lines[counts >= _LEAST_CUSTOMERS_OF_A_SECTION]
    drawn = np.random.default_rng(seed).permutation(len(lines))[:most]
    found: list[int] = projection.numbers[np.sort(lines[drawn])].tolist()
    return found


def _networks(depths: Ints, begins: Ints, at: Ints) -> tuple[Ints, Ints]:
    """(network of each place, where the customers of each begin), those with customers counted.

    What hangs below one child of the imagined source is all that is connected with it.
    """
    of_place = np.cumsum(depths == 1)
    inside, first = np.unique(of_place[at], return_index=True)
    bounds = np.append(first, len(at)).astype(np.int32)
    return np.searchsorted(inside, of_place[begins]).astype(np.int32), bounds


def _base_places(
    projection: Projection, place: Ints, ends: Ints, at: Ints
) -> tuple[Ints, Ints, NDArray[np.int8]]:
    """(element, head equipment, level) of transformers and feeders with customers below."""
    transformers = _supplying(_of_kind(projection, "PowerTransformer"), place, ends, at)
    begins = np.sort(place[transformers])
    under = _between(begins, place[transformers] + 1, ends[place[transformers]])
    small = transformers[under == 0]
    feeders, heads = _feeders(projection, place)
    kept = np.isin(heads, _supplying(heads, place, ends, at))
    feeders, heads = feeders[kept], heads[kept]
    low = _inside(place[small], ends[place[small]], place[heads])
    levels = np.concatenate(
        [
            np.where(under > 0, _CODE[Level.SUBSTATION], _CODE[Level.TRANSFORMER]),
            np.where(low, _CODE[Level.LV_FEEDER], _CODE[Level.MV_FEEDER]),
        ]
    )
    elements = np.concatenate([transformers, feeders])
    heads = np.concatenate([transformers, heads])
    _, first = np.unique(heads, return_index=True)
    return elements[first], heads[first], levels[first].astype(np.int8)


def _feeders(projection: Projection, place: Ints) -> tuple[Ints, Ints]:
    """(feeder, equipment at its head): as the terminal says, else the first that is in it."""
    terminals, feeders = (
        np.concatenate(ends)
        for ends in zip(
            links_to(projection, "Terminal.NormalHeadFeeder"),
            links_to(projection, "Terminal.NormalHeadLvFeeder"),
            strict=True,
        )
    )
    heads = conduction(projection).equipment_of[terminals]
    lit = (heads >= 0) & (place[heads] >= 0)
    feeders, heads = feeders[lit].astype(np.int32), heads[lit].astype(np.int32)
    all_feeders = np.union1d(_of_kind(projection, "Feeder"), _of_kind(projection, "LvFeeder"))
    others = np.setdiff1d(all_feeders, feeders).astype(np.int32)
    which, inside = contents(projection).next_to(others)
    which, inside = which[place[inside] >= 0], inside[place[inside] >= 0]
    order = np.lexsort((place[inside], which))
    which, inside = which[order], inside[order]
    _, first = np.unique(which, return_index=True)
    return (
        np.concatenate([feeders, others[which[first]]]),
        np.concatenate([heads, inside[first]]),
    )


def _energised(
    projection: Projection, place: Ints, numbers: Sequence[int], at: Ints, ends: Ints
) -> Ints:
    found = projection.index_of(list(numbers))
    found = found[found >= 0]
    return _supplying(found, place, ends, at)


def _supplying(positions: Ints, place: Ints, ends: Ints, at: Ints) -> Ints:
    """Those that are energised and have customers below, in the order given."""
    positions = positions[place[positions] >= 0]
    return positions[_between(at, place[positions], ends[place[positions]]) > 0]


def _between(ascending: Ints, begins: Ints, ends: Ints) -> Ints:
    found = np.searchsorted(ascending, ends) - np.searchsorted(ascending, begins)
    return found.astype(np.int32)


def _inside(begins: Ints, ends: Ints, wanted: Ints) -> Mask:
    """Whether a place lies in one of some disjoint intervals."""
    order = np.argsort(begins)
    begins, ends = begins[order], ends[order]
    if not len(begins):
        return np.zeros(len(wanted), dtype=bool)
    before = np.searchsorted(begins, wanted, side="right") - 1
    found: Mask = (before >= 0) & (wanted < ends[np.maximum(before, 0)])
    return found


def _parents(begins: Ints, ends: Ints, base: int) -> Ints:
    """The innermost of the first `base` intervals, ascending, around each; -1 where none is."""
    parents = np.full(len(begins), -1, dtype=np.int32)
    around: list[int] = []
    order = np.argsort(begins, kind="stable")
    for place in order.tolist():
        while around and ends[around[-1]] <= begins[place]:
            around.pop()
        parents[place] = around[-1] if around else -1
        if place < base:
            around.append(place)
    return parents


def _of_kind(projection: Projection, kind: str) -> Ints:
    those = tables.subclasses(kind)
    codes = np.array([name in those for name in projection.kind_names], dtype=bool)
    return np.flatnonzero(codes[projection.kinds]).astype(np.int32)


def _keys(graph: GraphStore, projection: Projection, positions: Ints) -> tuple[str, ...]:
    return tuple(str(key) for key in graph.keys(projection.numbers[positions].tolist()))
