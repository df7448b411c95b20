"""Series in the schema: columns over equal intervals, with quality, coverage and what exists.

A series that is empty says which range would not be (`availableRange`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, NamedTuple

import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Context
from graph_service.api.scalars import (
    FloatArray,
    IntArray,
    QualityArray,
    TimeArray,
    float_array,
    int_array,
    quality_array,
    time_array,
)
from graph_service.api.vocabulary import Aggregate, Quantity
from graph_service.domain.elements import ElementKey
from graph_service.domain.readings import Quality, Window, from_us, to_us
from graph_service.services.house import Services
from graph_service.services.timelines import ReadingsAnswer, SeriesAnswer

MOST_READINGS: Final = 100_000

InZone = Annotated[
    str | None,
    strawberry.argument(
        description="Time zone of days, weeks, months and years, such as `Europe/Oslo`; without "
        "one a day is 24 hours from where the window begins."
    ),
]
MaxPoints = Annotated[
    int | None,
    strawberry.argument(
        description="For a chart: so many points at most, 4 or more, that draw the same line; of "
        "each stretch of time the first, last, smallest and largest are kept (M4)."
    ),
]


@strawberry.type(description="A half-open stretch of time: start <= t < stop.")
class TimeRange:
    """A range."""

    start: datetime
    stop: datetime


@strawberry.type(
    description="A series over some elements, one entry an interval; the columns are equally long."
)
class Series:
    """An aggregate."""

    quantity: Quantity
    aggregate: Aggregate
    resolution: str
    zone: str | None
    unit: str
    times: TimeArray = strawberry.field(description="Where each interval begins.")
    values: FloatArray = strawberry.field(description="Null where nothing was reported.")
    quality: QualityArray = strawberry.field(
        description="GOOD, ESTIMATED (some readings were), PARTIAL (some readings are missing) or "
        "MISSING, of each interval."
    )
    coverage: FloatArray = strawberry.field(
        description="Which share of the readings expected came, 0 to 1; where nothing tells how "
        "often the members are read, which share of them reported."
    )
    good: IntArray = strawberry.field(description="How many good readings a value is made of.")
    estimated: IntArray = strawberry.field(description="How many estimated or suspect ones.")
    missing: IntArray = strawberry.field(
        description="How many readings are expected and did not come; where nothing tells how "
        "many, how many members did not report."
    )
    member_count: int = strawberry.field(description="How many elements were asked.")
    reporting_count: int = strawberry.field(description="How many of them reported at all.")
    available_range: TimeRange | None = strawberry.field(
        description="What the members have of this quantity, whatever was asked."
    )
    thinned: bool = strawberry.field(description="True if intervals were left out for a chart.")
    truncated: bool = strawberry.field(
        description="True if there are more members than could be asked for."
    )


@strawberry.type(description="Readings as they came, newest version of each; columns.")
class Readings:
    """Raw readings of one element."""

    quantity: Quantity
    source: str = strawberry.field(description="Where they come from; empty if there are none.")
    unit: str
    times: TimeArray
    values: FloatArray
    quality: QualityArray = strawberry.field(
        description="GOOD, ESTIMATED, SUSPECT, INVALID or MISSING, of each reading."
    )
    known_at: TimeArray = strawberry.field(description="When each was known here.")
    truncated: bool = strawberry.field(description=f"True if cut after {MOST_READINGS:,} readings.")
    thinned: bool = strawberry.field(description="True if readings were left out for a chart.")
    available_range: TimeRange | None


@strawberry.type(description="A series that an element has.")
class SeriesSource:
    """A quantity and where it comes from."""

    quantity: Quantity
    source: str


@dataclass(frozen=True, slots=True)
class SeriesQuestion:
    """The arguments of a series."""

    quantity: Quantity
    window: Window
    resolution: str
    aggregate: Aggregate
    known_at: datetime | None = None
    zone: str | None = None
    max_points: int | None = None


class Chosen(NamedTuple):
    """The members of a series; `truncated` where there are more than could be asked for."""

    keys: Sequence[ElementKey | str]
    truncated: bool = False


async def aggregated(
    house: Services, members: Callable[[], Chosen], asked: SeriesQuestion
) -> Series:
    """The aggregate over members, which are looked up in the same thread."""

    def ask() -> tuple[SeriesAnswer, bool]:
        keys, truncated = members()
        found = house.timelines.series_sum(
            [str(key) for key in keys],
            asked.quantity.name,
            asked.window,
            asked.resolution,
            asked.aggregate,
            asked.known_at,
            zone=asked.zone,
            max_points=asked.max_points,
        )
        return found, truncated

    found, truncated = await in_thread(ask)
    return _series(found, asked, truncated=truncated)


async def raw_readings(
    context: Context,
    key: ElementKey,
    quantity: Quantity,
    window: Window,
    known_at: datetime | None,
    max_points: int | None = None,
) -> Readings:
    """The readings of one element, asked together with those of its siblings."""

    def ask(names: Sequence[str]) -> list[ReadingsAnswer]:
        each = context.house.timelines.readings_each
        return each(names, quantity.name, window, known_at, max_points=max_points)

    question = ("readings", quantity, window, known_at, max_points)
    return _readings(await context.batches.of(question, ask).one(str(key)), quantity)


async def series_of(context: Context, key: ElementKey, asked: SeriesQuestion) -> Series:
    """The series of one element, asked together with those of its siblings."""

    def ask(names: Sequence[str]) -> list[SeriesAnswer]:
        return context.house.timelines.series_each(
            names,
            asked.quantity.name,
            asked.window,
            asked.resolution,
            asked.aggregate,
            asked.known_at,
            zone=asked.zone,
            max_points=asked.max_points,
        )

    return _series(await context.batches.of(("series", asked), ask).one(str(key)), asked)


async def sources_of(context: Context, key: ElementKey) -> list[SeriesSource]:
    """Which series an element has, asked together with those of its siblings."""

    def ask(names: Sequence[str]) -> list[list[SeriesSource]]:
        found: dict[str, list[SeriesSource]] = defaultdict(list)
        for row in context.house.timelines.quantities(names):
            if row.quantity in Quantity.__members__:
                source = SeriesSource(quantity=Quantity[row.quantity], source=row.source)
                found[row.element].append(source)
        return [found.get(name, []) for name in names]

    return await context.batches.of("sources", ask).one(str(key))


def window(start: datetime, stop: datetime) -> Window:
    """The window between two times.

    Raises:
        BadWindow: it does not run forward.
    """
    return Window(to_us(start), to_us(stop))


def _series(found: SeriesAnswer, asked: SeriesQuestion, *, truncated: bool = False) -> Series:
    return Series(
        quantity=asked.quantity,
        aggregate=asked.aggregate,
        resolution=asked.resolution,
        zone=asked.zone,
        unit=found.unit,
        times=time_array(found.times),
        values=float_array(found.values),
        quality=quality_array([quality.name for quality in found.quality]),
        coverage=float_array(found.coverage),
        good=int_array(found.good),
        estimated=int_array(found.estimated),
        missing=int_array(found.missing),
        member_count=found.member_count,
        reporting_count=found.reporting_count,
        available_range=time_range(found.available_range),
        thinned=found.thinned,
        truncated=truncated,
    )


def _readings(found: ReadingsAnswer, quantity: Quantity) -> Readings:
    columns = found.readings
    return Readings(
        quantity=quantity,
        source=found.source,
        unit=found.unit,
        times=time_array(columns.valid_us[:MOST_READINGS]),
        values=float_array(columns.values[:MOST_READINGS]),
        quality=quality_array([_QUALITIES[q] for q in columns.quality[:MOST_READINGS]]),
        known_at=time_array(columns.known_us[:MOST_READINGS]),
        truncated=len(columns) > MOST_READINGS,
        thinned=found.thinned,
        available_range=time_range(found.available_range),
    )


def time_range(found: tuple[int, int] | None) -> TimeRange | None:
    """A range of microseconds as the schema shows it; the end is exclusive."""
    if found is None:
        return None
    return TimeRange(start=from_us(found[0]), stop=from_us(found[1]))


_QUALITIES: Final = {quality.value: quality.name for quality in Quality}
