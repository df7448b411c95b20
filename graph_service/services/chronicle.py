"""The service's own deeds in the timeline: switching, imports, what was taken back, forecasts.

Whatever changes the graph is written down as an event too, so that the timeline holds everything
that happened, in one order, with two clocks. A process may be killed between the change and its
event; the change stays, and `catch_up` writes the event when a service starts again. Where the
timeline is away the change stays as well, and its event waits here until it answers (`settle`).

Events of the service have the source `gridstrata` and are named after their revision, so that
writing one twice changes nothing.
"""

from __future__ import annotations

import logging
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from graph_service.domain.elements import Element, Revision
from graph_service.domain.errors import StoreError
from graph_service.domain.events import Event
from graph_service.domain.forecasts import Forecast
from graph_service.domain.readings import from_us, to_us
from graph_service.ports.exchange import ImportReport
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.notices import TIMELINE_TOPIC, Notices, TimelineAppended

SOURCE: Final = "gridstrata"

MOST_CAUGHT_UP: Final = 1_000
log = logging.getLogger("gridstrata.chronicle")

_YOUNG: Final = timedelta(minutes=1)
"""A revision as young as this may have its event on the way, from another process."""


class Chronicle:
    """Writes down what the service did.

    Args:
        store: where events and forecasts go.
        notices: tells those who watch.
    """

    def __init__(self, store: TimelineStore, notices: Notices) -> None:
        self._store = store
        self._notices = notices
        self._waiting: deque[Event] = deque()

    def switched(self, switch: Element, revision: int, author: str, *, is_open: bool) -> None:
        """A switch was opened or closed."""
        done = "opened" if is_open else "closed"
        text = f"{switch.kind} {switch.name or switch.mrid} {done} by {author}"
        self._write("SWITCHING", revision, text, (str(switch.key),))

    def imported(self, report: ImportReport, author: str) -> None:
        """A delivery landed."""
        files, objects = _counted(len(report.files), "file"), _counted(report.objects, "object")
        text = f"{author} imported {files} with {objects} into {report.model_set}"
        self._write("IMPORT", report.revision, text)

    def undone(self, revision: Revision) -> None:
        """A revision was taken back."""
        text = f"{revision.author} took revision {revision.undoes} back: {revision.message}"
        self._write(_kind(revision), revision.number, text)

    def issued(self, forecasts: Sequence[Forecast]) -> int:
        """Keep forecasts, and one event for all that a model issued at one time of one quantity.

        Returns:
            how many issues were new.
        """
        new = self._store.append_forecasts(forecasts)
        together: dict[tuple[str, str, int], list[str]] = defaultdict(list)
        for forecast in forecasts:
            _, quantity, source = forecast.key
            together[source, quantity, forecast.issued_us].append(forecast.key.element)
        self._append([_issue(*which, about) for which, about in together.items()])
        return new

    def told(self, event: Event) -> None:
        """Keep what a model says of something that happened."""
        self._append([event])

    def settle(self) -> None:
        """Write down what could not be written when it happened, where that can be done now."""
        while self._waiting:
            event = self._waiting[0]
            try:
                self._append([event])
            except StoreError as error:
                log.warning("%s; what was done is written down later", error.message)
                return
            with suppress(ValueError):  # another thread has done it, too
                self._waiting.remove(event)

    def catch_up(self, revisions: Iterable[Revision]) -> int:
        """Write down revisions that have no event; gives how many.

        Args:
            revisions: the newest first; read no further than to one that has an event, nor
                further than `MOST_CAUGHT_UP`.
        """
        missing: list[Event] = []
        for revision in islice(revisions, MOST_CAUGHT_UP):
            if datetime.now(UTC) - revision.at < _YOUNG:
                continue
            if self._store.event(SOURCE, _id(revision.number)) is not None:
                break
            missing.append(_found(revision))
        if missing:
            self._store.append_events(missing)
        return len(missing)

    def _write(self, kind: str, revision: int, text: str, subjects: tuple[str, ...] = ()) -> None:
        now_us = to_us(datetime.now(UTC))
        event = Event(SOURCE, _id(revision), kind, now_us, now_us, text, subjects=subjects)
        self._waiting.append(event)
        self.settle()

    def _append(self, events: Sequence[Event]) -> None:
        self._store.append_events(events)
        self._notices.publish(TIMELINE_TOPIC, TimelineAppended(events=tuple(events)))


def _id(revision: int) -> str:
    return f"revision-{revision}"


def _kind(revision: Revision) -> str:
    """Elements or links that came or went are another network, anything else is an edit."""
    made = revision.changes
    built = made.added or made.removed or made.links_added or made.links_removed
    return "TOPOLOGY_CHANGE" if built else "EDIT"


def _found(revision: Revision) -> Event:
    at_us = to_us(revision.at)
    text = f"{revision.author}: {revision.message}"
    return Event(SOURCE, _id(revision.number), _kind(revision), at_us, at_us, text)


def _issue(source: str, quantity: str, issued_us: int, elements: Sequence[str]) -> Event:
    """An issue is known when it is made, not when it is stored; so a second storing is the same."""
    of = _counted(len(set(elements)), "element")
    return Event(
        source=source,
        id=f"{quantity} {from_us(issued_us).isoformat()}",
        kind="FORECAST_RUN",
        start_us=issued_us,
        known_us=issued_us,
        text=f"{source} issued forecasts of {quantity} for {of}",
        subjects=tuple(sorted(set(elements))),
    )


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
