"""Whose turn it is to write into a bucket: one thread of this process, and one process of all.

InfluxDB has no transaction and no compare-and-set: of two processes that look what stands there and
write what follows from it, the second would write over what it has not seen. So something outside
InfluxDB keeps others off: from `values`, the short blocks that look and write readings, and from
`alone`, blocks that may take long (events, renaming, what takes something away).

How: asking for a turn costs some milliseconds, so the turn for `values` is kept for a moment after
a block, and who writes batch upon batch asks once for many. Others get theirs when the writer
pauses, and every half second when it does not. Among others who write, the moment is shorter.

Limits: a process whose way to that other thing breaks while it writes is not kept apart any more
until that write has ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from threading import Lock, RLock, Timer
from typing import Final

from graph_service.domain.errors import StoreError

Alone = Callable[[str], AbstractContextManager[None]]
"""Gives a block of a name that only one process is in at a time."""

_KEPT_S: Final = 0.1
"""How long a turn is kept for the next block of this process."""
_MOST_S: Final = 0.5
_AMONG_OTHERS_S: Final = 5.0
"""How long others who wrote are reckoned with: they find turns kept shorter, and a pause."""
_KEPT_AMONG_OTHERS_S: Final = 0.005
_PAUSE_S: Final = 0.006
"""How long others are let in after the longest turn; locks of files are looked at every 5 ms."""


def no_others(name: str) -> AbstractContextManager[None]:
    """What keeps other processes off where there are none."""
    return nullcontext()


class Turn:
    """Turns of one store; `alone` within `alone` of the same thread is part of it.

    A block of `values` may stand within one of `alone`, not the other way round.

    Args:
        alone: keeps other processes off.
    """

    def __init__(self, alone: Alone):
        self._alone = alone
        self._here = RLock()
        self._depth = 0
        self._values = _Kept(lambda: alone("values"))

    @contextmanager
    def values(self) -> Iterator[None]:
        """Nobody else looks where readings stand, to write what follows from it.

        Raises:
            StoreError: others could not be kept off.
        """
        with self._here, self._values.block():
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else is in such a block.

        Raises:
            StoreError: others could not be kept off.
        """
        with self._here, nullcontext() if self._depth else self._alone("timeline"):
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1

    def others_wrote(self) -> None:
        """Reckon with others for a while: that they write was seen within a block of `values`."""
        self._values.others_until_s = time.monotonic() + _AMONG_OTHERS_S

    def close(self) -> None:
        """Let others have their turn at once."""
        self._values.leave()


class _Kept:
    """A turn that outlasts its block for a moment, for the next one of this process."""

    def __init__(self, enter: Callable[[], AbstractContextManager[None]]):
        self._enter = enter
        self._lock = Lock()
        self._turn: ExitStack | None = None
        self._begun_s = 0.0
        self._until_s = 0.0
        self._next_s = 0.0
        self.others_until_s = 0.0

    @contextmanager
    def block(self) -> Iterator[None]:
        """A block within the turn, which is asked for where it is not there still."""
        with self._lock:
            if self._turn is None:
                self._begin()
            try:
                yield
            finally:
                self._end()

    def leave(self) -> None:
        """End the turn, unless a block goes on."""
        with self._lock:
            self._let_go()

    def _begin(self) -> None:
        time.sleep(max(0.0, self._next_s - time.monotonic()))
        turn = ExitStack()
        turn.enter_context(self._enter())
        self._turn, self._begun_s = turn, time.monotonic()

    def _end(self) -> None:
        now_s = time.monotonic()
        among_others = now_s < self.others_until_s
        if now_s - self._begun_s >= _MOST_S:
            self._let_go()
            self._next_s = now_s + _PAUSE_S * among_others
        else:
            self._leave_after(_KEPT_AMONG_OTHERS_S if among_others else _KEPT_S)

    def _leave_after(self, wait_s: float) -> None:
        self._until_s = time.monotonic() + wait_s
        timer = Timer(wait_s, self._leave_when_due)
        timer.daemon = True
        timer.start()

    def _leave_when_due(self) -> None:
        with self._lock:
            if self._turn and time.monotonic() >= self._until_s:
                self._let_go()

    def _let_go(self) -> None:
        turn, self._turn = self._turn, None
        if turn:
            with suppress(StoreError):  # it is over in any case, and what was written is there
                turn.close()
