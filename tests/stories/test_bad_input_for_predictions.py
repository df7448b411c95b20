"""Bad input, as a person meets it: each case says what is wrong, where, and what to do.

What training and bundles say is in `tests/unit/gnn/cli` and `tests/unit/gnn/bundle`; here somebody
asks a service for a forecast over a network or readings that are not as they should be.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graph_service.bootstrap import Stores, join
from graph_service.domain.access import EVERYTHING
from graph_service.domain.errors import InvalidCall
from graph_service.domain.readings import to_us
from graph_service.domain.statements import Part
from graph_service.ports.predictor import LoadForecast, Rung
from graph_service.services.house import Services
from graph_service.services.predictions import QUANTILES, ForecastQuestion
from tests.api.conftest import World
from tests.building import part

MONDAY = datetime(2026, 2, 2, tzinfo=UTC)
DAYS = 20
TEXT = """
    S1 -l1- B2 =t1= B3 -l2- M5
    B3 -l3- M6
    B2 =t2= B7 -l4- M8
"""


class Asked:
    """A world whose forecasts come from what is shipped."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        stores = Stores(self.world.graph, self.world.records, self.world.timeline, place="")
        self.house: Services = join(stores, folder)

    def read(self, *meters: str, watts: float = 400.0, **changes: Any) -> None:
        """Hourly readings of the last days, each known when it was taken."""
        for number, meter in enumerate(meters):
            values = watts + 100 * number + 50 * np.sin(np.arange(24 * DAYS) / 24 * 2 * np.pi)
            start = MONDAY - timedelta(days=DAYS) + changes.get("shift", timedelta())
            self.world.read(f"{meter}.usage", start.isoformat(), values.tolist())

    def forecast(self, mrid: str, hours: int = 6) -> LoadForecast:
        element = self.house.network.element(mrid, EVERYTHING)
        question = ForecastQuestion(hours, QUANTILES, MONDAY)
        return self.house.predictions.forecast(element, question, EVERYTHING)


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    made = Asked(tmp_path)
    yield made
    made.house.intake.close()
    made.world.close()


def numbers(said: LoadForecast) -> np.ndarray[Any, Any]:
    assert said.forecast is not None, said.reason
    return np.array([list(column) for column in said.forecast.values])


def test_network_without_loads__says_that_nobody_is_supplied(asked: Asked) -> None:
    asked.world.draw("S1 -l1- B2 =t1= B3")
    said = asked.forecast("t1")
    assert (said.rung, said.forecast) == (Rung.NOTHING, None)
    assert "no customer that is energised is supplied" in said.reason


def test_feeder_without_a_reading__is_told_from_its_neighbours_and_says_what_is_missing(
    asked: Asked,
) -> None:
    asked.world.draw(TEXT)
    asked.read("M5", "M6")
    said = asked.forecast("t2")
    assert (said.customers, said.metered) == (1, 0)
    assert "1 of 1 customers were not read in the last day" in said.missing
    assert (numbers(said)[1] >= 0).all()  # the median: a band may reach below, to what is given


def test_nothing_read_at_all__is_what_such_customers_usually_use(asked: Asked) -> None:
    asked.world.draw(TEXT)
    said = asked.forecast("t1")
    assert said.rung is Rung.CLASS_MEAN
    assert "no customer was read in the time looked back on" in said.reason


@pytest.mark.parametrize("shift", [timedelta(minutes=30), timedelta(hours=-5)])
def test_clock_that_jumps__readings_between_or_twice_are_not_counted_twice(
    asked: Asked, shift: timedelta
) -> None:
    asked.world.draw(TEXT)
    asked.read("M5", "M6", "M8")
    right = numbers(asked.forecast("t1"))
    start = MONDAY - timedelta(days=2) + shift
    asked.world.read("M5.usage", start.isoformat(), [400.0] * 3)
    assert numbers(asked.forecast("t1")) == pytest.approx(right, rel=0.2)


