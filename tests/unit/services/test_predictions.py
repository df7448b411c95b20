from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from graph_service.bootstrap.predictors import installed_predictor
from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import InvalidCall
from graph_service.domain.events import EventFilter
from graph_service.domain.readings import SeriesKey, Window, to_us
from graph_service.ports.predictor import LoadForecast, LoadPredictorFactory, Rung
from graph_service.services.forecast_rights import ForecastRights
from graph_service.services.predictions import NOT_ALL_SEEN, ForecastQuestion, Predictions
from tests.api.conftest import World
from tests.predicting import FACTS, last_week

WEEK = timedelta(days=7)
MONDAY = datetime(2026, 1, 12, tzinfo=UTC)
HOUR_US = 3_600_000_000
T1 = SeriesKey("drawn/t1", "P", "last-week")
ALWAYS = Window(0, 2**52)


def nothing_installed() -> LoadPredictorFactory:
    raise InvalidCall("no predictor of loads is installed")


def predicting(world: World, now: datetime = MONDAY, find: Any = last_week) -> Predictions:
    """Predictions over the stores of a world, at a time."""
    house = world.house
    return Predictions(
        lambda: find()(world.graph, world.timeline),
        world.timeline,
        world.records,
        house.chronicle,
        ForecastRights(house.network, world.timeline),
        lambda: now,
    )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def read(world: World) -> World:
    """Two feeders of which one customer each was read all of last week and some hours before."""
    world.draw_owned()
    start = (MONDAY - WEEK - timedelta(hours=8)).isoformat()
    for meter, watts in (("M4.usage", 100.0), ("M8.usage", 30.0)):
        world.read(meter, start, [watts + hour for hour in range(-8, 168)])
    return world


def asked(world: World, of: Predictions, element: str = "t1", **more: Any) -> LoadForecast:
    given = {"hours": 2, "quantiles": (0.5,), "at": MONDAY} | more
    found = world.house.network.element(element, EVERYTHING)
    return of.forecast(found, ForecastQuestion(**given), EVERYTHING)


def values(said: LoadForecast) -> list[float]:
    assert said.forecast is not None
    return [round(value, 6) for value in said.forecast.values[0]]


def test_run__keeps_what_is_said_of_each_transformer(read: World) -> None:
    made = predicting(read).run(hours=3)
    assert (made.issued_at, made.new, len(made.answers)) == (MONDAY, 2, 2)
    [kept] = read.timeline.forecast_history([T1], ALWAYS)
    assert [round(column[2], 6) for column in kept.values] == [20.4, 102, 183.6]


def test_run__is_an_event_about_all_places(read: World) -> None:
    predicting(read).run()
    [event] = read.timeline.events(EventFilter(kinds=frozenset({"FORECAST_RUN"})), ALWAYS, 10)
    assert event.subjects == ("drawn/t1", "drawn/t2")


def test_run__later_issue_leaves_the_earlier_one(read: World) -> None:
    predictions = predicting(read)
    for at in (MONDAY, MONDAY + timedelta(hours=1)):
        predictions.run(at, known_at=MONDAY)
    issued = [each.issued_us for each in read.timeline.forecast_history([T1], ALWAYS)]
    assert issued == [to_us(MONDAY), to_us(MONDAY) + HOUR_US]


def test_run__twice_at_one_time_changes_nothing(read: World) -> None:
    predictions = predicting(read)
    predictions.run()
    assert predictions.run().new == 0


@pytest.mark.parametrize("given", [{"hours": -1}, {"hours": 8760}, {"quantiles": ()},
                                   {"quantiles": (0.9, 0.1)}, {"quantiles": (0, 0.5)}])  # fmt: skip
def test_run__bad_question_is_said_before_anything_is_asked(world: World, given: Any) -> None:
    with pytest.raises(InvalidCall):
        predicting(world).run(**given)


def test_run__without_a_predictor_says_so(world: World) -> None:
    with pytest.raises(InvalidCall, match="no predictor"):
        predicting(world, find=nothing_installed).run()


def test_run_when_due__issues_once_in_each_stretch_of_time(read: World) -> None:
    at = MONDAY + timedelta(minutes=7)
    first = predicting(read, at).run_when_due(HOUR_US)
    assert first is not None
    assert first.issued_at == MONDAY
    assert predicting(read, at + timedelta(minutes=50)).run_when_due(HOUR_US) is None
    assert predicting(read, at + timedelta(minutes=55)).run_when_due(HOUR_US) is not None


