"""Readings and events brought through GraphQL, and what waits in quarantine.

Every item is checked by itself: what cannot be taken is named with its place and the reason, and
the rest is stored. An answer is given when what it says is on the disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Annotated, Any, Final

import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Context, Info
from graph_service.api.paging import (
    After,
    First,
    PageInfo,
    check_first,
    cursor,
    fingerprint,
    page_info,
    position_of,
)
from graph_service.api.vocabulary import EventKind, EventSeverity, Quality, Quantity
from graph_service.services.formats import items, json_events
from graph_service.services.formats.addressed import BadLine, Batch, EventLot, PutAside, Reading
from graph_service.services.formats.mapping import DEFAULT_SOURCE
from graph_service.services.intake import Intake, Receipt
from graph_service.services.intake.quarantine import Waiting
from graph_service.services.intake.storing import now_us

MOST_REASONS: Final = 100
_TIME: Final = "ISO 8601 with a zone, such as 2026-01-31T10:00:00Z; none is invented."

ModelSet = Annotated[
    str | None,
    strawberry.argument(
        description="Where the elements are; not needed where there is one model set, or where "
        "ids are written `modelSet/mRID`."
    ),
]


@strawberry.input(description="Readings of one series, as columns of equal length.")
class ReadingsInput:
    """Readings."""

    element: strawberry.ID = strawberry.field(
        description="An mRID, or `modelSet/mRID`; readings of an unknown one wait for it."
    )
    quantity: Quantity
    times: list[str] = strawberry.field(description=_TIME)
    values: list[float | None]
    unit: str = strawberry.field(
        default="", description="The unit of the values, such as `kWh`; default: the quantity's."
    )
    source: str = strawberry.field(default=DEFAULT_SOURCE, description="Who measured it.")
    quality: list[Quality] | None = strawberry.field(
        default=None, description="How far each may be trusted; default: GOOD."
    )


@strawberry.input(description="Where the image or document is that an event is about.")
class ReferenceInput:
    """A reference."""

    uri: str
    media_type: str = ""
    sha256: str = strawberry.field(default="", description="Of its bytes, in hexadecimal.")


@strawberry.input(description="Something that happened.")
class EventInput:
    """An event."""

    source: str = strawberry.field(description="Who says so, such as `scada`.")
    id: str = strawberry.field(description="The source's own id; the same again is a new version.")
    kind: EventKind
    start: str = strawberry.field(description=_TIME)
    text: str
    end: str | None = strawberry.field(default=None, description="Null for an instant.")
    severity: EventSeverity = EventSeverity.INFO
    subjects: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="The elements it is about, as mRID or `modelSet/mRID`."
    )
    reference: ReferenceInput | None = None


@strawberry.type(description="Something that was not taken, and why.")
class Rejection:
    """A rejection."""

    item: int = strawberry.field(description="Its place in `input`, from 0.")
    index: int | None = strawberry.field(
        description="The place of the value within it, from 0; null where it is all of it."
    )
    reason: str


@strawberry.type(description="What became of what was brought.")
class IntakeResult:
    """Counts."""

    stored: int
    duplicates: int = strawberry.field(description="Known already; dropped.")
    corrected: int = strawberry.field(description="New versions; the older ones are kept.")
    quarantined: int = strawberry.field(description="Waiting for elements not known yet.")
    rejected_count: int
    rejected: list[Rejection] = strawberry.field(description=f"The first {MOST_REASONS}.")


@strawberry.type(description="An identifier whose element is not known; its values wait.")
class Quarantined:
    """An identifier."""

    identifier: str = strawberry.field(description="As it was written.")
    model_set: str
    rule: str = strawberry.field(description="How it is looked up, such as `mrid` or `name`.")
    first_seen: datetime
    last_seen: datetime
    values: int = strawberry.field(description="How many readings came, repeated ones included.")
    events: int


@strawberry.type(description="A page of what waits in quarantine.")
class QuarantineConnection:
    """Identifiers."""

    nodes: list[Quarantined]
    total_count: int
    page_info: PageInfo


@strawberry.type(description="Questions about what came in.")
class IntakeQuery:
    """The part of Query that is about the intake."""

    @strawberry.field(
        description="Identifiers that came with readings or events and mean no element yet; empty "
        "for who sees only some owners' elements."
    )
    async def quarantine(
        self, info: Info, first: First = 50, after: After = None
    ) -> QuarantineConnection:
        """What waits."""
        return await _page(info.context, first, after)


@strawberry.type(description="Changes of the timeline.")
class IntakeMutation:
    """The part of Mutation that brings readings and events."""

    @strawberry.mutation(description="Bring readings; each is checked by itself.")
    async def add_readings(
        self, info: Info, input: list[ReadingsInput], model_set: ModelSet = None
    ) -> IntakeResult:
        """Readings."""
        context = info.context

        def offer() -> tuple[Future[Receipt], list[tuple[int, int]]]:
            intake = context.house.intake
            given = [_columns(intake, item, model_set) for item in input]
            batch, places = items.batch_of(given, _reading())
            return intake.offer(batch, context.asker), places

        future, places = await in_thread(offer)
        return _result(await _durable(future), places)

    @strawberry.mutation(description="Bring events; each is checked by itself.")
    async def add_events(
        self, info: Info, input: list[EventInput], model_set: ModelSet = None
    ) -> IntakeResult:
        """Events."""
        context = info.context

        def offer() -> Future[Receipt]:
            intake = context.house.intake
            return intake.offer(_events(intake, input, model_set), context.asker)

        future = await in_thread(offer)
        places = [(at, -1) for at in range(len(input))]
        return _result(await _durable(future), places)


async def _page(context: Context, first: int, after: str | None) -> QuarantineConnection:
    check_first(first)
    mark = fingerprint("quarantine")
    begin = position_of(after, mark)
    if not context.scope.everything:
        info = page_info(None, after, False)
        return QuarantineConnection(nodes=[], total_count=0, page_info=info)
    intake = context.house.intake
    rows = await in_thread(intake.waiting, first + 1, begin and str(begin[0]))
    shown = rows[:first]
    ends = [cursor(mark, (row.key, 0)) for row in (*shown[:1], *shown[-1:])]
    return QuarantineConnection(
        nodes=[_quarantined(row) for row in shown],
        total_count=await in_thread(intake.waiting_count),
        page_info=page_info((ends[0], ends[-1]) if ends else None, after, len(rows) > first),
    )


def _quarantined(row: Waiting) -> Quarantined:
    return Quarantined(
        identifier=row.address.value,
        model_set=row.address.model_set,
        rule=str(row.address.lookup),
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        values=row.values,
        events=row.events,
    )


def _columns(intake: Intake, item: ReadingsInput, model_set: str | None) -> items.Columns:
    return items.Columns(
        address=intake.address(item.element, model_set),
        quantity=item.quantity.name,
        source=item.source,
        unit=item.unit,
        times=item.times,
        values=item.values,
        quality=item.quality,
    )


def _events(intake: Intake, given: Sequence[EventInput], model_set: str | None) -> Batch:
    batch, events = Batch(), []
    for number, item in enumerate(given, start=1):
        subjects = tuple(dict.fromkeys(intake.address(s, model_set) for s in item.subjects))
        try:
            lot = json_events.event_of(_members(item), _reading(), number)
            events.append(EventLot(lot.event, subjects, number))
        except BadLine as error:
            batch.rejected.append(PutAside(number, str(error)))
    batch.events, batch.rows = events, len(events)
    return batch


def _members(item: EventInput) -> dict[str, Any]:
    """An event as a file of events has it, so that the same checks hold."""
    reference = item.reference
    return {
        "source": item.source,
        "id": item.id,
        "kind": item.kind.name,
        "start": item.start,
        "end": item.end,
        "text": item.text,
        "severity": item.severity.name,
        "reference": reference
        and {
            "uri": reference.uri,
            "mediaType": reference.media_type,
            "sha256": reference.sha256,
        },
    }


def _reading() -> Reading:
    return Reading("", now_us(), "the input")


async def _durable(future: Future[Receipt]) -> Receipt:
    return await asyncio.shield(asyncio.wrap_future(future))


def _result(receipt: Receipt, places: Sequence[tuple[int, int]]) -> IntakeResult:
    return IntakeResult(
        stored=receipt.stored,
        duplicates=receipt.duplicates,
        corrected=receipt.corrected,
        quarantined=receipt.quarantined,
        rejected_count=len(receipt.rejected),
        rejected=[_rejection(row, places) for row in receipt.rejected[:MOST_REASONS]],
    )


def _rejection(row: PutAside, places: Sequence[tuple[int, int]]) -> Rejection:
    item, index = places[row.line - 1]
    return Rejection(item=item, index=None if index < 0 else index, reason=row.reason)
