"""Scalars: times with a zone, and whole columns that leave in one piece.

A series of ten thousand points as a list of objects costs a hundred times what it costs as
columns; so `times`, `values` and `quality` are arrays of their own scalar types, equally long.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NewType

import numpy as np
import strawberry
from strawberry.file_uploads.scalars import Upload, UploadDefinition
from strawberry.types.scalar import ScalarDefinition

TimeArray = NewType("TimeArray", object)
FloatArray = NewType("FloatArray", object)
QualityArray = NewType("QualityArray", object)
IntArray = NewType("IntArray", object)


def time_array(microseconds: Any) -> TimeArray:
    """A column of times, given as microseconds since the epoch."""
    return TimeArray(np.asarray(microseconds, dtype="int64").view("datetime64[us]"))


def float_array(values: Any) -> FloatArray:
    """A column of numbers; NaN leaves as null."""
    return FloatArray(np.asarray(values, dtype="float64"))


def int_array(values: Any) -> IntArray:
    """A column of whole numbers."""
    return IntArray(np.asarray(values, dtype="int64"))


def quality_array(names: list[str]) -> QualityArray:
    """A column of qualities by name."""
    return QualityArray(names)


def parse_time(value: object) -> datetime:
    """Read a time with a zone.

    Raises:
        ValueError: it is no time, or says no zone.
    """
    at = datetime.fromisoformat(value) if isinstance(value, str) else None
    if at is None:
        raise ValueError("a time is text such as 2026-01-31T10:00:00Z")
    if at.tzinfo is None:
        raise ValueError(f"'{value}' says no zone; write Z or +01:00 behind it")
    return at.astimezone(UTC)


def show_time(at: datetime) -> str:
    """A time in UTC, with a Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _as_it_is(value: object) -> object:
    return value


def _array(name: str, description: str) -> ScalarDefinition:
    return strawberry.scalar(name=name, description=description, serialize=_as_it_is)


SCALARS: Final[Mapping[object, ScalarDefinition]] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant, ISO 8601 with a zone: `2026-01-31T10:00:00Z`. Given back in UTC.",
        serialize=show_time,
        parse_value=parse_time,
    ),
    TimeArray: _array("TimeArray", "A column of instants: an array of `DateTime`."),
    FloatArray: _array("FloatArray", "A column of numbers: an array of `Float` or null."),
    IntArray: _array("IntArray", "A column of whole numbers: an array of `Int`."),
    QualityArray: _array("QualityArray", "A column of qualities: an array of `Quality` names."),
    Upload: UploadDefinition,
}
