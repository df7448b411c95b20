"""All that is needed to write a town, handed from function to function as one thing."""

from __future__ import annotations

from dataclasses import dataclass

from cim_import.generating.chance import Chance
from cim_import.generating.communication import CommunicationWriter
from cim_import.generating.customers import CustomerWriter
from cim_import.generating.network import Network
from cim_import.generating.ownership import OwnershipWriter
from cim_import.generating.readings import ReadingsWriter
from cim_import.generating.routine import RoutineWriter
from cim_import.generating.solar import SolarWriter
from cim_import.generating.storm import StormWriter
from graph_service.ports.exchange import Progress


@dataclass(slots=True)
class Numbers:
    """Running numbers of the town and what is remembered of it."""

    feeders: int = 0
    stations: int = 0
    cell: str = ""
    first_transformer: str = ""
    switched_over: bool = False
    meters: int = 0
    meters_in_all: int = 0
    progress: Progress | None = None

    def count(self, meters: int) -> None:
        """Note that so many more meters are written, and tell who waits."""
        self.meters += meters
        if self.progress:
            self.progress("writing the town", self.meters, self.meters_in_all)


@dataclass(frozen=True, slots=True)
class Writers:
    """One writer a subject, and one stream of chance for how the town looks."""

    network: Network
    customers: CustomerWriter
    communication: CommunicationWriter
    ownership: OwnershipWriter
    solar: SolarWriter
    readings: ReadingsWriter
    routine: RoutineWriter
    storm: StormWriter
    chance: Chance
    region: str
    numbers: Numbers
