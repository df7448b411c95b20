"""A small town as a picture needs it: where things are, how they are linked, what a trace met.

The town is generated, imported into a temporary data folder and asked like any other network:
downstream from its first distribution transformer, onward to the head end, onward to the owners.
Positions are those of the model, longitude and latitude scaled to metres; what has no position
there (cells, the head end, organisations) has none here.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from graph_service import bootstrap
from graph_service.domain.access import EVERYTHING
from graph_service.domain.elements import Element, Neighbour
from graph_service.domain.filters import ElementFilter, ElementOrder, PageRequest
from graph_service.domain.layers import Layer
from graph_service.domain.traces import TraceKind
from graph_service.services.access import OPEN_CALLER
from graph_service.services.house import Services
from graph_service.services.traces import TraceQuestion
from graph_service.settings import Settings

METERS, SEED = 300, 1
METRES_A_DEGREE = 111_320.0

Point = tuple[float, float]


@dataclass
class Cable:
    """A line on the ground."""

    points: list[Point]
    is_traced: bool
    is_service: bool


@dataclass
class Town:
    """What there is to draw; dictionaries are by element number."""

    transformer: Element
    cables: list[Cable] = field(default_factory=list)
    places: dict[int, Point] = field(default_factory=dict)
    stations: list[int] = field(default_factory=list)
    cabinets: list[int] = field(default_factory=list)
    meters: list[int] = field(default_factory=list)
    gateways: list[int] = field(default_factory=list)
    cells: list[Element] = field(default_factory=list)
    head_ends: list[Element] = field(default_factory=list)
    owners: list[Element] = field(default_factory=list)
    gateway_of: dict[int, int] = field(default_factory=dict)
    cell_of: dict[int, int] = field(default_factory=dict)
    owners_of: dict[int, list[int]] = field(default_factory=dict)
    traced: set[int] = field(default_factory=set)

    @property
    def station(self) -> int:
        """The station of the transformer."""
        return next(number for number in self.stations if number in self.traced)


def see_town() -> Town:
    """Generate, import, ask."""
    with TemporaryDirectory() as folder:
        delivery = Path(folder, "town")
        bootstrap.generate_town(delivery, meters=METERS, seed=SEED, days=1)
        with bootstrap.open_services(Settings(data=Path(folder, "data"))) as house:
            house.imports.take([delivery], OPEN_CALLER, into="town")
            return _Observer(house).town()


class _Observer:
    """Asks a house for what the picture shows."""

    def __init__(self, house: Services) -> None:
        self._house = house

    def town(self) -> Town:
        """Everything, in the order of element numbers."""
        town = Town(self._first_transformer())
        self._trace(town)
        self._places(town)
        town.stations = [e.number for e in self._all("Substation")]
        town.traced.add(self._station_around(town.transformer))
        town.cabinets = [e.number for e in self._all("Junction")]
        town.gateways = [e.number for e in self._all("Gateway")]
        town.cells = self._all("Cell")
        town.head_ends = self._all("HeadEnd")
        self._communication(town)
        self._owners(town)
        return town

    def _first_transformer(self) -> Element:
        wanted = ElementFilter(kinds=frozenset({"PowerTransformer"}))
        page = self._house.network.find(
            wanted, PageRequest(500, None, ElementOrder.NAME), EVERYTHING
        )
        return next(element for element in page.elements if element.name.startswith("T-"))

    def _trace(self, town: Town) -> None:
        network = self._house.network
        below = network.trace(
            [town.transformer.number], TraceQuestion(TraceKind.DOWNSTREAM), EVERYTHING
        )
        onward = TraceQuestion(TraceKind.UPSTREAM, layers=(Layer.COMMUNICATION,))
        carried = network.trace(below.numbers_of("EndDevice").tolist(), onward, EVERYTHING)
        for found in (below, carried):
            town.traced |= set(found.result.numbers.tolist())

    def _station_around(self, element: Element) -> int:
        around = self._house.neighbourhood.containers([element], EVERYTHING)[0]
        return next(near.number for near in around if near.kind == "Substation")

    def _places(self, town: Town) -> None:
        service_places: dict[int, Point] = {}
        for _, near in self._around(self._all("Location")):
            line = _line(near)
            for name, far in _linked(near):
                if name == "Location.PowerSystemResources" and far.kind == "ACLineSegment":
                    is_service = far.name.startswith("Service")
                    town.cables.append(Cable(line, far.number in town.traced, is_service))
                elif name in ("Location.PowerSystemResources", "Asset.Location"):
                    town.places[far.number] = line[0]
                elif name == "UsagePoint.ServiceLocation":
                    service_places[far.number] = line[0]
        for meter, near in self._around(self._all("Meter")):
            point = next(far for name, far in _linked(near) if name == "EndDevice.UsagePoint")
            town.meters.append(meter.number)
            town.places[meter.number] = service_places[point.number]

    def _communication(self, town: Town) -> None:
        carried_by: dict[int, int] = {}
        for module, near in self._around(self._all("ComModule")):
            far = dict(_linked(near))
            whose = far.get("Asset.AssetContainer", module).number
            carried_by[module.number] = whose
            if "ComModule.Gateway" in far and module.kind != "Gateway":
                town.gateway_of[whose] = far["ComModule.Gateway"].number
        for _, near in self._around(self._all("SimCard")):
            far = dict(_linked(near))
            whose = carried_by[far["SimCard.ComModule"].number]
            town.cell_of[whose] = far["SimCard.Cell"].number

    def _owners(self, town: Town) -> None:
        shown = [town.transformer.number, *town.stations, *town.cabinets, *town.gateways]
        shown += [cell.number for cell in town.cells]
        found: dict[int, Element] = {}
        for number, owners in zip(
            shown, self._house.neighbourhood.owners(shown, EVERYTHING), strict=True
        ):
            town.owners_of[number] = [owner.number for owner in owners]
            found |= {owner.number: owner for owner in owners}
        town.owners = sorted(found.values(), key=lambda owner: owner.name)

    def _around(self, elements: list[Element]) -> Iterator[tuple[Element, list[Neighbour]]]:
        numbers = [element.number for element in elements]
        near = self._house.neighbourhood.neighbours(numbers, EVERYTHING)
        return zip(elements, near, strict=True)

    def _all(self, kind: str) -> list[Element]:
        found: list[Element] = []
        after = None
        while True:
            request = PageRequest(500, after)
            wanted = ElementFilter(kinds=frozenset({kind}))
            page = self._house.network.find(wanted, request, EVERYTHING)
            found += page.elements
            if not page.has_next:
                return found
            after = page.end


def _linked(near: list[Neighbour]) -> list[tuple[str, Element]]:
    return [(neighbour.link, neighbour.element) for neighbour in near]


def _line(near: list[Neighbour]) -> list[Point]:
    """The points of a location, in their order, in metres."""
    points: dict[int, Point] = defaultdict(lambda: (0.0, 0.0))
    for name, far in _linked(near):
        if name == "PositionPoint.Location":
            x, y = (float(far.text(f"PositionPoint.{axis}Position") or 0) for axis in "xy")
            order = int(far.text("PositionPoint.sequenceNumber") or 0)
            points[order] = (
                x * METRES_A_DEGREE * math.cos(math.radians(53)),
                y * METRES_A_DEGREE,
            )
    return [points[order] for order in sorted(points)]
