"""Checks that all formats share: times, numbers, names, and what lies too far ahead.

No time is invented: a time without a zone is refused, also where one could be guessed.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

from graph_service.domain import tables
from graph_service.domain.readings import MICROSECONDS_PER_DAY, Quality, from_us, to_us
from graph_service.domain.statements import normalise
from graph_service.domain.units import SAME, Conversion, conversion, units_for
from graph_service.services.formats.addressed import BadLine

FUTURE_US: Final = MICROSECONDS_PER_DAY
"""How far after its arrival a reading may lie: clocks differ, and intervals may just begin."""

FUTURE_OF_EVENTS_US: Final = 10 * 366 * MICROSECONDS_PER_DAY
"""Planned work and warnings lie ahead; ten years ahead is a mistake."""

FIRST_US: Final = -62_135_596_800_000_000  # 0001-01-01
END_US: Final = 253_402_300_800_000_000  # 10000-01-01

QUALITIES: Final = {quality.name.lower(): quality for quality in Quality}


def time_us(text: str) -> int:
    """Microseconds of a time in ISO 8601 with a zone.

    Raises:
        BadLine: it is none, or has no zone.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadLine(f"'{text}' is no time; write 2026-01-01T00:00:00Z") from None
    if at.tzinfo is None:
        raise BadLine(f"'{text}' has no time zone; write 2026-01-01T00:00:00Z")
    return to_us(at)


def reading_us(text: str, now_us: int) -> int:
    """The time of a reading.

    Raises:
        BadLine: it is no time, has no zone, or lies too far in the future.
    """
    us = time_us(text)
    if us > now_us + FUTURE_US:
        raise BadLine(too_far(us))
    return us


def too_far(us: int) -> str:
    """Why a reading of this time is refused."""
    return f"{said(us)} lies more than a day in the future"


def said(us: int) -> str:
    """A time for a message."""
    return from_us(us).isoformat().replace("+00:00", "Z")


def number(text: str) -> float:
    """A finite number.

    Raises:
        BadLine: it is text, NaN or infinite.
    """
    try:
        value = float(text)
    except ValueError:
        raise BadLine(f"'{text}' is no finite number") from None
    if "_" in text or not math.isfinite(value):
        raise BadLine(f"'{text}' is no finite number")
    return value


def finite(value: float) -> float:
    """A number that is one.

    Raises:
        BadLine: it is NaN or infinite.
    """
    if not math.isfinite(value):
        raise BadLine(f"'{value}' is no finite number")
    return value


def mrid(text: str) -> str:
    """An mRID as the graph keeps it.

    Raises:
        BadLine: nothing is left of it.
    """
    identity = normalise(text.strip())
    if not identity or "\ufffd" in identity:
        raise BadLine(f"'{text}' is no mRID")
    return identity


def name(text: str, what: str) -> str:
    """A name that may be kept, of a source for example.

    Raises:
        BadLine: it is empty or was no UTF-8.
    """
    if not text or "\ufffd" in text:
        raise BadLine(f"'{text}' is no {what}")
    return text


def quantity(text: str) -> str:
    """The name of a quantity.

    Raises:
        BadLine: no quantity is called so.
    """
    if tables.quantity(text) is None:
        raise BadLine(f"no quantity is called '{text}'")
    return text


def converted(quantity_name: str, unit: str) -> Conversion:
    """How values in a unit become values of a quantity; no unit means the quantity's own.

    Raises:
        BadLine: no quantity is called so, or the unit is not one of it.
    """
    row = tables.quantity(quantity_name)
    if row is None:
        raise BadLine(f"no quantity is called '{quantity_name}'")
    found = conversion(unit, row.unit) if unit else SAME
    if found is None:
        fitting = ", ".join(units_for(row.unit))
        raise BadLine(f"the unit '{unit}' does not fit {quantity_name}; one of {fitting}")
    return found


def quality(text: str) -> Quality:
    """A quality by name.

    Raises:
        BadLine: there is none of this name.
    """
    found = QUALITIES.get(text.strip().lower())
    if found is None:
        raise BadLine(f"'{text}' is no quality; one of {', '.join(QUALITIES)}")
    return found
