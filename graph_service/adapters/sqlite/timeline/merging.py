"""How a batch gets into the tables: few new values to the tail, all else into the day's chunk.

Values that are late, or other than what is known, re-open the chunk of their day; a day that does
not change is not written. The levels of a day are written with its chunk. Works inside the
writer's transaction.
"""

from __future__ import annotations

import sqlite3
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph_service.adapters.sqlite.timeline import last, tables, tail
from graph_service.adapters.sqlite.timeline.chunks import encode
from graph_service.adapters.sqlite.timeline.days import days_of_rows, put_days
from graph_service.adapters.sqlite.timeline.hours import hours_of_rows
from graph_service.adapters.timeline.aggregation import newest_versions
from graph_service.adapters.timeline.bits import Ints, is_new
from graph_service.adapters.timeline.reopening import Stretches, reopened_by
from graph_service.adapters.timeline.rows import (
    Groups,
    Rows,
    day_places,
    groups_of,
    in_order,
    is_repeated,
    is_version,
    join,
    times_by_series,
)
from graph_service.domain.readings import MICROSECONDS_PER_DAY

_CHUNK_FROM: Final = 12  # as many new values of a day go to a chunk at once
_HOURS_FROM: Final = 240  # as many readings of a day are worth to have its hours beside them


class Kept(NamedTuple):
    """What became of a batch."""

    stored: int
    duplicates: int
    to_tail: int  # how many readings went to the tail
    forgotten: Rows  # rejected: retention has taken the readings of their days
    reopened: Stretches  # where what was known before has changed


class Merged(NamedTuple):
    """The days that a merge has written: their rows now and before; how many rows were repeats."""

    now: Rows
    before: Rows
    repeated: int


def keep(db: sqlite3.Connection, rows: Rows) -> Kept:
    """Keep the rows of a batch, sorted by series number, valid and known time."""
    numbers = rows.series[is_new(rows.series)]
    ends, forgotten_us = last.ends(db, numbers)
    place = np.searchsorted(numbers, rows.series)
    gone = _is_forgotten(db, rows, rows.valid < forgotten_us[place])
    forgotten, rows, place = rows.take(gone), rows.take(~gone), place[~gone]
    groups = groups_of(rows)
    place = place[groups.starts]
    to_tail = _fits_tail(rows, groups, ends[place], forgotten_us[place])
    to_tail = np.repeat(to_tail, groups.counts)
    live = rows.take(to_tail)
    tail.put(db, live)
    # a day after the last reading of its series cannot be there yet: it need not be looked for
    may_exist = np.repeat(groups.days <= ends[place] // MICROSECONDS_PER_DAY, groups.counts)
    merged = merge(db, rows.take(~to_tail), may_exist[~to_tail])
    now = in_order(join([live, merged.now]))
    touched = now.series[is_new(now.series)]
    gained = times_by_series(now, touched) - times_by_series(merged.before, touched)
    last.raise_to(db, now, gained)
    reopened = reopened_by(merged.now, merged.before, numbers, ends)
    return Kept(int(gained.sum()), merged.repeated, len(live.valid), forgotten, reopened)


def _is_forgotten(
    db: sqlite3.Connection, rows: Rows, may_be: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether the readings of a row's day were taken away, so that only its levels are known."""
    if not may_be.any():
        return may_be
    groups = groups_of(rows.take(may_be))
    gone = may_be.copy()
    gone[may_be] = np.repeat(tables.are_forgotten(db, groups.pairs()), groups.counts)
    return gone


def _fits_tail(rows: Rows, groups: Groups, ends: Ints, forgotten_us: Ints) -> NDArray[np.bool_]:
    """Few values, all newer than what the store has of their series, one version each."""
    if not len(groups.starts):
        return np.zeros(0, np.bool_)
    versions = np.logical_or.reduceat(is_version(rows), groups.starts)
    first = rows.valid[groups.starts]
    return (first > ends) & (first >= forgotten_us) & ~versions & (groups.counts < _CHUNK_FROM)


def merge(db: sqlite3.Connection, new: Rows, may_exist: NDArray[np.bool_] | None = None) -> Merged:
    """Bring rows into the chunks of their days; days that do not change are not written."""
    if not len(new.valid):
        return Merged(new, new, 0)
    looked_for = groups_of(new if may_exist is None else new.take(may_exist))
    old = tables.rows_of_days(db, looked_for.pairs())
    both, is_new = _together(old, new)
    repeated = is_repeated(both)
    kept = both.take(~repeated)
    is_new = is_new[~repeated]
    groups = groups_of(kept)
    changed = np.repeat(np.logical_or.reduceat(is_new, groups.starts), groups.counts)
    now = kept.take(changed)
    groups = groups_of(now)
    _write(db, now, groups)
    return Merged(now, _of_same_days(old, groups), int(repeated.sum()))


def _write(db: sqlite3.Connection, rows: Rows, groups: Groups) -> None:
    """Write whole days, their chunks and their levels."""
    days = days_of_rows(rows, newest_versions(rows, None), groups)
    hours = hours_worth_keeping(rows, groups)
    tables.put_chunks(db, groups.pairs(), encode(rows, groups.starts), hours)
    put_days(db, days)


def hours_worth_keeping(rows: Rows, groups: Groups) -> list[bytes | None]:
    """The hours of the days that have many readings; None for the others."""
    many = groups.counts >= _HOURS_FROM
    hours: list[bytes | None] = [None] * len(many)
    if many.any():
        own = rows.take(np.repeat(many, groups.counts))
        for at, block in zip(np.flatnonzero(many).tolist(), hours_of_days(own), strict=True):
            hours[at] = block
    return hours


def hours_of_days(rows: Rows) -> list[bytes]:
    """The hours of each day of sorted rows."""
    groups = groups_of(rows)
    known = np.maximum.reduceat(rows.known, groups.starts)
    return hours_of_rows(newest_versions(rows, None), groups, known)


def _together(old: Rows, new: Rows) -> tuple[Rows, NDArray[np.bool_]]:
    """Old and new rows in order, old ones first where they tie, and which are new."""
    is_new = np.arange(len(old.valid) + len(new.valid)) >= len(old.valid)
    if not len(old.valid):
        return new, is_new
    both = join([old, new])
    order = np.lexsort((both.known, both.valid, both.series))
    return both.take(order), is_new[order]


def _of_same_days(rows: Rows, groups: Groups) -> Rows:
    """The rows whose series and day is one of the groups."""
    own = groups_of(rows)
    chosen = np.isin(day_places(own.series, own.days), day_places(groups.series, groups.days))
    return rows.where(np.repeat(chosen, own.counts))
