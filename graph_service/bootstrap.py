"""The one place that joins adapters to services, and the exchange of CIM files to both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from cim_import.exchange import CimExchange
from cim_import.generating import (
    OverlaySummary,
    TownSummary,
    generate_overlay,
    generate_town,
)
from graph_service.adapters.sqlite_backup import SqliteBackup
from graph_service.adapters.sqlite_graph import SqliteGraph
from graph_service.adapters.sqlite_records import SqliteRecords
from graph_service.adapters.sqlite_timeline import SqliteTimeline
from graph_service.domain.elements import Revision
from graph_service.domain.errors import StoreError
from graph_service.ports.graph_store import GraphStore
from graph_service.ports.record_store import RecordStore
from graph_service.ports.timeline_store import TimelineStore
from graph_service.services.access import Access
from graph_service.services.archive import Archive
from graph_service.services.around import Surroundings
from graph_service.services.backups import Backups
from graph_service.services.chronicle import Chronicle
from graph_service.services.entries import Entries
from graph_service.services.formats.mapping import DEFAULT, Mapping, read_mapping
from graph_service.services.house import Services
from graph_service.services.imports import Imports
from graph_service.services.intake import Intake
from graph_service.services.keeping import Keeping
from graph_service.services.live import Live
from graph_service.services.neighbourhood import Neighbourhood
from graph_service.services.network import Network
from graph_service.services.notices import Notices
from graph_service.services.quality import DataQuality
from graph_service.services.schedules import Schedules
from graph_service.services.scopes import Scopes
from graph_service.services.timelines import Timelines
from graph_service.settings import Settings

__all__ = ["OverlaySummary", "TownSummary", "generate_town", "join", "open_services", "overlay"]


@contextmanager
def open_services(settings: Settings) -> Iterator[Services]:
    """The services over the data folder, closed at the end of the block.

    Raises:
        StoreError: the folder cannot be made, read or written, or is of a newer version.
    """
    with ExitStack() as closing:
        mapping = read_mapping(settings.mapping) if settings.mapping else DEFAULT
        house = join(*_stores(settings.data, closing), settings.data, mapping)
        closing.callback(house.intake.close)
        with suppress(StoreError):  # a folder that cannot be written can be read all the same
            house.chronicle.catch_up(_newest_revisions(house.network))
        yield house


def join(
    graph: GraphStore,
    records: RecordStore,
    timeline: TimelineStore,
    data: Path,
    mapping: Mapping = DEFAULT,
) -> Services:
    """The services over these stores.

    `data` is the folder for what is kept beside them, `mapping` what line protocol means.
    """
    notices = Notices()
    chronicle = Chronicle(timeline, notices)
    network = Network(graph, notices, data / "projection", chronicle)
    neighbourhood = Neighbourhood(graph)
    scopes = Scopes(network, neighbourhood)
    entries = Entries(timeline, scopes, neighbourhood)
    schedules = Schedules(records)
    return Services(
        access=Access(records, graph),
        notices=notices,
        imports=Imports(graph, records, CimExchange(), notices, chronicle),
        network=network,
        neighbourhood=neighbourhood,
        scopes=scopes,
        timelines=Timelines(timeline, schedules),
        intake=Intake(graph, records, timeline, notices, mapping=mapping),
        entries=entries,
        surroundings=Surroundings(timeline, entries),
        live=Live(notices, scopes),
        chronicle=chronicle,
        schedules=schedules,
        quality=DataQuality(timeline, schedules),
        keeping=Keeping(timeline, records),
        archive=Archive(timeline),
        data=data,
    )


def _newest_revisions(network: Network) -> Iterator[Revision]:
    """Revisions, newest first, a few at a time."""
    page = network.revisions(20)
    while page:
        yield from page
        page = network.revisions(20, page[-1].number)


def overlay(settings: Settings, model_set: str, directory: Path, seed: int) -> OverlaySummary:
    """Write communication and ownership for an imported model (see `generate_overlay`)."""
    with ExitStack() as closing:
        graph, _, _ = _stores(settings.data, closing)
        return generate_overlay(graph, model_set, directory, seed=seed)


def backups(settings: Settings) -> Backups:
    """What makes backups of the data folder, and restores them, without opening it."""
    return Backups(SqliteBackup(settings.data))


def _stores(data: Path, closing: ExitStack) -> tuple[GraphStore, RecordStore, TimelineStore]:
    graph = SqliteGraph(data)
    closing.callback(graph.close)
    records = SqliteRecords(data)
    closing.callback(records.close)
    timeline = SqliteTimeline(data)
    closing.callback(timeline.close)
    return graph, records, timeline
