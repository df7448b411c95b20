"""A planner's story: new limits come in, and a cable of a ring carries less than it will have to.
Advice says so and what to do; it is followed, and is not given again."""

from __future__ import annotations

import re
from datetime import datetime
from math import sqrt
from pathlib import Path

import numpy as np
import pytest

from graph_service import bootstrap
from graph_service.bootstrap import open_services
from graph_service.domain.access import EVERYTHING
from graph_service.domain.elements import Element
from graph_service.domain.filters import ElementFilter, PageRequest
from graph_service.domain.readings import from_us
from graph_service.ports.predictor import Level
from graph_service.services.access import OPEN_CALLER
from graph_service.services.advice import Advice
from graph_service.services.advising import AdviceQuestion
from graph_service.services.house import Services
from graph_service.services.predictions import QUANTILES, ForecastQuestion
from graph_service.settings import Settings
from graph_service.topology.transfers import customers_below, transfers

HOUR_US = 3_600_000_000
VOLTS, POWER_FACTOR = 20_000.0, 0.95


def of_kind(house: Services, kind: str) -> list[Element]:
    wanted = ElementFilter(kinds=frozenset({kind}))
    return list(house.network.find(wanted, PageRequest(500), EVERYTHING).elements)


def end_of_readings(house: Services) -> datetime:
    keys = [str(point.key) for point in of_kind(house, "UsagePoint")]
    _, last_us = house.timelines.available(keys, "ENERGY_IN") or (0, 0)
    return from_us(-(-last_us // HOUR_US) * HOUR_US)


def movable_cable(house: Services) -> Element:
    """The cable of a ring with most customers below of which some could be moved."""
    projection = house.network.projection()
    lines = [e for e in of_kind(house, "ACLineSegment") if "NA2XS2Y" in str(e.properties)]
    at = projection.index_of([line.number for line in lines])
    below = customers_below(projection, at)
    order = [int(i) for i in np.argsort(-below) if below[i]]
    return next(lines[i] for i in order if transfers(projection, int(at[i])))


def limit_of(house: Services, line: Element) -> str:
    """The mRID of the limit of a cable."""
    numbers = [line.number]
    for kind in ("Terminal", "OperationalLimitSet", "CurrentLimit"):
        found = house.neighbourhood.neighbours(numbers, EVERYTHING)
        met = [n.element for row in found for n in row if n.element.kind == kind]
        numbers = [element.number for element in met]
    return met[0].mrid


def with_limit(ssh: Path, limit: str, amperes: float) -> None:
    """The file of states as the company sends it when the limit has changed."""
    text = ssh.read_text(encoding="utf-8")
    block = re.compile(rf'({limit}">\s*<cim:CurrentLimit.value>)[^<]*')
    changed, count = block.subn(rf"\g<1>{amperes:.1f}", text)
    assert count == 1
    ssh.write_text(changed, encoding="utf-8")


def advised(house: Services, at: datetime) -> dict[str, Advice]:
    forecast = ForecastQuestion(24, QUANTILES, at, from_us(2**51))
    asked = AdviceQuestion(None, forecast, levels=frozenset({Level.SECTION}))
    return {one.element: one for one in house.advising.advise(asked, EVERYTHING).advice}


def test_advice__is_given_followed_and_not_given_again(tmp_path: Path) -> None:
    town = tmp_path / "town"
    bootstrap.generate_town(town, meters=400, seed=5, days=8)
    with open_services(Settings(data=tmp_path / "data")) as house:
        house.imports.take([town], OPEN_CALLER, into="town")
        house.intake.load(town / "readings.csv", OPEN_CALLER, "town")
        at, cable = end_of_readings(house), movable_cable(house)
        assert advised(house, at) == {}
        asked = ForecastQuestion(24, QUANTILES, at, from_us(2**51))
        said = house.predictions.forecast(cable, asked, EVERYTHING).forecast
        amperes = 0.95 * max(said.values[1]) / (sqrt(3) * VOLTS * POWER_FACTOR)
        with_limit(town / "town_SSH.xml", limit_of(house, cable), amperes)
        house.imports.take([town / "town_SSH.xml"], OPEN_CALLER, into="town")
        found = advised(house, at)
        assert list(found) == [str(cable.key)]
        [advice] = found.values()
        assert advice.loading == pytest.approx(1 / 0.95, rel=0.01)
        for step in advice.actions[0].steps:
            switch = house.network.element(step.element, EVERYTHING)
            house.network.set_switch(switch, step.is_open, OPEN_CALLER)
        assert advice.actions[0].steps
        assert advised(house, at) == {}
