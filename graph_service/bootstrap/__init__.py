"""The one place that joins adapters to services, and the exchange of CIM files to both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from cim_import.exchange import CimExchange
from cim_import.foreign import write_pandapower, write_profiles
from cim_import.generating import (
    OverlaySummary,
    TownSummary,
    generate_overlay,
    generate_town,
)
from graph_service.adapters.sqlite.backup import SqliteBackup
from graph_service.bootstrap.predictors import (
    installed_locator,
    installed_pickup,
    installed_predictor,
    installed_risks,
)
from graph_service.bootstrap.stores import Stores, open_stores, place_of
from graph_service.domain.elements import Revision
from graph_service.domain.errors import InvalidCall, StoreError
from graph_service.ports.failure_predictor import FailurePredictorFactory
from graph_service.ports.fault_locator import FaultLocatorFactory
from graph_service.ports.pickup_predictor import PickupPredictorFactory
from graph_service.ports.predictor import LoadPredictorFactory
from graph_service.services.access import Access
from graph_service.services.advising import Advising
from graph_service.services.archive import Archive
from graph_service.services.around import Surroundings
from graph_service.services.backtests import Backtests
from graph_service.services.backups import Backups
from graph_service.services.chronicle import Chronicle
from graph_service.services.copied_backup import CopiedBackup
from graph_service.services.copying import Copying, Side, require_finished
from graph_service.services.drifting import Drifting
from graph_service.services.entries import Entries
from graph_service.services.failure_risks import FailureRisks
from graph_service.services.fault_places import FaultPlaces
from graph_service.services.fault_signs import FaultSigns
from graph_service.services.following import Following
from graph_service.services.forecast_rights import ForecastRights
from graph_service.services.formats.mapping import DEFAULT, Mapping, read_mapping
from graph_service.services.health import Health, guarded
from graph_service.services.house import Services
from graph_service.services.imports import Imports
from graph_service.services.intake import Intake
from graph_service.services.keeping import Keeping
from graph_service.services.limits import Limits
from graph_service.services.live import Live
from graph_service.services.neighbourhood import Neighbourhood
from graph_service.services.network import Network
from graph_service.services.notices import Notices
from graph_service.services.predictions import Predictions
from graph_service.services.quality import DataQuality
from graph_service.services.restorations import Restorations
from graph_service.services.schedules import Schedules
from graph_service.services.scopes import Scopes
from graph_service.services.timelines import Timelines
from graph_service.settings import Settings

__all__ = [
    "OverlaySummary",
    "Stores",
    "TownSummary",
    "backups",
    "copying",
    "generate_town",
    "join",
    "open_services",
    "overlay",
    "write_pandapower",
    "write_profiles",
]


@contextmanager
def open_services(settings: Settings) -> Iterator[Services]:
    """The services over the data folder, closed at the end of the block.

    Raises:
        StoreError: the folder cannot be made, read or written, or is of a newer version.
        Conflict: a copy into these stores is not finished.
    """
    with ExitStack() as closing:
        mapping = read_mapping(settings.mapping) if settings.mapping else DEFAULT
        stores = open_stores(settings, closing)
        require_finished(stores.records)
        house = join(stores, settings.data, mapping)
        closing.callback(house.intake.close)
        with suppress(StoreError):  # a folder that cannot be written can be read all the same
            house.chronicle.catch_up(_newest_revisions(house.network))
        yield house


def join(
    stores: Stores,
    data: Path,
    mapping: Mapping = DEFAULT,
    predictor: Callable[[], LoadPredictorFactory] = installed_predictor,
    locator: Callable[[], FaultLocatorFactory] = installed_locator,
    risks: Callable[[], FailurePredictorFactory] = installed_risks,
    pickup: Callable[[], PickupPredictorFactory] = installed_pickup,
) -> Services:
    """The services over these stores.

    `data` is the folder for what is kept beside them, `mapping` what line protocol means,
    `predictor` finds what makes forecasts, `locator` what finds faults, `risks` what says what will
    fail, `pickup` what says how high a load comes back, or say why there is none.
    """
    graph_health, timeline_health = health = (Health("graph"), Health("timeline"))
    graph = guarded(stores.graph, graph_health)
    records = guarded(stores.records, graph_health)
    timeline = guarded(stores.timeline, timeline_health)
    notices = Notices()
    chronicle = Chronicle(timeline, notices)
    network = Network(graph, notices, data / f"projection{stores.place}", chronicle)
    neighbourhood = Neighbourhood(graph)
    scopes = Scopes(network, neighbourhood)
    entries = Entries(timeline, scopes, neighbourhood)
    schedules = Schedules(records)
    following = Following(stores.graph, stores.timeline, network, notices, health, chronicle.settle)
    intake = Intake(graph, records, timeline, notices, mapping=mapping, newest=network.newest)
    timelines, rights = Timelines(timeline, schedules), ForecastRights(network, timeline)
    limits = Limits(network)
    predictions = Predictions(
        lambda: predictor()(graph, timeline), timeline, records, chronicle, rights
    )
    return Services(
        access=Access(records, graph, network.newest),
        notices=notices,
        imports=Imports(graph, records, CimExchange(), notices, chronicle),
        network=network,
        neighbourhood=neighbourhood,
        scopes=scopes,
        timelines=timelines,
        intake=intake,
        entries=entries,
        surroundings=Surroundings(timeline, entries),
        live=Live(notices, scopes, following.heed),
        chronicle=chronicle,
        schedules=schedules,
        quality=DataQuality(timeline, schedules),
        keeping=Keeping(timeline, records),
        archive=Archive(timeline),
        predictions=predictions,
        backtests=Backtests(timeline, timelines, network, rights),
        advising=Advising(predictions, rights, limits, network, scopes, timelines),
        restorations=Restorations(lambda: pickup()(), predictions, limits, network),
        fault_places=FaultPlaces(
            lambda: locator()(graph),
            FaultSigns(timeline, network, neighbourhood),
            neighbourhood,
            chronicle,
            rights,
        ),
        failure_risks=FailureRisks(lambda: risks()(graph, timeline), network, scopes),
        following=following,
        drifting=Drifting(graph),
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
        graph = open_stores(settings, closing).graph
        return generate_overlay(graph, model_set, directory, seed=seed)


@contextmanager
def copying(source: Settings, target: Settings, called: str | None = None) -> Iterator[Copying]:
    """What copies the stores that one set of settings means to those of another.

    `called` is how the target remembers the source; default: by its place.

    Raises:
        StoreError: stores cannot be opened; of the source nothing is made or written.
        InvalidCall: both are the same.
    """
    names = place_of(source), place_of(target)
    if shared := sorted({*names[0]} & {*names[1]}):
        raise InvalidCall(
            f"source and target are the same: {', '.join(shared)}",
            hint="name another folder or server to copy to",
        )
    with ExitStack() as closing:
        stores = [
            open_stores(settings, closing, read_only=settings is source)
            for settings in (source, target)
        ]
        ours, theirs = (
            Side(" and ".join(name), one.graph, one.records, one.timeline)
            for name, one in zip(names, stores, strict=True)
        )
        yield Copying(ours._replace(name=called or ours.name), theirs)


def backups(settings: Settings) -> Backups:
    """What makes backups of the stores, and restores them; a data folder is not even opened."""
    if not (settings.graph or settings.timeline):
        return Backups(SqliteBackup(settings.data))

    def in_folder(folder: Path) -> Settings:
        return settings.model_copy(update={"data": folder, "graph": "", "timeline": ""})

    return Backups(
        CopiedBackup(
            lambda folder: copying(settings, in_folder(folder)),
            lambda folder, called: copying(in_folder(folder), settings, called),
            SqliteBackup,
            settings.data,
        )
    )
