"""What must hold of traces on any network; networkx by brute force is the judge."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.domain.switching import StateBits
from graph_service.domain.traces import StopReason, TraceKind
from graph_service.topology import tracing
from graph_service.topology.closed_graph import closed_graph
from graph_service.topology.tracing import TraceRequest, trace
from tests.unit.topology.sketches import Sketch, sketches

CONNECTED, UPSTREAM, DOWNSTREAM = TraceKind.CONNECTED, TraceKind.UPSTREAM, TraceKind.DOWNSTREAM
few = settings(max_examples=60, deadline=None)


@few
@given(sketches())
def test_connected__any_network_and_start_gives_what_networkx_reaches(sketch: Sketch) -> None:
    for start in sketch.graph:
        assert sketch.hops(start, CONNECTED) == sketch.reach(start)


@few
@given(sketches())
def test_connected__any_two_elements_reach_each_other_or_neither_does(sketch: Sketch) -> None:
    reached = {start: sketch.hops(start, CONNECTED) for start in sketch.graph}
    for one in reached:
        for other in reached:
            assert reached[one].get(other) == reached[other].get(one)


@few
@given(sketches())
def test_downstream__any_network_and_start_gives_what_ways_through_it_lead_to(
    sketch: Sketch,
) -> None:
    for start in sketch.graph:
        assert sketch.hops(start, DOWNSTREAM).keys() == sketch.downstream[start]


@few
@given(sketches())
def test_upstream__any_network_and_start_mirrors_downstream(sketch: Sketch) -> None:
    for start in sketch.graph:
        above = {other for other in sketch.graph if start in sketch.downstream[other]}
        assert sketch.hops(start, UPSTREAM).keys() == above | {start}


@few
@given(sketches())
def test_directions__depth_is_the_least_number_of_hops_along_them(sketch: Sketch) -> None:
    down: nx.DiGraph[str] = nx.DiGraph()
    down.add_nodes_from(sketch.graph)
    for one, other in [*sketch.graph.edges, *((b, a) for a, b in sketch.graph.edges)]:
        if other in sketch.downstream[one]:
            down.add_edge(one, other)
    up = down.reverse()
    for start in sketch.graph:
        assert sketch.hops(start, DOWNSTREAM) == nx.single_source_shortest_path_length(down, start)
        assert sketch.hops(start, UPSTREAM) == nx.single_source_shortest_path_length(up, start)


@few
@given(sketches())
def test_downstream__of_all_sources_together_is_what_is_energised(sketch: Sketch) -> None:
    closed = closed_graph(sketch.drawing.projection, _present())
    numbers = sketch.drawing.projection.numbers[closed.sources]
    assert set(sketch.drawing.names(numbers)) == sketch.sources
    found: set[str] = set()
    for source in sketch.sources:
        found |= sketch.hops(source, DOWNSTREAM).keys()
    islands = nx.connected_components(sketch.closed)
    energised = {name for island in islands if island & sketch.sources for name in island}
    edge = {shut for shut in sketch.blocked if energised & set(sketch.graph[shut])}
    assert found == energised | edge


@few
@given(sketches())
def test_path_to_source__any_start_is_a_shortest_way_to_the_nearest(sketch: Sketch) -> None:
    for start in sketch.graph:
        hops = sketch.hops(start, TraceKind.PATH_TO_SOURCE)
        away = sketch.reach(start)
        nearest = min((away[s] for s in sketch.sources if s in away), default=0)
        way = [name for name, _ in sorted(hops.items(), key=lambda step: step[1])]
        assert sorted(hops.values()) == list(range(nearest + 1))
        assert all(sketch.graph.has_edge(a, b) for a, b in pairwise(way))
        assert way[-1] in sketch.sources or way == [start]


@few
@given(sketches())
def test_path_to_source__walked_back_from_the_sources_is_a_shortest_way_too(
    sketch: Sketch,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for start in sketch.graph:
            patch.setattr(tracing, "_MANY", 1)
            one = sketch.hops(start, TraceKind.PATH_TO_SOURCE)
            patch.setattr(tracing, "_MANY", 0)
            hops = sketch.hops(start, TraceKind.PATH_TO_SOURCE)
            way = [name for name, _ in sorted(hops.items(), key=lambda step: step[1])]
            assert sorted(hops.values()) == sorted(one.values())
            assert all(sketch.graph.has_edge(a, b) for a, b in pairwise(way))
            assert way[-1] in sketch.sources or way == [start]


@few
@given(sketches())
def test_path_to_source__of_all_elements_at_once_is_the_union_of_their_ways(sketch: Sketch) -> None:
    request = TraceRequest(tuple(sketch.drawing.merged), TraceKind.PATH_TO_SOURCE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tracing, "_MANY", 0)
        together = trace(sketch.drawing.projection, request)
    one_by_one = trace(sketch.drawing.projection, request)
    assert _steps(together) == _steps(one_by_one)


@few
@given(sketches(), st.data())
def test_shortest_path__any_two_elements_is_no_longer_than_networkx_says(
    sketch: Sketch, data: st.DataObject
) -> None:
    start, target = (data.draw(st.sampled_from(sorted(sketch.graph))) for _ in "ab")
    hops = sketch.hops(start, TraceKind.SHORTEST_PATH, target=sketch.drawing.number(target))
    expected = sketch.reach(start).get(target)
    assert hops.get(target) == expected
    assert len(hops) == (1 if expected is None else expected + 1)


@few
@given(sketches(), st.data())
def test_open_and_close__any_switch_gives_the_answer_from_before(
    sketch: Sketch, data: st.DataObject
) -> None:
    start = data.draw(st.sampled_from(sorted(sketch.graph)))
    branch = data.draw(st.sampled_from([branch.name for branch in sketch.branches]))
    request = TraceRequest((sketch.drawing.number(start),), DOWNSTREAM)
    projection, number = sketch.drawing.projection, sketch.drawing.number(branch)
    before = int(projection.states[projection.index_of([number])[0]])
    turned = projection.with_states({number: before ^ StateBits.OPEN})
    trace(turned, request)
    back = turned.with_states({number: before})
    assert _steps(trace(back, request)) == _steps(trace(projection, request))


@few
@given(sketches(), st.data())
def test_opening__a_closed_branch_takes_away_what_networkx_says(
    sketch: Sketch, data: st.DataObject
) -> None:
    branch = data.draw(st.sampled_from([branch.name for branch in sketch.branches]))
    number = sketch.drawing.number(branch)
    opened = sketch.drawing.projection.with_states({number: int(StateBits.OPEN)})
    start = data.draw(st.sampled_from(sorted(set(sketch.graph) - {branch})))
    result = trace(opened, TraceRequest((sketch.drawing.number(start),), CONNECTED))
    rest = sketch.graph.copy()
    rest.remove_nodes_from((sketch.blocked | {branch}) - {start})
    reached = nx.node_connected_component(rest, start)
    edge = {near for name in reached for near in sketch.graph[name]}
    names = set(sketch.drawing.names(result.numbers)) & set(sketch.graph)
    assert names == reached | edge


@few
@given(sketches(), st.data())
def test_scope__any_visible_set_is_walked_within(sketch: Sketch, data: st.DataObject) -> None:
    names = sorted(sketch.graph)
    hidden = data.draw(st.sets(st.sampled_from(names), max_size=3))
    start = data.draw(st.sampled_from(names))
    visible = _visible(sketch, hidden)
    found = sketch.hops(start, DOWNSTREAM, visible=visible)
    inside = sketch.graph.subgraph(sketch.downstream[start] - hidden).copy()
    inside.remove_nodes_from(sketch.blocked - {start})
    reached = nx.node_connected_component(inside, start) if start in inside else set()
    edge = {near for name in reached for near in sketch.graph[name]}
    edge &= (sketch.blocked & sketch.downstream[start]) - hidden
    assert found.keys() == reached | edge


@few
@given(sketches())
def test_stop_reasons__any_network_says_why_each_branch_ends(sketch: Sketch) -> None:
    marks = {"!": StopReason.OPEN, "~": StopReason.OUT_OF_SERVICE}
    expected = {branch.name: marks.get(branch.how) for branch in sketch.branches}
    for start in sketch.graph:
        result = sketch.asked(start, CONNECTED)
        names = sketch.drawing.names(result.numbers)
        for name, depth, stop in zip(names, result.depths, result.stop_reasons, strict=True):
            assert stop == (expected.get(name) or stop)
            assert (stop == StopReason.HEAD) == (name in sketch.sources and depth > 0)


def _present() -> Any:
    return TraceRequest((), CONNECTED).state


def _visible(sketch: Sketch, hidden: set[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    projection = sketch.drawing.projection
    visible = np.ones(len(projection), dtype=bool)
    visible[projection.index_of([sketch.drawing.number(name) for name in hidden])] = False
    return visible


def _steps(result: Any) -> tuple[list[int], list[int], list[int]]:
    return result.numbers.tolist(), result.depths.tolist(), result.stop_reasons.tolist()
