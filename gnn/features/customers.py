"""Customers: who is supplied in the network, what is known of them, and where their readings are.

A customer is a usage point, or a load (`EnergyConsumer`) that has none. Its class follows from
its fuse and its phases, which every delivery can state, so that classes mean the same in all
networks; without a fuse, from how large its power is. Its expected mean power is the load's `p`
where that is given, shared among the usage points behind it, otherwise what is usual for its
class; `usual` moves it to what is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from graph_service.domain import tables
from graph_service.domain.access import EVERYTHING
from graph_service.domain.elements import Element
from graph_service.ports.graph_store import GraphStore
from graph_service.topology.conduction import conduction
from graph_service.topology.csr import Csr, Ints
from graph_service.topology.projection import Projection

CLASSES: Final = ("single phase", "three-phase home", "small trade", "trade", "industry", "unknown")
"""Classes by code: one phase; three phases up to 40 A, 80 A, 200 A, above; fuse not stated."""

USUAL_W: Final = (350.0, 700.0, 1_400.0, 2_700.0, 30_000.0, 600.0)
"""Mean power by class where nothing else is known; round figures of this project, not of any
statistics, corrected by the readings as soon as there are some."""

_THREE_PHASES: Final = 3
_FUSES_A: Final = (40.0, 80.0, 200.0)
_UNKNOWN, _TRADE, _INDUSTRY = (CLASSES.index(n) for n in ("unknown", "trade", "industry"))
_POWERS_W: Final = (15_000.0, 60_000.0)
_LEAST_W: Final = 1.0
_MEGAWATTS_BELOW: Final = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Customers:
    """Customers of a network.

    Attributes:
        keys: `model_set/mRID` of each.
        sources: Elements that may hold its readings: itself, its meters, its load if it is alone.
        expected_w: Mean power to be expected, positive, float64[m].
        classes: Codes of `CLASSES`, int8[m].
    """

    keys: tuple[str, ...]
    sources: tuple[tuple[str, ...], ...]
    expected_w: NDArray[np.float64]
    classes: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.keys)

    def only(self, kept: NDArray[np.bool_]) -> Customers:
        """Some of them, bool[m]."""
        those = np.flatnonzero(kept)
        return Customers(
            tuple(self.keys[each] for each in those),
            tuple(self.sources[each] for each in those),
            self.expected_w[those],
            self.classes[those],
        )


def read_customers(
    graph: GraphStore, projection: Projection, place: Ints
) -> tuple[Customers, Ints]:
    """The energised customers, and the depth-first place of each, ascending.

    Args:
        graph: Where ratings are read.
        projection: The network in memory.
        place: Depth-first place of each position, -1 where not energised.
    """
    loads, points, supply = _points(projection, place)
    members = np.where(points >= 0, points, loads)
    order = np.lexsort((members, place[loads]))
    loads, points, supply, members = loads[order], points[order], supply[order], members[order]
    elements = _elements(graph, projection, np.concatenate([loads, members]))
    given_w = _given_w([elements[int(load)] for load in loads])
    shared = given_w / supply
    classes = np.array([_class_of(elements[int(m)]) for m in members], dtype=np.int8)
    classes = np.where(classes == _UNKNOWN, class_by_power(shared), classes)
    usual = np.array(USUAL_W)[classes]
    expected = np.where(np.isfinite(shared) & (shared >= _LEAST_W), shared, usual)
    keys = tuple(str(elements[int(member)].key) for member in members)
    sources = _sources(graph, projection, members, loads, supply, keys)
    return Customers(keys, sources, expected, classes), place[loads].astype(np.int32)


def _points(projection: Projection, place: Ints) -> tuple[Ints, Ints, Ints]:
    """(load, usage point or -1, usage points at that load), one row a customer."""
    network = conduction(projection)
    kinds = _kinds(projection, "UsagePoint")
    chosen = kinds[network.hanging] & (place[network.supplies] >= 0)
    supplies, points = network.supplies[chosen], network.hanging[chosen]
    points, first = np.unique(points, return_index=True)
    supplies = supplies[first]
    consumers = np.flatnonzero(_kinds(projection, "EnergyConsumer") & (place >= 0))
    bare = np.setdiff1d(consumers, supplies).astype(np.int32)
    loads = np.concatenate([supplies, bare]).astype(np.int32)
    points = np.concatenate([points, np.full(len(bare), -1)]).astype(np.int32)
    counts = np.bincount(loads, minlength=len(place))[loads].astype(np.int32)
    return loads, points, counts


def _given_w(loads: list[Element]) -> NDArray[np.float64]:
    """Mean power of loads in W; files give it in W or in MW, told by how large it is."""
    texts = [load.text("EnergyConsumer.p") or load.text("EnergyConsumer.pfixed") for load in loads]
    values = np.array([_number(text) for text in texts])
    known = np.abs(values[np.isfinite(values) & (values != 0)])
    megawatts = len(known) and float(np.median(known)) < _MEGAWATTS_BELOW
    return values * (1e6 if megawatts else 1.0)


def _class_of(element: Element) -> int:
    fuse = _number(element.text("UsagePoint.ratedCurrent"))
    if not fuse > 0:
        return _UNKNOWN
    phases = (element.text("UsagePoint.phaseCode") or "").rpartition(".")[2]
    single = 0 < len([letter for letter in phases if letter in "ABCs"]) < _THREE_PHASES
    return 0 if single and fuse <= _FUSES_A[0] else 1 + sum(fuse > limit for limit in _FUSES_A)


def class_by_power(given_w: NDArray[np.float64]) -> NDArray[np.int8]:
    """Where no fuse is stated: what is as large as no home is a trade, or an industry."""
    large = np.nan_to_num(given_w)
    least, most = _POWERS_W
    found: NDArray[np.int8] = np.where(
        large < least, _UNKNOWN, np.where(large < most, _TRADE, _INDUSTRY)
    ).astype(np.int8)
    return found


def _sources(
    graph: GraphStore,
    projection: Projection,
    members: Ints,
    loads: Ints,
    supply: Ints,
    keys: tuple[str, ...],
) -> tuple[tuple[str, ...], ...]:
    network = conduction(projection)
    hanging = Csr.of_pairs(len(projection), network.supplies, network.hanging)
    owner, meters = hanging.next_to(members)
    found: list[list[str]] = [[key] for key in keys]
    named = graph.keys(projection.numbers[meters].tolist())
    for member, key in zip(owner.tolist(), named, strict=True):
        found[member].append(str(key))
    alone = np.flatnonzero((supply == 1) & (members != loads))
    of_loads = graph.keys(projection.numbers[loads[alone]].tolist())
    for member, key in zip(alone.tolist(), of_loads, strict=True):
        found[member].append(str(key))
    return tuple(tuple(names) for names in found)


def _elements(graph: GraphStore, projection: Projection, positions: Ints) -> dict[int, Element]:
    distinct = np.unique(positions)
    found = graph.elements(projection.numbers[distinct].tolist(), EVERYTHING)
    return {p: e for p, e in zip(distinct.tolist(), found, strict=True) if e is not None}


def _kinds(projection: Projection, kind: str) -> NDArray[np.bool_]:
    those = tables.subclasses(kind)
    return np.array([n in those for n in projection.kind_names], dtype=bool)[projection.kinds]


def _number(text: str | None) -> float:
    try:
        return float(text) if text else float("nan")
    except ValueError:
        return float("nan")
