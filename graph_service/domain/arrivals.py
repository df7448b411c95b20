"""Arrivals: what one write brought to the timeline, as those who watch are told of it."""

from __future__ import annotations

from dataclasses import dataclass

from graph_service.domain.events import Event
from graph_service.domain.readings import SeriesKey


@dataclass(frozen=True, slots=True)
class Stretch:
    """Readings of one series that arrived: from the first valid time to just past the last."""

    series: SeriesKey
    start_us: int
    stop_us: int
    count: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """What arrived. `reopened` are stretches that had been aggregated before and whose values
    changed now, by late or corrected readings; `count` of those is 0."""

    readings: tuple[Stretch, ...] = ()
    events: tuple[Event, ...] = ()
    reopened: tuple[Stretch, ...] = ()
