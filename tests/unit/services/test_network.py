import pytest

from graph_service.domain.access import EVERYTHING, NOTHING, Caller, Right
from graph_service.domain.errors import (
    AccessDenied,
    AmbiguousElement,
    BadFilter,
    BadPage,
    UnknownElement,
    UnknownKind,
    UnknownModelSet,
)
from graph_service.domain.filters import ElementFilter, PageRequest
from graph_service.domain.switching import State
from graph_service.domain.traces import TraceKind
from graph_service.services.access import OPEN_CALLER
from graph_service.services.network import Network
from graph_service.services.traces import Trace, TraceQuestion
from tests.building import document, part
from tests.drawing import draw
from tests.unit.services.conftest import World

RADIAL = "S1 -l1- B2 /s1/ B3 -l2- M4"
DOWNSTREAM = TraceQuestion(TraceKind.DOWNSTREAM)


def names(world: World, trace: Trace) -> list[str]:
    steps, _ = trace.page(500)
    return [key.mrid for key in world.network.keys([step.number for step in steps])]


def below(world: World, mrid: str, question: TraceQuestion = DOWNSTREAM) -> list[str]:
    start = world.network.element(mrid, EVERYTHING)
    return names(world, world.network.trace([start.number], question, EVERYTHING))


def test_element__is_found_by_mrid_and_by_model_set_and_mrid(world: World) -> None:
    world.draw(RADIAL)
    by_mrid = world.network.element("s1", EVERYTHING)
    assert world.network.element("drawn/s1", EVERYTHING) == by_mrid


def test_element__unknown_or_out_of_scope_is_the_same_error(world: World) -> None:
    world.draw(RADIAL)
    for mrid, scope in (("nobody", EVERYTHING), ("s1", NOTHING)):
        with pytest.raises(UnknownElement):
            world.network.element(mrid, scope)


def test_element__an_mrid_of_two_model_sets_must_be_told_apart(world: World) -> None:
    world.draw(RADIAL)
    twin = draw(RADIAL)
    twin.model_set = "twin"
    world.hold(twin)
    with pytest.raises(AmbiguousElement, match="drawn, twin"):
        world.network.element("s1", EVERYTHING)
    assert world.network.element("twin/s1", EVERYTHING).key.model_set == "twin"


def test_find__a_superclass_finds_all_that_are_one(world: World) -> None:
    world.draw(RADIAL)
    wanted = ElementFilter(kinds=frozenset({"ConductingEquipment"}))
    page = world.network.find(wanted, PageRequest(first=50), EVERYTHING)
    assert {e.mrid for e in page.elements} >= {"S1", "l1", "s1", "l2", "M4.load"}


def test_find__an_unknown_kind_is_an_error_that_names_near_ones(world: World) -> None:
    world.draw(RADIAL)
    with pytest.raises(UnknownKind) as caught:
        world.network.count(ElementFilter(kinds=frozenset({"Braker"})), EVERYTHING)
    assert "Breaker" in (caught.value.hint or "")


@pytest.mark.parametrize("first", [-1, 501])
def test_find__a_page_outside_what_may_be_asked_is_an_error(world: World, first: int) -> None:
    with pytest.raises(BadPage):
        world.network.find(ElementFilter(), PageRequest(first=first), EVERYTHING)


def test_trace__opening_a_switch_takes_away_what_lies_behind_it(world: World) -> None:
    world.draw(RADIAL)
    assert "M4" in below(world, "S1")
    world.open("s1")
    assert below(world, "S1")[-1] == "s1"
    assert "M4" in below(world, "S1", TraceQuestion(TraceKind.DOWNSTREAM, State.NORMAL))


def test_trace__pages_follow_each_other_without_gap_or_repetition(world: World) -> None:
    world.draw(RADIAL)
    start = world.network.element("S1", EVERYTHING)
    trace = world.network.trace([start.number], DOWNSTREAM, EVERYTHING)
    collected, after, more = [], None, True
    while more:
        steps, more = trace.page(2, after)
        collected += steps
        after = (steps[-1].depth, steps[-1].number)
    assert collected == trace.page(500)[0]
    assert len(collected) == trace.total


