"""The town before it is drawn: how many substations, rings and stations, and where they stand.

Meters are dealt to substations (20,000 at most), there to one industrial feeder (about one in
eighty, from two meters on) and to rings of some fourteen stations with about 110 meters each.
Every ring leaves one busbar section and comes back to the other; it is opened half way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

from cim_import.generating.chance import Chance
from cim_import.generating.geography import Place, between, heading

METERS_PER_SUBSTATION = 20_000
METERS_PER_STATION = 110
STATIONS_PER_RING = 14
_METERS_PER_INDUSTRIAL = 80
_METERS_PER_FACTORY_STATION = 4
_FACTORY_STATIONS = 6
_SUBSTATION_SPACING_M = 6_500.0
_STATION_SPACING_M = 380.0


@dataclass(frozen=True, slots=True)
class StationPlan:
    """A station: where it stands and how many meters it supplies."""

    place: Place
    meters: int


@dataclass(frozen=True, slots=True)
class RingPlan:
    """A ring of stations in the order of the cable; `open_after` is the index of the station
    with the normally open point on its far side."""

    stations: tuple[StationPlan, ...]
    open_after: int


@dataclass(frozen=True, slots=True)
class SubstationPlan:
    """A substation with its rings and the stations of its industrial feeder (may be none)."""

    number: int
    place: Place
    meters: int
    rings: tuple[RingPlan, ...]
    factories: tuple[StationPlan, ...]


def plan_town(meters: int, seed: int) -> Iterator[SubstationPlan]:
    """Plan the substations of a town, one after the other."""
    count = -(-meters // METERS_PER_SUBSTATION)
    chance = Chance(seed, "plan")
    for index in range(count):
        share = meters * (index + 1) // count - meters * index // count
        yield _plan_substation(index, share, chance)


def _plan_substation(index: int, meters: int, chance: Chance) -> SubstationPlan:
    direction = heading(index * 0.381966)
    place = Place(0.0, 0.0).towards(direction, _SUBSTATION_SPACING_M * sqrt(index))
    industrial = min(meters - 1, max(2, meters // _METERS_PER_INDUSTRIAL))
    sizes = _deal(meters - industrial, METERS_PER_STATION, chance)
    ring_count = -(-len(sizes) // STATIONS_PER_RING)
    bounds = [len(sizes) * n // ring_count for n in range(ring_count + 1)]
    sectors = ring_count + 1  # the last one is for the industry
    rings = tuple(
        _plan_ring(place, (n + 0.5) / sectors, sizes[bounds[n] : bounds[n + 1]], chance)
        for n in range(ring_count)
    )
    factories = _plan_factories(place, (ring_count + 0.5) / sectors, industrial, chance)
    return SubstationPlan(index + 1, place, meters, rings, factories)


def _plan_ring(middle: Place, of_circle: float, sizes: list[int], chance: Chance) -> RingPlan:
    """Stations along a loop that leaves the substation and comes back to it, every other one
    drawn in towards the heart of the quarter that the loop goes round."""
    reach = _STATION_SPACING_M * (len(sizes) + 1) / 2 * (0.85 + 0.5 * chance.fraction())
    width = 0.4 + 0.25 * chance.fraction()
    ahead = heading(of_circle)
    heart = middle.towards(ahead, reach * 0.55)
    left = middle.towards(ahead, reach).towards(ahead.left, reach * width)
    right = middle.towards(ahead, reach).towards(ahead.left, -reach * width)
    stations = []
    for number, size in enumerate(sizes, 1):
        place = _on_loop(middle, left, right, number / (len(sizes) + 1))
        drawn_in = chance.fraction() * (0.65 if number % 2 else 0.15)
        place = between(place, heart, drawn_in, chance.between(-60, 60))
        stations.append(StationPlan(place, size))
    return RingPlan(tuple(stations), (len(stations) - 1) // 2)


def _on_loop(middle: Place, left: Place, right: Place, t: float) -> Place:
    """A cubic Bezier curve from the middle by way of both control points and back."""
    u = 1 - t  # products, not powers: these every machine rounds alike
    a, b, c = u * u * u + t * t * t, 3 * t * u * u, 3 * t * t * u
    return Place(
        a * middle.east_m + b * left.east_m + c * right.east_m,
        a * middle.north_m + b * left.north_m + c * right.north_m,
    )


def _plan_factories(
    middle: Place, of_circle: float, meters: int, chance: Chance
) -> tuple[StationPlan, ...]:
    if meters < 1:
        return ()
    count = min(_FACTORY_STATIONS, -(-meters // _METERS_PER_FACTORY_STATION))
    far = middle.towards(heading(of_circle), 400.0 + 220.0 * count)
    return tuple(
        StationPlan(
            between(middle, far, (n + 1) / count, chance.between(-90, 90)),
            meters * (n + 1) // count - meters * n // count,
        )
        for n in range(count)
    )


def _deal(meters: int, about: int, chance: Chance) -> list[int]:
    """Deal meters to stations of differing size, each with at least one."""
    count = max(1, -(-meters // about))
    weights = [chance.between(60, 140) for _ in range(count)]
    total, dealt, cumulative, sizes = sum(weights), 0, 0, []
    for weight in weights:
        cumulative += weight
        upto = meters * cumulative // total
        sizes.append(upto - dealt)
        dealt = upto
    return sizes
