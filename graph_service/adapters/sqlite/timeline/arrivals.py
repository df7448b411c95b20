"""What writes brought, left in the timeline file for other processes while somebody follows.

    arrival   one row a piece, in the order of writes; gone after some minutes
    state     `followed_until_us`: until when writers leave word

All of it happens in the transaction of the write itself, so that nothing that follows a write is
told without it, and nothing is told that did not land.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable
from typing import Final

from graph_service.adapters.sqlite.connection import SqliteFile
from graph_service.adapters.timeline.arrivals import KEPT_FOR_US, pieces, read
from graph_service.domain.arrivals import Arrival

SCHEMA: Final = """
CREATE TABLE arrival (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at_us INTEGER NOT NULL, writer TEXT NOT NULL,
    what BLOB NOT NULL
)"""

_UNTIL: Final = "followed_until_us"


class SqliteArrivals:
    """Leaves word of what one store writes, and finds what others have left."""

    def __init__(self, file: SqliteFile):
        self._file = file
        self._writer = secrets.token_hex(8)
        self._last: int | None = None

    def leave(self, db: sqlite3.Connection, make: Callable[[], Arrival]) -> None:
        """Leave word of a write, in its transaction, where somebody follows."""
        now_us = time.time_ns() // 1000
        [until] = db.execute("SELECT max(value) FROM state WHERE name = ?", (_UNTIL,)).fetchone()
        if until is None or until < now_us:
            return
        db.execute("DELETE FROM arrival WHERE at_us < ?", (now_us - KEPT_FOR_US,))
        db.executemany(
            "INSERT INTO arrival (at_us, writer, what) VALUES (?, ?, ?)",
            [(now_us, self._writer, piece) for piece in pieces(make())],
        )

    def follow(self, until_us: int) -> None:
        """Have writers leave word until then."""
        with self._file.writing() as db, self._file.translated():
            db.execute(
                "INSERT INTO state VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
                (_UNTIL, until_us),
            )
            if self._last is None:
                self._last = _newest(db)

    def new(self) -> list[Arrival]:
        """What others left since this was last asked."""
        with self._file.reading() as db:
            if self._last is None:
                _newest(db)
                return []
            rows = db.execute(
                "SELECT id, writer, what FROM arrival WHERE id > ? ORDER BY id", (self._last,)
            ).fetchall()
        if rows:
            self._last = rows[-1][0]
        return [read(what) for _, writer, what in rows if writer != self._writer]


def _newest(db: sqlite3.Connection) -> int:
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'arrival'").fetchone()
    return 0 if row is None else int(row[0])
