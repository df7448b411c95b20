"""What we ask of the records: small documents beside the graph (import runs, findings, tokens).

A record is a JSON object under a collection and a key. Every adapter owes: a write is durable
when the call returns; reads see whole records; order within a collection is by key; driver
errors come out as `domain.errors.StoreError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

Record = Mapping[str, Any]


class RecordStore(Protocol):
    """JSON objects by collection and key."""

    def put(self, collection: str, records: Iterable[tuple[str, Record]]) -> None:
        """Keep records, all or none, replacing those with the same key."""
        ...

    def get(self, collection: str, keys: Sequence[str]) -> list[Record | None]:
        """Records by key, in the order asked."""
        ...

    def page(
        self,
        collection: str,
        first: int,
        *,
        after: str | None = None,
        prefix: str = "",
        descending: bool = False,
        equal: Mapping[str, str | int | bool] | None = None,
    ) -> list[tuple[str, Record]]:
        """Records in the order of their keys.

        `prefix` keeps keys that begin with it, `after` those beyond it in the order asked,
        `equal` records whose top-level members equal the given ones.
        """
        ...

    def count(
        self,
        collection: str,
        *,
        prefix: str = "",
        equal: Mapping[str, str | int | bool] | None = None,
    ) -> int:
        """How many records `page` would give without `first`."""
        ...

    def delete(self, collection: str, keys: Sequence[str]) -> int:
        """Remove records; gives how many there were."""
        ...

    def collections(self) -> list[str]:
        """The collections that have a record, in order."""
        ...

    def alone(self, name: str) -> AbstractContextManager[None]:
        """Nobody else is within a block of this name, in this process or another on these records.

        Whoever dies within one has left it.

        Raises:
            StoreBusy: another one did not leave in time.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...
