"""Data quality in the schema: by day in columns, in all, and by energy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final

import numpy as np
import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Context, Info
from graph_service.api.scalars import FloatArray, TimeArray, float_array, time_array
from graph_service.api.series import TimeRange, time_range, window
from graph_service.api.vocabulary import Quantity
from graph_service.domain import elements, tables
from graph_service.domain.durations import parse_resolution
from graph_service.domain.readings import from_us, to_us
from graph_service.domain.scopes import OfContainer
from graph_service.services.quality import Figures, QualityAnswer, QualityQuestion

Zone = Annotated[
    str, strawberry.argument(description="Whose days: a time zone, such as `Europe/Oslo`.")
]
OfQuantity = Annotated[
    Quantity | None,
    strawberry.argument(description="Only series of this quantity; default: all of a device."),
]
Deadline = Annotated[
    str,
    strawberry.argument(description="How long after its interval a reading is on time, ISO 8601."),
]
A_DAY: Final = "PT24H"


@strawberry.type(
    description="Which share came, and what it is worth; null where there is nothing to share."
)
class QualityShares:
    """Shares as single numbers."""

    completeness: float | None = strawberry.field(description="Received of what was expected.")
    timeliness: float | None = strawberry.field(
        description="Of what was received: known before the deadline."
    )
    validity: float | None = strawberry.field(description="Of what was received: quality GOOD.")
    estimated_share: float | None = strawberry.field(
        description="Of what was received: quality ESTIMATED."
    )


@strawberry.type(description="The same shares by day, in columns.")
class QualityShareColumns:
    """Shares by day."""

    completeness: FloatArray
    timeliness: FloatArray
    validity: FloatArray
    estimated_share: FloatArray


@strawberry.type(description="A stretch without any reading.")
class ReadingGap:
    """A gap."""

    start: datetime
    seconds: float


@strawberry.type(description="Counts of readings and their shares.")
class QualityFigures(QualityShares):
    """Figures."""

    expected: int = strawberry.field(description="Intervals for which a reading is due.")
    received: int = strawberry.field(description="Those of them for which one came.")
    longest_gap: ReadingGap | None = strawberry.field(
        description="Null where no interval is missing."
    )


@strawberry.type(description="Counts by day and their shares, in columns.")
class QualityColumns(QualityShareColumns):
    """Figures by day."""

    expected: FloatArray
    received: FloatArray
    gap_seconds: FloatArray = strawberry.field(
        description="The longest gap of any device within the day; 0 where there is none."
    )
    gap_start: TimeArray = strawberry.field(
        description="Where it begins; null where there is none."
    )


@strawberry.type(
    description="How good readings are: complete, in time, valid. Each device counts, also one "
    "that never sent any; nothing is due before its interval is over."
)
class DataQuality:
    """Quality; `found` is the service's."""

    zone: str
    days: TimeArray = strawberry.field(description="Where each day begins.")
    by_day: QualityColumns
    weighted_by_day: QualityShareColumns | None = strawberry.field(
        description="Each reading weighs the energy it stands for; null where none is of energy."
    )
    overall: QualityFigures
    weighted: QualityShares | None = strawberry.field(description="The same by energy.")
    device_count: int
    silent_count: int = strawberry.field(description="How many devices sent nothing at all.")
    names: strawberry.Private[Sequence[str]]
    quantity: strawberry.Private[str | None]

    @strawberry.field(description="What the devices have of these readings, whatever was asked.")
    async def available_range(self, info: Info) -> TimeRange | None:
        """Asked of the store only when it is wanted."""
        ask = info.context.house.timelines.available
        return time_range(await in_thread(ask, self.names, self.quantity))


def asked(
    start: datetime,
    stop: datetime,
    zone: str,
    quantity: Quantity | None,
    deadline: str,
    known_at: datetime | None,
) -> QualityQuestion:
    """The arguments of a question about quality.

    Raises:
        BadWindow, BadResolution: the window does not run forward, the deadline is no duration.
    """
    return QualityQuestion(
        window(start, stop),
        zone,
        None if quantity is None else quantity.name,
        parse_resolution(deadline),
        None if known_at is None else to_us(known_at),
    )


async def quality_of_element(
    context: Context, element: elements.Element, question: QualityQuestion
) -> DataQuality:
    """The quality of one element, asked with its siblings; of a container what lies in it."""
    if tables.role_of(element.kind) == "container":
        found = await in_thread(_of_content, context, element, question)
    else:
        ask = partial(context.house.quality.of_each, asked=question)
        found = await context.batches.of(("quality", question), ask).one(str(element.key))
    return DataQuality(**members(found, question))


def _of_content(
    context: Context, container: elements.Element, question: QualityQuestion
) -> QualityAnswer:
    inside = context.house.scopes.members(OfContainer(str(container.key)), context.scope)
    return context.house.quality.of_all(inside.keys_of(None), question)


def members(found: QualityAnswer, question: QualityQuestion) -> dict[str, Any]:
    """The members of a `DataQuality`."""
    weighted, by_day = found.weighted, found.weighted_by_day
    columns = None if by_day is None else QualityShareColumns(**_share_columns(by_day))
    return {
        "zone": question.zone,
        "days": time_array(found.days.starts_us),
        "by_day": _columns(found.by_day),
        "weighted_by_day": columns,
        "overall": figures(found.overall, ()),
        "weighted": None if weighted is None else QualityShares(**_shares(weighted, ())),
        "device_count": len(found.devices),
        "silent_count": found.silent,
        "names": found.devices,
        "quantity": question.quantity,
    }


def _columns(found: Figures) -> QualityColumns:
    lengths, starts = found.gaps.length_us, found.gaps.start_us.tolist()
    begins = [from_us(at) if length else None for at, length in zip(starts, lengths, strict=True)]
    return QualityColumns(
        expected=float_array(found.counts.expected),
        received=float_array(found.counts.received),
        gap_seconds=float_array(lengths / 1e6),
        gap_start=TimeArray(begins),
        **_share_columns(found.shares),
    )


def figures(found: Figures, at: Any) -> QualityFigures:
    """The figures at one place of their shape."""
    length = int(found.gaps.length_us[at])
    start = from_us(int(found.gaps.start_us[at]))
    return QualityFigures(
        expected=int(found.counts.expected[at]),
        received=int(found.counts.received[at]),
        longest_gap=ReadingGap(start=start, seconds=length / 1e6) if length else None,
        **_shares(found.shares, at),
    )


_NAMES: Final = ("completeness", "timeliness", "validity", "estimated_share")


def _shares(found: Sequence[Any], at: Any) -> dict[str, Any]:
    values = [float(column[at]) for column in found]
    return {
        name: None if np.isnan(value) else value for name, value in zip(_NAMES, values, strict=True)
    }


def _share_columns(found: Sequence[Any]) -> dict[str, Any]:
    return {name: float_array(column) for name, column in zip(_NAMES, found, strict=True)}
