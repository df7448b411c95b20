"""Peaks after outages over a house with the predictor that comes along.

The predictor of loads of the tests says t1 carries 200 W on average, evenly from 0 to 400.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from graph_service.bootstrap.predictors import installed_pickup
from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import InvalidCall
from graph_service.ports.predictor import Rung
from graph_service.services.predictions import NOT_ALL_SEEN
from graph_service.services.restorations import Restoration, RestorationQuestion
from tests.api.conftest import World
from tests.unit.services.test_advising import MONDAY, grown


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def asked(world: World, scope: Any = EVERYTHING, mrid: str = "t1", **given: Any) -> Restoration:
    usual = {"at": MONDAY, "restore_at": MONDAY, "minutes": 120.0, "outdoor_c": 5.0}
    element = world.house.network.element(mrid, scope)
    question = RestorationQuestion(**(usual | given))
    return world.house.restorations.after(element, question, scope)


def test_after__peak_is_above_the_usual_load_and_stands_beside_the_limit(world: World) -> None:
    found = asked(grown(world))
    assert found.said is not None
    assert found.usual_w == pytest.approx(200)
    low, middle, high = found.said.peak_w
    assert 0 < low < middle < high
    assert middle > 200
    assert found.limit is not None
    assert found.limit.va == pytest.approx(300)
    assert found.probability is not None
    assert (found.probability > 0.5) == (middle > 300 * 0.95)


def test_after__longer_outage_has_a_higher_peak(world: World) -> None:
    grown(world)
    peaks = [asked(world, minutes=minutes).said for minutes in (15, 360)]
    assert peaks[0] is not None
    assert peaks[1] is not None
    assert peaks[1].peak_w[1] > peaks[0].peak_w[1]


def test_after__supply_that_comes_back_later_is_told_from_that_hour(world: World) -> None:
    grown(world)
    later = asked(world, restore_at=MONDAY + timedelta(hours=3))
    assert later.usual.forecast is not None
    assert len(later.usual.forecast.valid_us) == 4


def test_after__without_a_forecast_there_is_nothing_and_the_reason(world: World) -> None:
    world.draw("S1 -l1- B2 =t1= B3 -l2- M4")
    found = asked(world)
    assert (found.said, found.reason) == (None, "nothing was read a week before")


def test_after__who_may_not_be_told_a_forecast_is_not_told_this(world: World) -> None:
    grown(world, owners=dict.fromkeys(("t1", "M5"), "north"))
    found = asked(world, world.house.access.scope(["north"]))
    assert (found.said, found.usual_w, found.reason) == (None, None, NOT_ALL_SEEN)
    assert found.usual.rung is Rung.NOTHING


@pytest.mark.parametrize(
    "given",
    [
        {"minutes": 0},
        {"minutes": float("nan")},
        {"minutes": 100_000},
        {"outdoor_c": 400},
        {"outdoor_c": float("nan")},
        {"power_factor": 0},
        {"restore_at": MONDAY - timedelta(hours=2)},
        {"restore_at": MONDAY + timedelta(days=365)},
    ],
)
def test_after__bad_question_is_an_error_that_says_what_to_give(world: World, given: Any) -> None:
    with pytest.raises(InvalidCall) as caught:
        asked(grown(world), **given)
    assert caught.value.hint


def test_installed_pickup__is_the_one_that_comes_along() -> None:
    from gnn.predict.pickup import open_predictor

    assert installed_pickup() is open_predictor
