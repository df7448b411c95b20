"""Reading types of IEC 61968-9: what a reading measures, told by 18 numbers or by words.

    0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0     energy, forward, in 15 minutes, kWh

What has no quantity here is refused with the reason: a register that only grows is not the energy
of an interval, and which temperature is meant no code tells.
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
_MACRO, _PERIOD, _ACCUMULATION, _FLOW, _KIND, _PHASES = 0, 2, 3, 4, 6, 14
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
        phase: Which phase it is of, such as `AN`; empty for all.
    """

    quantity: str
    factor: float
    interval_us: int | None
    phase: str


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
    phase = _PHASE_NAMES.get(numbers[_PHASES])
    if phase is None:
        raise BadLine(f"the reading type {code} is of phases {numbers[_PHASES]}, not known here")
    return ReadingType(
        quantity, sign * _factor(numbers[_MULTIPLIER]), _interval(numbers, code), phase
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
    if kind in _POWER and unit in _POWER_BY_UNIT:
        return _POWER_BY_UNIT[unit], -1 if flow == _REVERSE else 1
    found = _QUANTITIES.get((kind, unit))
    if found is None:
        raise BadLine(f"no quantity is of the reading type {code} (kind {kind}, unit {unit})")
    return found, 1


def _energy(numbers: list[int], code: str) -> str:
    if numbers[_ACCUMULATION] not in _OF_AN_INTERVAL:
        raise BadLine(f"the reading type {code} is a register, not the energy of an interval")
    if numbers[_FLOW] == _REVERSE:
        return "ENERGY_OUT"
    if numbers[_FLOW] != _FORWARD:
        raise BadLine(f"the reading type {code} does not say which way the energy flows")
    return "ENERGY_IN"


def _interval(numbers: list[int], code: str) -> int | None:
    period = numbers[_PERIOD]
    if period and period not in _MINUTES:
        raise BadLine(f"the reading type {code} is of period {period}, not known here")
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
