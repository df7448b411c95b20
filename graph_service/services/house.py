"""All services of one house, joined; what the API and the command line are given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from graph_service.services.access import Access
from graph_service.services.advising import Advising
from graph_service.services.archive import Archive
from graph_service.services.around import Surroundings
from graph_service.services.backtests import Backtests
from graph_service.services.chronicle import Chronicle
from graph_service.services.drifting import Drifting
from graph_service.services.entries import Entries
from graph_service.services.failure_risks import FailureRisks
from graph_service.services.fault_places import FaultPlaces
from graph_service.services.following import Following
from graph_service.services.imports import Imports
from graph_service.services.intake import Intake
from graph_service.services.keeping import Keeping
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


@dataclass(frozen=True, slots=True)
class Services:
    """The services over one data folder."""

    access: Access
    notices: Notices
    imports: Imports
    network: Network
    neighbourhood: Neighbourhood
    scopes: Scopes
    timelines: Timelines
    intake: Intake
    entries: Entries
    surroundings: Surroundings
    live: Live
    chronicle: Chronicle
    schedules: Schedules
    quality: DataQuality
    keeping: Keeping
    archive: Archive
    predictions: Predictions
    backtests: Backtests
    advising: Advising
    failure_risks: FailureRisks
    restorations: Restorations
    fault_places: FaultPlaces
    following: Following
    drifting: Drifting
    data: Path

    def troubles(self) -> dict[str, str]:
        """By task, which predictors that were asked do not answer, or not with what is newest."""
        asked = (self.predictions, self.fault_places, self.failure_risks, self.restorations)
        return {one.predictor.name: said for one in asked if (said := one.predictor.standing)}
