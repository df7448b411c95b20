"""The vocabulary of a SQLite file: codes for its URIs, kinds and link names."""

from __future__ import annotations

import sqlite3

from graph_service.adapters.part_encoding import Words


class Vocabulary(Words):
    """Codes for the words of a file; refreshed from the file, new ones added to it."""

    def refresh(self, connection: sqlite3.Connection) -> None:
        """Learn the words that others added."""
        with self.lock:
            rows = connection.execute(
                "SELECT text FROM vocabulary WHERE code >= ? ORDER BY code", (len(self.words),)
            )
            self.learn([text for (text,) in rows.fetchall()])

    def keep(self, connection: sqlite3.Connection, since: int) -> None:
        """Write the words that came after the first `since`."""
        connection.executemany(
            "INSERT INTO vocabulary VALUES (?, ?)", enumerate(self.words[since:], since)
        )
