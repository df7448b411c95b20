"""Intervals of a window: of a fixed length, or days, weeks, months and years of a named zone.

Without a zone every interval has the same length and the first begins where the window begins; a
day is 24 hours. With a zone a resolution in years, months, weeks or days means the calendar's: a
day runs from midnight to midnight there and has 23, 24 or 25 hours, a week begins on Monday, a
month on its first day; the window cuts the first and the last interval short. Hours, minutes and
seconds have a fixed length in every zone.

Windows and intervals are half-open, in UTC. Zones are those of the IANA time zone database.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from graph_service.domain.durations import parse_resolution
from graph_service.domain.errors import BadResolution, BadZone, TooManyIntervals
from graph_service.domain.readings import Window, from_us, to_us

MOST_INTERVALS: Final = 100_000
"""How many intervals one answer may have."""

_CALENDAR: Final = re.compile(r"P(?:([0-9]{1,4})([YMWD]))")
_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")


@dataclass(frozen=True, slots=True)
class Intervals:
    """The intervals of a window, ascending; each ends where the next begins, the last at the stop.

    Attributes:
        starts_us: 'q', where each begins; never empty.
        stop_us: Where the last one ends.
    """

    starts_us: array[int]
    stop_us: int

    def __len__(self) -> int:
        return len(self.starts_us)

    def lengths_us(self) -> array[int]:
        """'q', how long each is."""
        return array("q", (b - a for a, b in pairwise((*self.starts_us, self.stop_us))))

    def runs(self) -> list[Run]:
        """The intervals as few windows of equal intervals; the last one of each may be shorter."""
        runs: list[Run] = []
        begin, every_us = self.starts_us[0], 0
        for start_us, stop_us in pairwise((*self.starts_us, self.stop_us)):
            length_us = stop_us - start_us
            shorter_at_end = stop_us == self.stop_us and length_us <= every_us
            if every_us and length_us != every_us and not shorter_at_end:
                runs.append(Run(Window(begin, start_us), every_us))
                begin, every_us = start_us, 0
            every_us = every_us or length_us
        return [*runs, Run(Window(begin, self.stop_us), every_us)]


class Run(NamedTuple):
    """A window of equal intervals."""

    window: Window
    every_us: int


def cut(
    window: Window, resolution: str, zone: str | None = None, most: int = MOST_INTERVALS
) -> Intervals:
    """Cut a window into intervals.

    Args:
        window: what is cut.
        resolution: ISO 8601 duration: PT15M, PT1H, P1D; with a zone also P1M, P1Y.
        zone: name of a time zone, such as `Europe/Oslo`; None for intervals of a fixed length.
        most: how many intervals there may be.

    Raises:
        BadResolution: it is no such duration, or mixes calendar and clock in a zone.
        BadZone: no zone has this name.
        TooManyIntervals: the resolution is too fine for the window.
    """
    step = None if zone is None else _calendar_step(resolution)
    if zone is None or step is None:
        if zone is not None:
            zone_of(zone)
            if "D" in resolution or "W" in resolution:
                raise BadResolution(resolution)
        return _equal(window, resolution, most)
    starts = [window.start_us]
    for start_us in _steps(window, step, zone_of(zone)):
        if len(starts) == most:
            raise TooManyIntervals(resolution, len(starts) + 1, most)
        starts.append(start_us)
    return Intervals(array("q", starts), window.stop_us)


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """The time zone of this name.

    Raises:
        BadZone: no zone has it.
    """
    try:
        if not _ZONE.fullmatch(name):
            raise BadZone(name)
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError) as error:
        raise BadZone(name) from error


def _equal(window: Window, resolution: str, most: int) -> Intervals:
    every_us = parse_resolution(resolution)
    count = -((window.start_us - window.stop_us) // every_us)
    if count > most:
        raise TooManyIntervals(resolution, count, most)
    return Intervals(array("q", range(window.start_us, window.stop_us, every_us)), window.stop_us)


class _Step(NamedTuple):
    """So many calendar units; `unit` is Y, M, W or D."""

    number: int
    unit: str


def _calendar_step(resolution: str) -> _Step | None:
    found = _CALENDAR.fullmatch(resolution)
    if found is None:
        return None
    number = int(found.group(1))
    if not number:
        raise BadResolution(resolution)
    return _Step(number, found.group(2))


def _steps(window: Window, step: _Step, zone: ZoneInfo) -> Iterator[int]:
    """Beginnings of calendar units strictly within the window, ascending."""
    try:
        local = from_us(window.start_us).astimezone(zone)
        at = _begin(local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0), step)
        while (start_us := to_us(at)) < window.stop_us:
            if start_us > window.start_us:
                yield start_us
            at = _next(at, step)
    except (ValueError, OverflowError):  # the calendar begins in the year 1 and ends in 9999
        return


def _begin(day: datetime, step: _Step) -> datetime:
    """Where the unit that holds a day begins; several days or weeks are counted from there."""
    if step.unit == "D":
        return day
    if step.unit == "W":
        return day - timedelta(days=day.weekday())
    if step.unit == "Y":
        return day.replace(year=max(1, day.year - day.year % step.number), month=1, day=1)
    months = (day.month - 1) // step.number * step.number if step.number <= 12 else 0
    return day.replace(month=1 + months, day=1)


def _next(at: datetime, step: _Step) -> datetime:
    if step.unit in "DW":
        return at + timedelta(days=step.number * (7 if step.unit == "W" else 1))
    months = at.month - 1 + step.number * (12 if step.unit == "Y" else 1)
    return at.replace(year=at.year + months // 12, month=1 + months % 12)
