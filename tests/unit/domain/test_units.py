"""Units: conversion to the unit of the quantity, or none."""

import pytest

from graph_service.domain.units import conversion, units_for


@pytest.mark.parametrize(
    ("unit", "into", "value", "expected"),
    [
        ("kWh", "Wh", 0.412, 412),
        ("MWh", "Wh", 1.5, 1_500_000),
        ("MJ", "Wh", 3.6, 1000),
        ("kW", "W", 2, 2000),
        ("mW", "W", 2, 0.002),
        ("kVA", "VA", 3, 3000),
        ("kvar", "var", 4, 4000),
        ("kVAr", "var", 4, 4000),
        ("kV", "V", 10, 10_000),
        ("mA", "A", 500, 0.5),
        ("°C", "degC", 21, 21),
        ("K", "degC", 273.15, 0),
        ("degF", "degC", 212, 100),
        ("%", "1", 95, 0.95),
        ("1", "%", 0.03, 3),
        ("MB", "B", 2, 2_000_000),
        ("KiB", "B", 2, 2048),
    ],
)
def test_conversion__gives_the_value_in_the_units_of_the_quantity(unit, into, value, expected):
    factor, offset = conversion(unit, into)
    assert value * factor + offset == pytest.approx(expected)


@pytest.mark.parametrize(
    ("unit", "into"), [("kWh", "W"), ("kW", "Wh"), ("kwh", "Wh"), ("V", "A"), ("", "W"), ("%", "W")]
)
def test_conversion__unit_of_another_quantity_does_not_fit(unit, into):
    assert conversion(unit, into) is None


def test_units_for__are_those_that_convert():
    assert {"%", "1"} == set(units_for("1"))
    assert "kWh" in units_for("Wh")
