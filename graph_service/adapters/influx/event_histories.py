"""The histories of events in InfluxDB: all versions of an event in one record, by its hash.

A record stands at the time of the hash and holds the histories of all events that share it. Which
hashes have one is remembered as long as nobody else has written.

Limits: the first question of a process reads the places of all histories (a second for a million).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from graph_service.adapters.influx import flux
from graph_service.adapters.influx.event_points import (
    HASHES,
    History,
    Names,
    hash_of,
    read_record,
)
from graph_service.adapters.influx.series import Stamps
from graph_service.adapters.influx.server import InfluxServer
from graph_service.adapters.influx.tables import times_of
from graph_service.adapters.timeline.event_versions import Identity

_RECORDS_AT_ONCE: Final = 50
_RECORDS_ONE_BY_ONE: Final = 500

Record = dict[Identity, History]
"""The histories that share a hash."""


class Histories:
    """The histories of one bucket.

    Args:
        server: where they are.
        stamps: tell whether others have written.
    """

    def __init__(self, server: InfluxServer, stamps: Stamps):
        self._server = server
        self._stamps = stamps
        self._hashes: set[int] | None = None

    def of(self, identities: Iterable[Identity], names: Names) -> dict[Identity, History]:
        """The histories of events, of those that have one."""
        wanted = set(identities)
        if not self._stamps.is_own():
            self.forget()
        records = self.records(self.known(map(hash_of, wanted)), names)
        merged = {at: history for record in records.values() for at, history in record.items()}
        return {identity: merged[identity] for identity in wanted if identity in merged}

    def known(self, hashes: Iterable[int]) -> list[int]:
        """Those of hashes at which a history stands."""
        if self._hashes is None:
            self._hashes = set()
            for table in self._server.ask(flux.rows(["events"], "event_history", (0, HASHES))):
                self._hashes.update(times_of(table["_time"], "ns").tolist())
        return [hash for hash in hashes if hash in self._hashes]

    def records(self, hashes: Sequence[int], names: Names) -> dict[int, Record]:
        """What stands at hashes."""
        asked = set(hashes)
        return {
            hash: read_record(text, names)
            for lot in _lots(hashes)
            for table in self._server.ask(lot)
            for hash, text in zip(
                times_of(table["_time"], "ns").tolist(), table["_value"], strict=True
            )
            if hash in asked
        }

    def written(self, hashes: Iterable[int]) -> None:
        """Note that records stand at hashes now."""
        if self._hashes is not None:
            self._hashes |= set(hashes)

    def forget(self) -> None:
        """Trust nothing that was remembered."""
        self._hashes = None


def _lots(hashes: Sequence[int]) -> list[str]:
    """Questions for all of them; for everything where they are many."""
    if len(hashes) > _RECORDS_ONE_BY_ONE:
        return [flux.rows(["history"], "event_history", (0, HASHES))]
    return [
        flux.in_order(
            "history",
            "event_history",
            [((hash, hash + 1), {}) for hash in hashes[at : at + _RECORDS_AT_ONCE]],
            _RECORDS_AT_ONCE,
            descending=False,
        )
        for at in range(0, len(hashes), _RECORDS_AT_ONCE)
    ]
