"""Notices inside the service: who waits for a revision or an import's progress is told.

Publishing never blocks and may happen in any thread. A subscriber that is too slow loses the
oldest events, never the newest.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Final

QUEUE_LENGTH: Final = 256


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


Notice = RevisionChanged | ImportProgress
_Waiting = tuple[asyncio.AbstractEventLoop, "asyncio.Queue[Notice]"]


class Notices:
    """Topics with any number of subscribers."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[_Waiting]] = defaultdict(list)
        self._lock = Lock()

    def publish(self, topic: str, event: Notice) -> None:
        """Tell all who wait on a topic; from any thread."""
        with self._lock:
            waiting = list(self._waiting.get(topic, ()))
        for loop, queue in waiting:
            with suppress(RuntimeError):  # the subscriber's loop has just closed
                loop.call_soon_threadsafe(_offer, queue, event)

    async def subscribe(self, topic: str) -> AsyncIterator[Notice]:
        """Notices of a topic from now on, until the caller stops iterating."""
        entry: _Waiting = (asyncio.get_running_loop(), asyncio.Queue(QUEUE_LENGTH))
        with self._lock:
            self._waiting[topic].append(entry)
        try:
            while True:
                yield await entry[1].get()
        finally:
            with self._lock:
                self._waiting[topic].remove(entry)


def _offer(queue: asyncio.Queue[Notice], event: Notice) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(event)