def test_clock_that_runs_ahead__a_reading_from_the_future_is_not_looked_at(asked: Asked) -> None:
    asked.world.draw(TEXT)
    asked.read("M5", "M6", "M8")
    before = numbers(asked.forecast("t1"))
    ahead = (MONDAY + timedelta(days=3)).isoformat()
    asked.world.read("M5.usage", ahead, [9_999_999.0], known_at=MONDAY.isoformat())
    assert (numbers(asked.forecast("t1")) == before).all()


def negative() -> list[Part]:
    ends = {"PowerTransformerEnd.PowerTransformer": "t1"}
    return [
        part("M5.load", properties={"EnergyConsumer.p": "-0.5"}),
        part("M5.usage", properties={"UsagePoint.ratedCurrent": "-35"}),
        part("t1.end", "PowerTransformerEnd", {"PowerTransformerEnd.ratedS": "-0.4"}, links=ends),
        part("l2", properties={"Conductor.length": "-12"}),
    ]


def test_negative_ratings__are_taken_as_not_stated(asked: Asked) -> None:
    asked.world.draw(TEXT, *negative())
    asked.read("M5", "M6", "M8")
    assert (numbers(asked.forecast("t1")) > 0).all()
    from graph_service.services.advising import AdviceQuestion

    question = AdviceQuestion(None, ForecastQuestion(6, QUANTILES, MONDAY))
    assert "states no limit of any" in asked.house.advising.advise(question, EVERYTHING).reason


def test_island__what_is_switched_off_has_no_load_and_leaves_the_others_alone(
    asked: Asked,
) -> None:
    asked.world.draw(TEXT.replace("B2 =t2= B7", "B2 /s1!/ B9 =t2= B7"))
    asked.read("M5", "M6", "M8")
    said = asked.forecast("t2")
    assert (said.rung, said.forecast) == (Rung.NOTHING, None)
    assert asked.forecast("t1").forecast is not None


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_reading_that_is_no_number__is_put_aside_and_named(asked: Asked, value: float) -> None:
    asked.world.draw(TEXT)
    asked.read("M5", "M6", "M8")
    before = numbers(asked.forecast("t1"))
    at = to_us(MONDAY) // 1000
    receipt = asked.world.bring(f"readings,element=M5.usage ENERGY_IN={value} {at}000000")
    assert receipt.rejected
    assert (numbers(asked.forecast("t1")) == before).all()


@pytest.mark.parametrize("hours", [-1, 24 * 365])
def test_horizon_of_a_year_or_less_than_nothing__is_an_error_that_says_how_far(
    asked: Asked, hours: int
) -> None:
    asked.world.draw(TEXT)
    with pytest.raises(InvalidCall, match=f"loads {hours} hours ahead") as caught:
        asked.forecast("t1", hours)
    assert "1 to 48" in (caught.value.hint or "")


def test_horizon_of_zero__is_the_load_of_the_last_whole_hour(asked: Asked) -> None:
    asked.world.draw(TEXT)
    asked.read("M5", "M6", "M8")
    said = asked.forecast("t1", 0)
    assert said.forecast is not None
    assert list(said.forecast.valid_us) == [to_us(MONDAY - timedelta(hours=1))]


def test_bundle_for_other_features__is_told_in_the_answer(
    asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json
    import shutil

    import gnn

    bundles = tmp_path / "bundles"
    shutil.copytree(Path(gnn.__file__).parent / "shipped", bundles)
    manifest = bundles / "load-ahead" / "manifest.json"
    other = json.loads(manifest.read_text()) | {"features": [["base", "kW", "elsewhere"]]}
    manifest.write_text(json.dumps(other))
    monkeypatch.setenv("GRIDSTRATA_BUNDLES", str(bundles))
    asked.world.draw(TEXT)
    said = asked.forecast("t1")
    assert said.rung is Rung.NOTHING
    assert "was made for other features" in said.reason
