"""Readings in InfluxDB: what stands there, and how a batch gets in.

    readings          the newest version of each value: `value`, `known_us`, `quality` where it is
                      not, or was once not, GOOD
    readings_before   older versions, numbered from 0 in the order they became known (tag `version`)
    days              days whose readings were taken away, see `forgetting.py`

Guarantees: a batch has been acknowledged by the server when `append` returns; sent again it changes
nothing. All versions of a value stand at one time, so that they are written in one step.

How: values newer than all else of their series go in without a question; for others the versions
that stand there (`stored_readings.py`) are read first, once a batch. Other processes are kept off
while a batch is looked at and written, so that of two values that come at once both are kept.

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
from graph_service.adapters.influx.reading_lines import reading_lines
from graph_service.adapters.influx.refusals import Outcome, send
from graph_service.adapters.influx.remembered import Remembered
from graph_service.adapters.influx.server import InfluxServer
from graph_service.adapters.influx.stored_readings import all_versions, gone_days
from graph_service.adapters.influx.tables import Chosen, are_among
from graph_service.adapters.influx.turns import Turn
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
        used = np.flatnonzero(np.bincount(flat.rows.series, minlength=len(flat.keys)))
        if len(used) == len(flat.keys):
            chosen, rows = Chosen.of_unique(flat.keys), in_order(flat.rows)
        else:
            chosen = Chosen.of_unique([flat.keys[at] for at in used.tolist()])
            rows = in_order(flat.rows._replace(series=np.searchsorted(used, flat.rows.series)))
        with self.turn.values():
            ends = self._ends_of(chosen)
            if not (rows.valid <= ends.last_us[rows.series]).any():
                return self._store(flat, chosen, rows, ends)
        with self.turn.alone(), self.turn.values():
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
            self.turn.others_wrote()
            self.forget_ends()
        last = [self._last.get(key) for key in chosen.keys]
        if None in last:
            known = zip(chosen.keys, last, strict=True)
            self._look_up([key for key, last_us in known if last_us is None])
            last = [self._last[key] for key in chosen.keys]
        gone = np.full(len(chosen), NEVER_US)
        if self._gone:
            gone = np.array([self._gone.get(key, NEVER_US) for key in chosen.keys], np.int64)
        return Ends(np.array(last, np.int64), gone)

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
        lines = reading_lines(chosen, change.now)
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
