"""Reading types of IEC 61968-9: what a reading measures, told by 18 numbers or by words.

    0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0     energy, forward, in 15 minutes, kWh
    0.0.0.1.1.1.12.0.0.0.0.1.0.0.0.3.72.0     a register of energy, forward, first tariff, kWh

A register that only grows has a quantity of its own, since it is not the energy of an interval.
Single phases, tariffs and extremes are parts, which never mix with the whole. What has no quantity
here is refused with the reason: which temperature is meant no code tells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from graph_service.domain.readings import Quality
from graph_service.services.formats.addressed import BadLine

MINUTE_US: Final = 60_000_000

_CODE: Final = re.compile(r"-?\d+(?:\.-?\d+){17}")
_AGGREGATE, _PERIOD, _ACCUMULATION, _FLOW, _KIND, _TARIFF, _PHASES = 1, 2, 3, 4, 6, 11, 14
_MULTIPLIER, _UNIT = 15, 16

_MINUTES: Final[Mapping[int, int]] = {
    3: 1,
    10: 2,
    14: 3,
    6: 5,
    1: 10,
    2: 15,
    31: 20,
    5: 30,
    7: 60,
    54: 720,
    4: 1440,
}
_INSTANTANEOUS: Final = 12
_OF_AN_INTERVAL: Final = frozenset({0, 4, 6, _INSTANTANEOUS})
_REGISTER: Final = frozenset({1, 9})
"""All that was counted since the meter was set up: of all time (bulk), or of one tariff's times."""
_FORWARD, _REVERSE = 1, 19
_ENERGY: Final = 12
_POWER: Final = frozenset({8, 37})
_QUANTITIES: Final[Mapping[tuple[int, int], str]] = {
    (54, 29): "U",
    (4, 5): "I",
    (38, 65): "PF",
    (38, 0): "PF",
}
_POWER_BY_UNIT: Final[Mapping[int, str]] = {38: "P", 61: "S", 63: "Q"}
_WH: Final = 72
_OF_ENERGY: Final[Mapping[tuple[int, bool], str]] = {
    (_FORWARD, False): "ENERGY_IN",
    (_REVERSE, False): "ENERGY_OUT",
    (_FORWARD, True): "ENERGY_IN_REGISTER",
    (_REVERSE, True): "ENERGY_OUT_REGISTER",
}
_EXTREMES: Final[Mapping[int, str]] = {0: "", 2: "", 26: "", 8: "max", 9: "min"}
"""Averages and sums are the values themselves, largest and smallest ones are parts."""
_PHASE_NAMES: Final[Mapping[int, str]] = {
    0: "",
    224: "",
    225: "",
    128: "A",
    129: "AN",
    132: "AB",
    64: "B",
    65: "BN",
    66: "BC",
    32: "C",
    33: "CN",
    40: "CA",
    16: "N",
}
_WORDS: Final[Mapping[int, Mapping[str, int]]] = {
    _AGGREGATE: {"none": 0, "average": 2, "maximum": 8, "minimum": 9, "sum": 26},
    _TARIFF: {},
    _PERIOD: {
        "none": 0,
        "oneMinute": 3,
        "twoMinute": 10,
        "threeMinute": 14,
        "fiveMinute": 6,
        "tenMinute": 1,
        "fifteenMinute": 2,
        "twentyMinute": 31,
        "thirtyMinute": 5,
        "sixtyMinute": 7,
        "twelveHour": 54,
        "twentyfourHour": 4,
        "twentyFourHour": 4,
    },
    _ACCUMULATION: {
        "none": 0,
        "bulkQuantity": 1,
        "continuousCumulative": 2,
        "cumulative": 3,
        "deltaData": 4,
        "indicating": 6,
        "summation": 9,
        "instantaneous": _INSTANTANEOUS,
    },
    _FLOW: {"none": 0, "forward": _FORWARD, "net": 4, "reverse": _REVERSE},
    _KIND: {
        "current": 4,
        "demand": 8,
        "energy": _ENERGY,
        "power": 37,
        "powerFactor": 38,
        "voltage": 54,
    },
    _PHASES: {name: code for code, name in _PHASE_NAMES.items() if name} | {"none": 0},
    _MULTIPLIER: {"none": 0, "micro": -6, "milli": -3, "k": 3, "M": 6, "G": 9},
    _UNIT: {"A": 5, "V": 29, "W": 38, "VA": 61, "VAr": 63, "Wh": _WH, "cosTheta": 65},
}
_NAMED: Final[Mapping[str, int]] = {
    "aggregate": _AGGREGATE,
    "tou": _TARIFF,
    "measuringPeriod": _PERIOD,
    "accumulation": _ACCUMULATION,
    "flowDirection": _FLOW,
    "measurementKind": _KIND,
    "phases": _PHASES,
    "multiplier": _MULTIPLIER,
    "unit": _UNIT,
}


