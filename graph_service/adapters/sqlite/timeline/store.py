"""The timeline in one SQLite file: readings of meters and sensors, a day of a series at a time.

Guarantees: `append` is one transaction, on the disk when it returns; every call reads one state
and never waits for the writer; several processes may use the file at once (see
`sqlite/connection.py`). A year of quarter-hourly values of 10,000 meters is about 1 GB.

How: whole days go to compressed chunks at once, and with them aggregates by day and hour; a few
live values that are newer than all else of their series go to the tail, which is folded into chunks
when it is long. Late values and other values for known times re-open the day's chunk. Events and
forecasts have modules of their own.

Limits: a reading belongs to the chunk of its UTC day, so series of less than a few values a day
take more bytes for each value.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from graph_service.adapters.sqlite.connection import SqliteFile
from graph_service.adapters.sqlite.timeline import (
    answers,
    arrivals,
    event_tables,
    forecasts,
    forgetting,
    last,
    moving,
    renaming,
    renewal,
    series,
    tables,
    tail,
)
from graph_service.adapters.sqlite.timeline.answers import Question
from graph_service.adapters.sqlite.timeline.arrivals import SqliteArrivals
from graph_service.adapters.sqlite.timeline.events import SqliteEvents
from graph_service.adapters.sqlite.timeline.forecasts import SqliteForecasts
from graph_service.adapters.sqlite.timeline.merging import keep, merge
from graph_service.adapters.sqlite.timeline.results import columns_of_each, rejected, stretches
from graph_service.adapters.sqlite.timeline.series import Numbers
from graph_service.adapters.timeline.aggregation import Totals, each_series, newest_versions
from graph_service.adapters.timeline.arrivals import of_readings
from graph_service.adapters.timeline.batches import Batch, lay_flat
from graph_service.adapters.timeline.events_and_forecasts import EventsAndForecasts
from graph_service.adapters.timeline.memory import keep_freed
from graph_service.adapters.timeline.rows import Rows, in_order
from graph_service.domain.arrivals import Arrival
from graph_service.domain.errors import StoreError
from graph_service.domain.gone_days import GoneDays
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    Aggregate,
    AppendResult,
    IntervalColumns,
    LastReading,
    ReadingColumns,
    SeriesKey,
    Window,
)

FILE_NAME: Final = "timeline.sqlite"

_FOLD_FROM: Final = 100_000  # readings in the tail
_FORGOTTEN_AT_ONCE: Final = 100  # series


class SqliteTimeline(EventsAndForecasts):
    """`TimelineStore` on a file `timeline.sqlite` in a folder.

    Args:
        folder: the data folder; made when it does not exist, unless `read_only`.
        read_only: nothing is created or written.
        fold_from: how many readings the tail may hold.

    Raises:
        StoreReadOnly, StoreFull, StoreTooNew, StoreError: the file cannot be used.
    """

    def __init__(self, folder: Path, *, read_only: bool = False, fold_from: int = _FOLD_FROM):
        self._file = SqliteFile(
            folder / FILE_NAME,
            ";\n".join((tables.SCHEMA, event_tables.SCHEMA, forecasts.SCHEMA, arrivals.SCHEMA)),
            tables.VERSION,
            read_only=read_only,
            renewals={1: renewal.to_version_2, 2: renewal.to_version_3},
        )
        keep_freed()
        self._numbers = Numbers(series.find)
        self._arrivals = SqliteArrivals(self._file)
        self._events = SqliteEvents(self._file, self._arrivals)
        self._forecasts = SqliteForecasts(self._file)
        self._fold_from = fold_from
        self._tail_length: int | None = None  # not counted yet; others may add, that does no harm

    def append(self, batch: Iterable[tuple[SeriesKey, ReadingColumns]]) -> AppendResult:
        """Keep readings of any number of series, in one durable step."""
        flat = lay_flat(batch)
        if not len(flat.rows.valid):
            return AppendResult(0, 0, 0, flat.rejected)
        with self._writing() as db:
            rows, keys = self._with_numbers(db, flat)
            kept = keep(db, rows)
            taken = len(rows.valid) - len(kept.forgotten.valid)
            result = AppendResult(
                kept.stored,
                kept.duplicates,
                taken - kept.stored - kept.duplicates,
                (*flat.rejected, *rejected(kept.forgotten, keys)),
                stretches(kept.reopened, keys),
            )
            self._arrivals.leave(db, lambda: of_readings(flat, result))
        self._fold_when_long(kept.to_tail)
        return result

    def series(self, elements: Sequence[str], quantity: str | None = None) -> list[SeriesKey]:
        """The series these elements have, ordered by element, quantity, source."""
        with self._file.reading() as db:
            return series.of_elements(db, elements, quantity)

    def read(
        self, keys: Sequence[SeriesKey], window: Window, known_us: int | None = None
    ) -> list[ReadingColumns]:
        """Readings of each series within the window, newest version known at `known_us`."""
        with self._file.reading() as db:
            asked = self._numbers.of(db, keys)
            numbers = np.unique(asked[asked > 0])
            rows = newest_versions(tables.rows_within(db, numbers, window), known_us)
        return columns_of_each(rows, asked)

    def versions(self, keys: Sequence[SeriesKey], window: Window) -> list[ReadingColumns]:
        """Every version of the readings of each series within the window."""
        with self._file.reading() as db:
            asked = self._numbers.of(db, keys)
            rows = tables.rows_within(db, np.unique(asked[asked > 0]), window)
        return columns_of_each(rows, asked)

    def aggregate(
        self,
        keys: Sequence[SeriesKey],
        window: Window,
        every_us: int,
        within: Aggregate,
        across: Aggregate | None = Aggregate.SUM,
        known_us: int | None = None,
    ) -> list[IntervalColumns]:
        """Aggregate within intervals, then across the series."""
        with self._file.reading() as db:
            asked = self._numbers.of(db, keys)
            question = Question(window, every_us, within, known_us)
            pieces = answers.pieces(db, np.unique(asked[asked > 0]), question)
            if across is None:
                return each_series(list(pieces), asked, window, every_us)
            totals = Totals(asked, window, every_us)
            for cells in pieces:
                totals.add(cells, across)
            return [totals.columns()]

    def last(self, keys: Sequence[SeriesKey]) -> list[LastReading | None]:
        """The newest reading of each series."""
        with self._file.reading() as db:
            return [last.newest(db, number) for number in self._numbers.of(db, keys).tolist()]

    def available(self, keys: Sequence[SeriesKey]) -> tuple[int, int] | None:
        """First valid time and the one just past the last reading, over all these series."""
        with self._file.reading() as db:
            return last.extent(db, self._numbers.of(db, keys))

    def counts(self) -> tuple[int, int]:
        """How many series and how many current values the store holds."""
        with self._file.reading() as db:
            return last.totals(db)

    # --- elements ------------------------------------------------------------------------------

    def elements(self, after: str = "", first: int = 1000) -> list[str]:
        """Elements that have any series, in order, those beyond `after`."""
        with self._file.reading() as db:
            return series.elements(db, after, first)

    def rename(self, old: str, new: str) -> int:
        """Give all that one element has to another, in one durable step; gives how many series."""
        if old == new:
            return 0
        with self._writing() as db:
            series.count_rename(db)
            event_tables.rename_subject(db, old, new)
            return renaming.rename(db, old, new) + forecasts.rename(db, old, new)

    def forget(
        self, quantity: str, before_us: int, *, levels: bool = False, dry_run: bool = False
    ) -> int:
        """Take readings before a time away, whole UTC days only; gives how many values went."""
        day = before_us // MICROSECONDS_PER_DAY
        with self._file.reading() as db:
            keys = series.of_quantity(db, quantity)
            if dry_run:
                return forgetting.count(db, np.array(list(keys.values()), np.int64), day)
        gone = 0
        for lot in _lots(keys, _FORGOTTEN_AT_ONCE):
            with self._writing() as db:
                current = {key: number for key in lot if (number := series.find(db, key))}
                gone += forgetting.forget(db, current, day, levels=levels)
        return gone

    # --- following -----------------------------------------------------------------------------

    def follow(self, until_us: int) -> None:
        """Have every write leave word of what it brought, up to a time."""
        self._arrivals.follow(until_us)

    def arrivals(self) -> list[Arrival]:
        """What others brought since this was last asked."""
        return self._arrivals.new()

    # --- moving house --------------------------------------------------------------------------

    def gone_days(self, keys: Sequence[SeriesKey]) -> list[GoneDays]:
        """The days of each series whose readings were taken away and whose levels stayed."""
        with self._file.reading() as db:
            return [moving.gone_days(db, number) for number in self._numbers.of(db, keys).tolist()]

    def put_gone_days(self, batch: Iterable[tuple[SeriesKey, GoneDays]]) -> int:
        """Keep days that went elsewhere as days that went here; gives how many were new."""
        with self._writing() as db:
            return sum(moving.put_gone_days(db, key, days) for key, days in batch)

    # --- the file ------------------------------------------------------------------------------

    def fold(self) -> None:
        """Move the whole tail into chunks; happens by itself when the tail is long."""
        with self._writing() as db:
            merge(db, tail.take(db))
        self._tail_length = 0

    def close(self) -> None:
        """Let go of files and connections."""
        self._file.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._file.writing() as db, self._file.translated():
            yield db

    def _fold_when_long(self, added: int) -> None:
        """The batch is kept already, so that a disk without room for this is no failure of it."""
        with suppress(StoreError):
            if self._tail_length is None:
                with self._file.reading() as db:
                    self._tail_length = tail.length(db)
            else:
                self._tail_length += added
            if self._tail_length >= self._fold_from:
                self.fold()

    def _with_numbers(
        self, db: sqlite3.Connection, flat: Batch
    ) -> tuple[Rows, dict[int, SeriesKey]]:
        """The rows of a batch in order, and the names of their series, new ones among them."""
        used = np.flatnonzero(np.bincount(flat.rows.series)).tolist()
        keys = [flat.keys[at] for at in used]
        found = self._numbers.of(db, keys)
        unknown = np.flatnonzero(found == 0).tolist()
        found[unknown] = list(series.add(db, [keys[at] for at in unknown]).values())
        numbers = np.zeros(len(flat.keys), np.int64)
        numbers[used] = found
        rows = in_order(flat.rows._replace(series=numbers[flat.rows.series]))
        return rows, dict(zip(found.tolist(), keys, strict=True))


def _lots(keys: Iterable[SeriesKey], most: int) -> Iterator[list[SeriesKey]]:
    some = iter(keys)
    while lot := list(islice(some, most)):
        yield lot
