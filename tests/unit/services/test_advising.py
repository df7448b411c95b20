"""Advice on two transformers of 300 W: the predictor of the tests says each load L evenly from 0
to 2 L, so that a limit is exceeded with the probability 1 - limit / (2 L)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import InvalidCall, UnknownElement
from graph_service.domain.readings import to_us
from graph_service.domain.scopes import OfContainer, OfElements
from graph_service.ports.predictor import Level
from graph_service.services.advice import ActionKind, Advice, AdviceAnswer
from graph_service.services.advising import AdviceQuestion
from graph_service.services.predictions import NOT_ALL_SEEN, QUANTILES, ForecastQuestion
from tests.api.conftest import World
from tests.building import part

WEEK = timedelta(days=7)
MONDAY = datetime(2026, 1, 12, tzinfo=UTC)
TEXT = """
    S1 -l1- B2 =t1= B3 /x1/ B4 -l2- M5
    B3 -l3- M6
    B2 =t2= B7 -l4- M8
    B7 -l5- B9 /s1!/ B4
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def rated(transformer: str, watts: float) -> Any:
    links = {"PowerTransformerEnd.PowerTransformer": transformer}
    said = {"PowerTransformerEnd.ratedS": f"{watts / 1e6:g}"}
    return part(f"{transformer}.end", "PowerTransformerEnd", said, links=links)


def grown(world: World, other: float = 300.0, **given: Any) -> World:
    """t1 supplies 200 W to two customers, t2 50 W; t1 carries 300 W, t2 `other`."""
    world.draw(TEXT, rated("t1", 300.0), rated("t2", other), **given)
    for meter, watts in (("M5", 100.0), ("M6", 100.0), ("M8", 50.0)):
        world.read(f"{meter}.usage", (MONDAY - WEEK).isoformat(), [watts] * 168)
    return world


def asked(world: World, scope: Any = EVERYTHING, **given: Any) -> AdviceAnswer:
    forecast = ForecastQuestion(3, QUANTILES, MONDAY)
    question = AdviceQuestion(**{"about": None, "forecast": forecast, "power_factor": 1.0} | given)
    return world.house.advising.advise(question, scope)


def one(answer: AdviceAnswer) -> Advice:
    [found] = answer.advice
    return found


def of_kind(found: Advice, kind: ActionKind) -> Any:
    return next((action for action in found.actions if action.kind is kind), None)


def test_advise__tells_how_likely_when_and_how_much(world: World) -> None:
    answer = asked(grown(world))
    found = one(answer)
    assert (answer.exceeding, answer.checked, answer.reason) == (1, 2, "")
    assert (found.element, found.limit.va) == ("drawn/t1", pytest.approx(300))
    assert found.probability == pytest.approx(0.25)  # 1 - 300 / 400
    assert (found.peak_w, found.peak_high_w, found.hours) == (
        pytest.approx(200), pytest.approx(360), 3)  # fmt: skip
    assert found.loading == pytest.approx(2 / 3)
    assert (found.start_us, found.stop_us) == (to_us(MONDAY), to_us(MONDAY + timedelta(hours=3)))


def test_advise__names_the_largest_loads_below(world: World) -> None:
    grown(world)
    world.read("M6.usage", (MONDAY - timedelta(hours=24)).isoformat(), [400.0] * 24)
    found = one(asked(world, least=0.2))
    shares = {part.element: part.watts for part in found.contributions}
    assert shares["drawn/M6.usage"] == pytest.approx((6 * 100 + 400) / 7)
    assert list(shares) == ["drawn/M6.usage", "drawn/M5.usage"]
    assert found.unread == 0


def test_advise__load_is_moved_where_the_other_side_has_room(world: World) -> None:
    found = of_kind(one(asked(grown(world))), ActionKind.MOVE)
    assert [(step.element, step.is_open) for step in found.steps] == [
        ("drawn/s1", False),
        ("drawn/x1", True),
    ]
    assert found.watts == pytest.approx(100)
    assert (found.probability, found.taker_probability) == (0.0, 0.0)  # 0 to 200, 0 to 300 W


