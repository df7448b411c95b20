"""What else happened around that moment, near that place in the grid: ranked by surprise.

Around an entry of the timeline there are others: in time before and after it, in the graph
upstream, downstream, connected, in the same container, behind the same gateway. Most of them are
routine. They are ranked by how surprising it is that so many of their kind came so near: against
how many came there in a baseline before, as `domain.surprise` reckons. A rare alarm that came at
the same time outranks a hundred routine messages.

Rates are compared like with like: for each kind of event within each class of nearness, which is
the relation and, where the network was walked, the hops (itself, 1 to 2, 3 to 5, 6 and more). The
window begins and ends so long before and after the start of the entry; the baseline ends where
the window begins, so that nothing is compared with itself, and begins no earlier than the first
event there is.

The nearest 2,000 elements and the first 1,000 entries of the window are considered.

The order is: surprise, then distance, then minutes apart, then the order of the timeline. An entry
that began before the window and lasts into it is listed with no surprise.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from graph_service.domain.access import Scope
from graph_service.domain.errors import InvalidCall
from graph_service.domain.events import Event, EventFilter, entry_id, position
from graph_service.domain.readings import MICROSECONDS_PER_DAY, Window, to_us
from graph_service.domain.scopes import Neighbourhood, Relation, ScopeQuestion
from graph_service.domain.surprise import expected_count, surprise
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.entries import Entries, Entry, EntryQuestion, event_filter, nearest
from graph_service.services.members import Members, Standing

HOPS: Final = 10
BASELINE_US: Final = 28 * MICROSECONDS_PER_DAY
LONGEST_US: Final = 366 * MICROSECONDS_PER_DAY
MOST_CONSIDERED: Final = 1_000
MOST_ELEMENTS: Final = 2_000

_WALKED: Final = frozenset(
    {Relation.START, Relation.DOWNSTREAM, Relation.UPSTREAM, Relation.CONNECTED}
)
_FAR: Final = (0, 2, 5)
"""The greatest number of hops of each class but the last."""

_FIRST_US: Final = to_us(datetime.min.replace(tzinfo=UTC))
_LAST_US: Final = to_us(datetime.max.replace(tzinfo=UTC))

Nearness = tuple[Relation, int]
"""A class of elements: a relation, and the class of its hops where the network was walked."""

Occurrence = tuple[str, Nearness]
"""A kind of event in a class of elements."""


@dataclass(frozen=True, slots=True)
class AroundQuestion:
    """What to look at around an entry.

    Attributes:
        entry: Its `entry_id`.
        before_us: How long before its start.
        after_us: How long after its start.
        scope: Which elements; None for the neighbourhood of its subjects.
        hops: How far the network is walked for the neighbourhood.
        baseline_us: How long before the window rates are taken from.
        known_us: As it was known then; None for now.
    """

    entry: str
    before_us: int
    after_us: int
    scope: ScopeQuestion | None = None
    hops: int = HOPS
    baseline_us: int = BASELINE_US
    known_us: int | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry of the neighbourhood with the figures that led to its rank.

    Attributes:
        entry: What happened, and how near.
        surprise: -ln of the probability of so many of its kind so near, or more; in nats.
        observed: How many of its kind began in the window in its class of nearness.
        expected: How many the baseline lets expect.
        before: How many began there in the baseline.
        minutes_apart: From the start of the entry asked about to its start; negative if before.
    """

    entry: Entry
    surprise: float
    observed: int
    expected: float
    before: int
    minutes_apart: float


@dataclass(frozen=True, slots=True)
class Around:
    """What happened around an entry, the most surprising first.

    Attributes:
        centre: The event asked about.
        window: Where entries were looked for.
        baseline: Where their rates come from.
        ranked: The entries.
        truncated: True where there were more elements or entries than are considered.
        asked: Which entries are of its surroundings; None where it is about no element.
    """

    centre: Event
    window: Window
    baseline: Window
    ranked: tuple[Ranked, ...]
    truncated: bool
    asked: EntryQuestion | None = None


