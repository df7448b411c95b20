"""Breadth-first walking: wide and narrow levels, predecessors, joined steps."""

from __future__ import annotations

from math import inf

import networkx as nx
import numpy as np

from graph_service.topology.csr import Csr
from graph_service.topology.walking import Budget, once_each, walk

FREE = Budget(10**9, inf)


def test_walk__wide_and_narrow_levels_have_the_depths_of_networkx() -> None:
    graph, arcs = _random(300, 420)
    found = walk(arcs, _ints(0), None, FREE)
    depths = dict(zip(found.vertices.tolist(), found.depths.tolist(), strict=True))
    assert max(np.bincount(found.depths)) > 60
    assert depths == nx.single_source_shortest_path_length(graph, 0)


def test_walk__predecessor_is_the_smallest_neighbour_one_level_up() -> None:
    graph, arcs = _random(300, 900)
    found = walk(arcs, _ints(0), None, FREE)
    depths = dict(zip(found.vertices.tolist(), found.depths.tolist(), strict=True))
    for vertex, before in zip(found.vertices[1:].tolist(), found.before[1:], strict=True):
        above = [near for near in graph[vertex] if depths[near] == depths[vertex] - 1]
        assert found.vertices[before] == min(above)


def test_walk__goes_on_where_something_deeper_follows() -> None:
    graph, arcs = _random(300, 900)
    found = walk(arcs, _ints(0), None, FREE)
    depths = dict(zip(found.vertices.tolist(), found.depths.tolist(), strict=True))
    for vertex, goes_on in zip(found.vertices.tolist(), found.goes_on, strict=True):
        assert goes_on == any(depths[near] > depths[vertex] for near in graph[vertex])


def test_walk__long_chain_is_walked_to_its_end() -> None:
    size = 50_000
    ahead = np.arange(size - 1, dtype=np.int32)
    found = walk(Csr.of_pairs(size, ahead, ahead + 1), _ints(0), None, FREE)
    assert found.depths[-1] == size - 1


def test_walk__hidden_vertices_are_neither_found_nor_passed() -> None:
    _, arcs = _random(300, 420)
    hidden = np.zeros(300, dtype=bool)
    hidden[1:] = True
    assert walk(arcs, _ints(0), hidden, FREE).vertices.tolist() == [0]


def test_walk__budget_ends_it_after_the_level_that_passed_it() -> None:
    _, arcs = _random(300, 420)
    whole = walk(arcs, _ints(0), None, FREE)
    cut = walk(arcs, _ints(0), None, Budget(10, inf))
    assert (cut.finished, whole.finished) == (False, True)
    assert 10 < len(cut.vertices) < len(whole.vertices)
    assert np.array_equal(cut.vertices, whole.vertices[: len(cut.vertices)])


def test_once_each__least_depth_counts_and_one_that_goes_on_is_enough() -> None:
    found = once_each(_ints(7, 5, 7), _ints(3, 1, 2), np.array([True, False, False]))
    assert [part.tolist() for part in found] == [[5, 7], [1, 2], [False, True]]


def _random(size: int, edges: int) -> tuple[nx.Graph, Csr]:
    graph = nx.gnm_random_graph(size, edges, seed=1)
    graph.add_edges_from((0, hub) for hub in range(1, 80))
    pairs = np.array([*graph.edges, *((b, a) for a, b in graph.edges)], dtype=np.int32).T
    return graph, Csr.of_pairs(size, pairs[0], pairs[1])


def _ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int32)