def test_advise__load_is_not_moved_where_the_other_side_would_be_too_full(world: World) -> None:
    found = one(asked(grown(world, other=200.0), about=OfElements(("t1",))))
    assert of_kind(found, ActionKind.MOVE) is None  # 150 W there: 1 - 200 / 300


def test_advise__loads_to_be_limited_are_as_many_as_are_too_much(world: World) -> None:
    found = of_kind(one(asked(grown(world))), ActionKind.LIMIT)
    assert found.watts == pytest.approx((360 - 300) * 1.05)
    assert found.elements in (("drawn/M5.usage",), ("drawn/M6.usage",))
    assert found.probability == pytest.approx(0.1 * 37 / 40)  # 337 to be above, 0.9 at 297


def test_advise__voltage_is_lowered_where_a_tap_changer_has_steps_left(world: World) -> None:
    changer = part(
        "tap",
        "RatioTapChanger",
        {"TapChanger.step": "0", "TapChanger.lowStep": "-9", "TapChanger.highStep": "9",
         "RatioTapChanger.stepVoltageIncrement": "2"},
        links={"RatioTapChanger.TransformerEnd": "t1.end"},
    )  # fmt: skip
    world.draw(TEXT, rated("t1", 300.0), changer)
    for meter in ("M5", "M6"):
        world.read(f"{meter}.usage", (MONDAY - WEEK).isoformat(), [100.0] * 168)
    found = of_kind(one(asked(world)), ActionKind.LOWER_VOLTAGE)
    assert found.elements == ("drawn/tap",)
    cut = 0.7 * 0.02 * 3
    assert found.probability == pytest.approx(1 - 300 / (400 * (1 - cut)))


def test_advise__expires_with_the_next_issue_or_the_hours_it_speaks_of(world: World) -> None:
    grown(world)
    assert one(asked(world)).expires_us == to_us(MONDAY + timedelta(hours=3))
    with world.house.predictions.regularly(3_600_000_000):
        answer = asked(world)
    hour = to_us(MONDAY + timedelta(hours=1))
    assert (one(answer).expires_us, answer.next_issue_us) == (hour, hour)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"about": OfElements(("M5",))}, "no transformer, feeder or line section"),
        ({"about": OfElements(("t2",))}, "none of 1 places exceeds its limit"),
        ({"levels": frozenset({Level.SECTION})}, "no place of this scope is of the levels"),
    ],
)
def test_advise__without_advice_says_why(world: World, given: Any, reason: str) -> None:
    answer = asked(grown(world), **given)
    assert answer.advice == ()
    assert reason in answer.reason


def test_advise__where_the_model_has_no_limits_says_so(world: World) -> None:
    world.draw(TEXT)
    assert "states no limit of any of the 3 places" in asked(world).reason


def test_advise__where_nothing_was_read_says_so(world: World) -> None:
    world.draw(TEXT, rated("t1", 300.0))
    answer = asked(world)
    assert (answer.reason, answer.without_forecast) == ("nothing was read a week before", 1)


@pytest.mark.parametrize(
    "given",
    [{"least": 0.0}, {"least": 1.1}, {"power_factor": 0.0}, {"power_factor": 1.5}, {"first": -1},
     {"first": 1000}, {"forecast": ForecastQuestion(3, (0.5,), MONDAY)},
     {"forecast": ForecastQuestion(8760, QUANTILES, MONDAY)}],
)  # fmt: skip
def test_advise__bad_question_is_an_error_that_says_what_to_give(world: World, given: Any) -> None:
    with pytest.raises(InvalidCall) as caught:
        asked(grown(world), **given)
    assert caught.value.hint


def test_advise__who_sees_one_of_two_feeders_learns_nothing_of_loads(world: World) -> None:
    owners = dict.fromkeys(("t1", "M5", "M5.node", "M5.load"), "north")
    grown(world, owners=owners)
    answer = asked(world, world.house.access.scope(["north"]))
    assert (answer.advice, answer.reason, answer.checked) == ((), NOT_ALL_SEEN, 0)


def test_advise__stranger_knows_no_such_place(world: World) -> None:
    grown(world)
    with pytest.raises(UnknownElement):
        asked(world, world.house.access.scope([]), about=OfContainer("t1"))
