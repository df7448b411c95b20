"""No search for garbage during a write: what it makes lives to its end and holds no cycles."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_MANY: Final = 100_000
"""Objects that take longer to look through than a question may wait."""


class _Collector:
    """Counts who wants no garbage collected, and lets it go on as it was when nobody does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holding = 0
        self._was_on = False

    def hold(self) -> None:
        with self._lock:
            if not self._holding:
                self._was_on = gc.isenabled()
                gc.disable()
            self._holding += 1

    def release(self) -> None:
        with self._lock:
            self._holding -= 1
            if not self._holding and self._was_on:
                if gc.get_count()[0] > _MANY:
                    gc.freeze()
                    gc.unfreeze()  # all is old now: else all would be looked through here and now
                gc.enable()


_COLLECTOR: Final = _Collector()


@contextmanager
def collection_paused() -> Iterator[None]:
    """Let nobody look for cycles of garbage meanwhile.

    A large write makes millions of objects that all live to its end and hold no cycles; looking
    through them again and again takes a third of its time.
    """
    _COLLECTOR.hold()
    try:
        yield
    finally:
        _COLLECTOR.release()
