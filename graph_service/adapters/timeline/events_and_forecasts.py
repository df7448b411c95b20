"""The half of a timeline that every engine hands on: events and forecasts, each kept by a part.

`EventsAndForecasts` gives the methods of `TimelineStore` that are about them; an adapter inherits
it and makes the two parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from graph_service.domain.events import (
    Event,
    EventCount,
    EventFilter,
    EventHistories,
    EventPosition,
    EventsResult,
)
from graph_service.domain.forecasts import Forecast
from graph_service.domain.readings import SeriesKey, Window


class _Events(Protocol):
    """What keeps events; see `TimelineStore` for what each method owes."""

    def append(self, events: Iterable[Event]) -> EventsResult: ...

    def find(
        self,
        wanted: EventFilter,
        window: Window,
        first: int,
        after: EventPosition | None,
        descending: bool,
    ) -> list[Event]: ...

    def get(self, source: str, id: str, known_us: int | None) -> Event | None: ...

    def counts(self, wanted: EventFilter, window: Window, every_us: int) -> list[EventCount]: ...

    def available(self, wanted: EventFilter) -> tuple[int, int] | None: ...

    def histories(self, first: int, after: str | None) -> EventHistories: ...

    def forget(self, kinds: frozenset[str], before_us: int, *, dry_run: bool = False) -> int: ...


class _Forecasts(Protocol):
    """What keeps forecasts; see `TimelineStore` for what each method owes."""

    def append(self, forecasts: Iterable[Forecast]) -> int: ...

    def newest(
        self, keys: Sequence[SeriesKey], window: Window, known_us: int | None
    ) -> list[Forecast | None]: ...

    def issues(self, key: SeriesKey, window: Window) -> list[int]: ...

    def history(self, keys: Sequence[SeriesKey], issued: Window) -> list[Forecast]: ...

    def series(self, elements: Sequence[str], quantity: str | None) -> list[SeriesKey]: ...

    def forget(self, quantity: str, before_us: int, *, dry_run: bool = False) -> int: ...


class EventsAndForecasts:
    """The methods of a timeline that are about events and forecasts."""

    _events: _Events
    _forecasts: _Forecasts

    def append_events(self, events: Iterable[Event]) -> EventsResult:
        """Keep events, in one step."""
        return self._events.append(events)

    def events(
        self,
        wanted: EventFilter,
        window: Window,
        first: int,
        *,
        after: EventPosition | None = None,
        descending: bool = False,
    ) -> list[Event]:
        """Events that overlap the window, in the order of `domain.events.position`."""
        return self._events.find(wanted, window, first, after, descending)

    def event(self, source: str, id: str, known_us: int | None = None) -> Event | None:
        """One event, its newest version."""
        return self._events.get(source, id, known_us)

    def event_counts(self, wanted: EventFilter, window: Window, every_us: int) -> list[EventCount]:
        """How many events began in each interval, by kind and severity; empty ones left out."""
        return self._events.counts(wanted, window, every_us)

    def events_available(self, wanted: EventFilter) -> tuple[int, int] | None:
        """First start and the one just past the last start of all events wanted."""
        return self._events.available(wanted)

    def forget_events(self, kinds: frozenset[str], before_us: int, *, dry_run: bool = False) -> int:
        """Take events of these kinds that began before a time away; gives how many."""
        return self._events.forget(kinds, before_us, dry_run=dry_run)

    def append_forecasts(self, forecasts: Iterable[Forecast]) -> int:
        """Keep forecasts, in one step; gives how many issues were new."""
        return self._forecasts.append(forecasts)

    def forecasts(
        self, keys: Sequence[SeriesKey], window: Window, known_us: int | None = None
    ) -> list[Forecast | None]:
        """The newest issue of each series known at `known_us` that speaks of the window."""
        return self._forecasts.newest(keys, window, known_us)

    def forecast_issues(self, key: SeriesKey, window: Window) -> list[int]:
        """When forecasts of a series were issued, within the window of issue times, ascending."""
        return self._forecasts.issues(key, window)

    def forecast_series(
        self, elements: Sequence[str], quantity: str | None = None
    ) -> list[SeriesKey]:
        """The forecast series these elements have, ordered by element, quantity, source."""
        return self._forecasts.series(elements, quantity)

    def forget_forecasts(self, quantity: str, before_us: int, *, dry_run: bool = False) -> int:
        """Take forecasts of a quantity issued before a time away; gives how many issues."""
        return self._forecasts.forget(quantity, before_us, dry_run=dry_run)

    def event_histories(self, first: int, after: str | None = None) -> EventHistories:
        """All versions of about so many events, in the order the engine keeps them."""
        return self._events.histories(first, after)

    def forecast_history(self, keys: Sequence[SeriesKey], issued: Window) -> list[Forecast]:
        """Every issue of these series within the window of issue times, whole."""
        return self._forecasts.history(keys, issued)
