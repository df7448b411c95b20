"""The journal of a copy: a record in the target that says what is copied and how far it is.

While it is there the target is not whole, and no service opens it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Final

from graph_service.domain.errors import Conflict
from graph_service.ports.record_store import RecordStore

JOURNAL: Final = "copying"
"""The collection of the journal; never copied itself."""
_KEY: Final = "copy"


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far a copy is: up to which element, and up to which place among the events."""

    source: str
    begun_at: str
    element: str = ""
    events: str = ""
    events_done: bool = False


class Journal:
    """Reads and writes the journal of a target."""

    def __init__(self, records: RecordStore):
        self._records = records

    def read(self) -> Progressed | None:
        """How far the copy is; None where none is under way."""
        [record] = self._records.get(JOURNAL, [_KEY])
        return None if record is None else Progressed(**record)

    def begin(self, source: str) -> Progressed:
        """Begin a copy, or begin it again from the start."""
        return self.write(Progressed(source, datetime.now(UTC).isoformat()))

    def write(self, at: Progressed, **changed: str | bool) -> Progressed:
        """Remember how far it is."""
        now = replace(at, **changed)  # type: ignore[arg-type]
        self._records.put(JOURNAL, [(_KEY, asdict(now))])
        return now

    def end(self) -> None:
        """The target is whole."""
        self._records.delete(JOURNAL, [_KEY])


def require_finished(records: RecordStore) -> None:
    """Refuse stores that a copy was begun into and not finished.

    Raises:
        Conflict: says so.
    """
    at = Journal(records).read()
    if at is not None:
        raise Conflict(
            f"a copy from {at.source} into this store is not finished",
            subject=at.source,
            hint="run the same `gridstrata copy` again, it goes on where it was",
        )
