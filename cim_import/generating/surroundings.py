"""What an overlay needs to know of a physical model, read through the graph store.

Everything is read in pages and sorted by mRID, so that an overlay depends on the model alone and
not on the order in which it came into the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from graph_service.domain import tables
from graph_service.domain.access import EVERYTHING
from graph_service.domain.elements import Element, Neighbour
from graph_service.domain.filters import ElementFilter, PageRequest
from graph_service.ports.graph_store import GraphStore

MOST_REGIONS: Final = 12
"""More subregions than this are taken together by their larger region."""

_PAGE: Final = 500
_IN: Final = ("Equipment.EquipmentContainer", "Equipment.MemberOf_EquipmentContainer")
_UP: Final = (
    "VoltageLevel.Substation",
    "VoltageLevel.MemberOf_Substation",
    "Bay.VoltageLevel",
    "Bay.Substation",
)
_AREA: Final = ("Substation.Region", "Line.Region")
_LARGER: Final = ("SubGeographicalRegion.Region",)
_ENERGISED: Final = ("Feeder.NormalEnergizingSubstation",)
_USAGE: Final = ("UsagePoint.Equipments", "Equipment.UsagePoints", "Equipment.UsagePoint")
_DEVICE: Final = ("EndDevice.UsagePoint", "UsagePoint.EndDevices")
_MODULE: Final = ("Asset.AssetContainer", "EndDeviceFunction.EndDevice")
_PHASE: Final = ("EnergyConsumerPhase.EnergyConsumer", "EnergyConsumer.EnergyConsumerPhase")


@dataclass(frozen=True, slots=True)
class Holder:
    """A substation, feeder or line: what an owner owns whole. `area` names its region or, where
    several authorities made the model, its modelling authority; empty where nothing is said."""

    mrid: str
    name: str
    kind: str
    area: str


@dataclass(frozen=True, slots=True)
class Site:
    """A consumer: `usage_points` that it has; `phases` a CIM phase code, empty where not said;
    `place` the mRID of the substation, feeder or line it is in, empty for none."""

    mrid: str
    name: str
    phases: str
    place: str
    usage_points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """Something a remote unit can report: a voltage level or a breaker, and its substation."""

    mrid: str
    name: str
    kind: str
    substation: str


class Surroundings:
    """Reads one model set."""

    def __init__(self, store: GraphStore, model_set: str):
        self._store, self._model_set = store, model_set
        self._authorities = self._read_authorities()
        self._regions = self._read_regions()
        self._outer: dict[int, Element] | None = None

    def of_kind(self, kind: str) -> list[Element]:
        """All elements of a kind and its subclasses, by mRID."""
        wanted = ElementFilter(model_set=self._model_set, kinds=tables.subclasses(kind))
        found: list[Element] = []
        request = PageRequest(_PAGE)
        while True:
            page = self._store.find(wanted, request, EVERYTHING)
            found += page.elements
            if not page.has_next:
                break
            request = PageRequest(_PAGE, page.end)
        return sorted((e for e in found if "#" not in e.mrid), key=lambda element: element.mrid)

    def holders(self) -> list[Holder]:
        """Substations, feeders and lines."""
        placed = [
            (element, self._authority(element) or self._region(near))
            for kind in ("Substation", "Line")
            for element, near in self._near(self.of_kind(kind), _AREA)
        ]
        area = {element.number: where for element, where in placed}
        placed += [
            (feeder, next((area.get(n.element.number, "") for n in near), ""))
            for feeder, near in self._near(self.of_kind("Feeder"), _ENERGISED)
        ]
        return [
            Holder(element.mrid, element.name or element.mrid, element.kind, where)
            for element, where in placed
        ]

    def loose_equipment(self) -> list[Holder]:
        """Conducting equipment that is in no container."""
        return [
            Holder(e.mrid, e.name or e.mrid, e.kind, self._authority(e))
            for e, near in self._near(self.of_kind("ConductingEquipment"), _IN)
            if not near
        ]

    def sites(self) -> list[Site]:
        """Consumers, with where they are and what hangs on them."""
        consumers = self.of_kind("EnergyConsumer")
        near = self._near(consumers, (*_IN, *_USAGE, *_PHASE))
        return [self._site(consumer, around) for consumer, around in near]

    def usage_points_without_device(self) -> list[Element]:
        """Usage points at which no meter or other end device is."""
        points = self.of_kind("UsagePoint")
        return [point for point, near in self._near(points, _DEVICE) if not near]

    def devices_without_module(self) -> list[Element]:
        """Meters and other end devices that have no communication module."""
        devices = self.of_kind("EndDevice")
        return [
            device
            for device, near in self._near(devices, _MODULE)
            if not any(tables.is_a(n.element.kind, "ComModule") for n in near)
            and not any(tables.is_a(n.element.kind, "ComFunction") for n in near)
        ]

    def watched(self) -> list[Watched]:
        """Voltage levels and breakers that are in a substation."""
        levels = [(level, level) for level in self.of_kind("VoltageLevel")]
        breakers = [
            (breaker, neighbour.element)
            for breaker, near in self._near(self.of_kind("Breaker"), _IN)
            for neighbour in near[:1]
        ]
        return [
            Watched(element.mrid, element.name or element.mrid, element.kind, station.mrid)
            for element, inside in (*levels, *breakers)
            if (station := self._top(inside)).kind == "Substation"
        ]

    def _site(self, consumer: Element, near: Sequence[Neighbour]) -> Site:
        inside = [n.element for n in near if n.link in _IN and n.outgoing]
        phases = {
            (n.element.text("EnergyConsumerPhase.phase") or "").rpartition(".")[2]
            for n in near
            if n.link in _PHASE
        }
        return Site(
            consumer.mrid,
            consumer.name or consumer.mrid,
            _phase_code(phases - {"N", ""}),
            self._top(inside[0]).mrid if inside else "",
            tuple(n.element.mrid for n in near if n.link in _USAGE),
        )

    def _top(self, container: Element) -> Element:
        """The outermost container: the substation of a field or voltage level, else itself."""
        if self._outer is None:
            inner = (*self.of_kind("VoltageLevel"), *self.of_kind("Bay"))
            self._outer = {}
            for element, near in self._near(inner, _UP):
                above = [neighbour.element for neighbour in near if neighbour.outgoing]
                if above:
                    self._outer[element.number] = above[0]
        passed: set[int] = set()
        while container.number in self._outer and container.number not in passed:
            passed.add(container.number)
            container = self._outer[container.number]
        return container

    def _near(
        self, elements: Sequence[Element], links: Sequence[str]
    ) -> Iterator[tuple[Element, list[Neighbour]]]:
        """Each element with its neighbours over these links, in either direction."""
        wanted = frozenset(links)
        for first in range(0, len(elements), _PAGE):
            group = elements[first : first + _PAGE]
            numbers = [element.number for element in group]
            found = self._store.neighbours(numbers, EVERYTHING, links=wanted)
            yield from zip(group, found, strict=True)

    def _authority(self, element: Element) -> str:
        """The authority whose document describes the element; empty where there is but one."""
        if len(set(self._authorities.values())) < 2:
            return ""
        documents = (document for document, _ in self._store.parts_of(element.key))
        return next(
            (self._authorities[name] for name in documents if name in self._authorities), ""
        )

    def _region(self, near: Sequence[Neighbour]) -> str:
        """The name of the region that counts for an element with these neighbours."""
        return next((self._regions.get(n.element.number, "") for n in near if n.outgoing), "")

    def _read_regions(self) -> dict[int, str]:
        """Number of a subregion → name of the region that counts: itself, or the larger region
        where there are too many of them for a company each."""
        near = list(self._near(self.of_kind("SubGeographicalRegion"), _LARGER))
        small = {element.number: element.name or element.mrid for element, _ in near}
        large = {element.number: _names(around) for element, around in near}
        fitting = (names for names in (small, large) if len(set(names.values())) <= MOST_REGIONS)
        return next(fitting, {})

    def _read_authorities(self) -> dict[str, str]:
        return {
            document.name: document.modeling_authority
            for document in self._store.documents(self._model_set)
            if document.modeling_authority and is_equipment(document.profiles)
        }


def is_equipment(profiles: Sequence[str]) -> bool:
    """Whether a file with these profiles describes equipment (not just its boundary or state)."""
    return any("CoreEquipment" in name or "EquipmentCore" in name for name in profiles)


def _names(near: Sequence[Neighbour]) -> str:
    return next((n.element.name or n.element.mrid for n in near if n.outgoing), "")


def _phase_code(phases: set[str]) -> str:
    if phases >= {"s1", "s2"}:
        return "s12"
    return "".join(sorted(phases))
