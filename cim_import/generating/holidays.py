"""Days on which nobody goes to work: weekends, public holidays, and the days between the years.

The holidays are the nine that all German states have in common. Easter Sunday comes from the
anonymous Gregorian algorithm as Meeus prints it (Astronomical Algorithms, 1991, chapter 8).
Limits: no holidays of single states, no school holidays.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import IntEnum
from typing import Final

FIXED: Final = ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))
"""Month and day: New Year, Labour Day, German Unity, Christmas."""
FROM_EASTER: Final = (-2, 1, 39, 50)
"""Days after Easter Sunday: Good Friday, Easter Monday, Ascension, Whit Monday."""
BETWEEN_THE_YEARS: Final = ((12, 24), (12, 31))
"""First and last day on which many businesses are closed."""

_SATURDAY: Final = 5


class DayKind(IntEnum):
    """How a day is lived."""

    WORK = 0
    REST = 1
    QUIET = 2


def day_kind(day: date) -> DayKind:
    """Rest at weekends and on holidays, quiet on other days from Christmas Eve to New Year's."""
    if day.weekday() >= _SATURDAY or is_holiday(day):
        return DayKind.REST
    first, last = BETWEEN_THE_YEARS
    return DayKind.QUIET if first <= (day.month, day.day) <= last else DayKind.WORK


def is_holiday(day: date) -> bool:
    """Whether it is a public holiday."""
    moving = (easter_sunday(day.year) + timedelta(days=after) for after in FROM_EASTER)
    return (day.month, day.day) in FIXED or day in moving


def easter_sunday(year: int) -> date:
    """Easter Sunday of a Gregorian year: the names are those of Meeus."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * weekday) // 451
    month, before = divmod(h + weekday - 7 * m + 114, 31)
    return date(year, month, before + 1)
