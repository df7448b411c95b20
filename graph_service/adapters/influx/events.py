"""Events in InfluxDB: how they get in, are found in order, counted, renamed and forgotten.

Guarantees: an event, with all its versions, is written in one request; the same event again changes
nothing. See `event_points.py` for what stands where, `event_search.py` for how it is found,
`event_histories.py` for how all that is known of an event is read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Final, TypeVar

from graph_service.adapters.influx import flux, marks
from graph_service.adapters.influx.arrivals import InfluxArrivals
from graph_service.adapters.influx.event_histories import Histories
from graph_service.adapters.influx.event_points import (
    HASHES,
    History,
    Kept,
    Names,
    event_of,
    hash_of,
    history_lines,
    lines,
    read_point,
    read_record,
    record_line,
)
from graph_service.adapters.influx.event_search import UNLIMITED, EventSearch, overlaps
from graph_service.adapters.influx.lines import tag
from graph_service.adapters.influx.refusals import send_all
from graph_service.adapters.influx.remembered import Remembered, named
from graph_service.adapters.influx.series import Stamps
from graph_service.adapters.influx.server import InfluxServer
from graph_service.adapters.influx.tables import times_of
from graph_service.adapters.influx.turns import Turn
from graph_service.adapters.timeline.arrivals import of_events
from graph_service.adapters.timeline.event_versions import (
    NEVER_US,
    Became,
    Content,
    Identity,
    Version,
    learn,
    why_rejected,
)
from graph_service.domain.events import (
    Event,
    EventCount,
    EventFilter,
    EventHistories,
    EventPosition,
    EventsResult,
    position,
)
from graph_service.domain.readings import Window

_OUT_OF_REACH: Final = "the start is outside of the years 1678 to 2261, which InfluxDB can keep"

_T = TypeVar("_T")


class InfluxEvents:
    """The events of one bucket; the methods of `TimelineStore` without their `events_`."""

    def __init__(
        self, server: InfluxServer, arrivals: InfluxArrivals, turn: Turn, remembered: Remembered
    ):
        self._server = server
        self._remembered = remembered
        self._arrivals = arrivals
        self._stamps = Stamps(server, "events")
        self._histories = Histories(server, self._stamps)
        self._turn = turn

    def append(self, events: Iterable[Event]) -> EventsResult:
        """Keep events."""
        good, rejected = _checked(events)
        became: Counter[Became] = Counter()
        if good:
            with self._turn.alone():
                became = self._keep(good)
            self._arrivals.leave(self._stamps.followed_until, lambda: of_events(good))
        return EventsResult(
            became[Became.STORED], became[Became.DUPLICATE], became[Became.CORRECTED], rejected
        )

    def find(
        self,
        wanted: EventFilter,
        window: Window,
        first: int,
        after: EventPosition | None,
        descending: bool,
    ) -> list[Event]:
        """Events that overlap the window, in order."""
        if first < 1:
            return []
        how = (window, first, after, descending)
        return self._answer(("events", *how), wanted, window, lambda: self._find(wanted, *how))

    def _find(
        self,
        wanted: EventFilter,
        window: Window,
        first: int,
        after: EventPosition | None,
        descending: bool,
    ) -> list[Event]:
        def is_in(event: Event) -> bool:
            if after is not None:
                place = position(event)
                if place >= after if descending else place <= after:
                    return False
            return overlaps(event, window)

        begun = Window(flux.FIRST_US, min(window.stop_us, flux.END_US))
        if after is not None and descending:
            begun = Window(flux.FIRST_US, min(begun.stop_us, after.start_us + 1))
        elif after is not None:
            if after.start_us >= begun.stop_us:
                return []
            begun = Window(max(flux.FIRST_US, after.start_us), begun.stop_us)
        search = EventSearch(self._server, wanted, begun, window.start_us, is_in)
        return search.nearest(first, descending=descending)

    def get(self, source: str, id: str, known_us: int | None) -> Event | None:
        """One event, its newest version."""
        names = Names()
        histories = self._histories.records([hash_of((source, id))], names)
        at = NEVER_US if known_us is None else known_us
        versions = [
            kept.version
            for record in histories.values()
            for kept in record.get((source, id), [])
            if kept.version.known_us <= at
        ]
        return event_of(source, id, names.said(versions[-1])) if versions else None

    def counts(self, wanted: EventFilter, window: Window, every_us: int) -> list[EventCount]:
        """How many events began in each interval, by kind and severity."""
        asked = ("counts", window, every_us)
        return self._answer(asked, wanted, window, lambda: self._counts(wanted, window, every_us))

    def _counts(self, wanted: EventFilter, window: Window, every_us: int) -> list[EventCount]:
        counted = Counter(
            ((one.start_us - window.start_us) // every_us, one.kind, one.severity)
            for one in self._begun(wanted, window)
        )
        return [
            EventCount(window.start_us + at * every_us, kind, severity, count)
            for (at, kind, severity), count in sorted(counted.items())
        ]

    def available(self, wanted: EventFilter) -> tuple[int, int] | None:
        """First start and the one just past the last."""
        ends = [
            event.start_us
            for descending in (False, True)
            for event in self.find(wanted, flux.ALWAYS, 1, None, descending)
        ]
        return (ends[0], ends[1] + 1) if ends else None

    def histories(self, first: int, after: str | None) -> EventHistories:
        """All versions of some events, in the order in which their histories stand."""
        begun = 0 if after is None else int(after) + 1
        question = flux.in_order(
            "history", "event_history", [((begun, HASHES), {})], first, descending=False
        )
        names, versions, places = Names(), list[Event](), list[int]()
        for table in self._server.ask(question) if begun < HASHES else ():
            places += times_of(table["_time"], "ns").tolist()
            for text in table["_value"]:
                for identity, history in read_record(text, names).items():
                    versions += [event_of(*identity, names.said(kept.version)) for kept in history]
        end = str(places[-1]) if len(places) == first else None
        return EventHistories(tuple(versions), end)

    def forget(self, kinds: frozenset[str], before_us: int, *, dry_run: bool = False) -> int:
        """Take events of these kinds that began before a time away; gives how many."""
        window = Window(flux.FIRST_US, max(before_us, flux.FIRST_US + 1))
        if dry_run:
            return len(self._begun(EventFilter(kinds=kinds), window))
        with self._turn.alone():
            doomed = self._begun(EventFilter(kinds=kinds), window)
            self._take({(event.source, event.id) for event in doomed}, kinds, window)
        return len(doomed)

    def rename_subject(self, old: str, new: str) -> None:
        """Give copies of the events of one element to another.

        The points of the old one stay; whoever asks takes them away.
        """
        with self._turn.alone():
            names = Names()
            touched = self._identities("event_about", {"element": flux.any_of([tag(old)])})
            histories = self._histories.of(touched, names)
            number, heir = names.number(old), names.number(new)
            renamed = {
                identity: [_given(kept, number, heir) for kept in history]
                for identity, history in histories.items()
            }
            self._put(renamed, {}, names)

    # --- in --------------------------------------------------------------------------------------

    def _keep(self, events: Sequence[Event]) -> Counter[Became]:
        names = Names()
        before = self._histories.of({(event.source, event.id) for event in events}, names)
        now = {at: [kept.version for kept in history] for at, history in before.items()}
        became: Counter[Became] = Counter()
        for event in events:
            identity = (event.source, event.id)
            now[identity], what = learn(now.get(identity, []), names.version(event))
            became[what] += 1
        numbers = self._numbers(now, before)
        histories = {at: _numbered(now[at], before.get(at, []), numbers) for at in now}
        self._put(histories, before, names)  # also what is known: see `InfluxReadings._store`
        return became

    def _put(
        self,
        histories: Mapping[Identity, History],
        before: Mapping[Identity, History],
        names: Names,
    ) -> None:
        """Write whole histories, and say of versions that are not in them that they never held."""
        if not histories:
            return
        hashes = {hash_of(identity) for identity in histories}
        shared = self._histories.records(self._histories.known(hashes), names)
        written = [self._stamps.next_line()]
        for identity, history in histories.items():
            shared.setdefault(hash_of(identity), {})[identity] = history
            written += history_lines(identity, history, names)
            places = {(kept.version.content, kept.number) for kept in history}
            for kept in before.get(identity, []):
                if (kept.version.content, kept.number) not in places:
                    written += lines(identity, kept, kept.version.known_us, names)
        written += [record_line(hash, shared[hash], names) for hash in hashes]
        contents = {
            kept.version.content
            for known in (histories, before)
            for history in known.values()
            for kept in history
        }
        try:
            with self._remembered.writing(lambda: marks.of_events(contents)):
                send_all(self._server, [*marks.of_events(contents), *written])
        except BaseException:
            self._histories.forget()
            raise
        self._histories.written(hashes)

    def _numbers(
        self, changed: Mapping[Identity, Sequence[Version]], before: Mapping[Identity, History]
    ) -> Counter[int]:
        """How many versions begin at each microsecond already, of those that matter."""
        known = {kept.version.content for history in before.values() for kept in history}
        starts = {
            version.content.start_us
            for versions in changed.values()
            for version in versions
            if version.content not in known
        }
        numbers: Counter[int] = Counter()
        if starts:
            stretch = flux.stretch_of(Window(min(starts), max(starts) + 1))
            for table in self._server.ask(flux.rows(["known_us"], "events", stretch)):
                lanes = table.columns.get("lane", [""] * len(table))
                for ns, lane in zip(times_of(table["_time"], "ns").tolist(), lanes, strict=True):
                    start_us, number = ns // 1000, ns % 1000 + 1000 * int(lane or 0)
                    numbers[start_us] = max(numbers[start_us], number + 1)
        return numbers

    def _take(self, doomed: set[Identity], kinds: frozenset[str], window: Window) -> None:
        """Take events away: their histories, and all points of these kinds within the window.

        What others had there (versions that held once) is written again.
        """
        names = Names()
        stretch = flux.stretch_of(window)
        kind = {"kind": flux.any_of(map(tag, kinds))} if kinds else {}
        there = self._identities("events", kind, stretch) if kinds else set()
        histories = self._histories.of(there | doomed, names)
        gone = {at: history for at, history in histories.items() if at in doomed}
        self._put({identity: [] for identity in gone}, gone, names)
        for name in kinds:
            for measurement in ("events", "event_about"):
                predicate = (
                    f"_measurement={flux.literal(measurement)} AND kind={flux.literal(tag(name))}"
                )
                self._server.delete(predicate, stretch)
        self._put({at: histories[at] for at in there - doomed}, {}, names)
        send_all(self._server, marks.of_all([]))

    # --- out -------------------------------------------------------------------------------------

    def _answer(
        self,
        asked: tuple[Hashable, ...],
        wanted: EventFilter,
        window: Window,
        find: Callable[[], list[_T]],
    ) -> list[_T]:
        """What is found, or remembered."""
        about = None if wanted.subjects is None else named(sorted(wanted.subjects))
        which = (about, wanted.kinds, wanted.min_severity, wanted.known_us)
        question = marks.on_events(window)
        return [*self._remembered.answer(question, (*asked, which), find, _size)]

    def _begun(self, wanted: EventFilter, window: Window) -> list[Event]:
        """All events that began within a window."""
        begun = Window(
            max(window.start_us, flux.FIRST_US),
            max(min(window.stop_us, flux.END_US), flux.FIRST_US + 1),
        )
        search = EventSearch(self._server, wanted, begun, NEVER_US, lambda _: True)
        return search.nearest(UNLIMITED, descending=False)

    def _identities(
        self,
        measurement: str,
        tags: dict[str, str],
        stretch: tuple[int, int] = flux.stretch_of(flux.ALWAYS),
    ) -> set[Identity]:
        tables = self._server.ask(flux.rows(["event"], measurement, stretch, **tags))
        points = [read_point(text) for table in tables for text in table["_value"]]
        return {(point.source, point.id) for point in points}


def _size(found: Sequence[object]) -> int:
    """Of events, in values."""
    return 30 * len(found)


def _checked(events: Iterable[Event]) -> tuple[list[Event], tuple[tuple[str, str, str], ...]]:
    good, rejected = [], []
    for event in events:
        reason = why_rejected(event)
        if not reason and not flux.FIRST_US <= event.start_us < flux.END_US:
            reason = _OUT_OF_REACH
        if reason:
            rejected.append((event.source, event.id, reason))
        else:
            good.append(event)
    return good, tuple(rejected)


def _numbered(versions: Sequence[Version], before: History, numbers: Counter[int]) -> History:
    """Versions with their numbers: those they had, or the next of their start."""
    had: dict[Content, list[int]] = defaultdict(list)
    for kept in before:
        had[kept.version.content].append(kept.number)
    history = []
    for version in versions:
        own = had[version.content]
        start_us = version.content.start_us
        history.append(Kept(version, own.pop(0) if own else numbers[start_us]))
        numbers[start_us] = max(numbers[start_us], history[-1].number + 1)
    return history


def _given(kept: Kept, number: int, heir: int) -> Kept:
    content = kept.version.content
    subjects = dict.fromkeys(heir if one == number else one for one in content.subjects)
    return kept._replace(
        version=kept.version._replace(content=content._replace(subjects=tuple(subjects)))
    )
