"""Leaving: a process that is asked to end goes on answering for a while before it does.

On SIGTERM `/ready` says at once that this process leaves, so that a proxy sends nothing more to it;
answers ask to close their connection, event streams end, and after the drain time the server stops
listening, finishes what it is answering, and closes WebSockets with 1012, "service restart".
"""

from __future__ import annotations

import asyncio
import signal
import threading
from typing import Any


class Leaving:
    """Whether this process is about to end.

    Args:
        drain_s: how long it goes on answering after SIGTERM.
    """

    def __init__(self, drain_s: float = 0.0) -> None:
        self._drain_s = drain_s
        self._begun = asyncio.Event()

    @property
    def begun(self) -> bool:
        """Whether it was asked to end."""
        return self._begun.is_set()

    def begin(self) -> None:
        """Leave; called on the event loop."""
        self._begun.set()

    async def wait(self) -> None:
        """Return when the process was asked to end."""
        await self._begun.wait()

    def heed_signals(self) -> None:
        """Stand before whoever handles SIGTERM now; only where signals are handled at all."""
        if threading.current_thread() is not threading.main_thread():
            return
        then: Any = signal.getsignal(signal.SIGTERM)
        loop = asyncio.get_running_loop()

        def end(number: int, frame: object) -> None:
            if callable(then):
                then(number, frame)

        def drain(number: int, frame: object) -> None:
            loop.call_soon_threadsafe(self.begin)
            loop.call_soon_threadsafe(loop.call_later, self._drain_s, end, number, None)

        if callable(then):
            signal.signal(signal.SIGTERM, drain)
