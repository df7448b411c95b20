"""What we ask of the timeline: take readings durably, give them back in columns, aggregate.

Every adapter owes: a batch is durable, whole, when `append` returns; the same value again is
dropped and counted, another value for the same time is a new version and the older one is kept
(asked for by `known_us`); windows are half-open; reads of one call see one state; readers never
wait for the writer; driver errors come out as `domain.errors.StoreError`. All of this holds for
readings, events and forecasts alike.

Levels: aggregates of each series by UTC hour and day are kept beside the readings, on every write,
late ones included. An aggregate whose intervals are whole hours or days is answered from them, and
they stay when retention takes the readings away. Sums from levels may differ from sums of the
readings by 1e-12 of themselves; whole numbers are exact. Days that went answer with what was known
last, and are silent about the knowledge of an earlier time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from graph_service.domain.arrivals import Arrival
from graph_service.domain.events import (
    Event,
    EventCount,
    EventFilter,
    EventHistories,
    EventPosition,
    EventsResult,
)
from graph_service.domain.forecasts import Forecast
from graph_service.domain.gone_days import GoneDays
from graph_service.domain.readings import (
    Aggregate,
    AppendResult,
    IntervalColumns,
    LastReading,
    ReadingColumns,
    SeriesKey,
    Window,
)


class TimelineStore(Protocol):
    """Readings by series."""

    def append(self, batch: Iterable[tuple[SeriesKey, ReadingColumns]]) -> AppendResult:
        """Keep readings of any number of series, in one durable step.

        Rejected one by one with the reason: values that are not finite, qualities that are none,
        valid times more than a year after the known time. The others are kept. What a batch
        changes of what was there is in `reopened`: for each series one stretch, from the first
        to just past the last time changed, for each run of adjacent UTC days.
        """
        ...

    def series(self, elements: Sequence[str], quantity: str | None = None) -> list[SeriesKey]:
        """The series these elements have, ordered by element, quantity, source."""
        ...

    def read(
        self, keys: Sequence[SeriesKey], window: Window, known_us: int | None = None
    ) -> list[ReadingColumns]:
        """Readings of each series within the window, newest version known at `known_us`."""
        ...

    def versions(self, keys: Sequence[SeriesKey], window: Window) -> list[ReadingColumns]:
        """Every version of the readings of each series within the window.

        Ascending in valid time, then in the time they became known, so that a valid time stands
        there as often as there are versions of it.
        """
        ...

    def aggregate(
        self,
        keys: Sequence[SeriesKey],
        window: Window,
        every_us: int,
        within: Aggregate,
        across: Aggregate | None = Aggregate.SUM,
        known_us: int | None = None,
    ) -> list[IntervalColumns]:
        """Aggregate within intervals, then across the series.

        Intervals begin at `window.start_us` and are `every_us` long; every interval of the window
        is answered. Usable readings are those of quality GOOD, ESTIMATED and SUSPECT. With
        `across=None` one entry a series in the order asked, otherwise one entry for all.
        """
        ...

    def last(self, keys: Sequence[SeriesKey]) -> list[LastReading | None]:
        """The newest reading of each series."""
        ...

    def available(self, keys: Sequence[SeriesKey]) -> tuple[int, int] | None:
        """First valid time and the one just past the last reading, over all these series.

        The end is exclusive: the last `valid_us` plus one microsecond.
        """
        ...

    def counts(self) -> tuple[int, int]:
        """How many series and how many current values the store holds."""
        ...

    def append_events(self, events: Iterable[Event]) -> EventsResult:
        """Keep events in one durable step; see `domain.events` for what makes one new.

        Rejected one by one with the reason: no source, no id, a kind that is not in the table, an
        end that is not after the start, a start more than a year after it was known.
        """
        ...

    def events(
        self,
        wanted: EventFilter,
        window: Window,
        first: int,
        *,
        after: EventPosition | None = None,
        descending: bool = False,
    ) -> list[Event]:
        """Events that overlap the window, in the order of `domain.events.position`.

        An instant overlaps where it lies within; an event that lasts (of a kind that lasts, its
        end not known) from its start on. Newest versions known at `wanted.known_us`; those
        beyond `after` in the order asked.
        """
        ...

    def event(self, source: str, id: str, known_us: int | None = None) -> Event | None:
        """One event, its newest version."""
        ...

    def event_counts(self, wanted: EventFilter, window: Window, every_us: int) -> list[EventCount]:
        """How many events began in each interval, by kind and severity; empty ones left out."""
        ...

    def events_available(self, wanted: EventFilter) -> tuple[int, int] | None:
        """First start and the one just past the last start of all events wanted."""
        ...

    def append_forecasts(self, forecasts: Iterable[Forecast]) -> int:
        """Keep forecasts in one durable step; gives how many issues were new.

        The same issue of the same series again replaces nothing and is not counted.
        """
        ...

    def forecasts(
        self, keys: Sequence[SeriesKey], window: Window, known_us: int | None = None
    ) -> list[Forecast | None]:
        """The newest issue of each series that was known at `known_us` and speaks of the window.

        Cut to the window; None where no issue has a time within.
        """
        ...

    def forecast_issues(self, key: SeriesKey, window: Window) -> list[int]:
        """When forecasts of a series were issued, within the window of issue times, ascending."""
        ...

    def forecast_series(
        self, elements: Sequence[str], quantity: str | None = None
    ) -> list[SeriesKey]:
        """The forecast series these elements have, ordered by element, quantity, source."""
        ...

    def elements(self, after: str = "", first: int = 1000) -> list[str]:
        """Elements that have any series, in order, those beyond `after`."""
        ...

    def rename(self, old: str, new: str) -> int:
        """Give all that one element has to another, in one durable step; gives how many series.

        For readings that came before their element was known. Values for the same time follow
        the rules of `append`.
        """
        ...

    def forget(
        self, quantity: str, before_us: int, *, levels: bool = False, dry_run: bool = False
    ) -> int:
        """Take readings before a time away, whole UTC days only; gives how many values went.

        The levels stay, and answer for the days that went, unless `levels` asks for them too.
        `last` and `available` stay with the levels. Readings that come later for a day that went
        are rejected, because they could not be compared with what was there.
        With `dry_run` nothing goes: it only says how many would.
        """
        ...

    def forget_events(self, kinds: frozenset[str], before_us: int, *, dry_run: bool = False) -> int:
        """Take events of these kinds that began before a time away; gives how many.

        With `dry_run` nothing goes: it only says how many would.
        """
        ...

    def follow(self, until_us: int) -> None:
        """Have every write leave word of what it brought, up to a time; asked for again and again.

        Writes of this very object are not told of, nor those that began before this returned.
        """
        ...

    def arrivals(self) -> list[Arrival]:
        """What others brought since this was last asked, each once, as far as word was left.

        One piece of a large write at a time. Asked by one thread, a few times a second.
        """
        ...

    def gone_days(self, keys: Sequence[SeriesKey]) -> list[GoneDays]:
        """The days of each series whose readings were taken away and whose levels stayed."""
        ...

    def put_gone_days(self, batch: Iterable[tuple[SeriesKey, GoneDays]]) -> int:
        """Keep days that went elsewhere as days that went here; gives how many were new.

        A day of which this store has readings, or which went here, stays as it is.
        """
        ...

    def event_histories(self, first: int, after: str | None = None) -> EventHistories:
        """All versions of about so many events, in an order of the store's own; `after` an end."""
        ...

    def forecast_history(self, keys: Sequence[SeriesKey], issued: Window) -> list[Forecast]:
        """Every issue of these series within the window of issue times, whole.

        By series in the order asked, then by time of issue.
        """
        ...

    def forget_forecasts(self, quantity: str, before_us: int, *, dry_run: bool = False) -> int:
        """Take forecasts of a quantity that were issued before a time away; gives how many issues.

        An issue goes whole, whatever times it speaks of; a series without an issue goes with it.
        With `dry_run` nothing goes: it only says how many would.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
