"""The graph in memory (the projection): of which revision it is, and how it comes to a newer one.

It belongs to one revision and is swapped whole when the store has a newer one, also when another
process wrote it. Readers that hold the older one go on.

While the stores are followed (`following.py`) nobody asks which revision is the newest: what is
known is never older than what was told to anybody. Where the store is away then, the graph in
memory goes on answering.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Final

from graph_service.domain.errors import RevisionNotReached, StoreUnavailable
from graph_service.ports.graph_store import GraphStore
from graph_service.services import projection_cache
from graph_service.topology.projection import Projection

_ASK_AGAIN_S: Final = 0.05


class InMemory:
    """The graph of one store in memory.

    Attributes:
        followed: Whether somebody takes new revisions in as they come.
        known: The newest revision that was told to anybody.
        current: The graph in memory as it is; None before the first question.
    """

    def __init__(self, graph: GraphStore, cache: Path | None) -> None:
        self.followed = False
        self.known = 0
        self.current: Projection | None = None
        self._graph = graph
        self._cache = cache
        self._building = Lock()
        self._knowing = Lock()

    def revision(self) -> int:
        """The newest revision, asked of the store; the newest known where that is away."""
        try:
            self.know(self._graph.revision())
        except StoreUnavailable:
            if not self.followed:
                raise
        return self.known

    def newest(self) -> int:
        """The newest revision that is known; asked of the store where nobody follows it."""
        return self.known if self.followed else self.revision()

    def know(self, revision: int) -> None:
        """Note a revision that there is."""
        with self._knowing:
            self.known = max(self.known, revision)

    def projection(self) -> Projection:
        """The graph at the newest revision; at an older one only where the store is away."""
        return self.at_least(self.newest())

    def at_least(self, revision: int) -> Projection:
        """The graph at a revision or a newer one, as `projection`."""
        current = self.current
        if current is not None and current.revision >= revision:
            return current
        with self._building:
            current = self.current
            if current is None or current.revision < revision:
                try:
                    current = self._build(revision)
                except StoreUnavailable:
                    if current is None or not self.followed:
                        raise
                    return current
                self.know(current.revision)  # before anybody is answered from it
                self.current = current
        return current

    def catch_up(self, revision: int, within_s: float) -> int:
        """Come to a revision that a caller has been told of; gives the one that is known then.

        A caller who was told of it by a store that has been replaced since waits in vain.

        Raises:
            RevisionNotReached: it did not come in time.
        """
        deadline = time.monotonic() + within_s
        while self.revision() < revision or self.projection().revision < revision:
            if time.monotonic() >= deadline:
                raise RevisionNotReached(revision, self.known)
            time.sleep(_ASK_AGAIN_S)
        return self.known

    def move(self, states: Mapping[int, int], revision: int, ahead: Callable[[], None]) -> None:
        """Take new states of elements in, where they are all that a revision changed.

        `ahead` is done before the revision is known to anybody.
        """
        with self._building:
            current = self.current
            if current is not None and current.revision == revision - 1:
                ahead()
                self.know(revision)  # before anybody is answered from it
                self.current = current.with_states(states, revision=revision)

    def _build(self, revision: int) -> Projection:
        kept = projection_cache.load(self._cache, revision) if self._cache else None
        if kept is not None:
            return kept
        projection = Projection.build(self._graph.scan())
        if self._cache:
            projection_cache.save(self._cache, projection)
        return projection
