"""Risks of failures over a house with the predictor that comes along."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from graph_service.bootstrap.predictors import installed_risks
from graph_service.domain.access import EVERYTHING, NOTHING
from graph_service.domain.errors import InvalidCall, UnknownElement
from graph_service.domain.scopes import OfElements, OfTrace
from graph_service.domain.traces import TraceKind
from graph_service.ports.predictor import Rung
from graph_service.services.failure_risks import (
    NOT_ALL_SEEN,
    FailureRisks,
    RiskAnswer,
    RiskQuestion,
)
from tests.api.conftest import NORTH, SOUTH, World

NOW = datetime(2026, 1, 12, tzinfo=UTC)
ASSETS = ("l1", "l2", "l3", "l4", "s1", "t1", "t2")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.draw_owned()
    yield made
    made.close()


@pytest.fixture
def struck(world: World) -> World:
    """Two faults of l2 in the autumn."""
    for id, day in (("one", "2025-10-03"), ("two", "2025-11-20")):
        world.happen(id, f"{day}T12:00+00:00", "l2", kind="FAULT")
    return world


def asked(world: World, scope: Any = EVERYTHING, **given: Any) -> RiskAnswer:
    question = RiskQuestion(**({"about": None, "at": NOW} | given))
    return world.house.failure_risks.risks(question, scope)


def test_risks__riskiest_come_first_and_what_failed_is_among_them(struck: World) -> None:
    found = asked(struck)
    assert found.judged == len(ASSETS)
    chances = [risk.probability for risk in found.risks]
    assert chances == sorted(chances, reverse=True)
    assert found.risks[0].element == "drawn/l2"
    assert found.expected == pytest.approx(sum(chances))


def test_risks__are_of_the_elements_of_a_scope(struck: World) -> None:
    below = asked(struck, about=OfTrace("t2", TraceKind.DOWNSTREAM))
    assert {risk.element for risk in below.risks} == {"drawn/t2", "drawn/l4"}
    [one] = asked(struck, about=OfElements(("l4",))).risks
    again = next(risk for risk in asked(struck).risks if risk.element == "drawn/l4")
    assert one == again


def test_risks__say_who_says_it_what_makes_it_and_what_is_missing(struck: World) -> None:
    one = asked(struck).risks[0]
    assert one.rung in (Rung.MODEL, Rung.BASELINE)
    assert one.model is not None
    assert one.model.average_precision > 0
    assert (one.rung is Rung.MODEL) == (one.reason == "")
    assert "own faults" in {factor.name for factor in one.factors}
    assert "no date of installation" in one.missing


def test_risks__as_of_a_time_before_the_faults_has_none_on_record(struck: World) -> None:
    found = asked(struck, at=datetime(2025, 10, 1, tzinfo=UTC))
    assert (found.risks, found.judged) == ((), 0)
    assert "no fault of this network is on record" in found.reason


def test_risks__without_assets_in_scope_says_so(struck: World) -> None:
    assert "no cable, transformer or switch" in asked(struck, about=OfElements(("M4",))).reason


def test_risks__owner_of_one_feeder_is_not_told(struck: World) -> None:
    north = struck.house.access.scope(["north"])
    found = asked(struck, north, about=OfElements(("l2",)))
    assert (found.risks, found.reason, found.expected) == ((), NOT_ALL_SEEN, 0.0)


def test_risks__stranger_knows_no_element(struck: World) -> None:
    with pytest.raises(UnknownElement):
        asked(struck, NOTHING, about=OfElements(("l2",)))
    assert asked(struck, NOTHING).judged == 0


def test_risks__who_sees_the_whole_network_is_told(tmp_path: Path) -> None:
    world = World(tmp_path / "mine")
    every = (*NORTH, *SOUTH, "l1", "M4", "M6", "M8")
    world.draw(owners=dict.fromkeys(every, "north"))
    world.happen("one", "2025-11-20T12:00+00:00", "l2", kind="FAULT")
    north = world.house.access.scope(["north"])
    assert asked(world, north).judged == len(ASSETS)
    world.close()


@pytest.mark.parametrize("first", [-1, 501])
def test_risks__more_than_may_be_asked_is_an_error(struck: World, first: int) -> None:
    with pytest.raises(InvalidCall, match="risks were asked"):
        asked(struck, first=first)


def test_risks__without_a_predictor_says_why(struck: World) -> None:
    def nothing() -> Any:
        raise InvalidCall("no predictor of failures is installed")

    house = struck.house
    risks = FailureRisks(nothing, house.network, house.scopes)
    found = risks.risks(RiskQuestion(None, NOW), EVERYTHING)
    assert (found.risks, found.reason) == ((), "no predictor of failures is installed")


def test_installed_risks__is_the_one_that_comes_along() -> None:
    from gnn.predict.failures import open_predictor

    assert installed_risks() is open_predictor
