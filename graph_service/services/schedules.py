"""Reading schedules: how often a series is to be read, where somebody has said so.

A schedule is stated for a quantity, for a quantity from one source, for an element, or for one
series of it; the one that says most exactly which series it means counts. Where nothing is stated
the readings themselves tell.

Limits: schedules are of a fixed length, at most a day; what another process states counts within a
second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Final, NamedTuple

import orjson

from graph_service.domain import tables
from graph_service.domain.durations import parse_resolution
from graph_service.domain.errors import InvalidCall, UnknownQuantity
from graph_service.domain.readings import MICROSECONDS_PER_DAY, SeriesKey
from graph_service.ports.record_store import RecordStore

SCHEDULES: Final = "reading_schedules"
_AT_ONCE: Final = 10_000
_REMEMBERED_S: Final = 1.0

_Which = tuple[str, str, str]
_NOTHING: Final[tuple[float, Mapping[_Which, int]]] = (-_REMEMBERED_S - 1, {})


class Schedule(NamedTuple):
    """How often which series are read; an empty name means any.

    Attributes:
        every: ISO 8601 duration, such as `PT15M`.
        element: `model_set/mRID`.
        quantity: Such as `ENERGY_IN`.
        source: Such as `meter`.
    """

    every: str
    element: str = ""
    quantity: str = ""
    source: str = ""


class Schedules:
    """Keeps schedules and says which one a series has."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._remembered: tuple[float, Mapping[_Which, int]] = _NOTHING

    def state(self, schedule: Schedule) -> None:
        """Keep a schedule, replacing that for the same series.

        Raises:
            BadResolution, InvalidCall: it is no duration, or longer than a day.
            UnknownQuantity: no quantity has this name.
        """
        if parse_resolution(schedule.every) > MICROSECONDS_PER_DAY:
            raise InvalidCall(
                f"a schedule of {schedule.every} was given",
                subject=schedule.every,
                hint="quality is counted by day: give at most P1D",
            )
        if schedule.quantity and tables.quantity(schedule.quantity) is None:
            known = [known.name for known in tables.quantities()]
            raise UnknownQuantity(schedule.quantity, known)
        self._records.put(SCHEDULES, [(_key(*_which(schedule)), schedule._asdict())])
        self._remembered = _NOTHING

    def remove(self, element: str = "", quantity: str = "", source: str = "") -> bool:
        """Forget a schedule; tells whether there was one."""
        self._remembered = _NOTHING
        return bool(self._records.delete(SCHEDULES, [_key(element, quantity, source)]))

    def all(self) -> list[Schedule]:
        """All schedules, by element, quantity and source."""
        found: list[Schedule] = []
        after: str | None = None
        while page := self._records.page(SCHEDULES, _AT_ONCE, after=after):
            found += [Schedule(**record) for _, record in page]
            after = page[-1][0]
        return sorted(found, key=_which)

    def intervals_us(self, keys: Sequence[SeriesKey]) -> list[int]:
        """The interval stated for each series; 0 where nothing is."""
        stated = self._all_stated()
        return [_nearest(stated, key) for key in keys] if stated else [0] * len(keys)

    def _all_stated(self) -> Mapping[_Which, int]:
        at, stated = self._remembered
        if monotonic() - at > _REMEMBERED_S:
            stated = {_which(schedule): parse_resolution(schedule.every) for schedule in self.all()}
            self._remembered = (monotonic(), stated)
        return stated


def _nearest(stated: Mapping[_Which, int], key: SeriesKey) -> int:
    element, quantity, source = key
    ways = (
        (element, quantity, source),
        (element, quantity, ""),
        (element, "", source),
        (element, "", ""),
        ("", quantity, source),
        ("", quantity, ""),
        ("", "", source),
        ("", "", ""),
    )
    return next((stated[way] for way in ways if way in stated), 0)


def _key(element: str, quantity: str, source: str) -> str:
    return orjson.dumps([element, quantity, source]).decode()


def _which(schedule: Schedule) -> _Which:
    return schedule.element, schedule.quantity, schedule.source
