"""Peaks after outages over the API."""

from __future__ import annotations

import pytest

from tests.api.conftest import World
from tests.unit.services.test_advising import grown

ASKED = 'scope: {element: "t1"}, asOf: "2026-01-12T00:00:00Z"'


def test_restoration_forecast__has_peak_hours_model_and_limit(world: World) -> None:
    query = f"""{{ restorationForecast({ASKED}, minutes: 120, temperature: 5) {{
        usualLoad rung reason missingInputs probability limit {{ va }}
        peak {{ quantile value }} hours {{ quantile value }}
        model {{ name version error }} baseline {{ name error }}
        usual {{ issuedAt }} }} }}"""
    told = grown(world).data(query)["restorationForecast"]
    assert [one["quantile"] for one in told["peak"]] == [0.1, 0.5, 0.9]
    assert told["usualLoad"] == pytest.approx(200)
    assert told["model"]["error"] < told["baseline"]["error"]
    assert (told["rung"], told["reason"]) == ("MODEL", "")
    assert "how much more it uses for a kelvin less" in told["missingInputs"]


def test_restoration_forecast__slope_that_is_known_is_not_missing(world: World) -> None:
    query = (
        f"{{ restorationForecast({ASKED}, minutes: 120, temperature: 5, wattsPerKelvin: 10)"
        " { missingInputs } }"
    )
    told = grown(world).data(query)["restorationForecast"]
    assert told["missingInputs"] == ["the weather"]


@pytest.mark.parametrize("given", ["minutes: 0, temperature: 5", "minutes: 10, temperature: 99"])
def test_restoration_forecast__bad_question_is_an_error(world: World, given: str) -> None:
    error = grown(world).error(f"{{ restorationForecast({ASKED}, {given}) {{ rung }} }}")
    assert (error["code"], bool(error["hint"])) == ("INVALID_CALL", True)
