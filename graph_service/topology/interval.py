"""Everything below one element, read off the depth-first order as one slice, without a walk.

Applies where the element begins its component and nothing below it closes a loop: the usual
case in distribution. Then depth is a difference of two depths, and 5,000 elements out of a
million take well under a millisecond.
"""

from __future__ import annotations

import numpy as np

from graph_service.domain.switching import State
from graph_service.topology.conduction import conduction
from graph_service.topology.csr import Csr, Ints, Mask
from graph_service.topology.orientation import Orientation, orientation
from graph_service.topology.projection import Projection
from graph_service.topology.walking import once_each


def below(
    projection: Projection, state: State, starts: Ints, visible: Mask | None
) -> tuple[Ints, Ints, Mask] | None:
    """What is downstream of the one start.

    Returns:
        Distinct positions int32[r] in no order, depths int32[r], whether each goes on
        bool[r]; None where a slice does not give the answer.
    """
    lit = orientation(projection, state)
    begin = int(lit.place[starts[0]]) if len(starts) == 1 else -1
    if begin < 0 or lit.tops[begin] != begin:
        return None
    end = int(lit.ends[begin])
    if lit.loops[end] > lit.loops[begin]:
        return None
    positions, depths = lit.order[begin:end], lit.depths[begin:end]
    borders, at_borders, approaches = _borders(lit, begin, end)
    found = [(positions, depths), (borders, at_borders)]
    if not _add_hanging(projection, found):
        return None
    elements, depths = (np.concatenate(part) for part in zip(*found, strict=True))
    if visible is not None and not visible[elements].all():
        return None
    goes_on = _supplies(projection)[elements]
    goes_on[: end - begin] |= lit.ends[begin:end] > np.arange(begin + 1, end + 1)
    goes_on[approaches - begin] = True
    return elements, depths - lit.depths[begin], goes_on


def _borders(lit: Orientation, begin: int, end: int) -> tuple[Ints, Ints, Ints]:
    """What is blocked at the edge of an interval: (position, depth), and the places it is next to.

    Of several places next to it the nearest count.
    """
    low, high = np.searchsorted(lit.border_places, np.array((begin, end), dtype=np.int32))
    places, blocked = lit.border_places[low:high], lit.borders[low:high]
    reached = lit.depths[places] + 1
    distinct, depths, _ = once_each(blocked, reached, reached > 0)
    nearest = depths[np.searchsorted(distinct, blocked)] == reached
    return distinct, depths, places[nearest]


def _add_hanging(projection: Projection, found: list[tuple[Ints, Ints]]) -> bool:
    """Add what hangs on what is found, rank by rank; False where something hangs on several."""
    supplied, several = _supplied(projection), _on_several(projection)
    front, depths = found[0]
    while True:
        owners, front = supplied.next_to(front)
        if not len(front):
            return True
        if several[front].any():
            return False
        depths = depths[owners] + 1
        found.append((front, depths))


def _on_several(projection: Projection) -> Mask:
    """Whether an element hangs on more than one other, bool[n]."""
    return projection.once(
        "on several",
        lambda: np.bincount(_supplied(projection).indices, minlength=len(projection)) > 1,
    )


def _supplied(projection: Projection) -> Csr:
    network = conduction(projection)
    return projection.once(
        "supplied", lambda: Csr.of_pairs(len(projection), network.supplies, network.hanging)
    )


def _supplies(projection: Projection) -> Mask:
    """Whether anything hangs on an element, bool[n]."""
    return projection.once("supplies", lambda: np.diff(_supplied(projection).indptr) > 0)