class Surroundings:
    """Looks around entries.

    Args:
        store: where events are.
        entries: finds events and the elements they are about.
    """

    def __init__(self, store: TimelineStore, entries: Entries) -> None:
        self._store = store
        self._entries = entries

    def around(self, asked: AroundQuestion, scope: Scope) -> Around | None:
        """Rank what happened around an entry; None where there is none the caller may see.

        Raises:
            InvalidCall: no time to look at, more than a year, or a scope that means nothing.
        """
        _check(asked)
        centre = self._entries.event(asked.entry, scope, asked.known_us)
        if centre is None:
            return None
        window = _window(centre.start_us - asked.before_us, centre.start_us + asked.after_us)
        question = EntryQuestion(window, self._scope(asked, centre, scope), known_us=asked.known_us)
        members = self._entries.members(question, scope)
        if members is None or question.scope is None:
            return Around(centre, window, _before(window, asked.baseline_us, None), (), False)
        begun = self._store.events_available(
            EventFilter(None if scope.everything else members.subjects, known_us=asked.known_us)
        )
        baseline = _before(window, asked.baseline_us, begun)
        return self._ranked(centre, question, members.nearest(MOST_ELEMENTS), baseline)

    def _scope(self, asked: AroundQuestion, centre: Event, scope: Scope) -> ScopeQuestion | None:
        if asked.scope is not None:
            return asked.scope
        starts = self._entries.seen(centre.subjects, scope)
        return Neighbourhood(tuple(starts), asked.hops) if starts else None

    def _ranked(
        self, centre: Event, question: EntryQuestion, members: Members, baseline: Window
    ) -> Around:
        wanted, window = event_filter(question, members), question.window
        found = self._store.events(wanted, window, MOST_CONSIDERED + 2)
        others = [event for event in found if _name(event) != _name(centre)][:MOST_CONSIDERED]
        observed = _observed(others, members.standings, window)
        before = self._counted(wanted, members, observed, baseline)
        figures = _Figures(observed, before, window, baseline)
        entries = (Entry(event, nearest(event, members.standings)) for event in others)
        ranked = sorted((figures.of(entry, centre) for entry in entries), key=_order)
        truncated = members.truncated or len(others) == MOST_CONSIDERED
        return Around(centre, window, baseline, tuple(ranked), truncated, question)

    def _counted(
        self,
        wanted: EventFilter,
        members: Members,
        observed: Mapping[Occurrence, int],
        baseline: Window,
    ) -> Mapping[Occurrence, int]:
        """How many of what was observed began in the baseline: one call for each class."""
        keys: dict[Nearness, set[str]] = defaultdict(set)
        for key, standing in members.standings.items():
            keys[_nearness(standing)].add(key)
        kinds: dict[Nearness, set[str]] = defaultdict(set)
        for kind, near in observed:
            kinds[near].add(kind)
        counts: Counter[Occurrence] = Counter()
        for near in kinds:
            of_class = replace(wanted, subjects=frozenset(keys[near]), kinds=frozenset(kinds[near]))
            for counted in self._store.event_counts(of_class, baseline, _length(baseline)):
                counts[counted.kind, near] += counted.count
        return counts


@dataclass(frozen=True, slots=True)
class _Figures:
    """Counts of each kind and class, in the window and in the baseline."""

    observed: Mapping[Occurrence, int]
    before: Mapping[Occurrence, int]
    window: Window
    baseline: Window

    def of(self, entry: Entry, centre: Event) -> Ranked:
        event, standing = entry.event, entry.standing
        which = (event.kind, _nearness(standing)) if standing else None
        before = self.before.get(which, 0) if which else 0
        observed = self.observed.get(which, 0) if which else 0
        expected = expected_count(before, _length(self.baseline), _length(self.window))
        began = event.start_us >= self.window.start_us
        return Ranked(
            entry,
            surprise(observed, expected) if began else 0.0,
            observed,
            expected,
            before,
            (event.start_us - centre.start_us) / 60_000_000,
        )


def _observed(
    events: list[Event], standings: Mapping[str, Standing], window: Window
) -> Counter[Occurrence]:
    """How many of each kind began in each class; one about elements of two classes is in both,
    as it is in the baseline."""
    counts: Counter[Occurrence] = Counter()
    for event in events:
        if event.start_us >= window.start_us:
            near = {_nearness(standings[name]) for name in event.subjects if name in standings}
            counts.update((event.kind, one) for one in near)
    return counts


def _nearness(standing: Standing) -> Nearness:
    if standing.relation not in _WALKED:
        return standing.relation, 0
    far = sum(standing.distance > most for most in _FAR)
    return (standing.relation if far else Relation.START), far


def _before(window: Window, longest_us: int, available: tuple[int, int] | None) -> Window:
    """The baseline: up to the window, from the first event on, at least as long as the window."""
    start_us = window.start_us - longest_us
    if available is not None:
        start_us = max(start_us, available[0])
    return _window(min(start_us, window.start_us - _length(window)), window.start_us)


def _window(start_us: int, stop_us: int) -> Window:
    """A window within the calendar, at least a microsecond long."""
    stop_us = min(stop_us, _LAST_US)
    return Window(min(max(start_us, _FIRST_US), stop_us - 1), stop_us)


def _order(ranked: Ranked) -> tuple[float, int, float, object]:
    standing = ranked.entry.standing
    distance = standing.distance if standing else 0
    apart = abs(ranked.minutes_apart)
    return -round(ranked.surprise, 9), distance, apart, position(ranked.entry.event)


def _length(window: Window) -> int:
    return window.stop_us - window.start_us


def _name(event: Event) -> str:
    return entry_id(event.source, event.id)


def _check(asked: AroundQuestion) -> None:
    lengths = (asked.before_us + asked.after_us, asked.baseline_us)
    if asked.before_us < 0 or asked.after_us < 0 or not all(0 < n <= LONGEST_US for n in lengths):
        raise InvalidCall(
            "around an entry there must be some time, and no more than a year",
            hint='give before and after such as "PT1H", and a baseline such as "P28D"',
        )
