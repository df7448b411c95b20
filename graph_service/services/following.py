"""Following what other processes write: new revisions of the graph, arrivals in the timeline.

While a service serves, each store is looked at a few times a second, in a thread of its own. A new
revision is taken into the graph in memory before anybody is told of it, so that nobody waits for
that; arrivals are told to who watches, after the revisions that came before them.

The same looks tell how the stores do: see `health.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from typing import Final

from graph_service.domain.errors import StoreBusy, StoreError, StoreUnavailable
from graph_service.domain.readings import to_us
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.health import Health
from graph_service.services.network import Network
from graph_service.services.notices import (
    REVISIONS_TOPIC,
    TIMELINE_TOPIC,
    Notices,
    RevisionChanged,
    TimelineAppended,
)

EVERY_S: Final = 0.25
_HEED_FOR_S: Final = 60.0
_HEED_AGAIN_AFTER_S: Final = 20.0

log = logging.getLogger("gridstrata.following")


class Following:
    """Keeps a house up with its stores.

    Args:
        graph: looked at for revisions; not a guarded one.
        timeline: looked at for arrivals; not a guarded one.
        network: takes new revisions in.
        notices: told of revisions and arrivals.
        health: how the graph does, and the timeline.
        on_return: called when the timeline answers that was away.
    """

    def __init__(
        self,
        graph: GraphStore,
        timeline: TimelineStore,
        network: Network,
        notices: Notices,
        health: tuple[Health, Health],
        on_return: Callable[[], None] = lambda: None,
    ) -> None:
        self._graph = graph
        self._timeline = timeline
        self._network = network
        self._notices = notices
        self._on_return = on_return
        self.graph_health, self.timeline_health = health
        self._ended = Event()
        self._heeding = Lock()
        self._heeded_at_us = 0

    @contextmanager
    def running(self, every_s: float = EVERY_S) -> Iterator[None]:
        """Follow as long as the block lasts; the stores are as new as can be when it begins."""
        self._ended.clear()
        looks = ((self.graph_health, self._revisions), (self.timeline_health, self._arrivals))
        for health, look in looks:
            self._look(health, look)
        self._network.followed = True
        threads = [
            Thread(target=self._go_on, args=(*look, every_s), name="following", daemon=True)
            for look in looks
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._network.followed = False
            self._ended.set()
            for thread in threads:
                thread.join(every_s + 1)  # one that hangs ends with the process

    def heed(self) -> None:
        """See to it that arrivals of others are told from now on; for who begins to watch.

        Raises:
            StoreError: the timeline cannot be asked for that.
        """
        if self._network.followed:
            self.timeline_health.require()
            self._heed()

    def _heed(self) -> None:
        with self._heeding:
            now_us = to_us(datetime.now(UTC))
            if now_us - self._heeded_at_us > _HEED_AGAIN_AFTER_S * 1e6:
                self._timeline.follow(now_us + int(_HEED_FOR_S * 1e6))
                self._heeded_at_us = now_us

    def _go_on(self, health: Health, look: Callable[[], None], every_s: float) -> None:
        while not self._ended.wait(every_s):
            self._look(health, look)

    def _look(self, health: Health, look: Callable[[], None]) -> None:
        was_away = health.away
        health.looking()
        try:
            look()
            health.answered()
            if was_away:
                log.warning("the %s store answers again", health.name)
                if health is self.timeline_health:
                    self._on_return()
        except StoreError as error:
            _note(health, error)

    def _revisions(self) -> None:
        revision = self._graph.revision()
        self._network.take_in(revision)
        self._notices.publish(REVISIONS_TOPIC, RevisionChanged(revision))

    def _arrivals(self) -> None:
        if self._notices.heard(TIMELINE_TOPIC):
            self._heed()
        arrived = self._timeline.arrivals()
        if arrived and self.graph_health.away is None:
            self._revisions()
        for arrival in arrived:
            told = TimelineAppended(arrival.readings, arrival.events, arrival.reopened)
            self._notices.publish(TIMELINE_TOPIC, told)


def _note(health: Health, error: StoreError) -> None:
    """A look failed: a store that is not just busy is away."""
    if not isinstance(error, (StoreUnavailable, StoreBusy)):
        error = StoreUnavailable(error.message, subject=error.subject, hint=error.hint)
    health.failed(error)
    health.given_up()
