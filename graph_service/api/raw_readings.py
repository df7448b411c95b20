"""Readings of many series in the schema, as they came: an entry each, with columns.

Elements are looked up for all entries together, and only where they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Context, Info
from graph_service.api.elements import Element, show
from graph_service.api.paging import (
    PageInfo,
    check_first,
    cursor,
    fingerprint,
    page_info,
    position_of,
)
from graph_service.api.scalars import (
    FloatArray,
    QualityArray,
    TimeArray,
    float_array,
    quality_array,
    time_array,
)
from graph_service.api.series import Chosen, TimeRange, time_range
from graph_service.api.vocabulary import Quantity
from graph_service.domain.readings import Quality, Window
from graph_service.services.raw_readings import (
    MOST_ANSWERED,
    ManyReadings,
    Place,
    SeriesReadings,
)


@strawberry.type(
    name="SeriesReadings",
    description="The readings of one series; the columns are equally long.",
)
class OneSeries:
    """A series of an element."""

    source: str = strawberry.field(description="Where the readings come from, such as `meter`.")
    times: TimeArray
    values: FloatArray
    quality: QualityArray = strawberry.field(
        description="GOOD, ESTIMATED, SUSPECT, INVALID or MISSING, of each reading."
    )
    known_at: TimeArray = strawberry.field(description="When each was known here.")
    thinned: bool = strawberry.field(description="True if readings were left out for a chart.")
    key: strawberry.Private[str]

    @strawberry.field(description="Whose readings they are.")
    async def element(self, info: Info) -> Element | None:
        """The element; null where it is gone meanwhile."""
        ask = partial(info.context.house.neighbourhood.by_keys, scope=info.context.scope)
        found = await info.context.batches.of("by_keys", ask).one(self.key)
        return None if found is None else show(found)


@strawberry.type(description="A page of series with their readings, as they came; newest versions.")
class SeriesReadingsConnection:
    """Raw readings over a scope."""

    quantity: Quantity
    unit: str
    nodes: list[OneSeries] = strawberry.field(
        description="The nearest elements first; an element has one for each source. Empty where "
        "it has no reading in the window."
    )
    total_count: int = strawberry.field(description="How many series the members have in all.")
    member_count: int = strawberry.field(description="How many elements were asked.")
    available_range: TimeRange | None = strawberry.field(
        description="What the members have of this quantity, whatever was asked."
    )
    truncated: bool = strawberry.field(
        description=f"True if the page ends early, at {MOST_ANSWERED:,} readings, or there are "
        "more members than could be asked for. The next page goes on behind it."
    )
    page_info: PageInfo


@dataclass(frozen=True, slots=True)
class ReadingsQuestion:
    """The arguments of readings over a scope."""

    quantity: Quantity
    window: Window
    known_at: datetime | None
    max_points: int | None
    first: int
    after: str | None


async def readings_over(
    context: Context, members: Callable[[], Chosen], asked: ReadingsQuestion, *about: object
) -> SeriesReadingsConnection:
    """A page of readings of members, which are looked up in the same thread.

    Args:
        context: of the request.
        members: whose readings.
        asked: the arguments.
        about: what else makes it another question, whose cursors are not of this one.
    """
    check_first(asked.first)
    mark = fingerprint("readings", asked.quantity, asked.window, asked.known_at, *about)
    begin = position_of(asked.after, mark)

    def ask() -> tuple[ManyReadings, bool]:
        keys, truncated = members()
        found = context.house.timelines.readings_over(
            [str(key) for key in keys],
            asked.quantity.name,
            asked.window,
            asked.known_at,
            max_points=asked.max_points,
            first=asked.first,
            after=None if begin is None else Place(str(begin[0]), begin[1]),
        )
        return found, truncated

    return _page(*await in_thread(ask), asked, mark)


def _page(
    found: ManyReadings, truncated: bool, asked: ReadingsQuestion, mark: str
) -> SeriesReadingsConnection:
    ends = [cursor(mark, one.place) for one in (*found.series[:1], *found.series[-1:])]
    return SeriesReadingsConnection(
        quantity=asked.quantity,
        unit=found.unit,
        nodes=[_one(one) for one in found.series],
        total_count=found.total,
        member_count=found.member_count,
        available_range=time_range(found.available_range),
        truncated=truncated or found.truncated,
        page_info=page_info((ends[0], ends[-1]) if ends else None, asked.after, found.more),
    )


def _one(found: SeriesReadings) -> OneSeries:
    columns = found.answer.readings
    return OneSeries(
        source=found.answer.source,
        times=time_array(columns.valid_us),
        values=float_array(columns.values),
        quality=quality_array([_QUALITIES[quality] for quality in columns.quality]),
        known_at=time_array(columns.known_us),
        thinned=found.answer.thinned,
        key=found.element,
    )


_QUALITIES = {quality.value: quality.name for quality in Quality}
