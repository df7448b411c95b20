"""Notices inside the service: who waits for a revision, readings or an import's progress is told.

Publishing never blocks and may happen in any thread. A subscriber that is too slow loses the
oldest events, never the newest.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Final

from graph_service.domain.arrivals import Stretch
from graph_service.domain.events import Event

QUEUE_LENGTH: Final = 256
REVISIONS_TOPIC: Final = "revisions"
TIMELINE_TOPIC: Final = "timeline"


@dataclass(frozen=True, slots=True)
class RevisionChanged:
    """The graph has a new revision."""

    revision: int


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is: `done` of `total` (bytes or objects) of `stage`; `state` of the run."""

    run: str
    state: str
    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class TimelineAppended:
    """The timeline has more. `reopened` are stretches that had been aggregated before and whose
    values changed now, by late or corrected readings; `count` of those is 0."""

    readings: tuple[Stretch, ...] = ()
    events: tuple[Event, ...] = ()
    reopened: tuple[Stretch, ...] = ()


Notice = RevisionChanged | ImportProgress | TimelineAppended
_Waiting = tuple[asyncio.AbstractEventLoop, "asyncio.Queue[Notice]"]


class Notices:
    """Topics with any number of subscribers."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[_Waiting]] = defaultdict(list)
        self._listening: dict[str, list[Callable[[Notice], None]]] = defaultdict(list)
        self._lock = Lock()
        self._newest_told = 0

    def publish(self, topic: str, notice: Notice) -> None:
        """Tell all who wait on a topic; from any thread. A revision is told once."""
        with self._lock:
            if isinstance(notice, RevisionChanged):
                if notice.revision <= self._newest_told:
                    return
                self._newest_told = notice.revision
            waiting = list(self._waiting.get(topic, ()))
            listening = list(self._listening.get(topic, ()))
        for listener in listening:
            listener(notice)
        for loop, queue in waiting:
            with suppress(RuntimeError):  # the subscriber's loop has just closed
                loop.call_soon_threadsafe(_offer, queue, notice)

    def listen(self, topic: str, listener: Callable[[Notice], None]) -> None:
        """Call a quick listener with every notice of a topic, in the thread that publishes."""
        with self._lock:
            self._listening[topic].append(listener)

    def heard(self, topic: str) -> bool:
        """Tell whether anybody waits on a topic, so that nothing is made for nobody."""
        with self._lock:
            return bool(self._waiting.get(topic) or self._listening.get(topic))

    def waiting(self, topic: str) -> int:
        """How many subscribe to a topic at the moment."""
        with self._lock:
            return len(self._waiting.get(topic, ()))

    async def subscribe(
        self, *topics: str, most: int | None = QUEUE_LENGTH
    ) -> AsyncGenerator[Notice, None]:
        """Notices of these topics from now on, in the order told, until the caller stops iterating.

        At most `most` wait for the subscriber; None keeps all, for who is always quick.
        """
        entry: _Waiting = (asyncio.get_running_loop(), asyncio.Queue(most or 0))
        with self._lock:
            for topic in topics:
                self._waiting[topic].append(entry)
        try:
            while True:
                yield await entry[1].get()
        finally:
            with self._lock:
                for topic in topics:
                    self._waiting[topic].remove(entry)


def _offer(queue: asyncio.Queue[Notice], notice: Notice) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(notice)
