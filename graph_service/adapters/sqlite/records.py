"""Records in SQLite: JSON objects by collection and key, in `records.sqlite` of the data folder.

`SqliteRecords` implements `ports.record_store.RecordStore`; see `connection.py` for how it keeps
them durable. Keys are ordered by their UTF-8 bytes.
"""
# ruff: noqa: S608 -- the text of every statement is fixed here, all values are bound

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson

from graph_service.adapters.sqlite.connection import PATIENCE_S, SqliteFile
from graph_service.ports.record_store import Record

_VERSION = 1
_SCHEMA = """
CREATE TABLE records (
  collection TEXT NOT NULL, key TEXT NOT NULL, record TEXT NOT NULL,
  PRIMARY KEY (collection, key)) WITHOUT ROWID
"""

Members = Mapping[str, str | int | bool]


class SqliteRecords:
    """The records of a data folder.

    Args:
        folder: The data folder; made when it does not exist, unless `read_only`.
        read_only: Answer only; nothing is created or written in the folder.
        patience_s: How long a write waits for another one before StoreBusy.

    Raises:
        StoreReadOnly, StoreFull, StoreTooNew, StoreError: the folder cannot be used.
    """

    def __init__(self, folder: Path, *, read_only: bool = False, patience_s: float = PATIENCE_S):
        self._file = SqliteFile(
            folder / "records.sqlite",
            _SCHEMA,
            _VERSION,
            read_only=read_only,
            patience_s=patience_s,
        )

    def put(self, collection: str, records: Iterable[tuple[str, Record]]) -> None:
        """Keep records, all or none, replacing those with the same key."""
        with self._file.writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO records VALUES (?, ?, ?)",
                ((collection, key, orjson.dumps(record).decode()) for key, record in records),
            )

    def get(self, collection: str, keys: Sequence[str]) -> list[Record | None]:
        """Records by key, in the order asked."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT r.key, r.record FROM json_each(?) j"
                " JOIN records r ON r.collection = ? AND r.key = j.value",
                (_json(dict.fromkeys(keys)), collection),
            ).fetchall()
        found = dict(rows)
        return [orjson.loads(found[key]) if key in found else None for key in keys]

    def page(
        self,
        collection: str,
        first: int,
        *,
        after: str | None = None,
        prefix: str = "",
        descending: bool = False,
        equal: Members | None = None,
    ) -> list[tuple[str, Record]]:
        """Records in the order of their keys."""
        chosen, values = _chosen(collection, prefix, equal)
        sign, way = ("<", "DESC") if descending else (">", "ASC")
        if after is not None:
            chosen, values = f"{chosen} AND key {sign} ?", [*values, after]
        with self._file.reading() as connection:
            rows = connection.execute(
                f"SELECT key, record FROM records WHERE {chosen} ORDER BY key {way} LIMIT ?",
                (*values, first),
            ).fetchall()
        return [(key, orjson.loads(record)) for key, record in rows]

    def count(self, collection: str, *, prefix: str = "", equal: Members | None = None) -> int:
        """How many records `page` would give without `first`."""
        chosen, values = _chosen(collection, prefix, equal)
        with self._file.reading() as connection:
            sql = f"SELECT count(*) FROM records WHERE {chosen}"
            return int(connection.execute(sql, values).fetchone()[0])

    def delete(self, collection: str, keys: Sequence[str]) -> int:
        """Remove records; gives how many there were."""
        with self._file.writing() as connection:
            return connection.execute(
                "DELETE FROM records WHERE collection = ?"
                " AND key IN (SELECT value FROM json_each(?))",
                (collection, _json(keys)),
            ).rowcount

    def collections(self) -> list[str]:
        """The collections that have a record, in order."""
        with self._file.reading() as connection:
            rows = connection.execute("SELECT DISTINCT collection FROM records ORDER BY 1")
            return [collection for (collection,) in rows]

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Nobody else is within a block of this name."""
        with self._file.alone(name):
            yield

    def close(self) -> None:
        """Let go of files and connections."""
        self._file.close()


def _chosen(collection: str, prefix: str, equal: Members | None) -> tuple[str, list[object]]:
    sql, values = "collection = ?", [collection]
    parts, bound = [sql], list[object](values)
    if prefix:
        parts.append("key >= ? AND substr(key, 1, length(?)) = ?")
        bound += [prefix, prefix, prefix]
    for name, value in (equal or {}).items():
        parts.append(
            "EXISTS (SELECT 1 FROM json_each(records.record) m"
            " WHERE m.key = ? AND m.value = ? AND m.type = ?)"
        )
        bound += [name, value, _json_type(value)]
    return " AND ".join(parts), bound


def _json_type(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "text" if isinstance(value, str) else "integer"


def _json(values: Iterable[str]) -> str:
    return orjson.dumps(list(values)).decode()