def test_regularly__issues_at_once_and_survives_a_missing_predictor(read: World) -> None:
    with predicting(read, find=nothing_installed).regularly(HOUR_US):
        pass
    assert read.timeline.forecast_series(["drawn/t1"]) == []
    with predicting(read).regularly(HOUR_US):
        pass
    assert read.timeline.forecast_series(["drawn/t1"]) == [T1]


def test_forecast__not_issued_is_asked_for_and_not_kept(read: World) -> None:
    said = asked(read, predicting(read))
    assert (values(said), said.rung) == ([100, 101], Rung.LAST_WEEK)
    assert read.timeline.forecast_series(["drawn/t1"]) == []


def test_forecast__issued_is_told_with_its_facts_without_a_predictor(read: World) -> None:
    predicting(read).run(MONDAY - timedelta(hours=2), known_at=MONDAY)
    said = asked(read, predicting(read, find=nothing_installed))
    assert said.forecast is not None
    assert said.forecast.issued_us == to_us(MONDAY) - 2 * HOUR_US
    assert (said.model, said.missing, said.customers) == (FACTS, ("the weather",), 1)
    assert values(said) == [100, 101]


def test_forecast__is_of_the_newest_issue_known_at_its_time(read: World) -> None:
    predictions = predicting(read)
    for hours in (3, 2, 0):
        predictions.run(MONDAY - timedelta(hours=hours), known_at=MONDAY)
    later = asked(read, predictions)
    before = asked(read, predictions, at=MONDAY - timedelta(hours=1))
    issued = [one.forecast and one.forecast.issued_us for one in (later, before)]
    assert issued == [to_us(MONDAY), to_us(MONDAY) - 2 * HOUR_US]


@pytest.mark.parametrize("more", [{"quantiles": (0.25,)}, {"hours": 48}])
def test_forecast__issue_that_does_not_cover_the_question_is_passed_over(
    read: World, more: dict[str, Any]
) -> None:
    predictions = predicting(read)
    predictions.run(MONDAY - timedelta(hours=2), known_at=MONDAY)
    said = asked(read, predictions, **more)
    assert said.forecast is not None
    assert said.forecast.issued_us == to_us(MONDAY)


def test_forecast__without_a_predictor_is_nothing_with_the_reason(read: World) -> None:
    said = asked(read, predicting(read, find=nothing_installed))
    assert (said.rung, said.reason) == (Rung.NOTHING, "no predictor of loads is installed")


def test_forecast__who_sees_one_of_two_feeders_is_not_told(read: World) -> None:
    north = read.house.access.scope(["north"])
    t1 = read.house.network.element("t1", north)
    said = predicting(read).forecast(t1, ForecastQuestion(2, (0.5,), MONDAY), north)
    assert (said.rung, said.reason, said.customers) == (Rung.NOTHING, NOT_ALL_SEEN, 0)


def test_forecast__who_sees_all_that_is_connected_is_told(world: World) -> None:
    world.draw(owners=dict.fromkeys(("t1", "M4", "M4.node", "M4.load", "M8.node", "M8.load",
                                     "M8", "M6", "M6.node", "M6.load"), "north"))  # fmt: skip
    world.read("M4.usage", (MONDAY - WEEK).isoformat(), [100.0] * 168)
    north = world.house.access.scope(["north"])
    t1, question = world.house.network.element("t1", north), ForecastQuestion(2, (0.5,), MONDAY)
    predictions = predicting(world)
    assert values(predictions.forecast(t1, question, north)) == [100, 100]
    world.read("B2", MONDAY.isoformat(), [1.0])  # a sensor that north may not see
    assert predictions.forecast(t1, question, north).rung is Rung.NOTHING


def test_installed_predictor__package_of_somebody_else_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = tmp_path / "theirs-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[gridstrata.predictors]\nload = tests.predicting:LastWeek\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert installed_predictor() is last_week()


def test_installed_predictor__whose_module_is_not_there_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = tmp_path / "broken-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[gridstrata.predictors]\nload = no.such:thing\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InvalidCall, match=r"no\.such:thing cannot be loaded"):
        installed_predictor()
