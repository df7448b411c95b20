"""Which series a timeline file has: their numbers, their names, and what changes them.

Numbers are found once and kept in memory; a count of renames in the file says when what is in
memory may be wrong, also where another process renamed. A transaction that renames must not ask
`Numbers` afterwards, because it may be rolled back. All functions work inside the transaction
of the connection they are given.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Hashable, Sequence
from typing import Final, Generic, TypeVar

import numpy as np

from graph_service.adapters.timeline.bits import Ints
from graph_service.domain.readings import SeriesKey

Name = TypeVar("Name", bound=Hashable)

_MOST_KEPT: Final = 1_000_000


class Numbers(Generic[Name]):
    """The numbers of names, remembered.

    Args:
        find: gives the number of a name, None where the file has none of it.
    """

    def __init__(self, find: Callable[[sqlite3.Connection, Name], int | None]):
        self._find = find
        self._kept: tuple[int, dict[Name, int]] = (-1, {})  # of how many renames, and what

    def of(self, db: sqlite3.Connection, names: Sequence[Name]) -> Ints:
        """The number of each; 0 where the file has none of this name."""
        known = self._at(renames(db))
        numbers = list(map(known.get, names))
        if None in numbers:
            for name in names:
                if name not in known and (number := self._find(db, name)) is not None:
                    known[name] = number
            numbers = [known.get(name, 0) for name in names]
        return np.array(numbers, np.int64)

    def _at(self, now: int) -> dict[Name, int]:
        """What is known in this state of the file; a reader of an older one gets its own."""
        kept_at, known = self._kept
        if now > kept_at or len(known) > _MOST_KEPT:
            self._kept = (now, {})
            return self._kept[1]
        return known if now == kept_at else {}


def find(db: sqlite3.Connection, key: SeriesKey) -> int | None:
    """The number of a series; None where the file has none of this key."""
    row = db.execute(
        "SELECT number FROM series WHERE element = ? AND quantity = ? AND source = ?", key
    ).fetchone()
    return None if row is None else int(row[0])


def add(db: sqlite3.Connection, keys: Sequence[SeriesKey]) -> dict[SeriesKey, int]:
    """Give new series the next numbers, in the order given."""
    highest = db.execute("SELECT coalesce(max(series), 0) FROM last").fetchone()[0]
    added = {key: highest + 1 + at for at, key in enumerate(keys)}
    rows = [(*key, number) for key, number in added.items()]
    db.executemany("INSERT INTO series VALUES (?, ?, ?, ?)", rows)
    return added


def remove(db: sqlite3.Connection, keys: Sequence[SeriesKey]) -> None:
    """Take series away; their numbers may be given again, so that it counts as a rename."""
    db.executemany("DELETE FROM series WHERE element = ? AND quantity = ? AND source = ?", keys)
    count_rename(db)


def rename(db: sqlite3.Connection, old: SeriesKey, new: SeriesKey) -> None:
    """Give a series another name, which no series has; to be followed by `count_rename`."""
    db.execute(
        "UPDATE series SET element = ?, quantity = ?, source = ?"
        " WHERE element = ? AND quantity = ? AND source = ?",
        (*new, *old),
    )


def renames(db: sqlite3.Connection) -> int:
    """How often numbers have changed their names."""
    row = db.execute("SELECT value FROM state WHERE name = 'renames'").fetchone()
    return 0 if row is None else int(row[0])


def count_rename(db: sqlite3.Connection) -> None:
    """Tell all processes that a number has changed its name."""
    db.execute(
        "INSERT INTO state VALUES ('renames', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
    )


def of_elements(
    db: sqlite3.Connection, elements: Sequence[str], quantity: str | None
) -> list[SeriesKey]:
    """The series of these elements, by element, quantity and source."""
    rows = db.execute(
        "SELECT element, quantity, source FROM series"
        " WHERE element IN (SELECT value FROM json_each(?1))"
        " AND (?2 IS NULL OR quantity = ?2) ORDER BY element, quantity, source",
        (json.dumps(list(elements)), quantity),
    )
    return [SeriesKey(*row) for row in rows]


def of_quantity(db: sqlite3.Connection, quantity: str) -> dict[SeriesKey, int]:
    """All series of a quantity, and their numbers."""
    rows = db.execute("SELECT * FROM series WHERE quantity = ? ORDER BY number", (quantity,))
    return {SeriesKey(*key): number for *key, number in rows}


def elements(db: sqlite3.Connection, after: str, first: int) -> list[str]:
    """Elements that have readings or forecasts, in order."""
    found = db.execute(
        "SELECT * FROM (SELECT DISTINCT element FROM series WHERE element > ?1"
        " ORDER BY element LIMIT ?2)"
        " UNION SELECT * FROM (SELECT DISTINCT element FROM forecast_series WHERE element > ?1"
        " ORDER BY element LIMIT ?2) ORDER BY 1 LIMIT ?2",
        (after, first),
    )
    return [element for (element,) in found]
