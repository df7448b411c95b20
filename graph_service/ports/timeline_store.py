"""What we ask of the timeline: take readings durably, give them back in columns, aggregate.

Every adapter owes: a batch is durable, whole, when `append` returns; the same value again is
dropped and counted, another value for the same time is a new version and the older one is kept
(asked for by `known_us`); windows are half-open; reads of one call see one state; readers never
wait for the writer; driver errors come out as `domain.errors.StoreError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

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

        NaN and infinite values are rejected one by one with the reason; the others are kept.
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

    def close(self) -> None:
        """Let go of files and connections."""
        ...
