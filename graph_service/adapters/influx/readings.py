"""Readings in InfluxDB: what stands there, how a batch gets in, how rows come back.

    readings          the newest version of each value: `value`, `known_us`, `quality` where it is
                      not, or was once not, GOOD
    readings_before   older versions, numbered from 0 in the order they became known (tag `version`)
    days              days whose readings were taken away, see `forgetting.py`

Guarantees: a batch has been acknowledged by the server when `append` returns; sent again it changes
nothing. All versions of a value stand at one time, so that they are written in one step.

How: values newer than all else of their series go in without a question; for others the versions
that stand there are read first, once a batch, while other processes are kept off.

Limits: times are of the years 1678 to 2261.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph_service.adapters.influx import flux, marks, series
from graph_service.adapters.influx.arrivals import InfluxArrivals
from graph_service.adapters.influx.ends import last_times
from graph_service.adapters.influx.lines import series_head
from graph_service.adapters.influx.refusals import Outcome, send
from graph_service.adapters.influx.remembered import Remembered
from graph_service.adapters.influx.server import InfluxServer
from graph_service.adapters.influx.tables import Chosen, are_among, beside, fields_of
from graph_service.adapters.influx.turns import Turn
from graph_service.adapters.timeline.aggregation import newest_versions
from graph_service.adapters.timeline.arrivals import of_readings
from graph_service.adapters.timeline.batches import Batch, lay_flat
from graph_service.adapters.timeline.bits import Ints
from graph_service.adapters.timeline.reopening import reopened_by
from graph_service.adapters.timeline.rows import (
    Rows,
    in_order,
    is_repeated,
    is_version,
    join,
    no_rows,
)
from graph_service.domain.readings import MICROSECONDS_PER_DAY as _DAY_US
from graph_service.domain.readings import (
    AppendResult,
    ReadingColumns,
    SeriesKey,
    Window,
)

NEVER_US: Final = int(np.iinfo(np.int64).min)
"""Before all times."""

_SETTLED_S: Final = 0.3
_FIELDS: Final = {"value": float, "quality": int, "known_us": int}
_GONE: Final = "the readings of this day were taken away, its sums stay as they are"
_OUT_OF_REACH: Final = "the time is outside of the years 1678 to 2261, which InfluxDB can keep"


class Ends(NamedTuple):
    """Of each of some series the last valid time, and when the last day ends that went."""

    last_us: Ints
    gone_us: Ints


class InfluxReadings:
    """The readings of one bucket."""

    def __init__(
        self, server: InfluxServer, arrivals: InfluxArrivals, turn: Turn, remembered: Remembered
    ):
        self._server = server
        self._remembered = remembered
        self._arrivals = arrivals
        self._stamps = series.Stamps(server, "readings")
        self._last: dict[SeriesKey, int] = {}
        self._gone: dict[SeriesKey, int] = {}
        self.turn = turn

    def append(self, batch: Iterable[tuple[SeriesKey, ReadingColumns]]) -> AppendResult:
        """Keep readings of any number of series."""
        flat = _within_reach(lay_flat(batch))
        if not len(flat.rows.valid):
            return AppendResult(0, 0, 0, flat.rejected)
        with self.turn.here():
            result = self._append(flat)
        until = self._stamps.followed_until
        self._arrivals.leave(until, lambda: of_readings(flat, result))
        return result

    def take_over(self, batch: Iterable[tuple[SeriesKey, ReadingColumns]]) -> None:
        """The same, and nobody is told."""
        flat = lay_flat(batch)
        if len(flat.rows.valid):
            self._append(flat)

    def forget_ends(self) -> None:
        """Trust nothing that was remembered."""
        self._last.clear()
        self._gone.clear()

    def mark(self) -> str:
        """A line that tells other writers that something has changed."""
        return self._stamps.next_line()

    # --- in --------------------------------------------------------------------------------------

    def _append(self, flat: Batch) -> AppendResult:
        used = np.unique(flat.rows.series)
        chosen = Chosen(flat.keys[at] for at in used.tolist())
        rows = in_order(flat.rows._replace(series=np.searchsorted(used, flat.rows.series)))
        ends = self._ends_of(chosen)
        if not (rows.valid <= ends.last_us[rows.series]).any():
            return self._store(flat, chosen, rows, ends)
        with self.turn.alone():
            return self._store(flat, chosen, rows, self._ends_of(chosen))

    def _store(self, flat: Batch, chosen: Chosen, rows: Rows, ends: Ends) -> AppendResult:
        """Write a batch, also the values of it that stand there already.

        A server that could not keep a batch, because its disk is full, shows it all the same until
        it is started again: what is reported as kept must have been acknowledged to us.
        """
        gone = self._is_gone(chosen, rows, ends)
        gone_rows, rows = rows.take(gone), rows.take(~gone)
        before = self._before(chosen, rows, ends)
        change = _change(rows, before)
        try:
            refused = self._write(chosen, change, ends)
        except BaseException:
            self.forget_ends()  # who knows what has arrived
            raise
        out = [(*place, refused[place]) for place in _places(rows) if place in refused]
        if out:
            rows = rows.take(np.array([place not in refused for place in _places(rows)], np.bool_))
            change = _change(rows, before)
        out += [(*place, _GONE) for place in _places(gone_rows)]
        reopened = reopened_by(change.now, change.before, np.arange(len(chosen)), ends.last_us)
        spans = zip(*(column.tolist() for column in reopened), strict=True)
        return AppendResult(
            change.stored,
            change.repeated,
            len(rows.valid) - change.stored - change.repeated,
            (*flat.rejected, *((chosen.keys[at], valid, why) for at, valid, why in out)),
            tuple((chosen.keys[at], start, stop) for at, start, stop in spans),
        )

    def _ends_of(self, chosen: Chosen) -> Ends:
        if not self._stamps.is_own():
            self.forget_ends()
        unknown = [key for key in chosen.keys if key not in self._last]
        if unknown:
            self._look_up(unknown)
        gone = np.full(len(chosen), NEVER_US)
        if self._gone:
            gone = np.array([self._gone.get(key, NEVER_US) for key in chosen.keys], np.int64)
        return Ends(np.array([self._last[key] for key in chosen.keys], np.int64), gone)

    def _look_up(self, keys: list[SeriesKey]) -> None:
        """Learn where series end; those that are not there end before all times."""
        self._last |= dict.fromkeys(keys, NEVER_US)
        there = set(series.found(self._server, series.READINGS, [key.element for key in keys]))
        for some, _ in Chosen(key for key in keys if key in there).lots(series.MOST_IN_A_CHOICE):
            last, gone = last_times(self._server, some)
            for at, last_us in zip(last.series.tolist(), last.at_us.tolist(), strict=True):
                self._last[some.keys[at]] = last_us
            columns = (gone.series.tolist(), gone.at_us.tolist(), gone.values.tolist())
            for at, day_us, last_us in zip(*columns, strict=True):
                key = some.keys[at]
                self._last[key] = max(self._last[key], last_us)
                self._gone[key] = day_us + _DAY_US

    def _is_gone(self, chosen: Chosen, rows: Rows, ends: Ends) -> NDArray[np.bool_]:
        """Whether a row is of a day whose readings were taken away."""
        gone: NDArray[np.bool_] = rows.valid < ends.gone_us[rows.series]
        if gone.any():
            some = rows.take(gone)
            days = gone_days(self._server, chosen, _hull(some))
            gone[gone] = are_among(
                some.series, some.valid // _DAY_US, days.series, days.valid // _DAY_US
            )
        return gone

    def _before(self, chosen: Chosen, rows: Rows, ends: Ends) -> Rows:
        """The versions that stand at the times of rows, where there may be any."""
        late = rows.take(rows.valid <= ends.last_us[rows.series])
        if not len(late.valid):
            return no_rows()
        numbers = np.unique(late.series)
        some = Chosen(chosen.keys[at] for at in numbers.tolist())
        found = all_versions(self._server, some, _hull(late))
        found = found._replace(series=numbers[found.series])
        return found.take(are_among(found.series, found.valid, late.series, late.valid))

    def _write(self, chosen: Chosen, change: _Change, ends: Ends) -> dict[_Place, str]:
        """Send what has changed, with the names of new series; gives what was refused and why."""
        lines = _lines(chosen, change.now)
        if not lines:
            return {}
        new = [chosen.keys[at] for at in np.flatnonzero(ends.last_us == NEVER_US).tolist()]
        kept = series.kept_lines(series.READINGS, new)

        def left() -> list[str]:
            told = marks.of_readings(chosen.keys, change.now.valid)
            return [*told, *marks.of_series()] if new else told

        with self._remembered.writing(left):
            outcome = send(self._server, lines, [*kept, *left(), self._stamps.next_line()])
        if outcome.refused or outcome.dropped:
            self.forget_ends()
            return self._refused(chosen, change.now, outcome)
        last = ends.last_us.copy()
        np.maximum.at(last, change.now.series, change.now.valid)
        self._last |= zip(chosen.keys, last.tolist(), strict=True)
        return {}

    def _refused(self, chosen: Chosen, sent: Rows, outcome: Outcome) -> dict[_Place, str]:
        """Which values were not stored."""
        places = list(_places(sent))
        refused = {places[at]: why for at, why in outcome.refused.items()}
        if outcome.dropped:
            refused |= dict.fromkeys(self._lost(chosen, sent), outcome.dropped)
        return refused

    def _lost(self, chosen: Chosen, sent: Rows) -> set[_Place]:
        """Values that were sent and are not there.

        The server tells of a refusal before it has stored what goes into other shards, so that it
        is asked until it answers the same twice.
        """
        before: set[_Place] | None = None
        while True:
            there = set(self._there(chosen, np.unique(sent.valid // _DAY_US).tolist()))
            rows = zip(*_listed(sent), strict=True)
            lost = {(row[0], row[1]) for row in rows if row not in there}
            if lost == before or not lost:
                return lost
            before = lost
            time.sleep(_SETTLED_S)

    def _there(self, chosen: Chosen, days: list[int]) -> Iterator[tuple[Any, ...]]:
        """Rows of days, asked day by day: values of another type in one shard hide all others."""
        for day in days:
            window = Window(day * _DAY_US, (day + 1) * _DAY_US)
            yield from zip(*_listed(all_versions(self._server, chosen, window)), strict=True)


_Place = tuple[int, int]
"""Which of the chosen series, and the valid time."""


def _places(rows: Rows) -> Iterator[_Place]:
    return zip(rows.series.tolist(), rows.valid.tolist(), strict=True)


def _listed(rows: Rows) -> tuple[list[Any], ...]:
    return tuple(column.tolist() for column in rows)


def _hull(rows: Rows) -> Window:
    """The window from the first to the last of rows."""
    return Window(int(rows.valid.min()), int(rows.valid.max()) + 1)


class _Change(NamedTuple):
    """What a batch makes of the values it is about: all versions of them, now and before."""

    now: Rows
    before: Rows
    stored: int
    repeated: int


def _change(new: Rows, old: Rows) -> _Change:
    both = join([old, new])
    order = np.lexsort((both.known, both.valid, both.series))  # old ones first where they tie
    both = both.take(order)
    repeated = is_repeated(both)
    now = both.take(~repeated)
    stored = int((~is_version(now)).sum()) - int((~is_version(old)).sum())
    return _Change(now, old, stored, int(repeated.sum()))


def _lines(chosen: Chosen, rows: Rows) -> list[str]:
    """The lines of values, each with all its versions; `rows` in order, a line a row."""
    older = np.append(is_version(rows)[1:], False)[: len(rows.valid)]
    if not older.any():
        return _plain_lines(chosen, rows)
    heads = [
        [series_head(name, key) for key in chosen.keys] for name in ("readings", "readings_before")
    ]
    starts = np.flatnonzero(~is_version(rows))
    number = np.arange(len(older)) - np.repeat(starts, np.diff(np.append(starts, len(older))))
    columns = (*rows, older, number)
    return [
        f"{heads[is_older][at]}{f',version={n}' * is_older} "
        f"value={value!r},known_us={known_us}i,quality={quality}i {us}000"
        for at, us, value, quality, known_us, is_older, n in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def _plain_lines(chosen: Chosen, rows: Rows) -> list[str]:
    """The lines of values that have one version each; that they are GOOD need not be said."""
    heads = [f"{series_head('readings', key)} value=" for key in chosen.keys]
    starts = np.flatnonzero(np.diff(rows.series, prepend=-1))
    known_at_once = not np.diff(rows.known)[np.diff(rows.series) == 0].any()
    if len(starts) * 8 < len(rows.valid) and known_at_once and not rows.quality.any():
        return _lines_by_series(heads, rows, starts)
    columns = (column.tolist() for column in rows)
    return [
        f"{heads[at]}{value!r},known_us={known_us}i,quality={quality}i {us}000"
        if quality
        else f"{heads[at]}{value!r},known_us={known_us}i {us}000"
        for at, us, value, quality, known_us in zip(*columns, strict=True)
    ]


def _lines_by_series(heads: list[str], rows: Rows, starts: Ints) -> list[str]:
    """The same where each series has many GOOD values that became known at once."""
    values, valid = rows.values.tolist(), rows.valid.tolist()
    series, known = rows.series[starts].tolist(), rows.known[starts].tolist()
    stops = [*starts[1:].tolist(), len(valid)]
    lines: list[str] = []
    for at, known_us, first, stop in zip(series, known, starts.tolist(), stops, strict=True):
        head, middle = heads[at], f",known_us={known_us}i "
        pairs = zip(values[first:stop], valid[first:stop], strict=True)
        lines += [f"{head}{value!r}{middle}{us}000" for value, us in pairs]
    return lines


def _within_reach(flat: Batch) -> Batch:
    """What InfluxDB can keep; the rest is rejected."""
    rows = flat.rows
    reach = (rows.valid >= flux.FIRST_US) & (rows.valid < flux.END_US)
    if reach.all():
        return flat
    out = rows.take(~reach)
    rejected = tuple(
        (flat.keys[at], valid, _OUT_OF_REACH)
        for at, valid in zip(out.series.tolist(), out.valid.tolist(), strict=True)
    )
    return Batch(flat.keys, rows.take(reach), (*flat.rejected, *rejected))


# --- out ---------------------------------------------------------------------------------------


def newest(server: InfluxServer, chosen: Chosen, window: Window) -> Rows:
    """The newest versions of the readings of series within a window, sorted."""
    return _rows(server, chosen, window, "readings")


def newest_values(server: InfluxServer, chosen: Chosen, window: Window) -> Rows:
    """The same without the times at which they became known."""
    return _rows(server, chosen, window, "readings", ("value", "quality"))


def all_versions(server: InfluxServer, chosen: Chosen, window: Window) -> Rows:
    """All versions, sorted by series, valid and known time."""
    both = [_rows(server, chosen, window, name) for name in ("readings_before", "readings")]
    return in_order(join(both))


def known_at(server: InfluxServer, chosen: Chosen, window: Window, known_us: int | None) -> Rows:
    """Of each value the newest version that was known at a time."""
    if known_us is None:
        return newest(server, chosen, window)
    return newest_versions(all_versions(server, chosen, window), known_us)


def _rows(
    server: InfluxServer,
    chosen: Chosen,
    window: Window,
    measurement: str,
    names: Iterable[str] = tuple(_FIELDS),
) -> Rows:
    stretch = flux.stretch_of(window)
    pieces = [no_rows()]
    for some, places in chosen.lots(series.MOST_IN_A_CHOICE):
        if stretch[0] < stretch[1]:
            tables = server.ask(flux.rows(names, measurement, stretch, **some.tags()))
            value, quality, known = fields_of(tables, some, _FIELDS)
            pieces.append(
                Rows(
                    places[value.series],
                    value.at_us,
                    value.values,
                    beside(value, quality, 0).astype(np.uint8),
                    beside(value, known, 0),
                )
            )
    return join(pieces)


def gone_days(server: InfluxServer, chosen: Chosen, window: Window) -> Rows:
    """The days that went: `valid` is where each begins, `known` the last that was known of it."""
    whole = Window(window.start_us // _DAY_US * _DAY_US, window.stop_us)
    pieces = [no_rows()]
    for some, places in chosen.lots(series.MOST_IN_A_CHOICE):
        stretch = flux.stretch_of(whole)
        tables = server.ask(flux.rows(["known_us"], "days", stretch, **some.tags()))
        [known] = fields_of(tables, some, {"known_us": int})
        none = np.zeros(len(known.series))
        pieces.append(
            Rows(places[known.series], known.at_us, none, none.astype(np.uint8), known.values)
        )
    return join(pieces)
