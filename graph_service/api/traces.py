"""Traces in the schema: what a walk met, page by page, its series, and the walk that goes on.

The walk itself is done once; steps, counts and series are read off it when they are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Final

import numpy as np
import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Context, Info
from graph_service.api.element_pages import KindCount, kind_counts
from graph_service.api.elements import Element, KnownAt, Resolution, elements_by_number, show
from graph_service.api.forecasts import (
    AsOf,
    Forecast,
    Horizon,
    KnownThen,
    OfPower,
    Quantiles,
    forecast_of,
    forecast_question,
)
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
from graph_service.api.quality import A_DAY, Deadline, OfQuantity, Zone
from graph_service.api.quality import asked as asked_quality
from graph_service.api.raw_readings import (
    ReadingsQuestion,
    SeriesReadingsConnection,
    readings_over,
)
from graph_service.api.scope_quality import ScopeQuality, quality_of_devices
from graph_service.api.series import (
    Chosen,
    InZone,
    MaxPoints,
    Series,
    SeriesQuestion,
    aggregated,
    window,
)
from graph_service.api.trace_arguments import (
    Kinds,
    MaxMs,
    MaxSteps,
    Target,
    TraceArguments,
    question_of,
)
from graph_service.api.vocabulary import (
    STOP_REASONS,
    Aggregate,
    Layer,
    Quantity,
    State,
    StopReason,
    TraceKind,
)
from graph_service.domain import elements
from graph_service.domain.access import Scope
from graph_service.domain.elements import ElementKey
from graph_service.domain.errors import InvalidCall, UnknownElement
from graph_service.services import traces
from graph_service.services.devices import Devices
from graph_service.services.house import Services
from graph_service.services.network import default_layers

FEW: Final = 100_000
"""So many steps are counted quicker than a thread can be asked to do it."""


@strawberry.type(description="One element met by a trace.")
class Step:
    """A step."""

    depth: int = strawberry.field(description="How many elements from the start.")
    stop_reason: StopReason | None = strawberry.field(
        description="Why this branch ends here; null where it goes on."
    )
    element: Element


@strawberry.type(description="A page of steps, by depth.")
class StepConnection:
    """Steps."""

    nodes: list[Step]
    page_info: PageInfo


@strawberry.type(description="What a walk through the network met.")
class Trace:
    """A trace; `found` is the service's."""

    revision: int = strawberry.field(description="The revision of the graph that was walked.")
    total_count: int = strawberry.field(description="How many steps there are.")
    truncated: bool = strawberry.field(description="True if a budget ended the walk early.")
    found: strawberry.Private[traces.Trace]
    mark: strawberry.Private[str]

    @strawberry.field(description="How many steps of each kind.")
    async def count_by_kind(self) -> list[KindCount]:
        """Counts by kind."""
        if self.found.total < FEW:
            return kind_counts(self.found.count_by_kind())
        return kind_counts(await in_thread(self.found.count_by_kind))

    @strawberry.field(description="The steps, the nearest first.")
    async def steps(self, info: Info, first: First = 50, after: After = None) -> StepConnection:
        """A page of steps."""
        check_first(first)
        begin = position_of(after, self.mark)
        steps, more = self.found.page(first, None if begin is None else (int(begin[0]), begin[1]))
        shown = await elements_by_number(info.context, [step.number for step in steps])
        ends = [cursor(self.mark, (s.depth, s.number)) for s in (*steps[:1], *steps[-1:])]
        return StepConnection(
            nodes=[
                Step(depth=step.depth, stop_reason=STOP_REASONS[step.stop_reason], element=element)
                for step, element in zip(steps, shown, strict=True)
                if element is not None
            ],
            page_info=page_info((ends[0], ends[-1]) if ends else None, after, more),
        )

    @strawberry.field(
        description="A series over the usage points (or other elements) that the trace met."
    )
    async def series(
        self,
        info: Info,
        quantity: Quantity,
        start: datetime,
        stop: datetime,
        resolution: Resolution = "PT1H",
        aggregate: Aggregate = Aggregate.SUM,
        members: Annotated[
            str, strawberry.argument(description="The CIM class of the elements that count.")
        ] = "UsagePoint",
        known_at: KnownAt = None,
        zone: InZone = None,
        max_points: MaxPoints = None,
    ) -> Series | None:
        """The sum, or another aggregate, over all members at once."""
        span = window(start, stop)
        asked = SeriesQuestion(quantity, span, resolution, aggregate, known_at, zone, max_points)
        house = info.context.house

        def choose() -> Chosen:
            return Chosen(_members(house, self.found, members), self.truncated)

        return await aggregated(house, choose, asked)

    @strawberry.field(
        description="The readings of the usage points (or other elements) that the trace met, as "
        "they came."
    )
    async def readings(
        self,
        info: Info,
        quantity: Quantity,
        start: datetime,
        stop: datetime,
        members: Annotated[
            str, strawberry.argument(description="The CIM class of the elements that count.")
        ] = "UsagePoint",
        known_at: KnownAt = None,
        max_points: MaxPoints = None,
        first: First = 50,
        after: After = None,
    ) -> SeriesReadingsConnection | None:
        """Raw readings of all members, a series each."""
        span, house = window(start, stop), info.context.house
        asked = ReadingsQuestion(quantity, span, known_at, max_points, first, after)

        def choose() -> Chosen:
            return Chosen(_members(house, self.found, members), self.truncated)

        return await readings_over(info.context, choose, asked, self.mark, members)

    @strawberry.field(
        description="How good the readings of the usage points (or others) that the trace met are."
    )
    async def quality(
        self,
        info: Info,
        start: datetime,
        stop: datetime,
        zone: Zone = "UTC",
        quantity: OfQuantity = None,
        members: Annotated[
            str, strawberry.argument(description="The CIM class of the elements that count.")
        ] = "UsagePoint",
        deadline: Deadline = A_DAY,
        known_at: KnownAt = None,
    ) -> ScopeQuality | None:
        """The quality of all members together, and the worst of them."""
        question = asked_quality(start, stop, zone, quantity, deadline, known_at)
        house = info.context.house

        def find() -> Devices:
            keys = _members(house, self.found, members)
            return Devices([str(key) for key in keys], self.truncated)

        return await quality_of_devices(info.context, find, question)

    @strawberry.field(description="What is said of the load supplied through its start.")
    async def forecast(
        self,
        info: Info,
        quantity: OfPower = Quantity["P"],
        horizon: Horizon = "PT48H",
        quantiles: Quantiles = None,
        as_of: AsOf = None,
        known_at: KnownThen = None,
    ) -> Forecast | None:
        """The forecast of the start."""
        context = info.context
        question = forecast_question(quantity, horizon, quantiles, as_of, known_at)

        def find() -> elements.Element:
            return _start(context.house, context.scope, self.found)

        return await forecast_of(context, find, question)

    @strawberry.field(
        description="A further trace, from all that this one lists: from meters to their "
        "gateways, from equipment to its owners."
    )
    async def onward(
        self,
        info: Info,
        kind: TraceKind,
        layers: list[Layer],
        state: State = State.PRESENT,
        kinds: Kinds = None,
        target: Target = None,
        max_steps: MaxSteps = None,
        max_ms: MaxMs = None,
    ) -> Trace | None:
        """Go on in other layers."""
        asked = TraceArguments(kind, state, tuple(layers), kinds, target, max_steps, max_ms)
        context, numbers = info.context, np.asarray(self.found.result.numbers)
        return await in_thread(_further, context.house, context.scope, numbers, asked)

    @strawberry.field(description="The organisations that own something the trace met.")
    async def owners(self, info: Info, first: First = 50) -> list[Element]:
        """Owners, stated or inherited."""
        check_first(first)
        context = info.context
        return await in_thread(_owners, context.house, context.scope, self.found, first)


