"""Whose turn it is to write into a bucket: one thread of this process, and one process of all.

InfluxDB has no transaction and no compare-and-set: of two processes that read what stands there and
write again what follows from it, the second would write over what it has not seen. So corrections,
events and all that takes something away are written `alone`, which asks something outside InfluxDB
to keep others off; values that are newer than all else of their series are written `here`, which
does not.

Limits: a process whose way to that other thing breaks while it writes is not kept apart any more
until that write has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import RLock

Alone = Callable[[], AbstractContextManager[None]]
"""Gives a block that only one process is in at a time."""


class Turn:
    """Turns of one store; a block within a block of the same thread is part of it.

    Args:
        alone: keeps other processes off.
    """

    def __init__(self, alone: Alone):
        self._alone = alone
        self._here = RLock()
        self._depth = 0

    @contextmanager
    def here(self) -> Iterator[None]:
        """No other thread of this store is in such a block."""
        with self._here:
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else is in such a block.

        Raises:
            StoreError: others could not be kept off.
        """
        with self._here, nullcontext() if self._depth else self._alone():
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
