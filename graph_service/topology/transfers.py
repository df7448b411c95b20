"""Where a part of the load below an element could be supplied from instead, and what then changes.

A transfer closes one open switch at the edge of what hangs below an element, and opens a closed
one between the two. It is tried in the network itself: the open mask of the projection is changed
and the orientation derived again. Only a transfer that leaves everything energised, and nothing in
a loop that was not in one, is given.

Limits: the present state; elements in a loop, or with a loop below, get no transfer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from graph_service.domain import tables
from graph_service.domain.switching import State, StateBits
from graph_service.topology.closed_graph import closed_graph
from graph_service.topology.conduction import EQUIPMENT, conduction
from graph_service.topology.csr import Ints, Mask
from graph_service.topology.orientation import Orientation, orientation
from graph_service.topology.projection import Projection

MOST_TRIED: Final = 24
_PRESENT: Final = State.PRESENT
_NOTHING: Final = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Transfer:
    """One way to move load away from an element; positions of the projection.

    Attributes:
        close: The open switch that would be closed.
        open: The closed switch that would be opened; all that hangs below it moves.
        takers: Equipment through which the moved load flows afterwards and did not before, int32.
        turned: Equipment of the moved part whose flow turns round; what flows there afterwards is
            what moves less what flowed before, int32.
    """

    close: int
    open: int
    takers: Ints
    turned: Ints


def transfers(
    projection: Projection, position: int, usable: Mask | None = None, most: int = MOST_TRIED
) -> list[Transfer]:
    """The transfers that take load away from an element, those that move least first.

    Args:
        projection: The network.
        position: The element.
        usable: Which positions may be switched and named, bool[n]; None for all.
        most: How many are tried in the network; each costs an orientation.
    """
    lit = orientation(projection, _PRESENT)
    begin = int(lit.place[position])
    if begin < 0 or lit.tops[begin] != begin or lit.loops[lit.ends[begin]] > lit.loops[begin]:
        return []
    switches = _switches(projection)
    if usable is not None:
        switches = switches & usable
    pairs = {
        (_size(lit, opening), closing, opening)
        for closing, at in _open_points(projection, lit, begin, switches)
        for opening in _between(lit, begin, at, switches)
    }
    tried = (_tried(projection, lit, *pair[1:]) for pair in sorted(pairs)[:most])
    return [made for made in tried if made is not None]


def customers_below(projection: Projection, positions: Ints) -> Ints:
    """How many loads hang below each element, itself included; 0 where not energised, int32[p]."""
    lit = orientation(projection, _PRESENT)
    at = projection.once_per_state("places of loads", lambda: _loads(projection, lit))
    place = lit.place[positions]
    count = np.searchsorted(at, lit.ends[place]) - np.searchsorted(at, place)
    found: Ints = np.where(place >= 0, count, 0).astype(np.int32)
    return found


def above_and_at(projection: Projection, position: int) -> Ints:
    """Equipment on the way from the source to an element, itself included, int32."""
    lit = orientation(projection, _PRESENT)
    at = int(lit.place[position])
    return _equipment(projection, lit, _ancestors(lit, at)) if at >= 0 else _NOTHING


def _open_points(
    projection: Projection, lit: Orientation, begin: int, switches: Mask
) -> Iterator[tuple[int, int]]:
    """(open switch, place inside it touches) at the edge of what hangs below a place."""
    end = int(lit.ends[begin])
    low, high = np.searchsorted(lit.border_places, [begin, end])
    touching = closed_graph(projection, _PRESENT).touching
    for at, closing in zip(
        lit.border_places[low:high].tolist(), lit.borders[low:high].tolist(), strict=True
    ):
        others = lit.place[
            touching.indices[touching.indptr[closing] : touching.indptr[closing + 1]]
        ]
        outside = (others >= 0) & ((others < begin) | (others >= end))
        if switches[closing] and outside.any():
            yield closing, at


def _between(lit: Orientation, begin: int, at: int, switches: Mask) -> list[int]:
    """Closed switches on the way from a place down to another one, the lowest first."""
    way = _ancestors(lit, at)
    way = way[way > begin]
    positions = lit.order[way[::-1]]
    found: list[int] = positions[switches[positions]].tolist()
    return found


def _tried(
    projection: Projection, before: Orientation, closing: int, opening: int
) -> Transfer | None:
    numbers, states = projection.numbers, projection.states
    closed = (int(states[closing]) | StateBits.PRESENT_GIVEN) & ~StateBits.OPEN
    opened = int(states[opening]) | StateBits.PRESENT_GIVEN | StateBits.OPEN
    changed = projection.with_states(
        {int(numbers[closing]): int(closed), int(numbers[opening]): int(opened)}
    )
    after = orientation(changed, _PRESENT)
    begin = int(before.place[opening])
    moved = before.order[begin + 1 : before.ends[begin]]
    door = int(after.place[closing])
    if door < 0 or after.loops[-1] != before.loops[-1]:
        return None
    at = after.place[moved]
    if len(moved) == 0 or (at < door).any() or (at >= after.ends[door]).any():
        return None
    way = _equipment(changed, after, _ancestors(after, door))
    old = set(_equipment(projection, before, _ancestors(before, begin)).tolist())
    takers = [position for position in way.tolist() if position not in old and position != closing]
    inside = _ancestors(before, int(before.place[_inner(before, after, moved, door)]))
    turned = _equipment(projection, before, inside[inside > begin])
    return Transfer(closing, opening, np.array(takers, dtype=np.int32), turned)


def _inner(before: Orientation, after: Orientation, moved: Ints, door: int) -> int:
    """The moved element next to the switch that was closed: the first below it."""
    return int(moved[np.argmin(after.place[moved])])


def _ancestors(lit: Orientation, at: int) -> Ints:
    """Places on the way from the source to a place, itself included, ascending; not the source."""
    before = np.arange(1, at + 1, dtype=np.int32)
    found: Ints = before[lit.ends[before] > at]
    return found


def _equipment(projection: Projection, lit: Orientation, places: Ints) -> Ints:
    positions = lit.order[places]
    found: Ints = positions[conduction(projection).roles[positions] == EQUIPMENT]
    return found


def _loads(projection: Projection, lit: Orientation) -> Ints:
    """Places of what supplies usage points, and of energised loads, ascending; an inverter that
    panels hang on is no load."""
    network = conduction(projection)
    metered = network.supplies[_of_kind(projection, "UsagePoint")[network.hanging]]
    at = lit.place[np.union1d(np.flatnonzero(_of_kind(projection, "EnergyConsumer")), metered)]
    found: Ints = np.sort(at[at >= 0])
    return found


def _size(lit: Orientation, position: int) -> int:
    place = int(lit.place[position])
    return int(lit.ends[place]) - place


def _switches(projection: Projection) -> Mask:
    """Switches that can be moved; a fuse is pulled by hand and is one, too."""
    return _of_kind(projection, "Switch")


def _of_kind(projection: Projection, kind: str) -> Mask:
    those = np.array([tables.is_a(name, kind) for name in projection.kind_names], dtype=bool)
    mask: Mask = those[projection.kinds]
    return mask
