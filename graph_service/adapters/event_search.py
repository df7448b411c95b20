"""Find the next events of many subjects in the order of time, without reading more than needed.

Each (subject, span) is a strand: a stretch of an index in the order of time. The strands are read
one after another, each no further than the last of the events kept so far, so that 50 events of
200 subjects take some 300 rows of the index, however many events there are.

All functions work inside the transaction of the connection they are given.
"""
# ruff: noqa: S608 -- the text of every statement is fixed here, all values are bound

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from graph_service.adapters.event_tables import EVERYTHING, NEVER_US, SPANS_US, Identity
from graph_service.domain.readings import Window

_FIRST_US: Final = -(2**63)


class Strand(NamedTuple):
    """The places of one subject whose events last no longer than a span."""

    subject: int
    span: int


class Place(NamedTuple):
    """Where a version of an event stands, and since when it is known."""

    start_us: int
    source: str
    id: str
    known_us: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """What a version must be: known at a time, severe enough, of one of the kinds (as bits)."""

    known_us: int = NEVER_US - 1
    severity: int = 0
    kinds: int = -1

    def values(self) -> tuple[int, int, int]:
        """What the conditions of statements are given, in their order."""
        return self.known_us, self.severity, self.kinds


def strands_of(db: sqlite3.Connection, subjects: Sequence[int]) -> list[Strand]:
    """All strands of these subjects."""
    rows = db.execute(
        "SELECT number, spans FROM json_each(?) CROSS JOIN event_subject ON number = value",
        (json.dumps(subjects),),
    )
    return [
        Strand(number, span)
        for number, spans in rows
        for span in range(len(SPANS_US))
        if spans & (1 << span)
    ]


def nearest(
    db: sqlite3.Connection,
    strands: Sequence[Strand],
    window: Window,
    asked: Asked,
    first: int,
    after: tuple[int, str, str] | None,
    descending: bool,
) -> list[Place]:
    """The first places, in the order asked, of events that overlap a window.

    Args:
        db: a connection that reads one state.
        strands: where to look.
        window: what events must overlap.
        asked: what else they must be.
        first: how many at most.
        after: (start, source, id) of the place that those wanted lie beyond.
        descending: the last ones first.
    """
    best = _Best(first, descending)
    for strand in strands if first > 0 else ():
        low: tuple[int, str, str] = (_earliest(strand, window), "", "")
        high: tuple[int, str, str] = (window.stop_us, "", "")
        if after is not None:
            low, high = (low, min(high, after)) if descending else (max(low, after), high)
        if best.worst is not None:
            low, high = (best.worst[:3], high) if descending else (low, best.worst[:3])
        bounds = (*strand, *low, *high, *asked.values(), window.start_us, first)
        best.add(db.execute(_NEXT[descending], bounds).fetchall())
    return best.in_order()


_ASKED: Final = "known_us <= ?9 AND gone_us > ?9 AND severity >= ?10 AND (?11 >> kind) & 1"
_NEXT: Final = {
    descending: f"""
SELECT start_us, source, id, known_us FROM event_place WHERE subject = ?1 AND span = ?2
AND (start_us, source, id) > (?3, ?4, ?5) AND (start_us, source, id) < (?6, ?7, ?8)
AND {_ASKED} AND (start_us >= ?12 OR end_us > ?12)
ORDER BY start_us {order}, source {order}, id {order} LIMIT ?13"""
    for descending, order in ((False, "ASC"), (True, "DESC"))
}


def _earliest(strand: Strand, window: Window) -> int:
    """No event of the strand that began before reaches into the window."""
    return max(window.start_us - SPANS_US[strand.span], _FIRST_US)


class _Best:
    """The places kept so far, each once."""

    def __init__(self, most: int, descending: bool):
        self._most = most
        self._descending = descending
        self._places: list[tuple[int, str, str, int]] = []
        self.worst: tuple[int, str, str, int] | None = None

    def add(self, places: Sequence[tuple[int, str, str, int]]) -> None:
        for place in places:
            at = bisect_left(self._places, place)
            if at == len(self._places) or self._places[at] != place:
                self._places.insert(at, place)
        if len(self._places) >= self._most:
            if self._descending:
                del self._places[: -self._most]
            else:
                del self._places[self._most :]
            self.worst = self._places[0 if self._descending else -1]

    def in_order(self) -> list[Place]:
        places = reversed(self._places) if self._descending else self._places
        return [Place._make(place) for place in places]


def counts(
    db: sqlite3.Connection,
    strands: Sequence[Strand],
    window: Window,
    every_us: int,
    asked: Asked,
) -> list[tuple[int, int, int, int]]:
    """(interval, kind, severity, count) of the events that began in a window, in this order."""
    places = _COUNTED if len({strand.subject for strand in strands}) < 2 else _COUNTED_ONCE
    return db.execute(
        f"SELECT (start_us - ?2) / ?4, kind, severity, count(*) FROM ({places})"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        (
            json.dumps([strand.subject * len(SPANS_US) + strand.span for strand in strands]),
            window.start_us,
            window.stop_us,
            every_us,
            *(None,) * 4,
            *asked.values(),
        ),
    ).fetchall()


_COUNTED: Final = f"""
SELECT start_us, kind, severity FROM json_each(?1) AS strand CROSS JOIN event_place
ON subject = strand.value / {len(SPANS_US)} AND span = strand.value % {len(SPANS_US)}
AND start_us >= ?2 AND start_us < ?3 AND {_ASKED}"""
_COUNTED_ONCE: Final = _COUNTED.replace("SELECT", "SELECT DISTINCT source, event_place.id,")


def extent(
    db: sqlite3.Connection, strands: Sequence[Strand], asked: Asked
) -> tuple[int, int] | None:
    """The first and the last start."""
    ends = [
        db.execute(_END[last], (*strand, *(None,) * 6, *asked.values())).fetchone()
        for last in (False, True)
        for strand in strands
    ]
    starts = [end[0] for end in ends if end is not None]
    return (min(starts), max(starts)) if starts else None


_END: Final = {
    last: f"SELECT start_us FROM event_place WHERE subject = ?1 AND span = ?2 AND {_ASKED}"
    f" ORDER BY start_us {order} LIMIT 1"
    for last, order in ((False, "ASC"), (True, "DESC"))
}


def begun_before(db: sqlite3.Connection, before_us: int, asked: Asked) -> list[Identity]:
    """The events that began before a time."""
    bound = (EVERYTHING, before_us, *(None,) * 6, *asked.values())
    return db.execute(
        "SELECT source, id FROM event_place WHERE subject = ?1"
        f" AND span < {len(SPANS_US)} AND start_us < ?2 AND {_ASKED}",
        bound,
    ).fetchall()
