"""The roots of the schema: everything that can be asked, changed and subscribed to."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated, Final

import strawberry
from strawberry.file_uploads import Upload

from graph_service.api import imports, live, revisions, trace_arguments, traces
from graph_service.api.batching import in_thread
from graph_service.api.context import Context, Info
from graph_service.api.element_pages import (
    ElementConnection,
    ElementOrderInput,
    page_of_elements,
)
from graph_service.api.elements import Element, Node, show
from graph_service.api.failure_roots import FailureQuery
from graph_service.api.fault_roots import FaultMutation, FaultQuery
from graph_service.api.filters import ElementFilterInput
from graph_service.api.forecast_roots import ForecastQuery
from graph_service.api.intake import IntakeMutation, IntakeQuery
from graph_service.api.keeping import KeepingQuery
from graph_service.api.paging import After, First, check_first
from graph_service.api.restorations import RestorationQuery
from graph_service.api.scope_quality import QualityQuery
from graph_service.api.scopes import Id, Ids, ScopeInput
from graph_service.api.series_roots import SeriesQuery
from graph_service.api.store import (
    Document,
    Kind,
    Link,
    ModelSet,
    QuantityInfo,
    Store,
    Text,
    all_quantities,
    documents_of,
    kinds_named,
    links_named,
    model_sets_of,
    store_of,
)
from graph_service.api.timeline_roots import TimelineQuery
from graph_service.api.vocabulary import (
    ElementOrder,
    EventKind,
    State,
    TraceKind,
)
from graph_service.domain.filters import ElementFilter

MRID = Annotated[
    strawberry.ID, strawberry.argument(name="mRID", description="An mRID, or `modelSet/mRID`.")
]
ORGANISATIONS: Final = ElementFilter(kinds=frozenset({"Organisation"}))
CONTAINERS: Final = ElementFilter(
    kinds=frozenset({"ConnectivityNodeContainer", "SubGeographicalRegion", "GeographicalRegion"})
)


@strawberry.type(description="Everything that can be asked.")
class Query(
    SeriesQuery,
    TimelineQuery,
    QualityQuery,
    ForecastQuery,
    FailureQuery,
    RestorationQuery,
    FaultQuery,
    KeepingQuery,
    IntakeQuery,
):
    """Questions."""

    @strawberry.field(description="Anything by its id; null where there is none.")
    async def node(self, info: Info, id: Id) -> Node | None:
        """Relay's node."""
        return (await _by_ids(info.context, [id]))[0]

    @strawberry.field(description="Several by their ids, in this order; null where there is none.")
    async def nodes(self, info: Info, ids: Ids) -> list[Node | None]:
        """Relay's nodes."""
        check_first(len(ids))
        return [*await _by_ids(info.context, ids)]

    @strawberry.field(description="One element.")
    async def element(self, info: Info, mrid: MRID, model_set: str | None = None) -> Element | None:
        """The element an mRID means; an error where it means none, or several."""
        context = info.context
        ask = context.house.network.element
        return show(await in_thread(ask, mrid, context.scope, model_set))

    @strawberry.field(description="A page of elements.")
    async def elements(
        self,
        info: Info,
        filter: ElementFilterInput | None = None,
        order_by: ElementOrderInput | None = None,
        first: First = 50,
        after: After = None,
    ) -> ElementConnection | None:
        """Elements, chosen and ordered."""
        return await page_of_elements(info.context, filter, order_by, first, after)

    @strawberry.field(description="The organisations that own something.")
    async def organisations(
        self, info: Info, text: Text = None, first: First = 50, after: After = None
    ) -> ElementConnection | None:
        """Organisations, by name."""
        given = ElementFilterInput(text=text)
        return await page_of_elements(info.context, given, _BY_NAME, first, after, ORGANISATIONS)

    @strawberry.field(description="Substations, feeders, lines, regions and other containers.")
    async def containers(
        self, info: Info, text: Text = None, first: First = 50, after: After = None
    ) -> ElementConnection | None:
        """Containers, by name."""
        given = ElementFilterInput(text=text)
        return await page_of_elements(info.context, given, _BY_NAME, first, after, CONTAINERS)

    @strawberry.field(description="A walk through the network from one element of any layer.")
    async def trace(
        self,
        info: Info,
        start: Id,
        kind: TraceKind,
        state: State = State.PRESENT,
        layers: trace_arguments.Layers = None,
        kinds: trace_arguments.Kinds = None,
        target: trace_arguments.Target = None,
        max_steps: trace_arguments.MaxSteps = None,
        max_ms: trace_arguments.MaxMs = None,
    ) -> traces.Trace | None:
        """A trace."""
        return await traces.traced(
            info.context, start, kind, state, layers, kinds, target, max_steps, max_ms
        )

    @strawberry.field(description="What is in the store.")
    async def store(self, info: Info) -> Store:
        """The store."""
        return await store_of(info.context)

    @strawberry.field(description="The model sets, by name.")
    async def model_sets(self, info: Info) -> list[ModelSet]:
        """Model sets."""
        return await model_sets_of(info.context)

    @strawberry.field(description="The files of a model set, by name.")
    async def documents(self, info: Info, model_set: str) -> list[Document]:
        """Documents."""
        return await documents_of(info.context, model_set)

    @strawberry.field(description="CIM classes, as the service knows them.")
    def kinds(self, text: Text = None, first: First = 50) -> list[Kind]:
        """The table of kinds."""
        return kinds_named(text, first)

    @strawberry.field(description="Links, as the service knows them.")
    def links(self, text: Text = None, first: First = 50) -> list[Link]:
        """The table of links."""
        return links_named(text, first)

    @strawberry.field(description="What a series can measure.")
    def quantities(self) -> list[QuantityInfo]:
        """The table of quantities."""
        return all_quantities()

    @strawberry.field(description="The imports, the newest first.")
    async def import_runs(
        self, info: Info, first: First = 50, after: After = None
    ) -> imports.ImportRunConnection:
        """Runs."""
        return await imports.page_of_runs(info.context, first, after)

    @strawberry.field(description="One import; null where there is none.")
    async def import_run(self, info: Info, id: strawberry.ID) -> imports.ImportRun | None:
        """A run."""
        return await imports.run_of(info.context, id)

    @strawberry.field(description="What changed the graph, the newest first.")
    async def revisions(
        self, info: Info, first: First = 50, after: After = None
    ) -> revisions.RevisionConnection:
        """Revisions."""
        return await revisions.page_of_revisions(info.context, first, after)


