"""Scopes: which elements are meant, how far each is and in which relation."""

from collections import Counter

import numpy as np
import pytest

from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import AmbiguousElement, InvalidCall, UnknownElement
from graph_service.domain.layers import Layer
from graph_service.domain.scopes import (
    Neighbourhood,
    OfContainer,
    OfElements,
    OfOwner,
    OfTrace,
    Relation,
)
from graph_service.domain.switching import State
from graph_service.domain.traces import TraceKind
from graph_service.services import neighbourhood
from graph_service.services.members import Standing
from graph_service.services.scopes import Scopes
from tests.building import part
from tests.drawing import draw

TWO_FEEDERS = """
    S1 -l1- B2 =t1= B3 -l2- M4
    B3 /s1/ B5 -l3- M6
    B2 =t2= B7 -l4- M8
"""


@pytest.fixture
def scopes(world):
    return Scopes(world.network, neighbourhood.Neighbourhood(world.graph))


def standings(scopes, asked, scope=EVERYTHING):
    found = scopes.members(asked, scope).standings
    return {key.removeprefix("drawn/"): standing for key, standing in found.items()}


def test_elements__each_is_a_start(world, scopes):
    world.draw(TWO_FEEDERS)
    start = Standing(0, Relation.START)
    assert standings(scopes, OfElements(("t1", "drawn/t2"))) == {"t1": start, "t2": start}


def test_elements__named_twice_count_once(world, scopes):
    world.draw(TWO_FEEDERS)
    assert scopes.members(OfElements(("t1", "t1")), EVERYTHING).keys == ["drawn/t1"]


@pytest.mark.parametrize("ids", [("t1", "t9"), ("other/t1",)])
def test_elements__one_that_is_not_there_is_an_error(world, scopes, ids):
    world.draw(TWO_FEEDERS)
    with pytest.raises(UnknownElement):
        scopes.members(OfElements(ids), EVERYTHING)


def test_elements__an_mrid_of_two_model_sets_is_ambiguous(world, scopes):
    world.draw(TWO_FEEDERS)
    world.hold(draw(TWO_FEEDERS, model_set="second"))
    with pytest.raises(AmbiguousElement):
        scopes.members(OfElements(("t1",)), EVERYTHING)


def test_elements__none_named_is_an_error(world, scopes):
    with pytest.raises(InvalidCall):
        scopes.members(OfElements(()), EVERYTHING)


def test_trace__downstream_says_how_many_hops(world, scopes):
    world.draw(TWO_FEEDERS)
    found = standings(scopes, OfTrace("t1", TraceKind.DOWNSTREAM))
    assert found["t1"] == (0, Relation.START)
    assert found["B3"] == (1, Relation.DOWNSTREAM)
    assert found["M6.usage"] > found["M6.load"]
    assert "l4" not in found


def test_trace__ends_after_the_hops_asked(world, scopes):
    world.draw(TWO_FEEDERS)
    found = standings(scopes, OfTrace("t1", TraceKind.UPSTREAM, hops=2))
    assert found == {
        "t1": (0, Relation.START),
        "B2": (1, Relation.UPSTREAM),
        "l1": (2, Relation.UPSTREAM),
    }


def test_trace__follows_the_state_that_was_asked(world, scopes):
    world.draw(TWO_FEEDERS)
    world.open("s1")
    present = standings(scopes, OfTrace("t1", TraceKind.DOWNSTREAM))
    normal = standings(scopes, OfTrace("t1", TraceKind.DOWNSTREAM, State.NORMAL))
    assert ("M6" in present, "M6" in normal) == (False, True)


def test_trace__follows_switching_at_once(world, scopes):
    world.draw(TWO_FEEDERS)
    asked = OfTrace("t1", TraceKind.DOWNSTREAM)
    before = standings(scopes, asked)
    world.open("s1")
    assert {"M6", "l3"} <= before.keys() - standings(scopes, asked).keys()


def test_trace__more_hops_than_can_be_walked_are_refused(world, scopes):
    world.draw(TWO_FEEDERS)
    with pytest.raises(InvalidCall):
        scopes.members(OfTrace("t1", TraceKind.UPSTREAM, hops=-1), EVERYTHING)


def test_trace__walks_other_layers(world, scopes):
    draw_with_gateway(world)
    asked = OfTrace("M4", TraceKind.UPSTREAM, layers=(Layer.COMMUNICATION,))
    assert list(standings(scopes, asked)) == ["M4", "M4.module", "G1", "H1"]


def test_container__holds_what_lies_in_it_and_what_hangs_on_that(world, scopes):
    draw_with_station(world)
    found = standings(scopes, OfContainer("station"))
    assert found["station"] == (0, Relation.START)
    assert found["level"] == (1, Relation.CONTAINED)
    assert found["M4.load"] == (2, Relation.CONTAINED)
    assert {"M4.usage", "M4"} <= found.keys()
    assert found["M4"] > found["M4.usage"] > found["M4.load"]
    assert "t1" not in found


