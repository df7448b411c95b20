"""Find the next events of many subjects in the order of time, without reading more than needed.

The events of one subject that last no longer than a span are a strand: a stretch of an index in
the order of time. One statement finds where each strand begins; then the strands are read in this
order, each no further than the last of the events kept so far, until one begins behind it. So 50
events of 200 subjects take some hundred rows of the index, however many events there are.

All functions work inside the transaction of the connection they are given.
"""
# ruff: noqa: S608 -- the text of every statement is fixed here, all values are bound

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Final, NamedTuple

from graph_service.adapters.sqlite.timeline.event_tables import SPANS_US
from graph_service.adapters.timeline.event_versions import NEVER_US, Identity
from graph_service.domain.readings import Window

_FIRST_US: Final = -(2**63)
_SPANS: Final = len(SPANS_US)

Place = tuple[int, str, str]
"""Where an event stands: start, source, id."""


class Found(NamedTuple):
    """The place of a version of an event, and since when it is known."""

    start_us: int
    source: str
    id: str
    known_us: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a version must be: about one of these subjects (None for all there is), known at a
    time, severe enough, of one of the kinds (as bits)."""

    subjects: frozenset[str] | None = None
    known_us: int = NEVER_US - 1
    severity: int = 0
    kinds: int = -1

    def names(self) -> str:
        """The subjects as `event_subject` knows them."""
        wanted = [""] if self.subjects is None else [name for name in self.subjects if name]
        return json.dumps(wanted)

    def values(self) -> tuple[int, int, int]:
        """What the conditions of statements are given, in their order."""
        return self.known_us, self.severity, self.kinds


_ASKED: Final = "known_us <= ?2 AND gone_us > ?2 AND severity >= ?3 AND (?4 >> kind) & 1"

# a strand is the subject's number times the number of spans plus the span
_STRANDS: Final = f"""json_each(?1) AS wanted CROSS JOIN event_subject ON name = wanted.value
CROSS JOIN (VALUES {", ".join(f"({span})" for span in range(_SPANS))}) AS length
ON spans & (1 << length.column1)"""


def nearest(
    db: sqlite3.Connection,
    asked: Asked,
    window: Window,
    first: int,
    after: Place | None,
    descending: bool,
) -> list[Found]:
    """The first places, in the order asked, of events that overlap a window.

    Args:
        db: a connection that reads one state.
        asked: what the events must be.
        window: what they must overlap.
        first: how many at most.
        after: the place that those wanted lie beyond.
        descending: the last ones first.
    """
    if first < 1:
        return []
    bounds = _bounds(window, after, descending)
    limits = [value for low, high in bounds for value in (*low, *high)]
    fixed = (*asked.values(), window.start_us)
    heads = db.execute(_HEADS[descending], (asked.names(), *fixed, *limits)).fetchall()
    heads = [head for head in heads if head[2] is not None]
    heads.sort(key=itemgetter(2), reverse=descending)
    edge = _edge(heads, first, descending)
    best = _Best(first, descending)
    for subject, span, head in heads:
        low, high = bounds[span]
        worst = edge if best.worst is None else best.worst
        if (head < worst[0]) if descending else (head > worst[0]):
            break
        low, high = (max(low, worst), high) if descending else (low, min(high, worst))
        strand = (subject, *fixed, span, *low, *high, first)
        best.add(db.execute(_NEXT[descending], strand).fetchall())
    return best.in_order()


def _edge(heads: Sequence[tuple[int, int, int]], first: int, descending: bool) -> Place:
    """A place that none of those wanted lies beyond: as many strands begin before it."""
    starts = list(islice(dict.fromkeys(start_us for _, _, start_us in heads), first))
    if len(starts) < first:
        return (_FIRST_US, "", "") if descending else (NEVER_US, "", "")
    return (starts[-1] if descending else starts[-1] + 1, "", "")


def _bounds(window: Window, after: Place | None, descending: bool) -> list[tuple[Place, Place]]:
    """The places that those of each span lie between; what began before may reach into it."""
    bounds = []
    for longest_us in SPANS_US:
        low: Place = (max(window.start_us - longest_us, _FIRST_US), "", "")
        high: Place = (window.stop_us, "", "")
        if after is not None:
            low, high = (low, min(high, after)) if descending else (max(low, after), high)
        bounds.append((low, high))
    return bounds


def _row(subject: str, span: str, low: str, high: str) -> str:
    """What a place of a strand between two bounds must be."""
    return (
        f"FROM event_place WHERE subject = {subject} AND span = {span}"
        f" AND (start_us, source, id) > ({low}) AND (start_us, source, id) < ({high})"
        f" AND {_ASKED} AND (start_us >= ?5 OR end_us > ?5)"
    )


def _heads(order: str) -> str:
    """Where each strand begins (None where it has none), with the bounds of each span as a row."""
    rows = (
        f"({span}, {', '.join(f'?{6 + span * 6 + at}' for at in range(6))})"
        for span in range(_SPANS)
    )
    columns = [f"length.column{at}" for at in range(1, 8)]
    inner = _row("number", columns[0], ", ".join(columns[1:4]), ", ".join(columns[4:7]))
    return f"""
