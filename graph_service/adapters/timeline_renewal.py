"""Make a timeline file of an older version one of this version; what it holds stays.

Works inside the writer's transaction: when it breaks off, the file is what it was.
"""

from __future__ import annotations

import sqlite3

from graph_service.adapters import event_tables, sqlite_forecasts


def to_version_2(db: sqlite3.Connection) -> None:
    """Version 2 has events, forecasts and levels."""
    for statement in ";\n".join((_CHUNKS, event_tables.SCHEMA, sqlite_forecasts.SCHEMA)).split(
        ";\n"
    ):
        db.execute(statement)


_CHUNKS = """
ALTER TABLE chunk RENAME TO chunk_1;
CREATE TABLE chunk (slot INTEGER PRIMARY KEY, hours BLOB, columns BLOB NOT NULL);
INSERT INTO chunk (slot, columns) SELECT slot, columns FROM chunk_1 ORDER BY slot;
DROP TABLE chunk_1;
CREATE TABLE level (slot INTEGER PRIMARY KEY, days BLOB NOT NULL);
CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
ALTER TABLE last ADD COLUMN forgotten_us INTEGER NOT NULL DEFAULT -9223372036854775808"""
