"""The sun over the town stands where formulas with sines put it, and clouds only take from it."""

from datetime import date
from math import cos, pi, radians, sin

import numpy as np

from cim_import.generating.weather import clear_sky, irradiance, temperature

LATITUDE, LONGITUDE = radians(53), 10


def exact(day: int, hour: int) -> float:
    """Kasten and Czeplak's clear sky over Cooper's declination, in floating point."""
    declination = radians(23.45) * sin(2 * pi * (284 + day) / 365)
    angle = radians(15 * (hour + 0.5 - 12) + LONGITUDE)
    rise = cos(LATITUDE) * cos(declination) * cos(angle)
    return max(0.0, 910 * (sin(LATITUDE) * sin(declination) + rise) - 30)


def test_clear_sky__is_that_of_the_formulas_in_every_hour_of_the_year():
    off = [clear_sky(d, h) - exact(d, h) for d in range(1, 366) for h in range(24)]
    assert max(map(abs, off)) < 4


def test_clear_sky__of_a_summer_noon_is_high_and_nights_are_dark():
    assert 740 < clear_sky(172, 11) < 770
    assert 150 < clear_sky(355, 11) < 220
    assert clear_sky(172, 0) == clear_sky(355, 18) == 0


def test_irradiance__is_never_above_the_clear_sky_and_brings_a_usual_year():
    year = irradiance(3, date(2026, 1, 1), 365)
    clear = np.array([[clear_sky(d, h) for h in range(24)] for d in range(1, 366)])
    assert (year <= clear).all()
    assert (year >= 0).all()
    assert 900_000 < year.sum() < 1_150_000  # Wh on a square metre


def test_temperature__of_july_is_above_january():
    january, july = (temperature(1, date(2026, month, 5), 14).mean() for month in (1, 7))
    assert -80 < january < 80
    assert 120 < july < 250
