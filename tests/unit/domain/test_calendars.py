"""Intervals: equal ones, and the days, weeks, months of a zone with its two odd days."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.domain.calendars import Run, cut
from graph_service.domain.errors import BadResolution, BadZone, TooManyIntervals
from graph_service.domain.readings import Window, from_us, to_us

HOUR = 3_600_000_000
OSLO = "Europe/Oslo"


def window(start: str, stop: str, zone: str = "UTC") -> Window:
    begin, end = (datetime.fromisoformat(t).replace(tzinfo=ZoneInfo(zone)) for t in (start, stop))
    return Window(to_us(begin), to_us(end))


def hours(found) -> list[float]:
    return [length / HOUR for length in found.lengths_us()]


def begins(found, zone: str = OSLO) -> list[str]:
    return [f"{from_us(us).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" for us in found.starts_us]


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        ("2026-03-28", "2026-03-31", [24, 23, 24]),
        ("2026-10-24", "2026-10-27", [24, 25, 24]),
        ("2026-06-01", "2026-06-03", [24, 24]),
    ],
)
def test_cut__days_in_a_zone_have_23_24_or_25_hours(start, stop, expected):
    assert hours(cut(window(start, stop, OSLO), "P1D", OSLO)) == expected


def test_cut__without_a_zone_a_day_is_24_hours_from_where_the_window_begins():
    found = cut(window("2026-03-28 05:00", "2026-03-30 12:00"), "P1D")
    assert hours(found) == [24, 24, 7]
    assert begins(found, "UTC")[1] == "2026-03-29 05:00"


def test_cut__the_window_cuts_the_first_and_last_calendar_day_short():
    found = cut(window("2026-03-28 20:00", "2026-03-30 06:00", OSLO), "P1D", OSLO)
    assert hours(found) == [4, 23, 6]


def test_cut__weeks_begin_on_monday():
    found = cut(window("2026-03-25", "2026-04-08", OSLO), "P1W", OSLO)
    assert begins(found) == ["2026-03-25 00:00", "2026-03-30 00:00", "2026-04-06 00:00"]


def test_cut__months_begin_on_the_first():
    found = cut(window("2025-12-15", "2026-04-01", OSLO), "P1M", OSLO)
    assert begins(found)[1:] == ["2026-01-01 00:00", "2026-02-01 00:00", "2026-03-01 00:00"]
    assert hours(found)[-1] == 31 * 24 - 1


def test_cut__three_months_are_quarters_and_a_year_a_year():
    year = window("2025-02-01", "2026-08-01", OSLO)
    assert [b[:7] for b in begins(cut(year, "P3M", OSLO))][1:3] == ["2025-04", "2025-07"]
    assert begins(cut(year, "P1Y", OSLO))[1:] == ["2026-01-01 00:00"]


def test_cut__a_midnight_that_does_not_exist_is_the_moment_it_was_skipped():
    found = cut(window("2024-04-25", "2024-04-28", "Africa/Cairo"), "P1D", "Africa/Cairo")
    assert hours(found) == [24, 23, 24]
    assert begins(found, "Africa/Cairo")[1] == "2024-04-26 01:00"


def test_cut__hours_have_a_fixed_length_in_every_zone():
    found = cut(window("2026-03-29", "2026-03-30", OSLO), "PT1H", OSLO)
    assert hours(found) == [1.0] * 23


@pytest.mark.parametrize("resolution", ["P1DT6H", "P1W1D", "P0D", "P1M1D", "month", ""])
def test_cut__mixing_calendar_and_clock_in_a_zone_is_refused(resolution):
    with pytest.raises(BadResolution):
        cut(window("2026-01-01", "2026-02-01"), resolution, OSLO)


def test_cut__months_without_a_zone_are_refused():
    with pytest.raises(BadResolution):
        cut(window("2026-01-01", "2026-02-01"), "P1M")


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "../etc/passwd", "/etc/localtime", "a\0"])
@pytest.mark.parametrize("resolution", ["P1D", "PT1H"])
def test_cut__a_zone_nobody_knows_is_refused(zone, resolution):
    with pytest.raises(BadZone):
        cut(window("2026-01-01", "2026-02-01"), resolution, zone)


@pytest.mark.parametrize("zone", [None, OSLO])
def test_cut__too_many_intervals_are_refused(zone):
    with pytest.raises(TooManyIntervals):
        cut(window("2026-01-01", "2026-02-01"), "P1D", zone, most=30)


def test_runs__a_year_of_days_is_five_windows_of_equal_days():
    runs = cut(window("2026-01-01", "2027-01-01", OSLO), "P1D", OSLO).runs()
    assert [run.every_us / HOUR for run in runs] == [24, 23, 24, 25, 24]


def test_runs__equal_intervals_are_one_run_even_where_the_last_is_short():
    span = window("2026-01-01", "2026-01-02 12:30")
    assert cut(span, "PT1H").runs() == [Run(span, HOUR)]


@given(
    st.integers(0, 400 * 24),
    st.integers(1, 90 * 24),
    st.sampled_from(["P1D", "P2D", "P1W", "P1M", "PT1H", "PT7H"]),
    st.sampled_from([OSLO, "America/Sao_Paulo", "Australia/Lord_Howe", "UTC"]),
)
def test_runs__give_the_same_intervals_again(start, length, resolution, zone):
    begin = to_us(datetime(2025, 1, 1, tzinfo=UTC)) + start * HOUR
    found = cut(Window(begin, begin + length * HOUR), resolution, zone)
    again = [
        at
        for run in found.runs()
        for at in range(run.window.start_us, run.window.stop_us, run.every_us)
    ]
    assert again == list(found.starts_us)
    assert min(found.lengths_us()) > 0
    assert sum(found.lengths_us()) == length * HOUR
