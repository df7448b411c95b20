"""What is in the store, and the tables the service knows CIM by.

Counts are of what the caller may see. Documents, pending references, links and readings have no
owner, so they are shown only to callers who see everything; others get none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import strawberry

from graph_service.api.batching import in_thread
from graph_service.api.context import Context, Info
from graph_service.api.element_pages import KindCount, kind_counts
from graph_service.api.paging import check_first
from graph_service.api.vocabulary import Layer
from graph_service.domain import elements, statements, tables
from graph_service.domain.access import EVERYTHING
from graph_service.domain.filters import ElementFilter


@strawberry.type(description="How many elements are in a layer.")
class LayerCount:
    """A layer, counted; null are elements in no layer."""

    layer: Layer | None
    count: int


@strawberry.type(description="References by one link that wait for their element.")
class PendingCount:
    """A link, counted."""

    link: str
    count: int


@strawberry.type(description="One file of a delivery, as it was imported.")
class Document:
    """A document."""

    model_set: str
    name: str
    model_id: str
    profiles: list[str]
    modeling_authority: str
    scenario_time: str
    version: str
    supersedes: list[str]
    statement_count: int
    part_count: int
    fingerprint: str = strawberry.field(description="SHA-256 of its statements and header.")


@strawberry.type(description="All documents imported under one name.")
class ModelSet:
    """A model set."""

    name: str
    element_count: int
    link_count: int | None = strawberry.field(description="Null for who sees only some owners.")
    document_count: int | None
    pending_count: int | None

    @strawberry.field(description="Its documents, by name.")
    async def documents(self, info: Info) -> list[Document]:
        """Documents."""
        return await documents_of(info.context, self.name)


@strawberry.type(description="What is in the store, as far as the caller may see it.")
class Store:
    """The store."""

    revision: int = strawberry.field(description="The newest revision; 0 for an empty store.")

    @strawberry.field(description="How many elements there are.")
    async def element_count(self, info: Info) -> int:
        """All elements."""
        return sum((await _by_kind(info.context)).values())

    @strawberry.field(description="How many elements there are of each kind.")
    async def count_by_kind(self, info: Info) -> list[KindCount]:
        """Kinds, by name."""
        return kind_counts((await _by_kind(info.context)).items())

    @strawberry.field(description="How many elements there are in each layer.")
    async def count_by_layer(self, info: Info) -> list[LayerCount]:
        """Layers, in their order."""
        counts: Counter[Layer | None] = Counter()
        for kind, count in (await _by_kind(info.context)).items():
            counts[tables.layer_of(kind)] += count
        order = [*Layer, None]
        return [LayerCount(layer=layer, count=counts[layer]) for layer in order if counts[layer]]

    @strawberry.field(description="The model sets, by name.")
    async def model_sets(self, info: Info) -> list[ModelSet]:
        """Those the caller sees something of."""
        return await model_sets_of(info.context)

    @strawberry.field(description="References that wait for their element, by link.")
    async def pending(self, info: Info) -> list[PendingCount]:
        """Links, by name."""
        if not info.context.scope.everything:
            return []
        found = await in_thread(info.context.house.neighbourhood.pending)
        return [PendingCount(link=link, count=count) for link, count in sorted(found.items())]

    @strawberry.field(description="How many series of readings there are.")
    async def series_count(self, info: Info) -> int | None:
        """Series; null for who sees only some owners."""
        return await _of_readings(info.context, 0)

    @strawberry.field(description="How many current readings there are.")
    async def reading_count(self, info: Info) -> int | None:
        """Readings; null for who sees only some owners."""
        return await _of_readings(info.context, 1)


@strawberry.type(description="A CIM class, as the service knows it.")
class Kind:
    """A row of the tables of kinds."""

    name: str
    layer: Layer | None
    superclasses: list[str] = strawberry.field(description="The nearest first.")
    versions: list[str] = strawberry.field(description="Where it stands: CIM16, CIM17, CIM18, ...")
    meaning: str | None


@strawberry.type(description="A link, as the service knows it.")
class Link:
    """A row of the table of links."""

    name: str
    layer: Layer | None = strawberry.field(description="Where traces walk it; null if never.")
    inverse: str = strawberry.field(description="Its name from the other end; may be empty.")
    meaning: str


@strawberry.type(name="QuantityInfo", description="What a series can measure.")
class QuantityInfo:
    """A row of the table of quantities."""

    name: str
    unit: str
    role: str = strawberry.field(description="energy, power, level or counter.")
    meaning: str


Text = Annotated[
    str | None, strawberry.argument(description="Found in name or meaning, in any case.")
]


async def store_of(context: Context) -> Store:
    """What is in the store."""
    return Store(revision=await in_thread(context.house.network.revision))


async def model_sets_of(context: Context) -> list[ModelSet]:
    """The model sets the caller sees something of, by name."""
    network, scope = context.house.network, context.scope

    def ask() -> list[ModelSet]:
        found = network.model_sets()
        if scope.everything:
            return [_model_set(kept, kept.elements, whole=True) for kept in found]
        counts = {k.name: network.count(ElementFilter(model_set=k.name), scope) for k in found}
        return [_model_set(k, counts[k.name], whole=False) for k in found if counts[k.name]]

    return await in_thread(ask)


async def documents_of(context: Context, model_set: str) -> list[Document]:
    """The documents of a model set; none for who sees only some owners."""
    if not context.scope.everything:
        return []
    return [_document(d) for d in await in_thread(context.house.network.documents, model_set)]


def kinds_named(text: str | None, first: int) -> list[Kind]:
    """Kinds of the tables, by name; those with the text in their name come first."""
    check_first(first)
    rows = ((name, tables.kind_row(name)) for name in tables.kind_names())
    found = ((n, row.meaning if row else "") for n, row in rows)
    chosen = [(name, meaning) for name, meaning in found if _has(text, name, meaning)]
    chosen.sort(key=lambda row: not _has(text, row[0]))
    return [_kind(name, meaning) for name, meaning in chosen[:first]]


def links_named(text: str | None, first: int) -> list[Link]:
    """Links of the tables, in their order."""
    check_first(first)
    rows = [row for row in tables.link_rows() if _has(text, row.name, row.inverse, row.meaning)]
    return [
        Link(name=row.name, layer=row.layer, inverse=row.inverse, meaning=row.meaning)
        for row in rows[:first]
    ]


def all_quantities() -> list[QuantityInfo]:
    """Quantities, in the order of their table."""
    return [
        QuantityInfo(name=row.name, unit=row.unit, role=row.role, meaning=row.meaning)
        for row in tables.quantities()
    ]


async def _by_kind(context: Context) -> dict[str, int]:
    """Counts by kind, asked once however many fields want them."""
    network, scope = context.house.network, context.scope

    def ask(wanted: Sequence[ElementFilter]) -> list[dict[str, int]]:
        return [network.count_by_kind(wanted[0], scope)] * len(wanted)

    return await context.batches.of("count_by_kind", ask).one(ElementFilter())


async def _of_readings(context: Context, which: int) -> int | None:
    if context.scope != EVERYTHING:
        return None
    return (await in_thread(context.house.timelines.counts))[which]


def _model_set(kept: elements.ModelSet, count: int, *, whole: bool) -> ModelSet:
    return ModelSet(
        name=kept.name,
        element_count=count,
        link_count=kept.links if whole else None,
        document_count=kept.documents if whole else None,
        pending_count=kept.pending if whole else None,
    )


def _document(kept: statements.Document) -> Document:
    return Document(
        model_set=kept.model_set,
        name=kept.name,
        model_id=kept.model_id,
        profiles=list(kept.profiles),
        modeling_authority=kept.modeling_authority,
        scenario_time=kept.scenario_time,
        version=kept.version,
        supersedes=list(kept.supersedes),
        statement_count=kept.statement_count,
        part_count=kept.part_count,
        fingerprint=kept.fingerprint,
    )


def _kind(name: str, meaning: str) -> Kind:
    return Kind(
        name=name,
        layer=tables.layer_of(name),
        superclasses=list(tables.superclasses(name)),
        versions=list(tables.versions_of(name)),
        meaning=meaning or None,
    )


def _has(text: str | None, *places: str) -> bool:
    return text is None or any(text.lower() in place.lower() for place in places)