def test_trace__listing_only_some_kinds_walks_the_same_way(world: World) -> None:
    world.draw(RADIAL)
    question = TraceQuestion(TraceKind.DOWNSTREAM, kinds=frozenset({"EnergyConsumer"}))
    assert below(world, "S1", question) == ["M4.load"]


def test_set_switch__is_seen_by_a_service_that_reads_the_store_anew(world: World) -> None:
    world.draw(RADIAL)
    world.network.projection()
    world.open("s1")
    fresh = Network(world.graph, world.notices)
    start = fresh.element("S1", EVERYTHING)
    flipped = world.network.trace([start.number], DOWNSTREAM, EVERYTHING)
    rebuilt = fresh.trace([start.number], DOWNSTREAM, EVERYTHING)
    assert flipped.revision == rebuilt.revision
    assert flipped.page(500) == rebuilt.page(500)


def test_set_switch__where_it_stands_already_makes_no_revision(world: World) -> None:
    world.draw(RADIAL)
    world.open("s1")
    revision = world.network.revision()
    world.open("s1")
    assert world.network.revision() == revision


def test_set_switch__where_a_file_says_it_stands_so_in_capitals_makes_no_revision(
    world: World,
) -> None:
    with world.graph.transaction(author="test", message="a file") as change:
        change.put_document(document(), [part("s1", "Breaker", {"Switch.open": "True"})])
    world.open("s1")
    assert world.network.revision() == 1


def test_set_switch__a_second_position_stands_beside_the_first(world: World) -> None:
    world.draw("S1 /s1/ B2 /s2/ M3")
    world.open("s1")
    world.open("s2")
    switches = [world.network.element(mrid, EVERYTHING) for mrid in ("s1", "s2")]
    assert [switch.text("Switch.open") for switch in switches] == ["true", "true"]


def test_set_switch__a_line_cannot_be_opened(world: World) -> None:
    world.draw(RADIAL)
    with pytest.raises(BadFilter, match="ACLineSegment"):
        world.open("l1")


def test_set_switch__needs_the_right(world: World) -> None:
    world.draw(RADIAL)
    reader = Caller("reader", EVERYTHING, frozenset({Right.READ}))
    with pytest.raises(AccessDenied, match="switch"):
        world.network.set_switch(world.network.element("s1", EVERYTHING), True, reader)


def test_undo__of_switching_closes_the_switch_again(world: World) -> None:
    world.draw(RADIAL)
    before = below(world, "S1")
    world.open("s1")
    world.network.undo(world.network.revision(), OPEN_CALLER)
    assert below(world, "S1") == before


def test_projection__is_loaded_from_disk_at_the_next_start(world: World) -> None:
    world.draw(RADIAL)
    built = world.network.projection()
    loaded = Network(world.graph, world.notices, cache=world.folder / "projection").projection()
    assert loaded.revision == built.revision
    assert (loaded.numbers == built.numbers).all()
    assert isinstance(loaded.numbers.base, object)


def test_only_model_set__must_be_named_where_there_are_several(world: World) -> None:
    with pytest.raises(UnknownModelSet, match="no model set was named"):
        world.network.only_model_set()
    world.draw(RADIAL)
    assert world.network.only_model_set() == "drawn"


def test_undo__of_a_delivery_leaves_no_switch_behind_that_was_switched(world: World) -> None:
    world.draw(RADIAL)
    world.open("s1")
    world.network.undo(1, OPEN_CALLER)
    assert world.network.count(ElementFilter(), EVERYTHING) == 0
    world.network.undo(world.network.revision(), OPEN_CALLER)
    assert world.network.element("s1", EVERYTHING).text("Switch.open") == "true"