async def traced(
    context: Context,
    start: str,
    kind: TraceKind,
    state: State,
    layers: Sequence[Layer] | None,
    kinds: list[str] | None,
    target: str | None,
    max_steps: int | None,
    max_ms: int | None,
) -> Trace:
    """A trace from one element."""
    given = None if layers is None else tuple(layers)
    asked = TraceArguments(kind, state, given, kinds, target, max_steps, max_ms)
    return await in_thread(partial(_first, context.house, context.scope, start, asked))


def _first(house: Services, scope: Scope, start: str, asked: TraceArguments) -> Trace:
    element = house.network.element(start, scope)
    question = question_of(house, scope, asked, asked.layers or default_layers(element))
    return _shown(house.network.trace([element.number], question, scope), str(element.key))


def _further(house: Services, scope: Scope, numbers: np.ndarray, asked: TraceArguments) -> Trace:
    question = question_of(house, scope, asked, asked.layers or ())
    found = house.network.trace(numbers.tolist(), question, scope)
    return _shown(found, numbers.tobytes())


def _shown(found: traces.Trace, start: str | bytes) -> Trace:
    return Trace(
        revision=found.revision,
        total_count=found.total,
        truncated=found.truncated,
        found=found,
        mark=fingerprint("steps", start, found.question),
    )


def _members(house: Services, found: traces.Trace, kind: str) -> list[ElementKey]:
    return house.network.keys(found.numbers_of(kind).tolist())


def _start(house: Services, scope: Scope, found: traces.Trace) -> elements.Element:
    numbers = found.walked.numbers[found.walked.depths == 0].tolist()
    if len(numbers) != 1:
        raise InvalidCall(
            f"a trace from {len(numbers)} starts has no forecast of its own",
            hint="ask it of a trace from one element",
        )
    [element] = house.network.elements(numbers, scope)
    if element is None:
        raise UnknownElement(str(numbers[0]))
    return element


def _owners(house: Services, scope: Scope, found: traces.Trace, first: int) -> list[Element]:
    numbers = found.owners()[:first]
    return [show(e) for e in house.network.elements(numbers, scope) if e is not None]
