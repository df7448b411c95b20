"""How events in InfluxDB are found in the order of time.

A window is looked through in the order of time, some hundred points at a time, until the page is
full. Events that began before the window are looked for as far back as their span says.

Where many elements are asked about, events about whomever are looked at first: mostly they are few,
and reading them costs less than having the server choose by so many names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Final

from graph_service.adapters.influx import flux, influxql
from graph_service.adapters.influx.event_points import SPANS, Point, read_point
from graph_service.adapters.influx.lines import tag
from graph_service.adapters.influx.server import InfluxServer
from graph_service.adapters.timeline.event_versions import NEVER_US, Identity
from graph_service.domain.events import Event, EventFilter, EventSeverity, position
from graph_service.domain.readings import Window
from graph_service.domain.tables import event_kind

UNLIMITED: Final = 10_000_000
_PAGE: Final = 500
_MANY: Final = 20  # elements


class EventSearch:
    """Events that are wanted, in the order of time.

    Args:
        server: where they are.
        wanted: the filter.
        begun: when they began.
        reaching_us: those that end by then are not wanted either; NEVER_US for all that began.
        is_in: what else must hold.
    """

    def __init__(
        self,
        server: InfluxServer,
        wanted: EventFilter,
        begun: Window,
        reaching_us: int,
        is_in: Callable[[Event], bool],
    ):
        self._server = server
        self._wanted = wanted
        self._begun = begun
        self._reaching_us = reaching_us
        self._is_in = is_in

    def nearest(self, first: int, *, descending: bool) -> list[Event]:
        """The first of them."""
        found: dict[Identity, Event] = {}
        most = min(max(_PAGE, 2 * first), UNLIMITED)
        start_us, stop_us = self._begun.start_us, self._begun.stop_us
        if self._wanted.subjects is not None and len(self._wanted.subjects) > _MANY:
            points = self._points(start_us, stop_us, _PAGE, descending=descending, of_all=True)
            if len(points) < _PAGE:
                return self._in_order(self._events(points), first, descending=descending)
        while start_us < stop_us:
            points = self._points(start_us, stop_us, most, descending=descending)
            whole = len(points) < most
            if not whole:
                edge_us = points[-1].said[2]
                points = [point for point in points if point.said[2] != edge_us]
                if not points:
                    most *= 4  # more of them begin in one microsecond
                    continue
                start_us, stop_us = (start_us, edge_us + 1) if descending else (edge_us, stop_us)
            found |= self._events(points)
            if whole or len(found) >= first:
                break
        return self._in_order(found, first, descending=descending)

    @staticmethod
    def _in_order(found: dict[Identity, Event], first: int, *, descending: bool) -> list[Event]:
        return sorted(found.values(), key=position, reverse=descending)[:first]

    def _events(self, points: Iterable[Point]) -> dict[Identity, Event]:
        wanted = self._wanted
        events = (point.event() for point in points if point.holds(wanted.known_us))
        return {
            (event.source, event.id): event
            for event in events
            if (wanted.subjects is None or not wanted.subjects.isdisjoint(event.subjects))
            and self._is_in(event)
        }

    def _points(
        self, start_us: int, stop_us: int, most: int, *, descending: bool, of_all: bool = False
    ) -> list[Point]:
        """The first points; with `of_all` whoever they are about."""
        of_all |= self._wanted.subjects is None
        name = "events" if of_all else "event_about"
        questions = [
            influxql.in_order("event", name, *part, most, descending=descending)
            for part in self._parts(start_us, stop_us, of_all=of_all)
        ]
        answers = self._server.ask_ql(*questions) if questions else []
        rows = [row for answer in answers for one in answer for row in one["values"]]
        rows.sort(key=itemgetter(0), reverse=descending)
        return [read_point(text) for _, text in rows[:most]]

    def _parts(
        self, start_us: int, stop_us: int, *, of_all: bool
    ) -> Iterator[tuple[tuple[int, int], dict[str, str]]]:
        wanted = self._wanted
        if wanted.kinds is not None and not wanted.kinds:
            return
        if wanted.subjects is not None and not wanted.subjects - {""}:
            return
        severities = [one.name for one in EventSeverity if one >= wanted.min_severity]
        tags = {"severity": flux.any_of(severities)}
        if wanted.kinds is not None:
            tags["kind"] = flux.any_of(map(tag, wanted.kinds))
        if wanted.subjects is not None and not of_all:
            tags["element"] = flux.any_of(tag(one) for one in wanted.subjects if one)
        if self._reaching_us == NEVER_US:
            yield (start_us * 1000, stop_us * 1000), tags
            return
        for span, lasts_us in SPANS.items():
            begun_us = max(start_us, self._reaching_us - lasts_us)
            if begun_us < stop_us:
                yield (begun_us * 1000, stop_us * 1000), tags | {"span": flux.any_of([span])}


def overlaps(event: Event, window: Window) -> bool:
    """Tell whether an event has a part in a window."""
    if event.start_us >= window.start_us:
        return event.start_us < window.stop_us
    if event.end_us is not None:
        return event.end_us > window.start_us
    row = event_kind(event.kind)
    return row is not None and row.lasts
