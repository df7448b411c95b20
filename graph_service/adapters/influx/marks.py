"""Marks that writers leave in InfluxDB, by which it is seen whether an answer is true still.

    touched   one point a subject at 1970-01-01. Subjects are `series`, `events`, and `readings` of
              each quantity. Fields: `mark`, of the last write; `mark_0` to `mark_63`, of the last
              write into a day, which shares its field with each 64th day before and after it;
              `mark_lasting`, of the last event that is no instant

Guarantees: a mark is sent with what it tells of, and is there once that has been acknowledged.

Limits: what else is written into the bucket leaves no mark. A mark says by the clock of its writer
when it was left.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from math import inf
from typing import Any, Final

import numpy as np

from graph_service.adapters.influx import flux, influxql
from graph_service.adapters.influx.event_points import span_of
from graph_service.adapters.influx.lines import tag, text_field, written_tag
from graph_service.adapters.timeline.bits import Ints
from graph_service.adapters.timeline.event_versions import Content
from graph_service.domain.readings import MICROSECONDS_PER_DAY, SeriesKey, Window

_DAYS: Final = 64
_MANY: Final = 32  # days; who asks for more asks for the last write of all
_ANY: Final = "mark"
_LASTING: Final = "mark_lasting"
_ALL: Final = (_ANY, _LASTING, *(f"mark_{day}" for day in range(_DAYS)))


# --- left by writers ---------------------------------------------------------------------------


def of_readings(keys: Iterable[SeriesKey], valid_us: Ints) -> list[str]:
    """The marks of a write of readings of these series at these times."""
    counts = np.bincount(valid_us // MICROSECONDS_PER_DAY % _DAYS)
    days = np.flatnonzero(counts).tolist()
    parts = [_ANY, *(f"mark_{day}" for day in days)]
    return [_line("readings", parts, quantity) for quantity in {key.quantity for key in keys}]


def of_series() -> list[str]:
    """The mark of a write that makes new series, or takes some away."""
    return [_line("series", [_ANY])]


def of_events(contents: Iterable[Content]) -> list[str]:
    """The mark of a write of versions of events."""
    parts = {_ANY, *map(_part_of, contents)}
    return [_line("events", sorted(parts))]


def of_all(keys: Iterable[SeriesKey]) -> list[str]:
    """The marks of what may have changed all readings of the quantities of series, and events."""
    quantities = {key.quantity for key in keys}
    readings = [_line("readings", _ALL, quantity) for quantity in quantities]
    return [*of_series(), _line("events", _ALL), *readings]


def _part_of(content: Content) -> str:
    if span_of(content) != "instant":
        return _LASTING
    return f"mark_{content.start_us // MICROSECONDS_PER_DAY % _DAYS}"


def _line(subject: str, parts: Iterable[str], quantity: str = "") -> str:
    mark = text_field(f"{time.time_ns() // 1_000_000} {secrets.token_hex(6)}")
    which = f",quantity={written_tag(quantity)}" if subject == "readings" else ""
    return f"touched,subject={subject}{which} {','.join(f'{part}={mark}' for part in parts)} 0"


# --- asked by readers --------------------------------------------------------------------------


def on_readings(keys: Iterable[SeriesKey], window: Window | None = None) -> str:
    """The question for what tells of readings of these series, within a window or at any time."""
    quantities = flux.any_of({tag(key.quantity) for key in keys})
    return influxql.marks("readings", _parts_of(window), quantities)


def on_series() -> str:
    """The question for what tells of series that come and go."""
    return influxql.marks("series", [_ANY])


def on_events(window: Window | None = None) -> str:
    """The question for what tells of events that have a part in a window, or of any."""
    parts = _parts_of(window)
    return influxql.marks("events", parts if _ANY in parts else [_LASTING, *parts])


def left_at_s(answer: Iterable[dict[str, Any]]) -> float:
    """When the youngest of the marks in an answer was left; 0 where there is none.

    Never, in infinity, where a mark is none of ours.
    """
    marks = (mark for one in answer for row in one["values"] for mark in row[1:] if mark)
    times = (mark.partition(" ")[0] for mark in marks)
    return max((int(ms) / 1000 if ms.isdecimal() else inf for ms in times), default=0.0)


def _parts_of(window: Window | None) -> list[str]:
    if window is None:
        return [_ANY]
    first = window.start_us // MICROSECONDS_PER_DAY
    last = (window.stop_us - 1) // MICROSECONDS_PER_DAY
    if last - first >= _MANY:
        return [_ANY]
    return [f"mark_{day % _DAYS}" for day in range(first, last + 1)]