@strawberry.type(description="Everything that can be changed.")
class Mutation(IntakeMutation, FaultMutation):
    """Changes."""

    @strawberry.mutation(
        name="import",
        description="Import CIM files, or zips of them, as one delivery. Send them as a GraphQL "
        "multipart request.",
    )
    async def import_files(
        self,
        info: Info,
        files: list[Upload],
        into: Annotated[
            str | None,
            strawberry.argument(description="The model set; default: named after the delivery."),
        ] = None,
        dry_run: Annotated[
            bool, strawberry.argument(description="Only say what would change.")
        ] = False,
        wait: Annotated[
            bool,
            strawberry.argument(
                description="Answer when it has ended; false: at once, see `importProgress`."
            ),
        ] = True,
    ) -> imports.ImportRun:
        """Import."""
        return await imports.import_files(info.context, files, into, dry_run, wait)

    @strawberry.mutation(description="Open or close a switch in the present state.")
    async def set_switch(
        self, info: Info, mrid: MRID, open: Annotated[bool, strawberry.argument(name="open")]
    ) -> Element:
        """Switch."""
        return await revisions.switch(info.context, mrid, open)

    @strawberry.mutation(description="Take a revision back, as a new revision.")
    async def undo(self, info: Info, revision: int) -> revisions.Revision:
        """Undo."""
        return await revisions.undone(info.context, revision)


@strawberry.type(description="Everything that can be followed, by WebSocket or event stream.")
class Subscription:
    """Events."""

    @strawberry.subscription(description="How far an import is, until it has ended.")
    async def import_progress(
        self, info: Info, run_id: strawberry.ID
    ) -> AsyncGenerator[imports.ImportProgress, None]:
        """Progress."""
        async for progress in imports.progress_of(info.context, run_id):
            yield progress

    @strawberry.subscription(description="New revisions of the graph.")
    async def revision_changed(self, info: Info) -> AsyncGenerator[revisions.RevisionChanged, None]:
        """Changes."""
        async for change in revisions.changes(info.context):
            yield change

    @strawberry.subscription(
        description="What is appended to the timeline of a scope, while it happens. The scope "
        "follows switching."
    )
    async def timeline_appended(
        self,
        info: Info,
        scope: ScopeInput,
        kinds: Annotated[
            list[EventKind] | None,
            strawberry.argument(description="Kinds of events; default: all."),
        ] = None,
        with_readings: Annotated[
            bool, strawberry.argument(description="Whether readings are told of, too.")
        ] = True,
    ) -> AsyncGenerator[live.TimelineArrival, None]:
        """Arrivals."""
        async for arrival in live.arrivals(info.context, scope, kinds, with_readings):
            yield arrival


async def _by_ids(context: Context, ids: list[strawberry.ID]) -> list[Element | None]:
    """The elements ids mean; None for one that is unknown or means several."""
    found = await in_thread(context.house.neighbourhood.by_ids, ids, context.scope)
    return [show(meant[0]) if len(meant) == 1 else None for meant in found]


_BY_NAME: Final = ElementOrderInput(field=ElementOrder.NAME)
