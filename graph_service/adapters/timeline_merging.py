"""How a batch gets into the tables: few new values to the tail, all else into the day's chunk.

Values that are late, or other than what is known, re-open the chunk of their day; a day that does
not change is not written. Works inside the writer's transaction.
"""

from __future__ import annotations

import sqlite3
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graph_service.adapters import timeline_last as last
from graph_service.adapters import timeline_tables as tables
from graph_service.adapters.timeline_bits import Ints
from graph_service.adapters.timeline_chunks import encode
from graph_service.adapters.timeline_rows import (
    Groups,
    Rows,
    groups_of,
    in_order,
    is_repeated,
    is_version,
    join,
    times_by_series,
)
from graph_service.domain.readings import MICROSECONDS_PER_DAY

_CHUNK_FROM: Final = 12  # as many new values of a day go to a chunk at once


class Kept(NamedTuple):
    """What became of a batch, and how many of its readings went to the tail."""

    stored: int
    duplicates: int
    to_tail: int


class Merged(NamedTuple):
    """The days that a merge has written: their rows now and before; how many rows were repeats."""

    now: Rows
    before: Rows
    repeated: int


def keep(db: sqlite3.Connection, rows: Rows) -> Kept:
    """Keep the rows of a batch, sorted by series number, valid and known time."""
    groups = groups_of(rows)
    numbers = np.unique(groups.series)
    ends = last.ends(db, numbers)[np.searchsorted(numbers, groups.series)]
    to_tail = np.repeat(_fits_tail(rows, groups, ends), groups.counts)
    tail = rows.take(to_tail)
    tables.put_tail(db, tail)
    # a day after the last reading of its series cannot be there yet: it need not be looked for
    may_exist = np.repeat(groups.days <= ends // MICROSECONDS_PER_DAY, groups.counts)
    merged = merge(db, rows.take(~to_tail), may_exist[~to_tail])
    now = in_order(join([tail, merged.now]))
    touched = np.unique(now.series)
    gained = times_by_series(now, touched) - times_by_series(merged.before, touched)
    last.raise_to(db, now, gained)
    return Kept(int(gained.sum()), merged.repeated, len(tail.valid))


def _fits_tail(rows: Rows, groups: Groups, ends: Ints) -> NDArray[np.bool_]:
    """Few values, all newer than what the store has of their series, one version each."""
    versions = np.logical_or.reduceat(is_version(rows), groups.starts)
    return (rows.valid[groups.starts] > ends) & ~versions & (groups.counts < _CHUNK_FROM)


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
    tables.put_chunks(db, groups.pairs(), encode(now, groups.starts))
    return Merged(now, _of_same_days(old, groups), int(repeated.sum()))


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
    written = set(groups.pairs())
    own = groups_of(rows)
    chosen = np.array([pair in written for pair in own.pairs()], np.bool_)
    return rows.take(np.repeat(chosen, own.counts))
