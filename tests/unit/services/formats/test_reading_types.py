"""Reading types and qualities of IEC 61968-9: what they mean here, and what means nothing."""

import pytest

from graph_service.domain.readings import Quality
from graph_service.services.formats.addressed import BadLine
from graph_service.services.formats.reading_types import code_of, is_code, quality_of, reading_type

MINUTES = 60_000_000


@pytest.mark.parametrize(
    ("code", "quantity", "factor", "minutes", "part"),
    [
        ("0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0", "ENERGY_IN", 1000, 15, ""),
        ("0.0.7.4.19.1.12.0.0.0.0.0.0.0.0.0.72.0", "ENERGY_OUT", 1, 60, ""),
        ("0.0.5.6.1.1.12.0.0.0.0.0.0.0.0.6.72.0", "ENERGY_IN", 1e6, 30, ""),
        ("0.0.0.12.1.1.37.0.0.0.0.0.0.0.0.3.38.0", "P", 1000, 0, ""),
        ("0.0.0.12.19.1.37.0.0.0.0.0.0.0.0.3.38.0", "P", -1000, 0, ""),
        ("0.0.2.6.1.1.8.0.0.0.0.0.0.0.0.3.38.0", "P", 1000, 15, ""),
        ("0.0.0.12.1.1.37.0.0.0.0.0.0.0.0.3.63.0", "Q", 1000, 0, ""),
        ("0.0.0.12.1.1.37.0.0.0.0.0.0.0.0.3.61.0", "S", 1000, 0, ""),
        ("0.0.0.12.0.1.54.0.0.0.0.0.0.0.129.0.29.0", "U", 1, 0, "AN"),
        ("0.0.0.12.0.1.4.0.0.0.0.0.0.0.32.-3.5.0", "I", 0.001, 0, "C"),
    ],
)
def test_reading_type__of_a_code(code, quantity, factor, minutes, part):
    found = reading_type(code)
    assert (found.quantity, found.factor, found.part) == (quantity, pytest.approx(factor), part)
    assert found.interval_us == minutes * MINUTES


@pytest.mark.parametrize(
    ("code", "quantity", "part"),
    [
        ("0.0.0.1.1.1.12.0.0.0.0.0.0.0.0.3.72.0", "ENERGY_IN_REGISTER", ""),
        ("8.0.0.1.19.1.12.0.0.0.0.0.0.0.0.3.72.0", "ENERGY_OUT_REGISTER", ""),
        ("0.0.2.9.1.1.12.0.0.0.0.2.0.0.0.3.72.0", "ENERGY_IN_REGISTER", "T2"),
        ("0.0.0.1.1.1.12.0.0.0.0.1.0.0.129.3.72.0", "ENERGY_IN_REGISTER", "AN/T1"),
    ],
)
def test_reading_type__registers_have_a_quantity_of_their_own(code, quantity, part):
    found = reading_type(code)
    assert (found.quantity, found.part, found.is_register) == (quantity, part, True)
    assert (found.factor, found.interval_us) == (1000, 0)


@pytest.mark.parametrize(
    ("aggregate", "tariff", "part"),
    [(0, 0, ""), (2, 0, ""), (26, 0, ""), (8, 0, "max"), (9, 0, "min"), (8, 3, "T3/max")],
)
def test_reading_type__tariffs_and_extremes_are_parts(aggregate, tariff, part):
    found = reading_type(f"0.{aggregate}.2.6.1.1.37.0.0.0.0.{tariff}.0.0.0.3.38.0")
    assert (found.quantity, found.part, found.is_register) == ("P", part, False)


def test_reading_type__energy_without_a_period_does_not_say_how_long():
    assert reading_type("0.0.0.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0").interval_us is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("0.0.0.3.1.1.12.0.0.0.0.0.0.0.0.3.72.0", "accumulation 3"),
        ("0.0.0.3.1.1.8.0.0.0.0.0.0.0.0.3.38.0", "accumulation 3"),
        ("0.0.0.1.4.1.12.0.0.0.0.0.0.0.0.3.72.0", "which way"),
        ("0.16.2.6.1.1.37.0.0.0.0.0.0.0.0.3.38.0", "aggregate 16"),
        ("0.0.2.4.4.1.12.0.0.0.0.0.0.0.0.3.72.0", "which way"),
        ("0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.73.0", "no quantity"),
        ("0.0.2.4.1.7.58.0.0.0.0.0.0.0.0.0.42.0", "no quantity"),
        ("0.0.99.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0", "period 99"),
        ("0.0.0.12.0.1.54.0.0.0.0.0.0.0.7.0.29.0", "phases 7"),
    ],
)
def test_reading_type__without_a_quantity_here_is_refused(code, reason):
    with pytest.raises(BadLine, match=reason):
        reading_type(code)


def test_code_of__words_and_numbers():
    said = {
        "accumulation": "deltaData",
        "flowDirection": "1",
        "measurementKind": "energy",
        "measuringPeriod": "fifteenMinute",
        "multiplier": "k",
        "unit": "Wh",
    }
    code = code_of(said)
    assert is_code(code)
    assert reading_type(code) == reading_type("0.0.2.4.1.0.12.0.0.0.0.0.0.0.0.3.72.0")


def test_code_of__register_of_a_tariff():
    said = {"accumulation": "bulkQuantity", "flowDirection": "forward", "tou": "1"}
    said |= {"measurementKind": "energy", "multiplier": "k", "unit": "Wh", "aggregate": "none"}
    found = reading_type(code_of(said))
    assert (found.quantity, found.part) == ("ENERGY_IN_REGISTER", "T1")


def test_code_of__unknown_word_is_refused():
    with pytest.raises(BadLine, match="'furlong'"):
        code_of({"unit": "furlong"})


@pytest.mark.parametrize(
    ("code", "quality"),
    [
        ("1.0.0", Quality.GOOD),
        ("1.4.131", Quality.GOOD),
        ("2.8.0", Quality.ESTIMATED),
        ("3.7.0", Quality.ESTIMATED),
        ("2.6.0", Quality.SUSPECT),
        ("1.2.32", Quality.SUSPECT),
        ("2.5.259", Quality.MISSING),
        ("2.11.0", Quality.GOOD),
        ("2.11.1", Quality.ESTIMATED),
        ("whatever", Quality.GOOD),
    ],
)
def test_quality_of__its_category(code, quality):
    assert quality_of(code) is quality
