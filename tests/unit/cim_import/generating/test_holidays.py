"""Days of rest: weekends, holidays of all German states, and the days between the years."""

from datetime import date, timedelta

import pytest

from cim_import.generating.holidays import DayKind, day_kind, easter_sunday, is_holiday


@pytest.mark.parametrize(
    "day",
    ["1818-03-22", "1943-04-25", "2000-04-23", "2024-03-31", "2025-04-20", "2026-04-05"],
)
def test_easter_sunday__is_that_of_the_calendar(day: str):
    easter = date.fromisoformat(day)
    assert easter_sunday(easter.year) == easter


def test_holidays__of_a_year_are_nine():
    year = (date(2026, 1, 1) + timedelta(days=n) for n in range(365))
    assert [f"{day:%m-%d}" for day in year if is_holiday(day)] == [
        "01-01", "04-03", "04-06", "05-01", "05-14", "05-25", "10-03", "12-25", "12-26",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        ("2026-01-05", DayKind.WORK),
        ("2026-01-10", DayKind.REST),
        ("2026-05-14", DayKind.REST),
        ("2026-12-23", DayKind.WORK),
        ("2026-12-24", DayKind.QUIET),
        ("2026-12-25", DayKind.REST),
        ("2026-12-31", DayKind.QUIET),
        ("2027-01-01", DayKind.REST),
    ],
)
def test_day_kind__follows_weekday_holiday_and_year_end(day: str, kind: DayKind):
    assert day_kind(date.fromisoformat(day)) is kind
