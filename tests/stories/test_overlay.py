"""Communication and ownership laid over published models: who sees what, and how meters talk."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import networkx as nx
import pytest

from graph_service.bootstrap import open_services, overlay
from graph_service.domain.access import EVERYTHING
from graph_service.domain.layers import Layer
from graph_service.domain.traces import TraceKind
from graph_service.settings import Settings
from tests.models import model, needs_models
from tests.stories.conftest import House
from tests.stories.grid import Grid
from tests.stories.stated import Stated, read

pytestmark = needs_models

MODELS = [
    "gridappsd_ieee123",
    "gridappsd_ieee13_ochre",
    "cgmes2_microgrid_t2_assembled",
    "cgmes3_minigrid",
    "cim14_itesla_m7",
    "ninecode_demodata_zip",
    "telemark120",
]
COMMUNICATION = {"layers": (Layer.COMMUNICATION,)}
OWNERSHIP = {"layers": (Layer.OWNERSHIP,)}


class Laid(House):
    """A house over a model with its overlay; `files` are those of both."""

    files: Stated

    def of(self, kind: str) -> list[str]:
        """The mRIDs of a kind."""
        return sorted(mrid for mrid, element in self.elements.items() if element.kind == kind)

    @cached_property
    def owners(self) -> dict[str, set[str]]:
        """The organisations each element belongs to."""
        numbers = [element.number for element in self.elements.values()]
        owned = self.services.neighbourhood.owners(numbers, EVERYTHING)
        return {mrid: {o.mrid for o in of} for mrid, of in zip(self.elements, owned, strict=True)}


@pytest.fixture(scope="module", params=MODELS)
def laid(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Laid]:
    folder, source = tmp_path_factory.mktemp("laid"), model(request.param)
    settings = Settings(data=folder / "data")
    with open_services(settings) as services:
        house = Laid(services)
        house.take(source)
        overlay(settings, "model", folder / "overlay", seed=1)
        house.take(folder / "overlay")
        house.files = read(source, folder / "overlay")
        yield house


def test_overlay__leaves_nothing_dangling_and_no_trace_changed(laid: Laid) -> None:
    pending = laid.services.neighbourhood.pending("model")
    added = {"Asset", "UsagePoint", "EndDevice", "ComModule", "SimCard", "Gateway", "Cell"}
    assert not [name for name in pending if name.partition(".")[0] in added]
    grid = Grid(laid.files)
    met = set(laid.met(TraceKind.DOWNSTREAM, *grid.sources))
    assert met & set(grid.whole) == grid.with_borders(grid.energised)


def test_meter__of_every_consumer__talks_to_the_head_end(laid: Laid) -> None:
    (head_end,) = laid.of("HeadEnd")
    meters = laid.of("Meter")
    assert len(meters) >= len(laid.files.of("EnergyConsumer", "ConformLoad", "NonConformLoad"))
    for meter in meters[:200]:
        path = laid.met(TraceKind.PATH_TO_SOURCE, meter, **COMMUNICATION)
        assert path[-1] == head_end
        kinds = {laid.elements[mrid].kind for mrid in path}
        assert kinds & {"Gateway", "Cell"}


def test_head_end__downstream__reaches_every_meter(laid: Laid) -> None:
    met = laid.met(TraceKind.DOWNSTREAM, *laid.of("HeadEnd"), **COMMUNICATION)
    assert set(laid.of("Meter")) <= set(met)


def test_equipment__all_of_it__belongs_to_an_organisation(laid: Laid) -> None:
    equipment = {e for _, e in laid.files.links("Terminal.ConductingEquipment")}
    assert equipment
    assert not [mrid for mrid in equipment if not laid.owners[mrid]]


def test_equipment__traced_to_its_owner__ends_where_the_store_says(laid: Laid) -> None:
    for mrid in sorted(e for _, e in laid.files.links("Asset.PowerSystemResources"))[:20]:
        met = laid.met(TraceKind.UPSTREAM, mrid, **OWNERSHIP)
        found = {each for each in met if laid.elements[each].kind == "Organisation"}
        assert laid.owners[mrid] <= found


def test_scope__of_each_organisation__shows_what_it_owns_and_no_more(laid: Laid) -> None:
    numbers = [element.number for element in laid.elements.values()]
    for organisation in laid.of("Organisation"):
        scope = laid.services.access.scope([organisation])
        seen = [element is not None for element in laid.network.elements(numbers, scope)]
        assert seen == [organisation in laid.owners[mrid] for mrid in laid.elements]


def test_walk__of_one_organisation__passes_what_it_owns_only(laid: Laid) -> None:
    grid = Grid(laid.files)
    for organisation in laid.of("Organisation"):
        scope = laid.services.access.scope([organisation])
        mine = grid.whole.subgraph(m for m in grid.whole if organisation in laid.owners[m])
        open_for_me = mine.subgraph(m for m in mine if not grid.blocked(m))
        for start in sorted(open_for_me)[:3]:
            passed = nx.node_connected_component(open_for_me, start)
            near = {other for each in passed for other in mine[each]}
            met = laid.met(TraceKind.CONNECTED, start, scope=scope)
            assert set(met) & set(grid.whole) == passed | near
