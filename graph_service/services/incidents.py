"""An incident worth asking about: the first fault of the newest day that has one.

Whatever network and events are in the store, the question "what happened around ten past three on
Feeder 3?" needs a time, a place and an entry to look around. They are taken from that fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from graph_service.domain import tables
from graph_service.domain.access import Scope
from graph_service.domain.elements import Element
from graph_service.domain.events import Event, entry_id
from graph_service.domain.readings import MICROSECONDS_PER_DAY, Window, from_us
from graph_service.services.entries import EntryQuestion
from graph_service.services.house import Services

_FAULTS: Final = frozenset({"FAULT"})
_PLACES: Final = ("Feeder", "Line", "EquipmentContainer", "PowerSystemResource")
"""What an incident is named after, the best first."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A fault to ask about.

    Attributes:
        entry: Its id in the timeline.
        at: When it began.
        place: The name of what it is on.
        scope: As the API takes it: what hangs below the switch that it opened, by design; where
            the fault names no switch, its subjects.
        hour: The hour it began in.
    """

    entry: str
    at: datetime
    place: str
    scope: dict[str, Any]
    hour: tuple[datetime, datetime]


def newest_incident(house: Services, scope: Scope) -> Incident | None:
    """The incident, as far as the caller may see it; None where there is none."""
    fault = _fault(house, scope)
    if fault is None:
        return None
    found = house.neighbourhood.by_keys(fault.subjects, scope)
    about = [element for element in found if element is not None]
    if not about:
        return None
    at = from_us(fault.start_us)
    hour = at.replace(minute=0, second=0, microsecond=0)
    place = next((e for kind in _PLACES for e in about if tables.is_a(e.kind, kind)), about[0])
    return Incident(
        entry=entry_id(fault.source, fault.id),
        at=at,
        place=place.name or place.mrid,
        scope=_below(about),
        hour=(hour, hour + timedelta(hours=1)),
    )


def _fault(house: Services, scope: Scope) -> Event | None:
    ever = EntryQuestion(Window(0, 1), kinds=_FAULTS)
    available = house.entries.available(ever, scope)
    if available is None:
        return None
    newest_us = available[1] - 1
    midnight_us = newest_us // MICROSECONDS_PER_DAY * MICROSECONDS_PER_DAY
    day = EntryQuestion(Window(midnight_us, newest_us + 1), kinds=_FAULTS)
    began = (e.event for e in house.entries.page(day, scope, 100).entries)
    return next((event for event in began if event.start_us >= midnight_us), None)


def _below(about: list[Element]) -> dict[str, Any]:
    for element in about:
        if tables.is_a(element.kind, "Switch"):
            start = str(element.key)
            return {"trace": {"start": start, "kind": "DOWNSTREAM", "state": "NORMAL"}}
    return {"elements": [str(element.key) for element in about]}
