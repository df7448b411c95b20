"""Writing to Neo4j while the next rows are made: the server works on one batch, we on the next.

Limit: one transaction at a time, and nobody else may use it until the block of the pipe has ended.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from typing import Final, LiteralString

from graph_service.adapters.neo4j.driver import Queries

_WAITING: Final = 3
"""Batches that are made ahead."""


class Pipe:
    """Does what it is told in the order told, in a thread of its own."""

    def __init__(self, queries: Queries):
        self._queries = queries
        self._told: Queue[tuple[LiteralString, dict[str, object]] | None] = Queue(_WAITING)
        self._failed: BaseException | None = None

    def do(self, query: LiteralString, **values: object) -> None:
        """Have something done soon; what failed meanwhile is raised here."""
        if self._failed is not None:
            raise self._failed
        self._told.put((query, values))

    def work(self) -> None:
        """Do what is told until the end is told; after a failure nothing more is done."""
        while (told := self._told.get()) is not None:
            if self._failed is None:
                try:
                    self._queries.do(told[0], **told[1])
                except BaseException as error:
                    self._failed = error

    def end(self) -> None:
        """Tell the end."""
        self._told.put(None)

    def complain(self) -> None:
        """Raise what failed."""
        if self._failed is not None:
            raise self._failed


@contextmanager
def piped(queries: Queries) -> Iterator[Pipe]:
    """A pipe into a transaction; all is done, or raised, at the end of the block."""
    pipe = Pipe(queries)
    worker = threading.Thread(target=pipe.work, name="gridstrata-neo4j-pipe", daemon=True)
    worker.start()
    try:
        yield pipe
    finally:
        pipe.end()
        worker.join()
    pipe.complain()


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
