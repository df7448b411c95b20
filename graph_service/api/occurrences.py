"""Occurrences in the schema: how many, by interval; and what is surprising around one of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import strawberry
from numpy.typing import NDArray

from graph_service.api.batching import in_thread
from graph_service.api.context import Context, Info
from graph_service.api.entries import TimelineEntry, available_of, show_entry
from graph_service.api.paging import check_first
from graph_service.api.scalars import IntArray, TimeArray, int_array, time_array
from graph_service.api.scopes import ScopeInput
from graph_service.api.series import TimeRange
from graph_service.api.vocabulary import EventKind, EventSeverity
from graph_service.domain.durations import parse_resolution
from graph_service.domain.readings import from_us
from graph_service.services import around, entries
from graph_service.services.entries import Entry


@strawberry.type(description="How many events of a kind began in each interval.")
class EventKindColumn:
    """A column of counts."""

    kind: EventKind
    counts: IntArray


@strawberry.type(description="How many events of a severity began in each interval.")
class EventSeverityColumn:
    """A column of counts."""

    severity: EventSeverity
    counts: IntArray


@strawberry.type(description="How many events began in each interval; columns equally long.")
class TimelineHistogram:
    """Counts; kinds and severities without an event are left out."""

    bucket: str
    zone: str | None
    times: TimeArray = strawberry.field(description="Where each interval begins.")
    total: IntArray
    by_kind: list[EventKindColumn]
    by_severity: list[EventSeverityColumn]
    truncated: bool = strawberry.field(
        description="True if the scope has more elements than could be asked for."
    )
    asked: strawberry.Private[entries.EntryQuestion]

    @strawberry.field(
        description="First and last start of all events of this question, whatever the window."
    )
    async def available_range(self, info: Info) -> TimeRange | None:
        """Asked of the store only when it is wanted."""
        return await available_of(info.context, self.asked)


@strawberry.type(description="An entry of the neighbourhood with the figures that led to its rank.")
class RankedEntry:
    """An entry, ranked."""

    entry: TimelineEntry
    surprise: float = strawberry.field(
        description="-ln of the probability of so many of its kind so near, or more: the Poisson "
        "surprise. 0 is routine, 3 comes once in 20 windows, 7 once in 1,000."
    )
    observed: int = strawberry.field(
        description="How many of its kind began in the window in its class of nearness."
    )
    expected: float = strawberry.field(
        description="How many the baseline lets expect: (baselineCount + 1) * window / baseline."
    )
    baseline_count: int = strawberry.field(description="How many began there in the baseline.")
    minutes_apart: float = strawberry.field(
        description="From the start of the entry asked about; negative if before."
    )


@strawberry.type(
    description="What happened around an entry, near it in the graph and in time; the most "
    "surprising first."
)
class Around:
    """An entry's surroundings."""

    entry: TimelineEntry
    window: TimeRange
    baseline: TimeRange = strawberry.field(description="Where the rates are taken from.")
    total_count: int
    nodes: list[RankedEntry]
    truncated: bool = strawberry.field(
        description="True if there were more elements or entries than are considered."
    )
    asked: strawberry.Private[entries.EntryQuestion | None]

    @strawberry.field(
        description="First and last start of all events of these elements, whatever the window; "
        "null where there are none."
    )
    async def available_range(self, info: Info) -> TimeRange | None:
        """Asked of the store only when it is wanted."""
        return None if self.asked is None else await available_of(info.context, self.asked)


async def histogram_of(
    context: Context, asked: entries.EntryQuestion, bucket: str, zone: str | None
) -> TimelineHistogram:
    """Counts by interval."""
    ask = context.house.entries.histogram
    found = await in_thread(ask, asked, context.scope, bucket, zone)
    return TimelineHistogram(
        bucket=bucket,
        zone=zone,
        times=time_array(found.starts_us),
        total=int_array(_total(found.by_kind, len(found.starts_us))),
        by_kind=[
            EventKindColumn(kind=EventKind[kind], counts=int_array(counts))
            for kind, counts in found.by_kind.items()
        ],
        by_severity=[
            EventSeverityColumn(severity=severity, counts=int_array(counts))
            for severity, counts in found.by_severity.items()
        ],
        truncated=found.truncated,
        asked=asked,
    )


async def around_entry(
    context: Context,
    entry: str,
    lengths: tuple[str, str, str],
    scope: ScopeInput | None,
    hops: int,
    known_us: int | None,
    first: int,
) -> Around | None:
    """What happened around an entry; `lengths` are before, after and baseline."""
    check_first(first)
    before_us, after_us, baseline_us = map(_length, lengths)
    asked = around.AroundQuestion(
        entry=entry,
        before_us=before_us,
        after_us=after_us,
        scope=None if scope is None else scope.meant(),
        hops=hops,
        baseline_us=baseline_us,
        known_us=known_us,
    )
    look = partial(context.house.surroundings.around, asked, context.scope)
    found = await in_thread(look)
    return None if found is None else _around(found, first)


def _around(found: around.Around, first: int) -> Around:
    return Around(
        entry=show_entry(Entry(found.centre, None)),
        window=_range(found.window.start_us, found.window.stop_us),
        baseline=_range(found.baseline.start_us, found.baseline.stop_us),
        total_count=len(found.ranked),
        nodes=[_ranked(ranked) for ranked in found.ranked[:first]],
        truncated=found.truncated,
        asked=found.asked,
    )


def _ranked(ranked: around.Ranked) -> RankedEntry:
    return RankedEntry(
        entry=show_entry(ranked.entry),
        surprise=ranked.surprise,
        observed=ranked.observed,
        expected=ranked.expected,
        baseline_count=ranked.before,
        minutes_apart=ranked.minutes_apart,
    )


def _range(start_us: int, stop_us: int) -> TimeRange:
    return TimeRange(start=from_us(start_us), stop=from_us(stop_us))


def _length(text: str) -> int:
    return 0 if text == "PT0S" else parse_resolution(text)


def _total(by_kind: Mapping[str, NDArray[np.int32]], length: int) -> NDArray[np.int32]:
    total = np.zeros(length, dtype=np.int32)
    for counts in by_kind.values():
        total += counts
    return total
