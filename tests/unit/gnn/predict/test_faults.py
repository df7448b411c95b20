"""The locator over a generated town, with a bundle of drawn weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gnn.predict.faults import BundledFaults, open_locator
from graph_service.ports.fault_locator import (
    FaultKind,
    FaultObservations,
    Rehearsal,
    Rehearsed,
)
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.predictor import Rung
from tests.unit.gnn.faults.asked import drawn_bundle
from tests.unit.gnn.faults.towns import town
from tests.unit.gnn.worlds import World


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    """A town of 500 meters."""
    with ExitStack() as closing:
        yield town(tmp_path_factory.mktemp("town"), 500, closing)


@pytest.fixture(scope="module")
def fault(graph: GraphStore) -> Rehearsed:
    """A simulated fault between two phases."""
    rehearsal = Rehearsal(kind=FaultKind.BC, ohm=1.0, sensors=0.5, seed=4)
    return BundledFaults(graph, drawn_bundle()).rehearse(rehearsal)


def test_locate__finds_what_was_rehearsed_and_says_who_and_why(graph, fault) -> None:
    found = BundledFaults(graph, drawn_bundle()).locate(fault.observations)
    assert found.sections[0].element == fault.section
    assert found.sections[0].kind is FaultKind.BC
    assert sum(each.probability for each in found.sections) == pytest.approx(1.0)
    assert (found.rung, found.facts.name) == (Rung.BASELINE, "matching")
    assert found.reason == "the model did not beat every other one: tie in unseen networks"
    assert {each.name for each in found.others} == {
        "lowest voltage", "apparent impedance", "least squares", "section-sage",
    }  # fmt: skip


def test_locate__where_the_gate_is_open_the_model_answers(graph, fault) -> None:
    found = BundledFaults(graph, drawn_bundle(gate_open=True)).locate(fault.observations)
    assert (found.rung, found.facts.name, found.reason) == (Rung.MODEL, "section-sage", "")
    assert "matching" in {each.name for each in found.others}


def test_locate__same_observations_give_the_same_answer(graph, fault) -> None:
    one, other = (BundledFaults(graph, drawn_bundle()).locate(fault.observations) for _ in "ab")
    assert one == other


def test_locate__breaker_alone_leaves_the_sections_below_it_by_length(graph, fault) -> None:
    tripped = FaultObservations(tripped=fault.observations.tripped)
    found = BundledFaults(graph, drawn_bundle()).locate(tripped)
    first, second = found.sections[:2]
    ratio = first.probability / second.probability
    assert ratio == pytest.approx(first.length_m / second.length_m)
    assert "no sensor showed a value: sections are told apart by length alone" in found.missing


def test_locate__nothing_observed_in_the_medium_voltage_is_nothing(graph) -> None:
    found = BundledFaults(graph, drawn_bundle()).locate(FaultObservations(silent=("town/x",)))
    assert (found.rung, found.sections) == (Rung.NOTHING, ())
    assert found.reason == "nothing was observed in the medium voltage"


def test_locate__without_medium_voltage_is_nothing_with_the_reason(tmp_path: Path) -> None:
    world = World(tmp_path)
    found = BundledFaults(world.graph, drawn_bundle()).locate(FaultObservations(tripped=("x/y",)))
    assert (found.rung, found.facts) == (Rung.NOTHING, None)
    assert "no line of medium voltage" in found.reason
    world.close()


def test_open_locator__has_the_shipped_bundle(graph, fault) -> None:
    found = open_locator(graph).locate(fault.observations)
    assert found.facts is not None
    assert found.facts.top1 > 0.5
