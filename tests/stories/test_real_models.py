"""From published files to answers: what is in them, and how it hangs together.

What must come out is read from the files with lxml and walked with networkx (stated.py, grid.py).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

import networkx as nx
import pytest

from graph_service.domain import tables
from graph_service.domain.access import EVERYTHING
from graph_service.domain.containers import CONTAINMENT, inverse_containment
from graph_service.domain.filters import ElementFilter
from graph_service.domain.layers import Layer
from graph_service.domain.switching import State
from graph_service.domain.traces import StopReason, TraceKind
from tests.models import model, model_names, needs_models
from tests.stories.conftest import PHYSICAL, House, house_over
from tests.stories.grid import Grid
from tests.stories.stated import Stated, read

pytestmark = needs_models

ELSEWHERE = {
    "cgmes2_pegase9241_powsyblexport": "80 MB that say what smaller ones say",
    "cgmes2_simbench_ehv": "23 MB that say what SimBench HV/MV says",
    "cimhub_lvn_ieee390_zip": "17 MB that say what smaller feeders say",
    "gridappsd_ieee8500_opendss": "33 MB, see test_feeders.py",
}
ALIKE = {
    "bes_wecc240_merged": "bes_wecc240",
    "cgmes2_microgrid_bc_nl": "cgmes2_microgrid_bc_be",
    "cgmes2_minigrid_nb_t1_zip": "cgmes2_minigrid_nb",
    "cgmes2_smallgrid_nb": "cgmes2_smallgrid_nb_hvdc",
    "cgmes3_cas3_microgrid_nl_mas": "cgmes3_cas3_microgrid_be_mas",
    "gridappsd_acep_psil_v2": "gridappsd_acep_psil",
    "gridappsd_ieee123_pv_v2": "gridappsd_ieee123_pv",
    "gridappsd_ieee123_v2": "gridappsd_ieee123",
    "gridappsd_ieee123apps_v2": "gridappsd_ieee123apps",
    "gridappsd_ieee13_assets_v2": "gridappsd_ieee13_assets",
    "gridappsd_ieee13_ochre_v2": "gridappsd_ieee13_ochre",
}
"""Models that say much the same as another one."""
TOGETHER = [
    ("cgmes2_microgrid_bc_assembled", "cgmes2_microgrid_bd"),
    ("cgmes2_minigrid_nb", "cgmes2_minigrid_bd"),
    ("cgmes2_smallgrid_bb", "cgmes2_smallgrid_bd"),
    ("gridappsd_ieee123_pv", "gridappsd_enddevices_usagepoints"),
]
"""Models that belong together."""
LEFT_OUT = {*ELSEWHERE, *ALIKE, *(name for names in TOGETHER for name in names)}
MODELS = [*((name,) for name in model_names() if name not in LEFT_OUT), *TOGETHER]
OFF = {StopReason.OPEN, StopReason.OUT_OF_SERVICE}
SOME = 7
"""How many elements of a network are looked at one by one."""


@dataclass(frozen=True)
class Story:
    """A model as we answer about it, as its files state it, and as networkx walks it."""

    house: House
    stated: Stated
    grid: Grid

    def some(self, of: Iterable[str]) -> list[str]:
        """A few of these elements, the same ones every time."""
        ordered = sorted(of)
        return random.Random(1).sample(ordered, min(SOME, len(ordered)))  # noqa: S311 -- a sample

    def met(self, kind: TraceKind, *starts: str) -> set[str]:
        """What a trace meets of the network, without what hangs on it."""
        return set(self.house.met(kind, *starts)) & set(self.grid.whole)


@pytest.fixture(scope="module", params=MODELS, ids="+".join)
def story(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    stated = read(*map(model, request.param))
    with house_over(*request.param, data=tmp_path_factory.mktemp("story")) as house:
        yield Story(house, stated, Grid(stated))


def test_elements__are_those_the_files_define_with_the_classes_they_give(story: Story) -> None:
    ours = {mrid: set(element.kinds) for mrid, element in story.house.elements.items()}
    assert ours == dict(story.stated.classes)


def test_counts_by_kind__equal_those_of_the_files(story: Story) -> None:
    query = "{ store { elementCount countByKind { kind count } } }"
    store = story.house.ask(query)["store"]
    expected = Counter(map(most_specific, story.stated.classes.values()))
    assert {row["kind"]: row["count"] for row in store["countByKind"]} == expected
    assert store["elementCount"] == len(story.stated.classes)


def test_properties__are_the_texts_of_the_files(story: Story) -> None:
    for mrid, values in story.stated.values.items():
        ours = story.house.elements[mrid].properties if mrid in story.house.elements else {}
        for name, text in values.items() if ours else ():
            shown = text.rpartition("#")[2] if text.startswith("http") else text
            given = ours[name]
            assert {text, shown} & ({given} if isinstance(given, str) else set(given))


def test_links__are_the_references_that_find_their_element(story: Story) -> None:
    links = story.stated.all_links()
    (counted,) = story.house.network.model_sets()
    assert counted.links == len(links)
    for mrid in story.some(story.stated.classes):
        number = story.house.elements[mrid].number
        near = story.house.services.neighbourhood.neighbours([number], EVERYTHING)[0]
        out = {(mrid, n.link, n.element.mrid) for n in near if n.outgoing}
        back = {(n.element.mrid, n.link, mrid) for n in near if not n.outgoing}
        assert out | back == {link for link in links if mrid in (link[0], link[2])}


def test_container__holds_what_the_files_put_in_it_at_any_depth(story: Story) -> None:
    inside: nx.DiGraph[str] = nx.DiGraph()
    inside.add_edges_from((c, m) for m, c in story.stated.links(*CONTAINMENT))
    inside.add_edges_from(story.stated.links(*inverse_containment()))
    for container in story.some(mrid for mrid in inside if inside.out_degree(mrid)):
        number = story.house.elements[container].number
        held = ElementFilter(containers=frozenset({number}))
        assert story.house.network.count(held, EVERYTHING) == len(nx.descendants(inside, container))


def test_connected__is_a_component_of_the_closed_network(story: Story) -> None:
    islands = sorted(nx.connected_components(story.grid.passing), key=len, reverse=True)
    for start in map(min, islands[:SOME]):
        assert story.met(TraceKind.CONNECTED, start) == story.grid.connected(start)


def test_connected__is_the_same_from_wherever_it_is_asked(story: Story) -> None:
    for start in story.some(story.grid.passing):
        assert story.met(TraceKind.CONNECTED, start) == story.grid.connected(start)


def test_connected__from_what_is_open_reaches_both_sides(story: Story) -> None:
    for start in story.some(set(story.grid.whole) - set(story.grid.passing)):
        assert story.met(TraceKind.CONNECTED, start) == story.grid.connected(start)


def test_downstream__of_all_sources_is_all_that_is_energised(story: Story) -> None:
    met = story.met(TraceKind.DOWNSTREAM, *story.grid.sources)
    assert met == story.grid.with_borders(story.grid.energised)


def test_downstream__is_what_some_way_from_the_sources_passes(story: Story) -> None:
    for start in story.some(story.grid.passing):
        assert story.met(TraceKind.DOWNSTREAM, start) == story.grid.downstream(start)


def test_upstream__is_downstream_seen_from_the_other_end(story: Story) -> None:
    lit = story.some(story.grid.energised)
    above = {start: story.met(TraceKind.UPSTREAM, start) for start in lit}
    for upper, lower in product(lit, lit):
        assert (upper in above[lower]) == (lower in story.grid.downstream(upper))


def test_path_to_source__is_a_shortest_one_and_ends_at_a_source(story: Story) -> None:
    for start in story.some(story.grid.energised):
        path = story.house.met(TraceKind.PATH_TO_SOURCE, start)
        assert nx.is_path(story.grid.passing, path)
        assert len(path) - 1 == story.grid.distances[start]
        assert path[-1] in story.grid.sources


def test_shortest_path__is_one(story: Story) -> None:
    for start, target in zip(*2 * [iter(story.some(story.grid.energised))], strict=False):
        path = story.house.met(
            TraceKind.SHORTEST_PATH, start, target=story.house.elements[target].number
        )
        if nx.has_path(story.grid.passing, start, target):
            assert len(path) == len(nx.shortest_path(story.grid.passing, start, target))
            assert nx.is_path(story.grid.passing, path)
        else:
            assert path == [start]


def test_usage_points__hang_on_what_is_connected(story: Story) -> None:
    for point, equipment in story.stated.links("UsagePoint.Equipments"):
        assert point in story.house.met(TraceKind.DOWNSTREAM, equipment)


def test_stop_reasons__say_open_or_out_of_service_exactly_where_the_files_do(story: Story) -> None:
    trace = story.house.trace(TraceKind.CONNECTED, *story.grid.passing)
    named = {element.number: mrid for mrid, element in story.house.elements.items()}
    numbers, stops = trace.result.numbers.tolist(), trace.result.stop_reasons.tolist()
    off = {named[n] for n, stop in zip(numbers, stops, strict=True) if stop in OFF}
    blocked = {mrid for mrid in story.grid.whole if story.grid.blocked(mrid)}
    assert off & blocked == blocked & set(map(named.__getitem__, numbers))


def test_trace__of_every_kind_begins_at_every_kind_of_element_in_every_layer(story: Story) -> None:
    one_of_each = {element.kind: mrid for mrid, element in story.house.elements.items()}
    target = min((e.number for e in story.house.elements.values()), default=None)
    walks = ((State.NORMAL, PHYSICAL), (State.PRESENT, tuple(Layer)))
    for mrid, kind, (state, layers) in product(one_of_each.values(), TraceKind, walks):
        asked = {"state": state, "layers": layers, "target": target}
        trace = story.house.trace(kind, mrid, **asked)
        assert trace.total
        assert not trace.truncated


def most_specific(classes: set[str]) -> str:
    """The class no other given class is a kind of; the first by alphabet of several."""
    return min(c for c in classes if not any(c in tables.superclasses(o) for o in classes))
