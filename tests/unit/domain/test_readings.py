"""Readings: times in microseconds, and windows that run forward."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from graph_service.domain.errors import BadWindow, InvalidCall
from graph_service.domain.readings import Window, from_us, parsed_time, to_us


@pytest.mark.parametrize("year", [1, 1969, 1970, 2026, 9999])
def test_to_us__and_back_is_the_same_time(year):
    at = datetime(year, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
    assert from_us(to_us(at)) == at


def test_to_us__takes_any_time_zone():
    at = datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert to_us(at) == 0


@pytest.mark.parametrize("stop", [10, 9, -5])
def test_window__that_does_not_run_forward_is_refused(stop):
    with pytest.raises(BadWindow, match="does not run forward"):
        Window(10, stop)


@pytest.mark.parametrize("given", ["yesterday", "2026-01-07T06:00:00"])
def test_parsed_time__without_zone_or_sense_says_how_to_write_it(given):
    with pytest.raises(InvalidCall, match=given) as said:
        parsed_time(given)
    assert "2026-01-07T06:00:00Z" in (said.value.hint or "")


def test_parsed_time__with_zone_is_that_time():
    assert parsed_time("2026-01-07T06:00:00+01:00") == datetime(2026, 1, 7, 5, tzinfo=UTC)
    assert parsed_time(None) is None
