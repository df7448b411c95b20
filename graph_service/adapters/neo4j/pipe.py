"""Work done in the order told, by a thread of its own, while the next is made.

So the server works on one batch, we on the next. Limit: one thread tells.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Queue
from typing import Final, LiteralString

_WAITING: Final = 3
"""Batches that are made ahead."""


class Pipe:
    """Does what it is told, `work`, one after another; after a failure nothing more is done."""

    def __init__(self, work: Callable[..., None]):
        self._work = work
        self._told: Queue[tuple[LiteralString, dict[str, object]] | None] = Queue(_WAITING)
        self._worker: threading.Thread | None = None
        self._is_ended = False
        self._failed: BaseException | None = None

    def do(self, query: LiteralString, **values: object) -> None:
        """Have something done soon; what failed meanwhile is raised here."""
        self._complain()
        if self._worker is None:
            self._worker = threading.Thread(
                target=self._run, name="gridstrata-neo4j-pipe", daemon=True
            )
            self._worker.start()
        self._told.put((query, values))

    def settle(self) -> None:
        """Wait until all is done that was told, and raise what failed."""
        if self._worker is not None:
            self._told.join()
        self._complain()

    def end(self) -> None:
        """Leave undone what is not begun, and wait for the rest."""
        self._is_ended = True
        if self._worker is not None:
            self._told.put(None)
            self._worker.join()

    def _run(self) -> None:
        while (told := self._told.get()) is not None:
            if self._failed is None and not self._is_ended:
                try:
                    self._work(told[0], **told[1])
                except BaseException as error:
                    self._failed = error
            self._told.task_done()

    def _complain(self) -> None:
        if self._failed is not None:
            raise self._failed