def test_owner__holds_what_belongs_to_it(world, scopes):
    world.hold(draw(TWO_FEEDERS, owners={"t1": "north", "t2": "south", "M4.load": "north"}))
    found = standings(scopes, OfOwner("north"))
    assert found["north"] == (0, Relation.START)
    assert found["t1"] == found["M4.usage"] == (1, Relation.OWNED)
    assert "t2" not in found


def test_members__of_another_owner_are_not_there(world, scopes):
    world.hold(draw(TWO_FEEDERS, owners={"t1": "north", "B3": "north", "t2": "south"}))
    north = world.access.scope(["north"])
    asked = OfTrace("t1", TraceKind.CONNECTED)
    assert "l1" in standings(scopes, asked)
    assert list(standings(scopes, asked, north)) == ["t1", "B3"]


def test_members__are_cut_where_there_are_too_many(world):
    world.draw(TWO_FEEDERS)
    few = Scopes(world.network, neighbourhood.Neighbourhood(world.graph), most=3)
    found = few.members(OfTrace("t1", TraceKind.DOWNSTREAM), EVERYTHING)
    assert (len(found.keys), found.truncated) == (3, True)
    assert found.distances.tolist() == sorted(found.distances.tolist())


def test_members__are_found_once_a_revision(world):
    world.draw(TWO_FEEDERS)
    calls = Counter()
    scopes = Scopes(Counted(world.network, calls), neighbourhood.Neighbourhood(world.graph))
    asked = OfTrace("t1", TraceKind.DOWNSTREAM)
    first = scopes.members(asked, EVERYTHING)
    assert scopes.members(asked, EVERYTHING) is first
    assert (calls["trace"], calls["keys"]) == (1, 1)


@pytest.mark.parametrize(("kind", "expected"), [(None, ["M4.usage"]), ("Meter", ["M4"])])
def test_keys_of__a_trace_are_usage_points_unless_asked_otherwise(world, scopes, kind, expected):
    world.draw("S1 -l1- B2 =t1= B3 -l2- M4")
    members = scopes.members(OfTrace("t1", TraceKind.DOWNSTREAM), EVERYTHING)
    assert members.keys_of(kind) == [f"drawn/{name}" for name in expected]


def test_keys_of__elements_that_were_named_are_these(world, scopes):
    world.draw(TWO_FEEDERS)
    members = scopes.members(OfElements(("t1",)), EVERYTHING)
    assert members.keys_of(None) == ["drawn/t1"]


def test_neighbourhood__names_the_first_relation_that_holds(world, scopes):
    draw_with_station(world)
    found = standings(scopes, Neighbourhood(("t1",), hops=3))
    assert found["t1"] == (0, Relation.START)
    assert found["B3"] == (1, Relation.DOWNSTREAM)
    assert found["B2"] == (1, Relation.UPSTREAM)
    assert found["t2"] == (2, Relation.CONNECTED)


def test_neighbourhood__has_the_containers_and_what_else_lies_in_the_nearest(world, scopes):
    draw_with_station(world)
    found = standings(scopes, Neighbourhood(("l2",), hops=0))
    assert found["level"] == (1, Relation.CONTAINER)
    assert found["station"] == (2, Relation.CONTAINER)
    assert found["M4.load"] == (2, Relation.SAME_CONTAINER)


def test_neighbourhood__has_the_way_of_the_data_and_who_shares_the_gateway(world, scopes):
    draw_with_gateway(world)
    found = standings(scopes, Neighbourhood(("M4.usage",), hops=0))
    assert found["G1"].relation is found["H1"].relation is Relation.COMMUNICATION_PATH
    assert found["M6"].relation is Relation.SAME_GATEWAY
    assert found["M6"].distance > found["G1"].distance
    assert "M8" not in found


def test_members__columns_are_equally_long_and_the_nearest_come_first(world, scopes):
    draw_with_station(world)
    found = scopes.members(Neighbourhood(("t1",), hops=50), EVERYTHING)
    lengths = {len(found.numbers), len(found.distances), len(found.relations), len(found.keys)}
    assert len(lengths) == 1
    assert np.all(np.diff(found.distances) >= 0)


class Counted:
    """A network that counts what is asked of it."""

    def __init__(self, network, calls):
        self._network, self._calls = network, calls

    def __getattr__(self, name):
        self._calls[name] += 1
        return getattr(self._network, name)


def draw_with_station(world) -> None:
    """The line l2 and the load M4 lie in a voltage level of a station."""
    held = {"Equipment.EquipmentContainer": "level"}
    world.hold(
        draw(
            TWO_FEEDERS,
            part("station", "Substation"),
            part("level", "VoltageLevel", links={"VoltageLevel.Substation": "station"}),
            part("l2", links=held),
            part("M4.load", links=held),
        )
    )


def draw_with_gateway(world) -> None:
    """The meters M4 and M6 report through one gateway, M8 through none."""
    parts = [
        part("H1", "HeadEnd"),
        part("G1", "Gateway", links={"Gateway.HeadEnd": "H1"}),
    ]
    for meter in ("M4", "M6"):
        links = {"Asset.AssetContainer": meter, "ComModule.Gateway": "G1"}
        parts.append(part(f"{meter}.module", "ComModule", links=links))
    world.hold(draw(TWO_FEEDERS, *parts))
