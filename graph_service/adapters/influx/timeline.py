"""The timeline in InfluxDB 2: readings, forecasts and events of one bucket.

Guarantees: those of the port, with these bounds: a batch has been acknowledged by the server when
`append` returns, and sent again it changes nothing; a batch of several weeks that is cut off may be
there in part until it is sent again. Several processes may read and write, where `alone` keeps
them apart (see `turns.py`). Errors of the driver come out as `domain.errors.StoreError`.

How: see `readings.py`, `stored_readings.py`, `aggregates.py`, `forgetting.py`, `forecasts.py`,
`event_points.py` for what stands where, and docs/reference/influxdb.md for how a person sees
it.

Limits: InfluxDB 2, of version 2.7 or newer; times of the years 1678 to 2261. Readings are written
by one process at a time.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

import numpy as np

from graph_service.adapters.influx import (
    aggregates,
    flux,
    forgetting,
    marks,
    moving,
    renaming,
    series,
)
from graph_service.adapters.influx.arrivals import InfluxArrivals
from graph_service.adapters.influx.ends import extents, newest
from graph_service.adapters.influx.events import InfluxEvents
from graph_service.adapters.influx.forecasts import InfluxForecasts
from graph_service.adapters.influx.readings import InfluxReadings
from graph_service.adapters.influx.remembered import SETTLED_S, Remembered, named, named_keys
from graph_service.adapters.influx.server import InfluxServer, Place
from graph_service.adapters.influx.stored_readings import all_versions, known_at
from graph_service.adapters.influx.tables import Chosen
from graph_service.adapters.influx.turns import Alone, Turn, no_others
from graph_service.adapters.timeline.aggregation import Totals, each_series, join_cells
from graph_service.adapters.timeline.bits import Ints
from graph_service.adapters.timeline.events_and_forecasts import EventsAndForecasts
from graph_service.adapters.timeline.rows import Rows
from graph_service.domain.arrivals import Arrival
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


class InfluxTimeline(EventsAndForecasts):
    """`TimelineStore` on a bucket of InfluxDB 2.

    Args:
        place: server, organisation, bucket and token; the bucket exists and keeps for ever.
        timeout_s: how long one request may take.
        alone: gives a block of a name that one process is in at a time; default: there is no other.
        settled_s: how long a write may take, see `remembered.py`; 0 where this is the only thread.

    Raises:
        StoreError: the server cannot be reached, or does not open the bucket.
    """

    _events: InfluxEvents
    _forecasts: InfluxForecasts

    def __init__(
        self,
        place: Place,
        *,
        timeout_s: float = 60.0,
        alone: Alone = no_others,
        settled_s: float = SETTLED_S,
    ):
        self._server = InfluxServer(place, timeout_s)
        self._turn = Turn(alone)
        self._arrivals = InfluxArrivals(self._server)
        self._remembered = remembered = Remembered(self._server, settled_s)
        self._readings = InfluxReadings(self._server, self._arrivals, self._turn, remembered)
        self._events = InfluxEvents(self._server, self._arrivals, self._turn, remembered)
        self._forecasts = InfluxForecasts(self._server, self._turn)

    def append(self, batch: Iterable[tuple[SeriesKey, ReadingColumns]]) -> AppendResult:
        """Keep readings of any number of series, acknowledged by the server."""
        return self._readings.append(batch)

    def series(self, elements: Sequence[str], quantity: str | None = None) -> list[SeriesKey]:
        """The series these elements have, ordered by element, quantity, source."""
        found = self._remembered.answer(
            marks.on_series(),
            ("series", named(elements), quantity),
            lambda: series.found(self._server, series.READINGS, elements, quantity),
            len,
        )
        return list(found)

    def read(
        self, keys: Sequence[SeriesKey], window: Window, known_us: int | None = None
    ) -> list[ReadingColumns]:
        """Readings of each series within the window, newest version known at `known_us`."""
        chosen = Chosen(keys)
        return _each_of(known_at(self._server, chosen, window, known_us), chosen.numbers(keys))

    def versions(self, keys: Sequence[SeriesKey], window: Window) -> list[ReadingColumns]:
        """Every version of the readings of each series within the window."""
        chosen = Chosen(keys)
        return _each_of(all_versions(self._server, chosen, window), chosen.numbers(keys))

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
        how = (window, every_us, within, across, known_us)
        found = self._remembered.answer(
            marks.on_readings(keys, window),
            ("aggregate", named_keys(keys), *how),
            lambda: self._aggregate(keys, *how),
            lambda found: sum(len(columns.values) for columns in found),
        )
        return list(found)

    def _aggregate(
        self,
        keys: Sequence[SeriesKey],
        window: Window,
        every_us: int,
        within: Aggregate,
        across: Aggregate | None,
        known_us: int | None,
    ) -> list[IntervalColumns]:
        chosen = Chosen(keys)
        asked = chosen.numbers(keys)
        in_time = across is Aggregate.LAST
        question = aggregates.Question(window, every_us, within, known_us, in_time)
        pieces = list(aggregates.pieces(self._server, chosen, question))
        if across is None:
            return each_series(pieces, asked, window, every_us)
        totals = Totals(asked, window, every_us)
        if pieces:
            totals.add(join_cells(pieces), across)
        return [totals.columns()]

    def last(self, keys: Sequence[SeriesKey]) -> list[LastReading | None]:
        """The newest reading of each series."""
        found = newest(self._server, Chosen(keys))
        return [found.get(key) for key in keys]

    def available(self, keys: Sequence[SeriesKey]) -> tuple[int, int] | None:
        """First valid time and the one just past the last reading, over all these series."""
        ends = self._remembered.answer(
            marks.on_readings(keys),
            ("available", named_keys(keys)),
            lambda: extents(self._server, Chosen(keys)),
            lambda _: 1,
        )
        return None if ends is None else (ends[0], ends[1] + 1)

    def counts(self) -> tuple[int, int]:
        """How many series and how many current values the store holds."""
        counted = self._server.ask(flux.count("readings", "value", flux.stretch_of(flux.ALWAYS)))
        values = int(counted[0]["_value"][0]) if counted else 0
        return len(series.every(self._server, series.READINGS)), values

    # --- elements ------------------------------------------------------------------------------

    def elements(self, after: str = "", first: int = 1000) -> list[str]:
        """Elements that have any series, in order, those beyond `after`."""
        both = (series.READINGS, series.FORECASTS)
        names = {key.element for name in both for key in series.every(self._server, name)}
        return sorted(name for name in names if name > after)[:first]

    def rename(self, old: str, new: str) -> int:
        """Give all that one element has to another; gives how many series."""
        if old == new:
            return 0
        return renaming.rename(
            self._server, self._readings, self._forecasts, self._events, (old, new)
        )

    def forget(
        self, quantity: str, before_us: int, *, levels: bool = False, dry_run: bool = False
    ) -> int:
        """Take readings before a time away, whole UTC days only; gives how many values went."""
        going = forgetting.Going.before(quantity, before_us)
        if dry_run:
            return forgetting.count(self._server, going)
        return forgetting.forget(self._server, self._readings, going, levels=levels)

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
        return moving.gone_days_of(self._server, keys)

    def put_gone_days(self, batch: Iterable[tuple[SeriesKey, GoneDays]]) -> int:
        """Keep days that went elsewhere as days that went here; gives how many were new."""
        return moving.put_gone_days(self._server, self._readings, batch)

    def close(self) -> None:
        """Let go of connections."""
        self._turn.close()
        self._server.close()


def _each_of(rows: Rows, asked: Ints) -> list[ReadingColumns]:
    """The rows of each series asked, in this order."""
    firsts = np.searchsorted(rows.series, asked).tolist()
    stops = np.searchsorted(rows.series, asked, side="right").tolist()
    return [_columns(rows, first, stop) for first, stop in zip(firsts, stops, strict=True)]


def _columns(rows: Rows, first: int, stop: int) -> ReadingColumns:
    return ReadingColumns(
        array("q", rows.valid[first:stop].tobytes()),
        array("d", rows.values[first:stop].tobytes()),
        array("B", rows.quality[first:stop].tobytes()),
        array("q", rows.known[first:stop].tobytes()),
    )
