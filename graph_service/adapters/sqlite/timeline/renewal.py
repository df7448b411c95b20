"""Make a timeline file of an older version one of this version; what it holds stays.

Works inside the writer's transaction: when it breaks off, the file is what it was. A file of a
hundred million values takes a minute or two, once.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from graph_service.adapters.sqlite.timeline import arrivals, event_tables, forecasts, tables
from graph_service.adapters.sqlite.timeline.days import days_of_rows, put_days
from graph_service.adapters.sqlite.timeline.merging import hours_worth_keeping
from graph_service.adapters.timeline.aggregation import newest_versions
from graph_service.adapters.timeline.rows import groups_of

_CHUNKS_AT_ONCE: Final = 4_000

_TABLES: Final = """
ALTER TABLE chunk RENAME TO chunk_1;
CREATE TABLE chunk (slot INTEGER PRIMARY KEY, hours BLOB, columns BLOB NOT NULL);
INSERT INTO chunk (slot, columns) SELECT slot, columns FROM chunk_1 ORDER BY slot;
DROP TABLE chunk_1;
CREATE TABLE level (slot INTEGER PRIMARY KEY, days BLOB NOT NULL);
CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
ALTER TABLE last ADD COLUMN forgotten_us INTEGER NOT NULL DEFAULT -9223372036854775808"""


def to_version_2(db: sqlite3.Connection) -> None:
    """Version 2 has events, forecasts and levels."""
    for statements in (_TABLES, event_tables.SCHEMA, forecasts.SCHEMA):
        for statement in statements.split(";\n"):
            db.execute(statement)
    slots = [slot for (slot,) in db.execute("SELECT slot FROM chunk ORDER BY slot")]
    for at in range(0, len(slots), _CHUNKS_AT_ONCE):
        _put_levels(db, slots[at : at + _CHUNKS_AT_ONCE])


def to_version_3(db: sqlite3.Connection) -> None:
    """Version 3 has room for word of what writes brought."""
    db.execute(arrivals.SCHEMA)


def _put_levels(db: sqlite3.Connection, slots: list[int]) -> None:
    rows = tables.rows_of_slots(db, slots)
    groups = groups_of(rows)
    put_days(db, days_of_rows(rows, newest_versions(rows, None), groups))
    tables.add_hours(db, groups.pairs(), hours_worth_keeping(rows, groups))
