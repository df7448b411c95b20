"""The weather of the town: temperature, clouds and what the sun brings, hour by hour.

Temperature is a seasonal mean, a daily swing and a drift from day to day. Sunshine follows

    declination  d = 23.45° sin(360° (284 + day of the year) / 365)         (Cooper 1969)
    elevation    sin a = sin l sin d + cos l cos d cos w, w = 15° (solar hour - 12)
    irradiance   G = (910 sin a - 30) (1 - 0.75 (N / 8)^3.4) W/m², N eighths of the sky in clouds
                                                        (Kasten and Czeplak 1980)

in the middle of each hour at latitude l. P. I. Cooper, Solar Energy 12 (1969) 333; F. Kasten and
G. Czeplak, Solar Energy 24 (1980) 177. Sines are Bhaskara's fraction, right within 0.0017, so that
all is integer arithmetic. Limits: flat ground, one sky over the whole town, no equation of time.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from cim_import.generating.chance import Chance
from cim_import.generating.geography import MIDDLE_LATITUDE_DEG, MIDDLE_LONGITUDE_DEG

Integers = npt.NDArray[np.int64]

_MONTH_MEAN: Final = (14, 19, 49, 91, 138, 168, 188, 183, 144, 99, 55, 25)
"""Mean temperature of the months in tenths of a degree."""
_DAILY_SWING: Final = (
    -22, -26, -29, -32, -34, -34, -30, -20, -6, 10, 24, 34,
    40, 42, 40, 34, 24, 12, 2, -4, -9, -13, -16, -19,
)  # fmt: skip
_ONE: Final = 10_000
"""A sine of one."""
_DEGREE: Final = 100
"""Angles are in hundredths of a degree."""
_CLOUDS_OF_A_DAY: Final = (0, 1, 2, 3, 4, 5, 6, 6, 7, 7, 7, 8, 8, 8)
"""Eighths of the sky, by how often: on average five."""
_THROUGH_CLOUDS: Final = (1000, 999, 993, 973, 929, 848, 718, 524, 250)
"""Thousandths of the clear sky that 0 to 8 eighths let through: 1 - 0.75 (N / 8)^3.4."""


def temperature(seed: int, start: date, days: int) -> Integers:
    """Temperature in tenths of a degree by day and hour (UTC), shape (days, 24)."""
    chance, drift = Chance(seed, "weather"), 0
    table = np.zeros((days, 24), dtype=np.int64)
    for day in range(days):
        drift = drift * 7 // 10 + chance.between(-22, 22)
        table[day] = _month_mean(start + timedelta(days=day)) + drift
    return table + np.array(_DAILY_SWING, dtype=np.int64)


def irradiance(seed: int, start: date, days: int) -> Integers:
    """What the sun brings, in W on a square metre of flat ground, by day and hour (UTC)."""
    chance = Chance(seed, "clouds")
    table = np.zeros((days, 24), dtype=np.int64)
    for day in range(days):
        number = (start + timedelta(days=day)).timetuple().tm_yday
        clouds = chance.pick(_CLOUDS_OF_A_DAY)
        for hour in range(24):
            cover = min(8, max(0, clouds + chance.between(-1, 1)))
            table[day, hour] = clear_sky(number, hour) * _THROUGH_CLOUDS[cover] // 1000
    return table


def clear_sky(day_of_year: int, hour: int) -> int:
    """Irradiance without clouds in the middle of an hour (UTC), W/m²."""
    return max(0, 910 * _sine_of_elevation(day_of_year, hour) // _ONE - 30)


def _sine_of_elevation(day_of_year: int, hour: int) -> int:
    latitude = int(MIDDLE_LATITUDE_DEG * _DEGREE)
    angle = 15 * _DEGREE * (2 * hour - 23) // 2 + int(MIDDLE_LONGITUDE_DEG * _DEGREE)
    declination = 2345 * _sine(360 * _DEGREE * (284 + day_of_year) // 365) // _ONE
    upright = _sine(latitude) * _sine(declination)
    return (upright + _cosine(latitude) * _cosine(declination) * _cosine(angle) // _ONE) // _ONE


def _cosine(hundredths: int) -> int:
    return _sine(hundredths + 90 * _DEGREE)


def _sine(hundredths: int) -> int:
    """Ten thousandths of a sine: 4 x (180 - x) / (40500 - x (180 - x)), x in degrees."""
    half, x = divmod(hundredths % (360 * _DEGREE), 180 * _DEGREE)
    product = x * (180 * _DEGREE - x)
    sine = 4 * product * _ONE // (40_500 * _DEGREE * _DEGREE - product)
    return -sine if half else sine


def _month_mean(day: date) -> int:
    """The mean of the season, drawn straight from the middle of one month to the next."""
    month = day.month - 1
    other, weight = ((month + 1) % 12, day.day - 15) if day.day >= 15 else (month - 1, 15 - day.day)
    return (_MONTH_MEAN[month] * (31 - weight) + _MONTH_MEAN[other] * weight) // 31
