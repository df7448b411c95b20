"""Records in Neo4j: JSON objects by collection and key, beside the graph in the same database.

`Neo4jRecords` implements `ports.record_store.RecordStore`. Keys are ordered by their characters'
numbers, as their UTF-8 bytes are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import orjson

from graph_service.adapters.neo4j.cypher import records as texts
from graph_service.adapters.neo4j.cypher import schema
from graph_service.adapters.neo4j.driver import PATIENCE_S, Neo4jAddress, Neo4jConnection
from graph_service.ports.record_store import Record

Members = Mapping[str, str | int | bool]


class Neo4jRecords:
    """The records in a database of a Neo4j server.

    Args:
        address: Where the server is and who we are there.
        read_only: Answer only; nothing is created or written.
        patience_s: How long to wait for a connection.

    Raises:
        StoreError: the server does not answer, refuses us or is too old.
    """

    def __init__(
        self, address: Neo4jAddress, *, read_only: bool = False, patience_s: float = PATIENCE_S
    ):
        self._connection = Neo4jConnection(address, read_only=read_only, patience_s=patience_s)
        self._locks: set[str] = set()
        try:
            self._connection.prepare(schema.RECORDS)
        except BaseException:
            self._connection.close()
            raise

    def put(self, collection: str, records: Iterable[tuple[str, Record]]) -> None:
        """Keep records, all or none, replacing those with the same key."""
        rows = [[key, orjson.dumps(record).decode(), _members(record)] for key, record in records]
        if rows:
            self._connection.do(texts.PUT, collection=collection, rows=rows)

    def get(self, collection: str, keys: Sequence[str]) -> list[Record | None]:
        """Records by key, in the order asked."""
        asked = list(dict.fromkeys(keys))
        found = dict(self._connection.ask(texts.GET, collection=collection, keys=asked))
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
        rows = self._connection.ask(
            texts.PAGE_DESCENDING if descending else texts.PAGE,
            collection=collection,
            first=first,
            after=after,
            prefix=prefix,
            members=_members(equal or {}),
        )
        return [(key, orjson.loads(record)) for key, record in rows]

    def count(self, collection: str, *, prefix: str = "", equal: Members | None = None) -> int:
        """How many records `page` would give without `first`."""
        members = _members(equal or {})
        ((count,),) = self._connection.ask(
            texts.COUNT, collection=collection, prefix=prefix, members=members
        )
        return int(count)

    def delete(self, collection: str, keys: Sequence[str]) -> int:
        """Remove records; gives how many there were."""
        asked = list(dict.fromkeys(keys))
        ((count,),) = self._connection.do(texts.DELETE, collection=collection, keys=asked)
        return int(count)

    def collections(self) -> list[str]:
        """The collections that have a record, in order."""
        return [collection for (collection,) in self._connection.ask(texts.COLLECTIONS)]

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Nobody else is within a block of this name: it holds the lock of a node."""
        if name not in self._locks:
            self._connection.do(texts.MAKE_LOCK, name=name)
            self._locks.add(name)
        with self._connection.holding(texts.TAKE_LOCK, name=name):
            yield

    def close(self) -> None:
        """Let go of connections."""
        self._connection.close()


def _members(record: Mapping[str, object]) -> list[str]:
    """The top-level members that can be asked for, each as text that is equal where they are."""
    return [
        orjson.dumps([name, value]).decode()
        for name, value in record.items()
        if isinstance(value, (str, int, bool))
    ]