SELECT number, length.column1, (SELECT start_us {inner} ORDER BY start_us {order} LIMIT 1)
FROM json_each(?1) AS wanted CROSS JOIN event_subject ON name = wanted.value
CROSS JOIN (VALUES {", ".join(rows)}) AS length ON spans & (1 << length.column1)"""


_ORDERS: Final = ((False, "ASC"), (True, "DESC"))
_HEADS: Final = {descending: _heads(order) for descending, order in _ORDERS}
_NEXT: Final = {
    descending: "SELECT start_us, source, id, known_us "
    + _row("?1", "?6", "?7, ?8, ?9", "?10, ?11, ?12")
    + f" ORDER BY start_us {order}, source {order}, id {order} LIMIT ?13"
    for descending, order in _ORDERS
}


class _Best:
    """The places kept so far, each once."""

    def __init__(self, most: int, descending: bool):
        self._most = most
        self._descending = descending
        self._places: list[tuple[int, str, str, int]] = []
        self.worst: Place | None = None

    def add(self, places: Iterable[tuple[int, str, str, int]]) -> None:
        for place in places:
            at = bisect_left(self._places, place)
            if at == len(self._places) or self._places[at] != place:
                self._places.insert(at, place)
        if len(self._places) >= self._most:
            if self._descending:
                del self._places[: -self._most]
            else:
                del self._places[self._most :]
            self.worst = self._places[0 if self._descending else -1][:3]

    def in_order(self) -> list[Found]:
        places = reversed(self._places) if self._descending else self._places
        return [Found._make(place) for place in places]


def counts(
    db: sqlite3.Connection, asked: Asked, window: Window, every_us: int
) -> list[tuple[int, int, int, int]]:
    """(interval, kind, severity, count) of the events that began in a window, in this order."""
    alone = asked.subjects is None or len(asked.subjects) == 1
    return db.execute(
        _COUNTS[alone],
        (asked.names(), *asked.values(), window.start_us, window.stop_us, every_us),
    ).fetchall()


_PLACES: Final = f"""FROM {_STRANDS} CROSS JOIN event_place
ON subject = number AND span = length.column1 AND {_ASKED}"""
_COUNTS: Final = {
    alone: f"""
SELECT (start_us - ?5) / ?7, kind, severity, count(*) FROM (
SELECT {columns} {_PLACES} AND start_us >= ?5 AND start_us < ?6
) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""
    for alone, columns in (
        (True, "start_us, kind, severity"),
        (False, "DISTINCT source, event_place.id, start_us, kind, severity"),
    )
}


def extent(db: sqlite3.Connection, asked: Asked) -> tuple[int, int] | None:
    """The first and the last start."""
    found = db.execute(_EXTENT, (asked.names(), *asked.values())).fetchone()
    return None if found[0] is None else (found[0], found[1])


def _end(order: str) -> str:
    return (
        "(SELECT start_us FROM event_place WHERE subject = number AND span = length.column1"
        f" AND {_ASKED} ORDER BY start_us {order} LIMIT 1)"
    )


_EXTENT: Final = f"SELECT min({_end('ASC')}), max({_end('DESC')}) FROM {_STRANDS}"


def begun_before(db: sqlite3.Connection, asked: Asked, before_us: int) -> list[Identity]:
    """The events that began before a time."""
    return db.execute(
        f"SELECT source, event_place.id {_PLACES} AND start_us < ?5",
        (asked.names(), *asked.values(), before_us),
    ).fetchall()