@dataclass(frozen=True, slots=True)
class ReadingType:
    """What a reading is.

    Attributes:
        quantity: A quantity of the table.
        factor: From the value to the quantity's unit.
        interval_us: How long its interval is; 0 for an instant, None where it does not tell.
        part: Which part of it, such as the phase `AN`, the tariff `T1`, the largest `max`, or
            several as `AN/max`; empty for the whole.
        is_register: Whether it is the state of a register, at the instant of its time stamp.
    """

    quantity: str
    factor: float
    interval_us: int | None
    part: str
    is_register: bool = False


def is_code(text: str) -> bool:
    """Whether a reference is a code of 18 numbers itself."""
    return _CODE.fullmatch(text) is not None


def code_of(members: Mapping[str, str]) -> str:
    """The code of a reading type that is written out in words or numbers.

    Raises:
        BadLine: a word is unknown.
    """
    numbers = [0] * 18
    for name, at in _NAMED.items():
        text = members.get(name, "").strip()
        if text:
            numbers[at] = _number(text, name, _WORDS[at])
    return ".".join(map(str, numbers))


@lru_cache(maxsize=10_000)
def reading_type(code: str) -> ReadingType:
    """What a code means.

    Raises:
        BadLine: it has no quantity here.
    """
    numbers = [int(text) for text in code.split(".")]
    quantity, sign = _quantity(numbers, code)
    return ReadingType(
        quantity=quantity,
        factor=sign * _factor(numbers[_MULTIPLIER]),
        interval_us=_interval(numbers, code),
        part=_part(numbers, code),
        is_register=numbers[_ACCUMULATION] in _REGISTER,
    )


def quality_of(code: str) -> Quality:
    """The quality that a code `system.category.index` of IEC 61968-9 stands for."""
    parts = code.split(".")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return Quality.GOOD
    category, index = int(parts[1]), int(parts[2])
    if (category, index) == (5, 259):  # known to be missing
        return Quality.MISSING
    if category in (2, 3, 5, 6, 10):  # power quality, tampering, tests failed, questionable
        return Quality.SUSPECT
    if category in (7, 8, 12) or (category == 11 and index):  # edited, estimated, projected
        return Quality.ESTIMATED
    return Quality.GOOD


def _quantity(numbers: list[int], code: str) -> tuple[str, int]:
    kind, unit, flow = numbers[_KIND], numbers[_UNIT], numbers[_FLOW]
    if kind == _ENERGY and unit == _WH:
        return _energy(numbers, code), 1
    if numbers[_ACCUMULATION] not in _OF_AN_INTERVAL:
        raise BadLine(_accumulated(numbers, code))
    if kind in _POWER and unit in _POWER_BY_UNIT:
        return _POWER_BY_UNIT[unit], -1 if flow == _REVERSE else 1
    found = _QUANTITIES.get((kind, unit))
    if found is None:
        raise BadLine(f"no quantity is of the reading type {code} (kind {kind}, unit {unit})")
    return found, 1


def _energy(numbers: list[int], code: str) -> str:
    accumulation = numbers[_ACCUMULATION]
    if accumulation not in _OF_AN_INTERVAL | _REGISTER:
        raise BadLine(_accumulated(numbers, code))
    found = _OF_ENERGY.get((numbers[_FLOW], accumulation in _REGISTER))
    if found is None:
        raise BadLine(f"the reading type {code} does not say which way the energy flows")
    return found


def _accumulated(numbers: list[int], code: str) -> str:
    return f"no quantity adds up as the reading type {code} (accumulation {numbers[_ACCUMULATION]})"


def _part(numbers: list[int], code: str) -> str:
    phase, extreme = _PHASE_NAMES.get(numbers[_PHASES]), _EXTREMES.get(numbers[_AGGREGATE])
    if phase is None:
        raise BadLine(f"the reading type {code} is of phases {numbers[_PHASES]}, not known here")
    if extreme is None:
        raise BadLine(f"the reading type {code} is of aggregate {numbers[_AGGREGATE]}, unknown")
    tariff = f"T{numbers[_TARIFF]}" if numbers[_TARIFF] else ""
    return "/".join(filter(None, (phase, tariff, extreme)))


def _interval(numbers: list[int], code: str) -> int | None:
    period = numbers[_PERIOD]
    if period and period not in _MINUTES:
        raise BadLine(f"the reading type {code} is of period {period}, not known here")
    if numbers[_ACCUMULATION] in _REGISTER:
        return 0
    if period:
        return 0 if numbers[_ACCUMULATION] == _INSTANTANEOUS else _MINUTES[period] * MINUTE_US
    return None if numbers[_KIND] == _ENERGY else 0


def _factor(multiplier: int) -> float:
    return float(10**multiplier) if multiplier >= 0 else 1 / 10**-multiplier


def _number(text: str, name: str, words: Mapping[str, int]) -> int:
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if text not in words:
        raise BadLine(f"a reading type has the {name} '{text}', not known here")
    return words[text]
