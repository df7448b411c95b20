"""An operator on the IEEE feeders: who is supplied, and what opening and closing a switch does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import pytest

from graph_service.domain.traces import TraceKind
from graph_service.services.access import OPEN_CALLER
from graph_service.topology.projection import Projection
from tests.models import model, needs_models
from tests.stories.conftest import House
from tests.stories.grid import Grid
from tests.stories.stated import read

pytestmark = needs_models

FEEDERS = ["gridappsd_ieee13", "gridappsd_ieee123", "gridappsd_ieee8500_opendss"]
MOST = 8
"""Switches of a feeder that are looked at."""
SOME = 4
"""Switches that are thrown one after another."""


@dataclass(frozen=True)
class Feeder:
    """A feeder as we answer about it, and as networkx walks what its file states."""

    house: House
    grid: Grid

    @cached_property
    def source(self) -> str:
        """The one source of the feeder."""
        (only,) = self.grid.stated.of("EnergySource")
        return only

    @cached_property
    def consumers(self) -> set[str]:
        """All consumers, supplied or not."""
        return self.grid.stated.of("EnergyConsumer")

    @cached_property
    def lost(self) -> dict[str, set[str]]:
        """The consumers that networkx loses when a switch opens; the worst switches first."""
        switches = [each for each in self.grid.whole if self.grid.stated.value(each, "Switch.open")]
        looked_at = sorted(switches)[:MOST]
        lost = {each: self.consumers - self.after(**{each: True}) for each in looked_at}
        before = self.consumers - self.after()
        ranked = sorted(lost, key=lambda each: (-len(lost[each]), each))
        return {each: lost[each] - before for each in ranked}

    @property
    def switches(self) -> list[str]:
        """The switches, the one with most consumers behind it first."""
        return list(self.lost)

    def after(self, **thrown: bool) -> set[str]:
        """The consumers that networkx finds supplied after switching."""
        return self.consumers & self.grid.after(**thrown).energised

    def supplied(self) -> set[str]:
        """The consumers that we find downstream of the source."""
        return self.consumers & set(self.house.met(TraceKind.DOWNSTREAM, self.source))


@pytest.fixture(scope="module", params=FEEDERS)
def untouched(request: pytest.FixtureRequest, imported: Callable[..., House]) -> Feeder:
    return Feeder(imported(request.param), Grid(read(model(request.param))))


@pytest.fixture
def feeder(untouched: Feeder) -> Iterator[Feeder]:
    with untouched.house.taken_back():
        yield untouched


def test_consumers__that_switches_leave_supplied_are_downstream_of_the_source(
    feeder: Feeder,
) -> None:
    assert feeder.supplied() == feeder.consumers & feeder.grid.energised
    assert len(feeder.supplied()) > 10


def test_consumers__have_a_shortest_path_that_ends_at_the_source(feeder: Feeder) -> None:
    for consumer in feeder.consumers & feeder.grid.energised:
        path = feeder.house.met(TraceKind.PATH_TO_SOURCE, consumer)
        assert path[-1] == feeder.source
        assert len(path) - 1 == feeder.grid.distances[consumer]


def test_switch__opened_takes_away_what_networkx_says_and_closed_gives_it_back(
    feeder: Feeder,
) -> None:
    before = feeder.supplied()
    for switch in feeder.switches[:SOME]:
        feeder.house.throw(switch, is_open=True)
        assert before - feeder.supplied() == feeder.lost[switch]
        feeder.house.throw(switch, is_open=False)
        assert feeder.supplied() == feeder.after(**{switch: False})


def test_switches__opened_together_take_away_what_networkx_says(feeder: Feeder) -> None:
    opened = dict.fromkeys(feeder.switches[1:SOME:2], True)
    for switch in opened:
        feeder.house.throw(switch, is_open=True)
    left = feeder.after(**opened)
    assert feeder.supplied() == left
    for consumer in sorted(feeder.consumers - left)[:SOME]:
        assert feeder.house.met(TraceKind.PATH_TO_SOURCE, consumer) == [consumer]


def test_opening__undone_supplies_everyone_again(feeder: Feeder) -> None:
    before = feeder.supplied()
    revision = feeder.house.throw(feeder.switches[0], is_open=True)
    assert feeder.supplied() < before
    feeder.house.network.undo(revision, OPEN_CALLER)
    assert feeder.supplied() == before


def test_switching__in_memory_is_what_a_restart_reads_from_the_store(feeder: Feeder) -> None:
    for switch in feeder.switches[:2]:
        feeder.house.throw(switch, is_open=True)
    in_memory = feeder.house.network.projection()
    read_again = Projection.build(feeder.house.scan())
    assert in_memory.revision == read_again.revision
    assert (in_memory.states == read_again.states).all()


def test_rings__closed_by_tie_switches_lose_what_networkx_says_when_a_switch_opens(
    imported: Callable[..., House],
) -> None:
    name = "gridappsd_ieee123apps"
    feeder = Feeder(imported(name), Grid(read(model(name))))
    ties = {each: False for each in feeder.switches if feeder.grid.blocked(each)}
    with feeder.house.taken_back():
        for tie in ties:
            feeder.house.throw(tie, is_open=False)
        for switch in sorted(set(feeder.switches) - set(ties)):
            feeder.house.throw(switch, is_open=True)
            assert feeder.supplied() == feeder.after(**ties, **{switch: True})
            feeder.house.throw(switch, is_open=False)
    assert any(feeder.after(**ties, **{switch: True}) == feeder.consumers for switch in feeder.lost)


def test_below__as_the_page_asks_it_ends_at_the_switch_just_opened(
    imported: Callable[..., House],
) -> None:
    feeder = Feeder(imported("gridappsd_ieee13"), Grid(read(model("gridappsd_ieee13"))))
    switch = feeder.switches[0]
    with feeder.house.taken_back():
        feeder.house.ask(SWITCH, mRID=switch, open=True)
        steps = feeder.house.ask(BELOW, start=feeder.source)["trace"]["steps"]["nodes"]
    stops = {step["element"]["mRID"]: step["stopReason"] for step in steps}
    assert stops[switch] == "OPEN"
    assert feeder.consumers & stops.keys() == feeder.consumers - feeder.lost[switch]


SWITCH = "mutation ($mRID: ID!, $open: Boolean!) { setSwitch(mRID: $mRID, open: $open) { mRID } }"
BELOW = """
query ($start: ID!) { trace(start: $start, kind: DOWNSTREAM, state: PRESENT) {
  steps(first: 500) { nodes { stopReason element { mRID } } } } }
"""
