"""How often each series is read, so that it can be told how many values an interval should have.

What was stated counts (`schedules`). Where nothing is stated the newest readings tell: the most
frequent distance between those of the last two days the series has. A series that tells nothing
is taken to be read as often as most others that were asked for.

What readings tell is remembered for an hour: meters change their rhythm once in their life. A
series that tells nothing yet is looked at again with the next question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from threading import Lock
from time import monotonic
from typing import Final

import numpy as np

from graph_service.analysis.receipts import Ints, Received, most_frequent, own_intervals
from graph_service.domain.readings import (
    MICROSECONDS_PER_DAY,
    ReadingColumns,
    SeriesKey,
    Window,
)
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.schedules import Schedules

_TWO_DAYS_US: Final = 2 * MICROSECONDS_PER_DAY
_REMEMBERED_S: Final = 3_600
_MOST_REMEMBERED: Final = 1_000_000

Rhythm = tuple[int, int]
"""How often, and where in that interval, in microseconds; 0 if nothing tells."""


class Rhythms:
    """Knows how often series are read.

    Args:
        store: where the readings are.
        schedules: what was stated; None where nothing can be.
    """

    def __init__(self, store: TimelineStore, schedules: Schedules | None = None) -> None:
        self._store = store
        self._schedules = schedules
        self._seen: dict[SeriesKey, Rhythm] = {}
        self._forget_at = monotonic() + _REMEMBERED_S
        self._lock = Lock()

    def of(self, keys: Sequence[SeriesKey]) -> list[Rhythm]:
        """How often each series is read, in the order asked."""
        self._look_at([key for key in keys if key not in self._seen])
        stated = self._schedules.intervals_us(keys) if self._schedules else [0] * len(keys)
        seen = (self._seen.get(key, (0, 0)) for key in keys)
        return [
            (every, phase % every) if every else own
            for every, own, phase in ((s, o, o[1]) for s, o in zip(stated, seen, strict=True))
        ]

    def _look_at(self, unknown: Sequence[SeriesKey]) -> None:
        """Read the newest two days of series whose rhythm is not known yet: two calls."""
        if not unknown:
            return
        newest = [last.valid_us for last in self._store.last(unknown) if last is not None]
        if not newest:
            return
        window = Window(max(newest) - _TWO_DAYS_US, max(newest) + 1)
        found = _rhythms(self._store.read(unknown, window))
        with self._lock:
            if monotonic() > self._forget_at or len(self._seen) > _MOST_REMEMBERED:
                self._seen = {}
                self._forget_at = monotonic() + _REMEMBERED_S
            told = zip(unknown, found, strict=True)
            self._seen.update((key, rhythm) for key, rhythm in told if rhythm[0])


def expected(rhythms: Sequence[Rhythm], silent: int, edges_us: Ints) -> Ints | None:
    """How many values there should be in each interval; None where nothing tells.

    Args:
        rhythms: of the series asked for.
        silent: how many elements have no series; they should have one like the others.
        edges_us: where the intervals begin, and where the last one ends, int64[n + 1].

    Returns:
        int64[n], over all series and silent elements.
    """
    usual = most_frequent(np.array([every for every, _ in rhythms], dtype=np.int64), 0)
    if not usual:
        return None
    counts = Counter(rhythm if rhythm[0] else (usual, 0) for rhythm in rhythms)
    counts[usual, 0] += silent
    total = np.zeros(len(edges_us) - 1, dtype=np.int64)
    for (every_us, phase_us), count in counts.items():
        total += count * np.diff((edges_us - 1 - phase_us) // every_us)
    return total


def _rhythms(columns: Sequence[ReadingColumns]) -> list[Rhythm]:
    lengths = [len(column) for column in columns]
    valid_us = np.concatenate([np.asarray(c.valid_us, dtype=np.int64) for c in columns])
    series = np.repeat(np.arange(len(columns), dtype=np.int64), lengths)
    nothing = np.zeros(len(valid_us))
    own = own_intervals(
        Received(series, valid_us, valid_us, nothing.astype(np.uint8), nothing), len(columns)
    )
    ends = np.cumsum(lengths)
    return [
        (every, int(valid_us[end - 1]) % every) if every else (0, 0)
        for every, end in zip(own.tolist(), ends.tolist(), strict=True)
    ]
